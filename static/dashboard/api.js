// Requests to the server. The browser adds the login; an error becomes one sentence.

import * as shared from "./shared.js";

export class Failed extends Error {
  constructor(message, status, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A value that is a list is given once for each of its texts. */
export function address(path, params = {}) {
  // From the origin: a page opened as http://name:password@host may not fetch relative addresses.
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(params)) {
    for (const each of [value].flat())
      if (each !== null && each !== undefined && each !== "") url.searchParams.append(name, each);
  }
  return url;
}

async function ask(url, options) {
  let response;
  try {
    response = await fetch(url, {
      cache: "no-store",
      ...options,
      headers: { ...options.headers, ...shared.headers(url) },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failed("The server cannot be reached.", 0, "unreachable");
  }
  const answer = await response.json().catch(() => null);
  if (answer?.code === "session_ended") {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  if (!response.ok || answer === null) {
    throw new Failed(answer?.error ?? `The server answered ${response.status}.`, response.status, answer?.code);
  }
  return answer;
}

export const get = (path, params, signal) => ask(address(path, params), { signal });

export const send = (method, path, body, params) =>
  ask(address(path, params), {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
