// What events and properties are called: by their maker's long name, else by the name that they are sent with.

import { words } from "./format.js";

let named = JSON.parse(document.body.dataset.names ?? "{}");

const own = (kind, name) => (Object.hasOwn(named[kind] ?? {}, name) ? named[kind][name] : null);

export const longName = (kind, name) => own(kind, name);
export const eventName = (name) => own("events", name) ?? words(name);
export const propertyName = (name) => own("properties", name) ?? name;

/** They were changed on this page. */
export const rename = (names) => {
  named = names;
};
