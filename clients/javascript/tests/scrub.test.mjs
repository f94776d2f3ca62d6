import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { byteLength, safeProperties, scrubText } from "../src/scrub.js";

const CASES = [
  ["/Users/Jane Doe/Library/app.log", "~/Library/app.log"],
  ["at f (/Users/jane/app.js:1:2)", "at f (~/app.js:1:2)"],
  ["at f (file:///Users/Jane%20Doe/app.js:1:2)", "at f (file://~/app.js:1:2)"],
  ["open C:\\Users\\Jane Doe\\AppData\\x", "open ~\\AppData\\x"],
  ["open C:\\\\Users\\\\Jane Doe\\\\AppData", "open ~\\\\AppData"],
  ["/Users/Seán O'Neill/x.wav is gone", "~/x.wav is gone"],
  ["cd /home/jane", "cd ~"],
  ["C:\\Documents and Settings\\Jane Doe\\x", "~\\x"],
  ["mail jane.doe+x@mail.example.com now", "mail [email] now"],
  ["/modules/pkg@1.2.3/index.js", "/modules/pkg@1.2.3/index.js"],
  ["f@https://app.example.com/x.js:1:2", "f@https://app.example.com/x.js:1:2"],
  ["Incorrect API key: sk-proj-abcDEF0123456789", "Incorrect API key: [secret]"],
  ["ghp_0123456789abcdefABCDEF0123456789abcd", "[secret]"],
  ["Authorization: Bearer abc.def-ghi_0123456789", "Authorization: [secret]"],
  ['{"password": "hunter2"}', '{"password": "[secret]"}'],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "[secret]"],
  ["postgres://app:secret@db.example.com/x", "postgres://db.example.com/x"],
  ["at https://x.example/a.js?user=jane:10:5", "at https://x.example/a.js:10:5"],
  ["da39a3ee5e6b4b0d3255bfef95601890afd80709", "[secret]"],
  ["a normal sentence, 12:30, id 42", "a normal sentence, 12:30, id 42"],
];

// The table that the server and both clients share.
const TABLE = JSON.parse(
  readFileSync(new URL("../../../tests/privacy/scrubbing_examples.json", import.meta.url), "utf8"),
);

for (const { text, scrubbed } of TABLE.filter((example) => example.text !== undefined)) {
  test(`the table: ${JSON.stringify(text)}`, () => {
    assert.equal(scrubText(text), scrubbed);
    assert.equal(scrubText(scrubbed), scrubbed, "and leaves it alone the second time");
  });
}

for (const { member, kept } of TABLE.filter((example) => example.member !== undefined)) {
  test(`the table: a member called ${member}`, () => {
    assert.deepEqual(safeProperties({ [member]: "plain" }), { [member]: kept ? "plain" : "[secret]" });
  });
}

test("numbers of people are blanked and counts are not", () => {
  assert.deepEqual(safeProperties({ pin: 1234, token: 5, password: "" }), { pin: "[secret]", token: 5, password: "" });
});

for (const [text, clean] of CASES) {
  test(`it turns ${JSON.stringify(text)} into ${JSON.stringify(clean)}`, () => {
    assert.equal(scrubText(text), clean);
    assert.equal(scrubText(clean), clean, "and leaves it alone the second time");
  });
}

test("the home directory of this system goes wherever it stands", () => {
  assert.equal(scrubText("in /var/people/jane/x", 100, ["/var/people/jane"]), "in ~/x");
});

test("a hostile megabyte does not stall it", () => {
  for (const piece of [
    "/Users/",
    "a@",
    "eyJ",
    "https://a?",
    "token=",
    "aA1",
    "\\\\Users\\\\ ",
    "/a/b",
    "a.b-",
    "--a-",
    ":1",
    "A1 ",
    "?a=",
    "4 ",
  ]) {
    assert.ok(scrubText(piece.repeat(200_000), 60_000).length <= 60_000);
  }
});

test("half a secret at the edge does not survive the cut", () => {
  const text = `${"x ".repeat(40)}sk-abcdefghijklmnopqrstuvwxyz0123456789`;
  assert.ok(!scrubText(text, 90).includes("sk-abc"));
});

test("properties are cut to what the server takes", () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, number) => [`n${number}`, number]));
  assert.equal(Object.keys(safeProperties(many)).length, 64);
  const large = Object.fromEntries(Array.from({ length: 20 }, (_, number) => [`n${number}`, "é".repeat(1000)]));
  assert.ok(byteLength(JSON.stringify(safeProperties(large))) <= 8000);
  let deep = {};
  for (let level = 0; level < 1000; level += 1) deep = { deep };
  assert.ok(JSON.stringify(safeProperties(deep)).length < 100);
});

test("nothing that an app may pass makes it throw", () => {
  const thrower = {
    get bad() {
      throw new Error("no");
    },
    good: 1,
  };
  const unlisted = new Proxy({}, { ownKeys: () => assert.fail("no") });
  const cyclic = [];
  cyclic.push(cyclic);
  assert.deepEqual(safeProperties(thrower), { good: 1 });
  for (const value of [unlisted, null, 5, "text", [], undefined, () => 1, Symbol("s")]) {
    assert.equal(safeProperties(value), undefined);
  }
  assert.deepEqual(safeProperties({ cyclic, when: new Date(NaN), s: Symbol("s"), n: NaN, user_email: "a@b.co" }), {
    cyclic: ["[circular]"],
    when: null,
    n: null,
    user_email: "[secret]",
  });
});
