// A clock that is off by more than a minute is corrected by what the server says.
//
// An event's timestamp is part of the key by which the server recognises a repeat, so it is decided
// once and never again. Two wishes meet here: an event should be stamped when it is queued, yet how
// wrong the clock is can only be known after the first reply. So:
// - while the offset is not known, an event keeps only its raw local time (`at`);
// - the offset is learnt (GET /health) before the first batch leaves, and only then does an event that
//   was never sent get its `timestamp`, which is written to disk before the request starts;
// - from then on events are stamped as they are queued, and nothing ever touches a stamp again.
// A reply that is lost right after the first batch, or a kill in the middle of it, therefore leads to
// a resend with the same bytes, and the server counts nothing twice.

const TOLERANCE_MS = 60_000;

export class Clock {
  /** now: wall clock in ms; monotonic: a clock in ms that nobody can set. */
  constructor(now, monotonic) {
    this.now = now;
    this.monotonic = monotonic;
    this.offset = null;
  }

  /**
   * True when the offset is known and the wall clock has run on evenly since. After a sleep or a change
   * of the clock by more than a minute it has not, and the offset must be learnt again.
   */
  get known() {
    if (this.offset === null) return false;
    const drift = this.now() - this.learntAt - (this.monotonic() - this.learntAtMonotonic);
    if (Math.abs(drift) <= TOLERANCE_MS) return true;
    this.offset = null;
    return false;
  }

  /** serverMs: the server's time, read from a reply that took from `startedAt` (monotonic) to now. */
  learn(serverMs, startedAt) {
    this.learntAt = this.now();
    this.learntAtMonotonic = this.monotonic();
    const halfWay = (this.learntAtMonotonic - startedAt) / 2;
    const offset = Math.round(serverMs + halfWay - this.learntAt);
    this.offset = Math.abs(offset) > TOLERANCE_MS ? offset : 0;
  }

  /** Learns from a reply's `timestamp`, if it has one; without an offset it is meant as UTC. */
  read({ json }, startedAt) {
    const text = String(json?.timestamp ?? "");
    const time = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
    if (Number.isFinite(time)) this.learn(time, startedAt);
  }

  /** The final timestamp of a raw local time, as ISO 8601 in UTC; call only while `known`. */
  stamp(at) {
    return new Date(at + this.offset).toISOString();
  }
}
