// Frames as text: where one is, and a whole chain of errors as a stack is printed.

/** Of a native frame without symbols, its place in its module. */
export const fileOf = ({ file, module, address }) =>
  file ?? (module && address ? `${module} + ${address}` : (module ?? address ?? "unknown place"));

export const placeOf = (frame) => [fileOf(frame), frame.line, frame.line && frame.column].filter(Boolean).join(":");

export const lineOf = (frame) => (frame.function ? `${frame.function} (${placeOf(frame)})` : placeOf(frame));

/** The chain before symbols named its frames. What was one call, inlined, is one frame. */
export const asSent = (chain) =>
  chain.map((link) => ({
    ...link,
    frames: link.frames
      .filter(({ raw }, i) => !raw || JSON.stringify(raw) !== JSON.stringify(link.frames[i - 1]?.raw))
      .map((frame) => (frame.raw ? { ...frame, ...NO_NAMES, ...frame.raw } : frame)),
  }));

const NO_NAMES = Object.fromEntries(
  ["function", "file", "line", "column", "module", "address", "context", "raw"].map((name) => [name, null]),
);

/** What was thrown, and its causes. */
export const textOf = (crash) =>
  crash.chain
    .flatMap((link, i) => {
      const head = [link.type, link.message].filter(Boolean).join(": ") || crash.error_message.split("\n")[0];
      return [`${i > 0 ? "Caused by: " : ""}${head}`, ...link.frames.map((frame) => `    at ${lineOf(frame)}`)];
    })
    .join("\n");
