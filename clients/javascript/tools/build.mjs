// Makes the three builds of TelemetryClient from src/: joins the modules in the order of their imports
// and wraps the result. No bundler: the modules share one scope, so their top-level names must differ.
// `node tools/build.mjs --check` writes nothing and fails when a build is not current.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const root = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");

const MODULES = [
  "countries",
  "scrub",
  "clock",
  "queue",
  "storage",
  "file_store",
  "transport",
  "outbox",
  "platform",
  "crashes",
  "electron",
  "events",
  "options",
  "last_words",
  "page",
  "client",
];

function joined() {
  const parts = MODULES.map((name) => {
    const source = read(`src/${name}.js`)
      .replace(/^import [^;]+;\n/gm, "")
      .replace(/^export default [^;]+;\n/gm, "")
      .replace(/^export (?=(const|let|function|async function|class) )/gm, "")
      .trim();
    return `// ${name}.js\n\n${source}\n`;
  });
  return parts.join("\n");
}

/** Name of file -> content. */
export function builds() {
  const { version } = JSON.parse(read("package.json"));
  const banner = `// TelemetryClient ${version}. Built by tools/build.mjs from src/; edit there.\n`;
  const body = joined();
  const types = read("TelemetryClient.d.ts");
  return {
    "TelemetryClient.js": `${banner}\n${body}
export { TelemetryClient, estimateCost };
export default TelemetryClient;
`,
    "TelemetryClient.cjs": `${banner}"use strict";\n\nconst nodeRequire = require;\n\n${body}
module.exports = TelemetryClient;
module.exports.default = TelemetryClient;
module.exports.TelemetryClient = TelemetryClient;
module.exports.estimateCost = estimateCost;
`,
    "TelemetryClient.global.js": `${banner}(function () {\n"use strict";\n\n${body}
globalThis.TelemetryClient = TelemetryClient;
})();
`,
    "TelemetryClient.node.mjs": `${banner}// Node's ES module loader: one copy of the client, whichever way it is loaded.
import { createRequire } from "node:module";

const TelemetryClient = createRequire(import.meta.url)("./TelemetryClient.cjs");

export const { estimateCost } = TelemetryClient;
export { TelemetryClient };
export default TelemetryClient;
`,
    "TelemetryClient.d.cts": commonJsTypes(types, banner),
  };
}

/** The same declarations for require(): a namespace for the interfaces, the class as `export =`. */
function commonJsTypes(types, banner) {
  const [interfaces, declaration] = types.split("// ---- class ----\n");
  const names = [...interfaces.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name);
  const aliases = names.map((name) => `import ${name} = TelemetryClient.${name};`).join("\n");
  const indented = interfaces.trim().replace(/^(?=.)/gm, "  ");
  const [body] = declaration.split("// ---- exports ----\n");
  return `${banner}declare namespace TelemetryClient {
${indented}
}

${aliases}

${body.replace("export declare class", "declare class").trim()}

export = TelemetryClient;
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const isCheck = process.argv.includes("--check");
  for (const [name, content] of Object.entries(builds())) {
    if (!isCheck) writeFileSync(new URL(name, root), content);
    else if (read(name) !== content) {
      console.error(`${name} is not current: run node tools/build.mjs`);
      process.exitCode = 1;
    }
  }
}
