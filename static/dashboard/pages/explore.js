import { none, show } from "../cards.js";
import { saveButton } from "../save.js";

export const keys = ["answer"];

export async function load() {
  saveButton("explore");
  show("answer", none("Choose what to ask."), { columns: [], rows: [] });
}
