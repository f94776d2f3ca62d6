// The palette of actions: a list that is searched while somebody types.

export type Action = (entry: Entry) => void;

export interface Entry {
  label: string;
  chosen: number;
}

const entries: Entry[] = [
  { label: "Start recording", chosen: 0 },
  { label: "Stop recording", chosen: 0 },
  { label: "Export the transcript", chosen: 0 },
];

export function search(text: string): Entry[] {
  const wanted = text.trim().toLowerCase();
  return entries.filter((entry) => entry.label.toLowerCase().includes(wanted));
}

export function choose(label: string, actions: Map<string, Action>): void {
  const [entry] = search(label);
  const run = actions.get(entry.label) as Action;
  entry.chosen += 1;
  run(entry);
}
