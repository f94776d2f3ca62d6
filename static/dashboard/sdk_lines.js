// What to paste into a program so that it sends here: one entry for each SDK, as Settings and an empty page show it.
// Whatever goes into the lines is written as a string of JSON, which JavaScript and Python read alike.

import { OURS, PYTHON, string } from "./sdk_lines_python.js";

const OUR_JAVASCRIPT = "npm install /path/to/stories-analytics/clients/javascript";
const APP = string("./App"); // not written out: web/static_files.py would take the line for one of this module

/** Of our own JavaScript client; more: further options. */
const telemetry = ({ server, key }, more) => `const telemetry = new TelemetryClient({
  apiUrl: ${string(server)},
  appKey: ${string(key)},
  ${more},
});
telemetry.init(); // from here on crashes are reported`;

const ownWebsite = ({ server, key }) =>
  `<script src="/analytics.min.js" data-api=${string(server)} data-app-key=${string(key)} defer></script>`;

const ownBrowser = (app) => `import TelemetryClient from "stories-analytics-client";

${telemetry(app, 'appVersion: "1.0.0"')}
telemetry.appOpened();`;

/** tunnel: blockers of ads know the address that Sentry's SDKs send to by themselves. */
const sentryInBrowser = ({ dsn, server }) => `Sentry.init({
  dsn: ${string(dsn)},
  tunnel: ${string(`${server}/api/tunnel`)}, // not blocked with ads
  release: "my-app@1.0.0",
});`;

const posthogInBrowser = ({ server, key }) => `posthog.init(${string(key)}, {
  api_host: ${string(server)},
  person_profiles: "always", // who is not identified is a person too
  capture_exceptions: true,
  disable_session_recording: true,
});
posthog.register({ $app_version: "1.0.0" });`;

/** platform, sdk: as they are chosen. kinds: of the apps whose events our own client sends; SDKs of others send for
 *  every kind. brings: what arrives. names: its events have names of the maker's choice, which an app of declared
 *  ones refuses. install: a line for the shell. file: where the lines go, lines({server, key, dsn}). second: another
 *  file with lines of its own. */
export const SDKS = [
  {
    platform: "Electron",
    sdk: OURS,
    kinds: ["desktop"],
    brings: "Events, people, sessions and crashes, kept on disk until they were sent.",
    install: OUR_JAVASCRIPT,
    file: "main.js",
    lines: (app) => `const electron = require("electron");
const TelemetryClient = require("stories-analytics-client");

${telemetry(app, "electron")}
electron.app.whenReady().then(() => telemetry.appOpened());`,
  },
  {
    platform: "Electron",
    sdk: "@sentry/electron",
    brings: "Errors, native crashes and sessions.",
    install: "npm install @sentry/electron",
    file: "main.js",
    lines: ({ dsn }) => `// Before all else. The release is the app's name and version.
const Sentry = require("@sentry/electron/main");

Sentry.init({ dsn: ${string(dsn)} });`,
    second: {
      file: "renderer.js",
      lines: () => `import * as Sentry from "@sentry/electron/renderer";

Sentry.init();`,
    },
  },
  {
    platform: "Electron",
    sdk: "crashReporter",
    brings: "Native crashes of every process.",
    file: "main.js",
    lines: ({ server, key }) => `const { crashReporter } = require("electron");

// Before the app is ready.
crashReporter.start({
  submitURL: ${string(`${server}/api/minidump?app_key=${key}`)},
});`,
  },
  {
    platform: "Browser",
    sdk: OURS,
    kinds: ["desktop"],
    brings: "Events, people, sessions and crashes.",
    install: OUR_JAVASCRIPT,
    file: "main.js",
    lines: ownBrowser,
  },
  {
    platform: "Browser",
    sdk: OURS,
    kinds: ["website"],
    brings: "Page views, clicks, forms and conversions, after consent.",
    install: "cp /path/to/stories-analytics/clients/javascript/dist/analytics.min.js .",
    file: "index.html",
    lines: ownWebsite,
  },
  {
    platform: "Browser",
    sdk: "@sentry/browser",
    brings: "Errors and sessions.",
    install: "npm install @sentry/browser",
    file: "main.js",
    lines: (app) => `import * as Sentry from "@sentry/browser";

${sentryInBrowser(app)}`,
  },
  {
    platform: "Browser",
    sdk: "posthog-js",
    brings: "Events, page views, people and errors.",
    names: true,
    install: "npm install posthog-js",
    file: "main.js",
    lines: (app) => `// Bundled, as the server has no scripts to load.
import "posthog-js/dist/exception-autocapture";
import posthog from "posthog-js/dist/module.no-external";

${posthogInBrowser(app)}`,
  },
  {
    platform: "Browser",
    sdk: "@aptabase/web",
    brings: "Events and sessions; no people. What a page on localhost sends is of the debug channel.",
    names: true,
    install: "npm install @aptabase/web",
    file: "main.js",
    lines: ({ server, key }) => `import { init, trackEvent } from "@aptabase/web";

init(${string(`A-SH-${key}`)}, {
  host: ${string(server)},
  appVersion: "1.0.0",
});
trackEvent("app_started");`,
  },
  {
    platform: "React",
    sdk: OURS,
    kinds: ["desktop"],
    brings: "Events, people, sessions and crashes.",
    install: OUR_JAVASCRIPT,
    file: "main.js",
    lines: ownBrowser,
  },
  {
    platform: "React",
    sdk: OURS,
    kinds: ["website"],
    brings: "Page views, clicks, forms and conversions, after consent.",
    install: "cp /path/to/stories-analytics/clients/javascript/dist/analytics.min.js public/",
    file: "index.html",
    lines: ownWebsite,
  },
  {
    platform: "React",
    sdk: "@sentry/react",
    brings: "Errors, those of components too, and sessions.",
    install: "npm install @sentry/react",
    file: "main.jsx",
    lines: (app) => `import * as Sentry from "@sentry/react";
import { createRoot } from "react-dom/client";
import App from ${APP};

${sentryInBrowser(app)}

// React 19. What an error boundary caught is no crash.
createRoot(document.getElementById("root"), {
  onUncaughtError: Sentry.reactErrorHandler(),
  onCaughtError: Sentry.reactErrorHandler((error) => console.error(error)),
}).render(<App />);`,
  },
  {
    platform: "React",
    sdk: "posthog-js",
    brings: "Events, page views, people and errors.",
    names: true,
    install: "npm install posthog-js",
    file: "main.jsx",
    lines: (app) => `// Bundled, as the server has no scripts to load.
import "posthog-js/dist/exception-autocapture";
import posthog from "posthog-js/dist/module.no-external";
import { PostHogProvider } from "posthog-js/react/slim";
import { createRoot } from "react-dom/client";
import App from ${APP};

${posthogInBrowser(app)}

createRoot(document.getElementById("root")).render(
  <PostHogProvider client={posthog}>
    <App />
  </PostHogProvider>,
);`,
  },
  {
    platform: "Node",
    sdk: OURS,
    kinds: ["desktop"],
    brings: "Events, people, sessions and crashes, kept on disk until they were sent.",
    install: OUR_JAVASCRIPT,
    file: "app.mjs",
    lines: (app) => `import TelemetryClient from "stories-analytics-client";

${telemetry(app, 'appVersion: "1.0.0",\n  dataDir: "./telemetry"')}
telemetry.appOpened();`,
  },
  {
    platform: "Node",
    sdk: "@sentry/node",
    brings: "Errors and sessions.",
    install: "npm install @sentry/node",
    file: "instrument.mjs",
    lines: ({ dsn }) => `// node --import ./instrument.mjs app.mjs
import * as Sentry from "@sentry/node";

Sentry.init({
  dsn: ${string(dsn)},
  release: "my-app@1.0.0",
});`,
  },
  {
    platform: "Node",
    sdk: "posthog-node",
    brings: "Events, people and errors.",
    names: true,
    install: "npm install posthog-node",
    file: "app.mjs",
    lines: ({ server, key }) => `import { PostHog } from "posthog-node";

const posthog = new PostHog(${string(key)}, {
  host: ${string(server)},
  enableExceptionAutocapture: true,
  before_send: (event) => ({ ...event, properties: { $app_version: "1.0.0", ...event.properties } }),
});
posthog.capture({ distinctId: "person-7", event: "app_started" });
process.once("beforeExit", () => posthog.shutdown()); // sends what waits`,
  },
  {
    platform: "Node",
    sdk: "@segment/analytics-node",
    brings: "Events and people.",
    names: true,
    install: "npm install @segment/analytics-node",
    file: "app.mjs",
    lines: ({ server, key }) => `import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({
  writeKey: ${string(key)},
  host: ${string(server)},
});
const context = { app: { version: "1.0.0" } };
analytics.track({ userId: "person-7", event: "app_started", context });
// Before the program ends: await analytics.closeAndFlush();`,
  },
  ...PYTHON,
];

/** Which of them an app of this kind can use. */
export const sdksFor = (kind) => SDKS.filter((entry) => entry.kinds?.includes(kind) ?? true);
