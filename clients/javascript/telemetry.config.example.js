// Copy to telemetry.config.js (keep that one out of version control) and set the address of your server.
// Works with require() in Electron's main process and as a plain <script> in a page.
const telemetryConfig = {
  apiUrl: "https://YOUR-SERVER.example", // your Stories Analytics server, without a path
  appKey: "", // the app's key; empty means the server's default desktop app
  minidumps: false, // true: Electron sends minidumps of processes that die natively
  debug: false, // true tells the console what is sent and why something is not
};

if (typeof module === "object" && module.exports) module.exports = telemetryConfig;
else globalThis.telemetryConfig = telemetryConfig;
