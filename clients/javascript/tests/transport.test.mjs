import assert from "node:assert/strict";
import { test } from "node:test";

import { readReply, readRetryAfter, verdict } from "../src/transport.js";

const NOW = Date.parse("2026-11-21T12:00:00Z");

test("Retry-After is read in seconds and as a date, and limited to a day", () => {
  assert.equal(readRetryAfter("120", NOW), 120_000);
  assert.equal(readRetryAfter("Sat, 21 Nov 2026 12:05:00 GMT", NOW), 300_000);
  assert.equal(readRetryAfter("Sat, 21 Nov 2026 11:05:00 GMT", NOW), 0);
  assert.equal(readRetryAfter("99999999", NOW), 86_400_000);
  for (const nothing of [null, undefined, "", "soon"]) assert.equal(readRetryAfter(nothing, NOW), undefined);
});

const refusal = (details) => JSON.stringify({ success: false, code: "x", error: "y", details });

for (const [what, status, text, expected] of [
  ["a success", 200, '{"success": true, "rejected": [{"index": 0}]}', { done: true, refused: 1 }],
  ["a captive portal's page", 200, "<html>Log in</html>", { retry: true, afterMs: undefined }],
  ["somebody else's JSON", 200, '{"ok": true}', { retry: true, afterMs: undefined }],
  ["a wrong key", 401, "{}", { keyRefused: true, afterMs: undefined }],
  ["a proxy's refusal", 403, "<html>Forbidden</html>", { retry: true, afterMs: undefined }],
  ["too large", 413, "", { halve: true }],
  ["named bad events", 400, refusal([{ index: 1 }, { index: 1 }, { index: 2 }]), { drop: [1, 2] }],
  ["indexes that do not exist", 400, refusal([{ index: 7 }, { index: -1 }, null]), { halve: true }],
  ["a bad body", 400, refusal([]), { halve: true }],
  ["a proxy's 400", 400, "Bad Request", { retry: true, afterMs: undefined }],
  ["not found", 404, "", { retry: true, afterMs: undefined }],
  ["too many", 429, "", { retry: true, afterMs: 3000 }],
  ["unavailable", 503, "", { retry: true, afterMs: 3000 }],
]) {
  test(`${what} (${status}) means ${JSON.stringify(expected)}`, () => {
    const retryAfter = status === 429 || status === 503 ? "3" : null;
    assert.deepEqual(verdict(readReply(status, text, retryAfter, NOW), 3), expected);
  });
}

test("a single record that is too large or unreadable is given up, so that nothing is stuck", () => {
  assert.deepEqual(verdict(readReply(413, "", null, NOW), 1), { drop: [0] });
  assert.deepEqual(verdict(readReply(400, refusal([]), null, NOW), 1), { drop: [0] });
});
