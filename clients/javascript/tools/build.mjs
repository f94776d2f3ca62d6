// Makes dist/ from src/ with esbuild. `node tools/build.mjs --check` writes nothing and fails when a file of
// dist/ is missing, out of date or not made here.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const root = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const { version } = JSON.parse(read("package.json"));

const banner = (name) => `// ${name} of stories-analytics-client ${version}. Built from src/ by tools/build.mjs.`;

const COMMON = {
  absWorkingDir: fileURLToPath(root),
  bundle: true,
  charset: "utf8",
  legalComments: "none",
  target: "es2022",
  write: false,
};
const FOR_BROWSERS = { ...COMMON, platform: "browser" };
const FOR_NODE = { ...COMMON, platform: "node", inject: ["src/node_builtins.js"] };

/** esbuild exports a namespace; require() is to give the class itself, as users of the file expect. */
const EXPORT_CLASS = "module.exports = Object.assign(module.exports.TelemetryClient, module.exports);";
const SET_GLOBAL = {
  contents: 'import { TelemetryClient } from "./client.js";\nglobalThis.TelemetryClient = TelemetryClient;\n',
  resolveDir: fileURLToPath(new URL("src", root)),
  sourcefile: "global.js",
};

/** File of dist/ -> options of esbuild. */
const SCRIPTS = {
  "TelemetryClient.js": { ...FOR_BROWSERS, entryPoints: ["src/client.js"], format: "esm" },
  "TelemetryClient.node.mjs": { ...FOR_NODE, entryPoints: ["src/client.js"], format: "esm" },
  "TelemetryClient.cjs": { ...FOR_NODE, entryPoints: ["src/client.js"], format: "cjs", footer: { js: EXPORT_CLASS } },
  "TelemetryClient.global.js": { ...FOR_BROWSERS, stdin: SET_GLOBAL, format: "iife" },
  // What Electron offers a sandboxed preload script is require("electron"), and one file.
  "preload.cjs": { ...FOR_NODE, inject: [], entryPoints: ["src/preload.js"], format: "cjs", external: ["electron"] },
  "renderer.js": { ...FOR_BROWSERS, entryPoints: ["src/renderer.js"], format: "esm" },
  "analytics.js": { ...FOR_BROWSERS, entryPoints: ["src/analytics.js"], format: "esm", target: "es2020" },
  "analytics.min.js": {
    ...FOR_BROWSERS,
    entryPoints: ["src/analytics.js"],
    format: "esm", // the source is a function that is called at once already
    minify: true,
    target: "es2020",
  },
};

const TYPES = ["TelemetryClient.d.ts", "analytics.d.ts", "renderer.d.ts"];

/** The same declarations for require(): a namespace for the interfaces, the class as `export =`. */
function commonJsTypes(types) {
  const [interfaces, declaration] = types.split("// ---- class ----\n");
  const names = [...interfaces.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name);
  const aliases = names.map((name) => `import ${name} = TelemetryClient.${name};`).join("\n");
  const indented = interfaces.trim().replace(/^(?=.)/gm, "  ");
  const [body] = declaration.split("// ---- exports ----\n");
  return `declare namespace TelemetryClient {
${indented}
}

${aliases}

${body.replace("export declare class", "declare class").trim()}

export = TelemetryClient;
`;
}

/** Name of each file of dist/ -> its content. */
async function builds() {
  const files = Object.fromEntries(TYPES.map((name) => [name, `${banner(name)}\n${read(`src/${name}`)}`]));
  const forRequire = commonJsTypes(read("src/TelemetryClient.d.ts"));
  files["TelemetryClient.d.cts"] = `${banner("TelemetryClient.d.cts")}\n${forRequire}`;
  for (const [name, options] of Object.entries(SCRIPTS)) {
    const strict =
      name.endsWith(".mjs") || ["TelemetryClient.js", "renderer.js"].includes(name) ? "" : '\n"use strict";';
    const built = await esbuild.build({ ...options, banner: { js: banner(name) + strict } });
    files[name] = built.outputFiles[0].text;
  }
  return files;
}

const files = await builds();
if (process.argv.includes("--check")) {
  const present = readdirSync(new URL("dist/", root));
  const isCurrent = (name) => present.includes(name) && read(`dist/${name}`) === files[name];
  const wrong = [...new Set([...present, ...Object.keys(files)])].filter((name) => !(name in files && isCurrent(name)));
  if (wrong.length > 0) {
    console.error(`clients/javascript/dist is not what src/ makes (${wrong.join(", ")}): npm run build`);
    process.exitCode = 1;
  }
} else {
  for (const [name, content] of Object.entries(files)) writeFileSync(new URL(`dist/${name}`, root), content);
}
