import { TEXTS } from "./texts.js";

/** The lines of a receipt; it breaks on a line without a text. */
export function renderResult(result) {
  const lines = [TEXTS[result.language]];
  for (const part of result.parts) lines.push(part.text.toUpperCase());
  return lines.join("\n");
}
