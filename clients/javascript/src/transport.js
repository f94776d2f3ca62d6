// One HTTP request and what its reply means for the queue.

const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * fetcher: a function like fetch. Resolves with {status, json (undefined if it is none), retryAfterMs
 * (undefined if not said)}; rejects when no reply came within timeoutMs or `signal` aborted.
 */
export async function request(fetcher, url, options, { timeoutMs, signal, now }) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(abort, timeoutMs);
  try {
    const reply = await fetcher(url, { ...options, signal: controller.signal, credentials: "omit" });
    const text = await reply.text();
    return readReply(reply.status, text, reply.headers?.get("Retry-After"), now());
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

export function readReply(status, text, retryAfter, nowMs) {
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    // A proxy's page, a captive portal, an empty reply.
  }
  if (json === null || typeof json !== "object") json = undefined;
  return { status, json, retryAfterMs: readRetryAfter(retryAfter, nowMs) };
}

/** Retry-After in seconds or as an HTTP date -> milliseconds from now, at most a day. */
export function readRetryAfter(value, nowMs) {
  if (!value) return undefined;
  const wait = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), MAX_RETRY_AFTER_MS) : undefined;
}

/**
 * What to do with a batch of `count` records after a reply:
 * {done: true, refused: n}      gone, n of them because the server will never take them
 * {drop: [index, …]}            the server named these as bad; the rest is worth another try
 * {halve: true}                 too large, or bad in a way that only smaller batches can tell apart
 * {keyRefused: true, afterMs}   the app key is wrong: worth a try now and then, in case somebody corrects it
 * {retry: true, afterMs}        everything else, a reply that is not this server's among them
 */
export function verdict({ status, json, retryAfterMs }, count) {
  if (status >= 200 && status < 300 && json?.success === true) {
    return { done: true, refused: Array.isArray(json.rejected) ? json.rejected.length : 0 };
  }
  if (status === 401) return { keyRefused: true, afterMs: retryAfterMs };
  if (status === 413) return count > 1 ? { halve: true } : { drop: [0] };
  // Only a refusal in the server's own shape may cost events: a proxy answers 400 as well.
  if ((status === 400 || status === 422) && json?.success === false && typeof json.code === "string") {
    const details = Array.isArray(json.details) ? json.details : [];
    const named = details
      .map((detail) => detail?.index)
      .filter((index) => Number.isInteger(index) && index >= 0 && index < count);
    if (named.length > 0) return { drop: [...new Set(named)] };
    return count > 1 ? { halve: true } : { drop: [0] };
  }
  return { retry: true, afterMs: retryAfterMs };
}
