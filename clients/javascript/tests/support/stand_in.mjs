// A small stand-in for the server with the parts of its protocol that the client depends on. The contract
// tests use it when SERVER_URL is not set. It is faithful where it matters: a repeat is recognised by user,
// timestamp and id, so a resend that is not identical counts twice here as well.
import { createServer } from "node:http";

const EVENT_NAMES = new Set([
  "app_opened",
  "recording_started",
  "recording_completed",
  "transcription_completed",
  "transcription_failed",
  "feature_toggled",
  "retry_attempted",
]);
const UUID = /^[0-9a-f-]{36}$/i;
const MAX_EVENTS = 5000;
const MAX_BODY = 5 * 1024 * 1024;
const DAY_MS = 86_400_000;

function refusalOf(item) {
  if (!UUID.test(item?.user_id ?? "")) return ["invalid_user_id", "user_id must be a UUID"];
  if (!EVENT_NAMES.has(item.event)) return ["unknown_event", "event is not in the app's catalogue"];
  const time = Date.parse(item.timestamp);
  if (!Number.isFinite(time)) return ["invalid_timestamp", "timestamp must be ISO 8601"];
  if (time < Date.now() - 363 * DAY_MS) return ["timestamp_too_old", "timestamp is too old"];
  if (time > Date.now() + DAY_MS) return ["timestamp_in_future", "timestamp is more than a day ahead"];
  if (JSON.stringify(item.properties ?? {}).length > 8192) return ["properties_too_large", "properties"];
  return null;
}

function addAll(items, check, stored) {
  const rejected = [];
  let added = 0;
  items.forEach((item, index) => {
    const refusal = check(item);
    if (refusal) return rejected.push({ index, code: refusal[0], error: refusal[1] });
    const key = `${item.user_id ?? item.sessionId}|${item.timestamp}|${item.id}`;
    if (stored.has(key)) return undefined;
    stored.set(key, item);
    added += 1;
    return undefined;
  });
  return { rejected, added };
}

export async function startStandIn({ appKey } = {}) {
  const events = new Map();
  const crashes = new Map();
  const visits = new Map();

  const answers = {
    "GET /health": () => [200, { status: "healthy", database: "connected", version: "1" }],
    "POST /track": (body) => take(Array.isArray(body?.events) ? body.events : null, refusalOf, events),
    "POST /api/track": (body) => take([].concat(body ?? []), () => null, visits),
    "POST /crash": (body) => {
      if (!body?.crash_type || !body.error_message || !UUID.test(body.user_id ?? "")) {
        return [400, { success: false, code: "missing_field", error: "a field is missing", details: [] }];
      }
      crashes.set(`${body.user_id}|${body.timestamp}|${body.id}`, body);
      return [200, { success: true, crash_id: body.id }];
    },
    "GET /events": () => [200, { success: true, events: [...events.values()], next_cursor: null }],
    "GET /crashes": () => [200, { success: true, crashes: [...crashes.values()], next_cursor: null }],
  };

  function take(items, check, stored) {
    if (!items) return [400, { success: false, code: "invalid_body", error: "events is missing", details: [] }];
    if (items.length > MAX_EVENTS) return [413, { success: false, code: "too_many_events", error: "too many" }];
    const { rejected, added } = addAll(items, check, stored);
    if (rejected.length === items.length && items.length > 0) {
      return [400, { success: false, code: rejected[0].code, error: "no event is valid", details: rejected }];
    }
    const received = items.length - rejected.length;
    return [
      200,
      {
        success: true,
        events_received: received,
        events_stored: added,
        duplicates: received - added,
        rejected,
      },
    ];
  }

  const server = createServer(async (request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "Content-Type, X-App-Key");
    response.setHeader("Access-Control-Expose-Headers", "Retry-After");
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    const url = new URL(request.url, "http://localhost");
    const answer = answers[`${request.method} ${url.pathname}`];
    const key = request.headers["x-app-key"] ?? url.searchParams.get("app_key");
    let [status, json] = [404, { success: false, code: "not_found", error: "no such address" }];
    if (answer && appKey && key && key !== appKey) {
      [status, json] = [401, { success: false, code: "wrong_app_key", error: "the app key is wrong" }];
    } else if (answer && body.length > MAX_BODY) {
      [status, json] = [413, { success: false, code: "body_too_large", error: "the body is too large" }];
    } else if (answer) {
      let parsed;
      try {
        parsed = body.length ? JSON.parse(body) : undefined;
      } catch {
        parsed = undefined;
      }
      [status, json] = answer(parsed);
    }
    response.writeHead(status, { "Content-Type": "application/json" });
    return response.end(JSON.stringify({ ...json, timestamp: new Date().toISOString() }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    events,
    crashes,
    visits,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
