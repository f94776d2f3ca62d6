// The life of a page: hidden, gone, back, online again, changed by another window.

/**
 * on: {hidden(), leaving(sendBeacon), online(), storage()}. Returns a function that stops it.
 * A hidden page may never be heard of again, or live on for days: a request with keepalive serves both.
 * Closing fires "hidden" after pagehide, whose beacon has then done the work.
 */
export function watchPage(window, on) {
  const { document, navigator } = window;
  let hasLeft = false;
  const listeners = [
    [window, "pageshow", () => (hasLeft = false)],
    [
      window,
      "pagehide",
      () => {
        hasLeft = true;
        on.leaving((url, body) => navigator?.sendBeacon?.(url, body));
      },
    ],
    [document, "visibilitychange", () => document.visibilityState === "hidden" && !hasLeft && on.hidden()],
    [window, "online", () => on.online()],
    [window, "storage", (event) => (event.key === null || event.key.endsWith(".enabled")) && on.storage()],
  ];
  for (const [target, name, listener] of listeners) target?.addEventListener?.(name, listener);
  return () => {
    for (const [target, name, listener] of listeners) target?.removeEventListener?.(name, listener);
  };
}
