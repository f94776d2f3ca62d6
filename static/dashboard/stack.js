// A stack trace: the app's own frames bright, the runtime's dim.

import { el } from "./dom.js";

const FOREIGN = /node:|node_modules|internal\/|electron\/|site-packages|<anonymous>|\bnative\b|webpack\/bootstrap/;
const FRAME = /^\s*(at\s|File "|\d+\s+\S+\s+0x|.*@.*:\d+:\d+)/;

export function stackOf(text) {
  return el(
    "pre",
    { class: "code stack", tabindex: "0" },
    String(text)
      .split("\n")
      .map((line) =>
        el(
          "span",
          { class: FRAME.test(line) ? (FOREIGN.test(line) ? "frame dim" : "frame own") : "frame" },
          `${line}\n`,
        ),
      ),
  );
}
