// An issue as Markdown, to be pasted into a tracker or a chat.

import { count, exactTime } from "./format.js";
import { sentence, versions } from "./issues.js";
import { platform } from "./platforms.js";
import { textOf } from "./stack_text.js";

/** A fence longer than any within. */
function fenced(text) {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

/** Text of strangers in a line of Markdown: nothing in it is markup. */
const plain = (text) =>
  String(text)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\\`*_[\]<>#|&!~]/g, "\\$&");

/** crash: the one that is shown, or null. */
export function markdown(issue, crash, address) {
  const lines = [
    `## ${plain(issue.title)}`,
    "",
    `[${plain(issue.id)}](${address}) · ${plain(issue.culprit || issue.crash_type)}`,
    "",
    plain(sentence(issue)),
    "",
    `- Crashes: ${count(issue.crashes)}, people: ${count(issue.people)}`,
    `- First seen: ${exactTime(issue.first_seen)}`,
    `- Last seen: ${exactTime(issue.last_seen)}`,
    `- Versions: ${plain(versions(issue) ?? "unknown")}`,
  ];
  if (crash?.os_version) lines.push(`- System: ${plain(platform(crash.os_version))}`);
  const text = crash?.mapped ? textOf(crash) : crash?.stack_trace || crash?.error_message;
  if (text) lines.push("", fenced(text));
  if (issue.note) lines.push("", plain(issue.note));
  return `${lines.join("\n")}\n`;
}
