// A shared page: the secret of its link is behind the #, and a password is asked for once.

import { $ } from "./dom.js";

const id = document.body.dataset.shared;
const secret = location.hash.slice(1);
let password = "";

/** The address of the page's numbers; null where the page is not a shared one. */
export const path = id ? `/shared/${id}/stats` : null;

export const headers = (url) =>
  path !== null && url.pathname === path
    ? { "X-Link-Secret": secret, "X-Link-Password": encodeURIComponent(password) }
    : {};

/** The name of the app and the fixed filter, which come with the numbers only. */
export function show({ app, filter }) {
  document.title = `${app} · Stories Analytics`;
  $("#shared-name").textContent = filter ? `${app}, ${filter[0].replace("app_", "")} ${filter[1]}` : app;
}

/** Resolves when a password has been typed. */
export function askPassword(error) {
  const dialog = $("#link-door");
  $("#link-problem").textContent = password ? error.message : "";
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => {
    $("form", dialog).addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        password = event.target.elements.password.value;
        dialog.close();
        resolve();
      },
      { once: true },
    );
  });
}
