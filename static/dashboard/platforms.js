// Names of systems as people know them. Apps send what their runtime calls the system: Electron and Node give the
// kernel of macOS ("darwin-24.6.0", Darwin 24.6.0 is macOS 15.6) and the build of Windows ("win32-10.0.22631").

import { el } from "./dom.js";

const FAMILIES = { darwin: "macOS", win32: "Windows", linux: "Linux" };

/** Darwin's major version -> macOS, and how far Darwin's minor version is ahead of that of macOS: 21 to 22 came
 *  with .1. Before macOS 11 one name covers a Darwin major. From 25 on Darwin N is macOS N + 1.
 *  Source: Apple's security releases (support.apple.com/en-us/100100) beside `uname -r` of each; the release
 *  tables of Darwin at en.wikipedia.org/wiki/Darwin_(operating_system). */
const DARWIN = {
  13: "10.9",
  14: "10.10",
  15: "10.11",
  16: "10.12",
  17: "10.13",
  18: "10.14",
  19: "10.15",
  20: [11, 1],
  21: [12, 1],
  22: [13, 1],
  23: [14, 0],
  24: [15, 0],
};

/** Builds of Windows. Source: learn.microsoft.com/en-us/windows/release-health/release-information and
 *  windows11-release-information. From 22000 on it is Windows 11, though the version still begins with 10.0. */
const WINDOWS = {
  10240: "10 1507",
  10586: "10 1511",
  14393: "10 1607",
  15063: "10 1703",
  16299: "10 1709",
  17134: "10 1803",
  17763: "10 1809",
  18362: "10 1903",
  18363: "10 1909",
  19041: "10 2004",
  19042: "10 20H2",
  19043: "10 21H1",
  19044: "10 21H2",
  19045: "10 22H2",
  20348: "Server 2022",
  22000: "11 21H2",
  22621: "11 22H2",
  22631: "11 23H2",
  26100: "11 24H2",
  26200: "11 25H2",
};
const OLD_WINDOWS = { 6.1: "7", 6.2: "8", 6.3: "8.1" };
const FIRST_OF_11 = 22000;

function macOS(version) {
  const [major, minor = 0] = version.split(".").map(Number);
  if (major >= 25) return `macOS ${major + 1}.${minor}`;
  const known = DARWIN[major];
  if (known === undefined) return null;
  return typeof known === "string" ? `macOS ${known}` : `macOS ${known[0]}.${Math.max(0, minor - known[1])}`;
}

function windows(version) {
  const [major, minor, build] = version.split(".");
  if (major !== "10" || minor !== "0") {
    const old = OLD_WINDOWS[`${major}.${minor}`];
    return old === undefined ? null : `Windows ${old}`;
  }
  const known = WINDOWS[build];
  if (known !== undefined) return `Windows ${known}`;
  return build ? `Windows ${Number(build) >= FIRST_OF_11 ? 11 : 10} build ${build}` : "Windows 10";
}

/** "darwin-24.6.0" as "macOS 15.6", "win32-10.0.22631" as "Windows 11 23H2"; a kernel that is not in the tables keeps its
 *  number, and an unknown system stays as it is. */
export function platform(raw) {
  const text = String(raw);
  const [, system, version = ""] = /^(darwin|win32|linux)(?:-(.*))?$/.exec(text) ?? [];
  if (!system) return text;
  if (!/^\d{1,9}(\.\d{1,9}){0,3}$/.test(version)) return `${FAMILIES[system]} ${version}`.trim();
  const named = system === "darwin" ? macOS(version) : system === "win32" ? windows(version) : null;
  return named ?? `${system === "darwin" ? "Darwin" : FAMILIES[system]} ${version}`;
}

/** The same for a page, the raw one in its title. */
export const shownPlatform = (raw) => el("span", { title: String(raw) }, platform(raw));
