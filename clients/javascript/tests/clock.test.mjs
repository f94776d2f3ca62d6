import assert from "node:assert/strict";
import { test } from "node:test";

import { Clock } from "../src/clock.js";

function clockAt(wall) {
  const time = { wall, monotonic: 1000 };
  return {
    time,
    clock: new Clock(
      () => time.wall,
      () => time.monotonic,
    ),
  };
}

const SERVER = Date.parse("2026-11-21T12:00:00Z");

test("an offset of up to a minute is left alone, a greater one corrects the stamp", () => {
  for (const [off, stamp] of [
    [0, "2026-11-21T12:00:00.000Z"],
    [59_000, "2026-11-21T12:00:59.000Z"],
    [7_200_000, "2026-11-21T12:00:00.000Z"],
    [-7_200_000, "2026-11-21T12:00:00.000Z"],
  ]) {
    const { clock } = clockAt(SERVER + off);
    assert.equal(clock.known, false);
    clock.learn(SERVER, 1000);
    assert.equal(clock.known, true);
    assert.equal(clock.stamp(SERVER + off), stamp);
  }
});

test("half of a slow reply's time is taken into account", () => {
  const { clock, time } = clockAt(SERVER + 7_200_000);
  time.monotonic += 20_000;
  clock.learn(SERVER, 1000);
  assert.equal(clock.offset, -7_200_000 + 10_000);
});

test("after a sleep or a change of the clock the offset must be learnt again", () => {
  const { clock, time } = clockAt(SERVER);
  clock.learn(SERVER, 1000);
  time.wall += 3_600_000;
  time.monotonic += 3_600_000;
  assert.equal(clock.known, true);
  time.wall += 61_000;
  assert.equal(clock.known, false);
});

test("a reply's time without an offset means UTC, and no time teaches nothing", () => {
  const { clock } = clockAt(SERVER);
  for (const json of [undefined, {}, { timestamp: "soon" }, { timestamp: null }]) clock.read({ json }, 1000);
  assert.equal(clock.known, false);
  clock.read({ json: { timestamp: "2026-11-21T12:00:00" } }, 1000);
  assert.equal(clock.offset, 0);
});
