// The window: what happened goes to the main process, which decides what is sent. Errors that nobody catches are
// reported by init().
import { init } from "../dist/renderer.js";

const telemetry = init();
const find = (id) => document.getElementById(id);

async function showChoice() {
  const status = await telemetry.status();
  // Without a server (state "inert") there is nothing to share, whatever the switch says.
  find("share").checked = status.enabled && status.state === "running";
  find("share").disabled = status.state !== "running";
  find("user-id").textContent = status.userId ?? "none: this build sends nothing";
}

find("share").addEventListener("change", async ({ target }) => {
  await telemetry.setEnabled(target.checked);
  await showChoice();
});

find("privacy").addEventListener("click", (event) => {
  event.preventDefault();
  window.app.openPrivacyText();
});

let recordingSince = 0;
find("record").addEventListener("click", ({ target }) => {
  if (recordingSince === 0) {
    recordingSince = performance.now();
    telemetry.track("recording_started", { source: "main_window" });
    target.textContent = "Stop";
    return;
  }
  const seconds = Math.round((performance.now() - recordingSince) / 100) / 10;
  recordingSince = 0;
  target.textContent = "Record";
  find("said").textContent = `${seconds} seconds`;
  telemetry.track("recording_completed", {
    audio_duration_seconds: seconds,
    source: "main_window",
    success: true,
    estimated_cost_usd: Math.round((seconds / 60) * 0.006 * 1e6) / 1e6,
  });
});

find("crash").addEventListener("click", () => {
  throw new Error("raised by hand");
});

showChoice();
