// The key numbers of an overview: asked by themselves, so that they neither wait for the rest nor fail it.

import * as busy from "./busy.js";
import { earlier } from "./compare.js";
import { $$ } from "./dom.js";
import { today } from "./format.js";
import { fillNumbers } from "./numbers.js";
import * as state from "./state.js";

const PREFIX = "key_numbers.";
let last = null;

/** Called by a page after its own numbers, without being waited for. */
export async function load({ signal, why }) {
  const cards = $$(`[data-number^="${PREFIX}"]`);
  if (cards.length === 0) return;
  try {
    // What reads the events is asked again when somebody asks, not with every refresh.
    const readsEvents = last?.answer.key_numbers.some((number) => number.computed === "events");
    const isKept = why === "draw" || (why === "refresh" && readsEvents);
    if (!isKept || last === null) last = await ask(signal);
    if (signal.aborted) return;
    fillNumbers(shaped(last.answer), last.before && shaped(last.before));
    document.body.dataset.keyNumbers = "ready";
  } catch (error) {
    if (error.name === "AbortError" || signal.aborted) return;
    last = null;
    for (const card of cards) card.querySelector(".value").textContent = "\u2014";
    cards[0].querySelector(".change").textContent = error.message;
  }
}

async function ask(signal) {
  const params = state.question();
  const answer = await busy.ask("/stats/key_numbers", params, signal);
  const span = params.period === "all" ? null : earlier(answer.from, answer.to);
  const { period, ...others } = params;
  return { answer, before: span && (await busy.ask("/stats/key_numbers", { ...others, ...span }, signal)) };
}

/** As fillNumbers looks numbers up: key_numbers.3, and the rows of key_3 behind its sparkline. */
function shaped({ from, to, key_numbers: numbers }) {
  const isRunning = to === today();
  const days = (rows) => (isRunning && rows.length > 2 ? rows.slice(0, -1) : rows);
  return {
    to,
    key_numbers: Object.fromEntries(numbers.map((each) => [each.id, each.amount])),
    ...Object.fromEntries(numbers.map((each) => [`key_${each.id}`, days(each.days)])),
    isPartial: () => isRunning && from === to,
  };
}
