// A crash's stack as frames: the app's own bright and open, the others dim and folded away; by the names that symbols
// gave, or as it was sent.

import { $, el } from "./dom.js";
import { stackOf } from "./stack.js";
import { asSent, fileOf, lineOf, placeOf } from "./stack_text.js";
import * as state from "./state.js";

const isOwn = (frame) => frame.in_app !== false;

/** chain: [{type, message, frames}], what was thrown first, then its causes; frames: newest call first.
 *  Frames that an SDK sent come without a type: that is in the crash's message. */
function chainOf(chain, message) {
  const reasons = reasonsOf(chain);
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
      link.frames?.length > 0 &&
        el(
          "ol",
          { class: "frames" },
          runs(link.frames).flatMap((each) => run(each, reasons)),
        ),
    ),
  );
}

/** Frame -> why it has no other names, each reason once: at the first of the app's own frames that has it, else at the
 *  first of the others. */
function reasonsOf(chain) {
  const frames = chain.flatMap((link) => link.frames ?? []);
  const reasons = new Map();
  const told = new Set();
  for (const frame of [...frames.filter(isOwn), ...frames.filter((each) => !isOwn(each))]) {
    if (!frame.why || told.has(frame.why)) continue;
    told.add(frame.why);
    reasons.set(frame, { text: frame.why, isFirst: told.size === 1 });
  }
  return reasons;
}

const symbolsLink = () => el("a", { href: state.detail("/dashboard/symbols", {}) }, "Symbols");

function reason(frame, reasons) {
  const why = reasons.get(frame);
  return why && el("p", { class: "why-not muted" }, why.text, why.isFirst && " ", why.isFirst && symbolsLink());
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

function run({ own, frames }, reasons) {
  if (own)
    return frames.map((frame) => el("li", { class: "frame own" }, place(frame), source(frame), reason(frame, reasons)));
  const dim = (frame) => el("li", { class: "frame dim" }, place(frame), reason(frame, reasons));
  if (frames.length === 1) return dim(frames[0]);
  return el(
    "li",
    { class: "frame dim" },
    el(
      "details",
      {},
      el("summary", {}, `${frames.length} frames of others: ${frames[0].function || fileOf(frames[0])} \u2026`),
      el("ol", {}, frames.map(dim)),
    ),
  );
}

const place = (frame) =>
  el(
    "p",
    { class: "mono", title: frame.raw ? `Sent as ${lineOf(frame.raw)}` : null },
    frame.function && el("span", { class: "function" }, frame.function),
    frame.function && el("span", { class: "muted" }, " in "),
    el("span", { class: "file" }, placeOf(frame)),
    frame.trust === "scan" && guess(),
  );

const guess = () =>
  el("span", { class: "tag guess", title: "Found by a search through the stack: perhaps it was not called." }, "Guess");

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

/** With real names: these, or what was sent. Without: frames, or the text as it was sent. onSwitch(isRaw, key of the
 *  button) is called for a choice. */
export function stackCard(crash, isRaw, onSwitch) {
  const frames = crash.chain?.some((link) => link.frames?.length > 0);
  const text = crash.stack_trace;
  const switches = $("#stack-switch");
  if (!frames && !text) {
    switches.replaceChildren();
    return null;
  }
  const labels = crash.mapped ? ["Real names", "As sent"] : frames && text ? ["Frames", "Text"] : [];
  const raw = !frames || (isRaw && labels.length > 0);
  const choice = (label, value) =>
    el(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-pressed": String(value === raw),
        dataset: { key: `stack-${value ? "raw" : "frames"}` },
        onclick: () => onSwitch(value),
      },
      label,
    );
  switches.replaceChildren(...labels.map((label, i) => choice(label, i === 1)));
  if (!raw) return chainOf(crash.chain, crash.error_message);
  return text ? [stackOf(text)] : chainOf(asSent(crash.chain), crash.error_message);
}

/** What the card shows, as a table. */
export const stackData = (crash) =>
  crash.mapped
    ? {
        columns: ["Error", "Function", "File", "Line", "Column", "Sent as", "Why not named"],
        rows: crash.chain.flatMap((link) =>
          link.frames.map((frame) => [
            link.type,
            frame.function,
            fileOf(frame),
            frame.line,
            frame.column,
            frame.raw && lineOf(frame.raw),
            frame.why,
          ]),
        ),
      }
    : { columns: ["Line"], rows: (crash.stack_trace ?? "").split("\n").map((line) => [line]) };
