// Where the window begins.

import { onAction, press } from "./shortcuts";

onAction("Start recording", () => window.postMessage("start"));
onAction("Stop recording", () => window.postMessage("stop"));

window.addEventListener("keydown", (event) => press(event));
