import { get, send } from "../api.js";
import { show, tableOf } from "../cards.js";
import { $ } from "../dom.js";

export const keys = ["account"];
let account = null;

export async function load(context) {
  if (context.why === "start") tools();
  if (context.why !== "draw") account = (await get("/account", {}, context.signal)).account;
  const data = {
    columns: ["", "Value"],
    rows: [
      ["Name", account.name],
      ["Role", account.role],
      ["Apps", account.apps === null ? "Every app" : account.apps.join(", ")],
      ["Logged in by", account.by === "session" ? "the login page" : "HTTP Basic"],
    ],
  };
  show("account", tableOf("account", data, "My account"), data);
}

function tools() {
  $("#password-form")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    try {
      await send("POST", "/account/password", Object.fromEntries(new FormData(form)));
      form.reset();
      $("#password-result").textContent = "Changed. Other sessions have ended.";
    } catch (error) {
      $("#password-result").textContent = error.message;
    }
  });
  $("#end-sessions").addEventListener("click", async () => {
    try {
      const { ended } = await send("DELETE", "/account/sessions");
      if (account.by === "session") location.assign("/login");
      else $("#sessions-result").textContent = `Ended: ${ended}.`;
    } catch (error) {
      $("#sessions-result").textContent = error.message;
    }
  });
  $("#log-out")?.addEventListener("click", async () => {
    await send("POST", "/logout");
    location.assign("/login");
  });
}
