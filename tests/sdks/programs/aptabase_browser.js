import { init, trackEvent } from "@aptabase/web";

window.begin = (settings) =>
  init(`A-SH-${settings.key}`, { host: settings.url, appVersion: "1.2.3", isDebug: settings.debug === true });
window.verbs = {
  event: (name) => void trackEvent(name, { format: "png", n: 3 }),
  flush: () => {},
};
