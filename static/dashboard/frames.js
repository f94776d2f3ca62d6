// A crash's stack as frames: the app's own bright and open, the others dim and folded away.

import { $, el } from "./dom.js";
import { stackOf } from "./stack.js";

const isOwn = (frame) => frame.in_app !== false;

/** crash.chain: [{type, message, frames}], what was thrown first, then its causes; frames: newest call first.
 *  Frames that an SDK sent come without a type: that is in the crash's message. */
function chainOf({ chain, error_message: message }) {
  return chain.map((link, i) =>
    el(
      "section",
      { class: "link" },
      el(
        "p",
        { class: "thrown" },
        i > 0 && el("span", { class: "muted" }, "Caused by "),
        el("b", {}, link.type || (i === 0 ? message.split("\n")[0] : "Error")),
        link.type && link.message && `: ${link.message}`,
      ),
      link.frames?.length > 0 && el("ol", { class: "frames" }, runs(link.frames).flatMap(run)),
    ),
  );
}

/** Frames in a row that are all the app's own, or all not. */
function runs(frames) {
  const list = [];
  for (const frame of frames) {
    if (list.at(-1)?.own === isOwn(frame)) list.at(-1).frames.push(frame);
    else list.push({ own: isOwn(frame), frames: [frame] });
  }
  return list;
}

function run({ own, frames }) {
  if (own) return frames.map((frame) => el("li", { class: "frame own" }, place(frame), source(frame)));
  if (frames.length === 1) return el("li", { class: "frame dim" }, place(frames[0]));
  return el(
    "li",
    { class: "frame dim" },
    el(
      "details",
      {},
      el("summary", {}, `${frames.length} frames of others: ${frames[0].function || fileOf(frames[0])} \u2026`),
      el(
        "ol",
        {},
        frames.map((frame) => el("li", { class: "frame dim" }, place(frame))),
      ),
    ),
  );
}

const fileOf = (frame) => frame.file ?? frame.module ?? frame.address ?? "unknown place";

const position = ({ line, column }) => (line ? `:${line}${column ? `:${column}` : ""}` : "");

const place = (frame) =>
  el(
    "p",
    { class: "mono" },
    frame.function && el("span", { class: "function" }, frame.function),
    frame.function && el("span", { class: "muted" }, " in "),
    el("span", { class: "file" }, `${fileOf(frame)}${position(frame)}`),
  );

/** Lines of source around the call, numbered, the call's own marked. */
function source({ context, context_start: start, line }) {
  if (!context?.length) return null;
  return el(
    "ol",
    { class: "source mono", tabindex: "0", "aria-label": "Source" },
    context.map((text, i) => {
      const number = start ? start + i : null;
      return el(
        "li",
        { class: number === line ? "called" : null, "aria-current": number === line ? "true" : null },
        el("span", { class: "line-number" }, number ?? ""),
        el("span", {}, text),
      );
    }),
  );
}

/** Frames, or the text as it was sent; where there are no frames, the text alone. */
export function stackCard(crash, isRaw, onSwitch) {
  const frames = crash.chain?.some((link) => link.frames?.length > 0);
  const text = crash.stack_trace;
  if (!frames && !text) return null;
  const raw = !frames || (isRaw && text);
  const choice = (label, value) =>
    el(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-pressed": String(value === Boolean(raw)),
        dataset: { key: `stack-${label}` },
        onclick: () => onSwitch(value),
      },
      label,
    );
  const switches = $("#stack-switch");
  switches.replaceChildren(...(frames && text ? [choice("Frames", false), choice("Text", true)] : []));
  return raw ? [stackOf(text)] : chainOf(crash);
}
