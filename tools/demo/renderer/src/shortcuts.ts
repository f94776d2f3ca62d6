// From a key to an action.

import { labelOf } from "./keyboard";
import { type Action, choose } from "./palette";

const SHORTCUTS: Record<string, string> = {
  "Ctrl+R": "Start recording",
  "Ctrl+Shift+R": "Stop recording",
  "Ctrl+E": "Export the transcript",
};
const actions = new Map<string, Action>();

export function onAction(label: string, action: Action): void {
  actions.set(label, action);
}

export function press(event: KeyboardEvent): void {
  const label = SHORTCUTS[labelOf(event)];
  if (label !== undefined) {
    event.preventDefault();
    choose(label, actions);
  }
}
