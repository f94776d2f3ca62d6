import { renderResult } from "./history.js";

// Called from two places, so that no bundler puts it in the place of a call.
globalThis.showHistory = (results) => results.map((result) => renderResult(result));
globalThis.breakDown = () => renderResult({ language: "en", parts: [{ text: "tea" }, {}] });
