// What each key is called in the list of shortcuts.

const NAMES: Record<string, string> = {
  ArrowDown: "Down",
  ArrowLeft: "Left",
  ArrowRight: "Right",
  ArrowUp: "Up",
  Backquote: "Backquote",
  Backspace: "Backspace",
  BracketLeft: "Left bracket",
  BracketRight: "Right bracket",
  Comma: "Comma",
  Delete: "Delete",
  End: "End",
  Enter: "Enter",
  Equal: "Equals",
  Escape: "Escape",
  Home: "Home",
  Minus: "Minus",
  PageDown: "Page down",
  PageUp: "Page up",
  Period: "Period",
  Quote: "Quote",
  Semicolon: "Semicolon",
  Slash: "Slash",
  Space: "Space",
  Tab: "Tab",
};

export function nameOf(code: string): string {
  return NAMES[code] ?? code.replace(/^(Key|Digit|Numpad)/, "");
}

export function labelOf(event: KeyboardEvent): string {
  const held = [event.ctrlKey && "Ctrl", event.altKey && "Alt", event.shiftKey && "Shift"];
  return [...held.filter(Boolean), nameOf(event.code)].join("+");
}
