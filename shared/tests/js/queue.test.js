// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { STATES, can, move, note, outdated, overall, phaseAt, restored, sendable, summary, tally, unsent, windowWords, words } from "../../assets/js/upload/queue.js";
import { day, item, ready, shared } from "./made.js";

/** @import { Event, State } from "../../assets/js/upload/types.js" */

const EVENTS = /** @type {Event[]} */ (["send", "start", "wait", "retry", "sent", "again", "finish", "fail", "block", "close", "hold"]);

test("every pair of state and event is a legal move or is refused", () => {
  const legal = STATES.map((state) => [state, EVENTS.filter((event) => can(item("a", { state }), event)).join(" ")]);
  assert.deepEqual(Object.fromEntries(legal), {
    unfit: "",
    held: "send",
    ready: "start wait sent finish fail block close hold",
    sending: "wait sent again finish fail block close",
    waiting: "wait retry sent finish fail block close hold",
    confirming: "again finish fail close",
    done: "",
    failed: "send",
    blocked: "send finish",
    closed: "send finish",
  });
  for (const state of STATES) {
    for (const event of EVENTS) if (!can(item("a", { state }), event)) assert.throws(() => move(item("a", { state }), event), RangeError);
  }
});

test("nothing leaves the device before send", () => {
  const reachable = EVENTS.filter((event) => can(item("a"), event));
  assert.deepEqual(reachable, ["send"]);
});

test("shown progress never goes backwards", () => {
  const half = item("a", { state: "sending", level: 0.5 });
  const again = move(move(half, "wait", { cause: "connection" }), "retry");
  assert.equal(again.level, 0.5);
  assert.equal(move(again, "start", { level: 0.1 }).level, 0.5);
});

test("a photo that was interrupted is taken up again; one that waits for confirmation is not sent twice", () => {
  const after = (/** @type {State} */ state) => restored(item("a", { state, attempt: 9, retryAt: 5 })).state;
  assert.deepEqual(["sending", "waiting", "confirming", "held", "blocked"].map((state) => after(/** @type {State} */ (state))), ["ready", "ready", "confirming", "held", "ready"], "a filter may be far away by then");
});

test("stored photos are forgotten after seven days, and at once where they never could be sent", () => {
  const week = 7 * 86_400_000;
  assert.equal(outdated(item("a"), week), false);
  assert.equal(outdated(item("a"), week + 1), true);
  assert.equal(outdated(item("a", { state: "done" }), 0), false, "its thumbnail is shown on My photos");
  assert.equal(outdated(item("a", { state: "unfit" }), 0), true);
});

test("what waits is said to be safe only where it is kept", () => {
  const waiting = item("a", { state: "waiting", cause: "connection" });
  assert.equal(words(waiting, day), "Waiting for a connection. Your photos are safe on this phone. We'll try again by ourselves.");
  const unkept = words({ ...waiting, stored: false }, day);
  assert.match(unkept, /Keep this page open/);
  assert.doesNotMatch(unkept, /safe/);
});

test("each state has words of its own", () => {
  const said = STATES.map((state) => words(item("a", { state, message: "Because.", cause: null }), day));
  assert.equal(words(item("a"), day), "Not sent yet");
  assert.equal(words(item("a", { state: "done", result: { state: "pending", page: null, reason: null } }), day), "Sent. A person checks every photo before it appears.");
  assert.match(words(item("a", { state: "done", result: { state: "rejected", page: null, reason: "A pupil can be recognised." } }), day), /A pupil can be recognised/);
  assert.match(words(item("a", { state: "blocked" }), day), /photos\.example/);
  assert.match(words(item("a", { state: "closed" }), day), /18:00 on Friday 5 March 2027/);
  assert.ok(said.every((text) => text.length > 5));
});

test("a photo that Send was pressed for while it was made ready is sent when it is, and Send is not about it", () => {
  const waiting = item("a", { sha256: "", shared });
  assert.equal(sendable(waiting), false);
  assert.match(words(waiting, day), /ready, then it is sent/);
  assert.equal(restored({ ...waiting, sha256: "1" }).state, "ready", "the page was killed in between");
  assert.equal(restored(item("b")).state, "held");
  assert.equal(summary(tally(Array.from({ length: 60 }, (_, i) => item(`k${i}`, { sha256: "" })))), "Getting 60 photos ready…");
});

test("a photo says how it goes: as it is, covered, or smaller", () => {
  assert.match(note(item("a", { made: "original" })), /goes as it is: we remove what it hides/);
  assert.match(note(item("a", { boxes: [{ x: 0, y: 0, width: 0.1, height: 0.1 }] })), /Covered in one place/);
  assert.match(note(ready("a", { made: "smaller" })), /Made smaller/);
  assert.deepEqual([note(item("a")), note(item("a", { made: "original", sha256: "" }))], ["", ""]);
});

test("the dock counts what is sent, what is not, and what cannot be", () => {
  assert.equal(summary(tally([])), "No photos chosen yet.");
  const all = [item("a"), item("b", { state: "sending" }), item("c", { state: "confirming" }), item("d", { state: "unfit" }), item("e", { state: "blocked" })];
  assert.equal(summary(tally(all)), "1 of 3 sent. One needs you. 1 photo not sent yet. 1 photo cannot be sent.");
  assert.equal(summary(tally([item("a", { state: "done" }), item("b", { state: "done" })])), "2 of 2 sent. A person checks every photo before it appears.");
});

test("overall progress counts a photo whole only when its bytes have arrived", () => {
  const states = (/** @type {[State, number][]} */ ...all) => overall(all.map(([state, level], i) => item(`k${i}`, { state, level })));
  assert.equal(states(), 1);
  assert.equal(states(["held", 0], ["unfit", 0]), 1);
  assert.equal(states(["done", 1], ["confirming", 1], ["ready", 0], ["waiting", 0]), 0.5);
  assert.ok(states(["sending", 1]) < 1);
});

test("a photo that may be sent again is unsent, and one that never can is not", () => {
  assert.equal(unsent(item("a", { state: "failed", retryable: true })), true);
  assert.equal(unsent(item("a", { state: "failed" })), false);
  assert.equal(sendable(item("a", { state: "failed" })), false);
  assert.equal(unsent(item("a", { state: "confirming" })), false);
  assert.equal(unsent(item("a", { state: "closed" })), true);
});

test("the window opens and closes by the server's clock", () => {
  const at = (/** @type {string} */ instant) => phaseAt(day, Date.parse(instant));
  assert.deepEqual(["2027-03-05T07:59:59.999Z", "2027-03-05T08:00:00Z", "2027-03-05T17:59:59.999Z", "2027-03-05T18:00:00Z", "2027-03-05T18:30:00Z"].map(at), ["before", "open", "open", "grace", "closed"]);
  assert.equal(phaseAt({ ...day, phase: "paused" }, Date.parse("2027-03-05T12:00:00Z")), "paused");
  assert.equal(windowWords(day), "");
  for (const phase of ["before", "grace", "closed", "paused"]) assert.notEqual(windowWords({ ...day, phase }), "");
});
