// Makes analytics.min.js with terser (a development tool, fetched by npx, not part of the package). The
// first line carries the source's hash, by which a test knows that the file is current.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const root = new URL("../", import.meta.url);
const source = readFileSync(new URL("analytics.js", root));
const hash = createHash("sha256").update(source).digest("hex").slice(0, 16);
const minified = execFileSync(
  "npx",
  ["--yes", "terser@5", "--compress", "passes=3,unsafe_arrows=true", "--mangle", "--ecma", "2020"],
  { input: source, stdio: ["pipe", "pipe", "inherit"] },
);
const output = `/* Stories Analytics website client; source ${hash} */\n${minified}`;
writeFileSync(new URL("analytics.min.js", root), output);
console.log(`${output.length} bytes, ${gzipSync(output, { level: 9 }).length} gzipped`);
