import { builtin, requestSync } from "./platform.js";
import { readReply, verdict } from "./transport.js";

/**
 * Sends the newest crash while the process is dying of it, through a child process that blocks for at
 * most timeoutMs. It is on disk already, but an app that dies at every start would never come to send it.
 */
export function sendLastCrash(outbox, timeoutMs) {
  const { clock, link } = outbox;
  if ((outbox.waitMs > 0 && outbox.mustWait) || !builtin("child_process")) return;
  const ask = (path, options) => {
    const reply = requestSync(link.apiUrl + path, options, timeoutMs / 2);
    return reply && readReply(reply.status, reply.body, reply.retryAfter, link.now());
  };
  if (!clock.known) {
    const startedAt = link.monotonic();
    const reply = ask("/health", { method: "GET" });
    if (reply) clock.read(reply, startedAt);
    if (!clock.known) return;
  }
  const records = outbox.queue.newest();
  if (records.length === 0) return;
  outbox.freeze(records);
  const headers = { "Content-Type": "application/json", ...link.headers };
  const reply = ask(outbox.path, { method: "POST", headers, body: JSON.stringify(outbox.body(records)) });
  if (reply && verdict(reply, 1).done) outbox.queue.remove([records[0].id]);
}
