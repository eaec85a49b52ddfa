// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { STATES, can, lateIn, move, note, outdated, overall, phaseAt, restored, sendable, summary, tally, unsent, windowWords, words } from "../../assets/js/upload/queue.js";
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

test("each move leads where the picture of the states says", () => {
  const leads = STATES.map((state) => [state, EVENTS.filter((event) => can(item("a", { state }), event)).map((event) => `${event} ${move(item("a", { state }), event).state}`)]);
  assert.deepEqual(Object.fromEntries(leads), {
    unfit: [],
    held: ["send ready"],
    ready: ["start sending", "wait waiting", "sent confirming", "finish done", "fail failed", "block blocked", "close closed", "hold held"],
    sending: ["wait waiting", "sent confirming", "again ready", "finish done", "fail failed", "block blocked", "close closed"],
    waiting: ["wait waiting", "retry ready", "sent confirming", "finish done", "fail failed", "block blocked", "close closed", "hold held"],
    confirming: ["again ready", "finish done", "fail failed", "close closed"],
    done: [],
    failed: ["send ready"],
    blocked: ["send ready", "finish done"],
    closed: ["send ready", "finish done"],
  });
});

test("what was said of the state before is not said of the next one", () => {
  const said = item("a", { state: "waiting", cause: "busy", message: "Because." });
  const next = move(said, "retry");
  assert.deepEqual([next.cause, next.message], [null, ""]);
  const failed = move(said, "fail", { message: "Too large.", cause: "ours" });
  assert.deepEqual([failed.cause, failed.message], ["ours", "Too large."]);
  assert.throws(() => move(item("a", { state: "done" }), "retry"), { name: "RangeError", message: "retry is not for a photo that is done" });
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

test("a photo that is taken up again waits for nothing: what kept it may be over", () => {
  for (const state of /** @type {State[]} */ (["sending", "waiting", "blocked"])) {
    const before = item("a", { state, cause: "connection", attempt: 9, retryAt: 5_000 });
    assert.deepEqual(restored(before), { ...before, state: "ready", cause: null, attempt: 0, retryAt: 0 });
  }
  const confirming = item("a", { state: "confirming", attempt: 9, retryAt: 5_000 });
  assert.deepEqual(restored(confirming), confirming);
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

test("what keeps a photo waiting is said, whether it is safe, and what can be done", () => {
  const waits = (/** @type {import("../../assets/js/upload/types.js").Cause | null} */ cause) => words(item("a", { state: "waiting", cause }), day);
  const [safe, again] = ["Your photos are safe on this phone.", "We'll try again by ourselves."];
  assert.deepEqual([waits("connection"), waits(null), waits("ours"), waits("busy"), waits("paused"), waits("blocked")], [
    `Waiting for a connection. ${safe} ${again}`,
    `Waiting for a connection. ${safe} ${again}`,
    `Something broke on our side. Nothing of yours is lost. ${again}`,
    `Many photos are coming in. ${safe} ${again}`,
    `The organisers have paused uploads for the moment. ${safe} ${again}`,
    `This network lets our pages through, but not the photos. Try mobile data or another Wi-Fi, or ask your IT team to allow photos.example. ${safe} ${again}`,
  ]);
  assert.equal(words(item("a", { state: "blocked" }), day), `This network blocks our site, so nothing can be sent through it. Try mobile data or another Wi-Fi, or ask your IT team to allow photos.example. ${safe} We'll try again by ourselves.`);
});

test("how far a photo is, and what became of it, is said in words", () => {
  const said = (/** @type {Partial<import("../../assets/js/upload/types.js").Item>} */ change, about = day) => words(item("a", change), about);
  const seen = (/** @type {string} */ state, reason = /** @type {string | null} */ (null)) => said({ state: "done", result: { state, page: null, reason } });
  assert.deepEqual([said({ state: "sending", level: 0.419 }), said({ state: "sending", level: 0.999 }), said({ state: "sending", level: 1 })], ["Sending: 41 %", "Sending: 99 %", "Sending: the last of it"]);
  assert.deepEqual([said({ state: "ready" }), said({ state: "confirming" })], ["Next in line", "Sent. Waiting for confirmation."]);
  assert.deepEqual([said({ state: "unfit", message: "No." }), said({ state: "failed", message: "Not so." })], ["No.", "Not so."]);
  assert.deepEqual([said({ sha256: "" }), said({ sha256: "", shared })], ["Getting ready…", "Getting ready, then it is sent."]);
  assert.deepEqual([seen("published"), seen("hidden"), seen("deleted"), seen("rejected", "A pupil can be recognised."), seen("rejected")], [
    "Published.", "Taken off the site for now.", "Withdrawn.", "Not shown. A pupil can be recognised.", "Not shown. The reason is on My photos.",
  ]);
  const late = "Not sent: adding photos ended at 18:00 on Friday 5 March 2027. The photo is still on this phone.";
  for (const phase of ["grace", "closed"]) assert.deepEqual([said({}, { ...day, phase }), said({ state: "closed" }, { ...day, phase })], [late, late]);
  assert.equal(said({ state: "closed" }, { ...day, phase: "before" }), "Photos can be sent from 08:00 on Friday 5 March 2027. Your photos are safe on this phone. Press Send then.");
});

test("Send is about what was not sent and could be", () => {
  const about = STATES.filter((state) => sendable(item("a", { state, retryable: true })));
  assert.deepEqual(about, ["held", "failed", "blocked", "closed"]);
  assert.equal(sendable(item("a", { state: "held", shared })), false, "it was pressed already");
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
  assert.equal(note(item("a", { made: "hasty" })), "Sent as it is, to be in time: we remove what it hides.");
  const box = { x: 0, y: 0, width: 0.1, height: 0.1 };
  assert.equal(note(item("a", { boxes: [box, box] })), "Covered in 2 places.");
  assert.equal(note(item("a", { made: "smaller", state: "unfit" })), "", "nothing was done to what cannot be sent");
});

test("the dock counts what is sent, what is not, and what cannot be", () => {
  assert.equal(summary(tally([])), "No photos chosen yet.");
  const all = [item("a"), item("b", { state: "sending" }), item("c", { state: "confirming" }), item("d", { state: "unfit" }), item("e", { state: "blocked" })];
  assert.equal(summary(tally(all)), "1 of 3 sent. One needs you. 1 photo not sent yet. 1 photo cannot be sent.");
  assert.equal(summary(tally([item("a", { state: "done" }), item("b", { state: "done" })])), "2 of 2 sent.");
});

test("each photo is counted once, where it stands", () => {
  const count = tally([
    item("a", { sha256: "" }), item("b", { sha256: "", shared }), item("c"),
    item("d", { state: "ready" }), item("e", { state: "sending" }), item("f", { state: "waiting" }), item("g", { state: "confirming" }), item("h", { state: "done" }),
    item("i", { state: "blocked" }), item("j", { state: "closed" }), item("k", { state: "failed", retryable: true }),
    item("l", { state: "failed" }), item("m", { state: "unfit" }), item("n", { state: "unfit", retryable: true }),
  ]);
  assert.deepEqual(count, { preparing: 2, held: 1, moving: 2, waiting: 1, confirming: 1, done: 1, stuck: 3, unfit: 3, sent: 2, begun: 9 });
  assert.equal(summary(count), "Getting 2 photos ready… 2 of 9 sent. Waiting for a connection. 3 need you. 1 photo not sent yet. 3 photos cannot be sent.");
});

test("the dock says that all is sent only when nothing is left", () => {
  const said = (/** @type {Partial<import("../../assets/js/upload/types.js").Item>[]} */ ...changes) => summary(tally(changes.map((change, i) => item(`k${i}`, change))));
  assert.equal(said({ state: "done" }, { state: "confirming" }), "2 of 2 sent. Waiting for confirmation.");
  assert.equal(said({ state: "done" }, {}), "1 of 1 sent. 1 photo not sent yet.");
  assert.equal(said({ state: "done" }, { sha256: "" }), "Getting 1 photo ready… 1 of 1 sent.");
  assert.equal(said({ state: "done" }, { state: "ready" }), "1 of 2 sent.");
  assert.equal(said({ state: "unfit" }), "1 photo cannot be sent.");
  assert.equal(said({}), "1 photo not sent yet.");
});

test("a video is not called a photo where photos are counted", () => {
  const film = { parts: [], sound: false, transcript: "" };
  const said = (/** @type {Partial<import("../../assets/js/upload/types.js").Item>[]} */ ...changes) => {
    const count = tally(changes.map((change, i) => item(`k${i}`, { film, ...change })));
    return summary(count, count);
  };
  assert.equal(said({}), "1 video not sent yet.");
  assert.equal(said({}, { sha256: "" }), "2 videos not sent yet.", "one waits for a choice");
  assert.equal(said({ sha256: "", shared }), "Getting 1 video ready… 0 of 1 sent.");
  const about = { ...day, phase: "open" };
  assert.equal(words(item("a", { film, sha256: "" }), about), "Not sent yet", "nothing is being done to it before its user has chosen");
  assert.equal(words(item("a", { film, sha256: "", shared }), about), "Getting ready, then it is sent.");
  assert.equal(said({ state: "unfit" }), "1 video cannot be sent.");
  assert.equal(summary(tally([item("a"), item("b", { film }), item("c")]), tally([item("b", { film })])), "2 photos and 1 video not sent yet.");
});

test("overall progress counts a photo whole only when its bytes have arrived", () => {
  const states = (/** @type {[State, number][]} */ ...all) => overall(all.map(([state, level], i) => item(`k${i}`, { state, level })));
  assert.equal(states(), 1);
  assert.equal(states(["held", 0], ["unfit", 0]), 1);
  assert.equal(states(["done", 1], ["confirming", 1], ["ready", 0], ["waiting", 0]), 0.5);
  assert.ok(states(["sending", 1]) < 1);
  assert.equal(states(["sending", 0.5]), 0.5);
  assert.equal(states(["sending", 1]), 0.95, "what has left the browser may still wait in the phone");
  assert.equal(states(["confirming", 0.2], ["failed", 0.9]), 1, "what failed is not on its way");
});

test("a photo that Send was pressed for counts as begun while it is still being made ready", () => {
  const items = [item("a", { state: "done", shared }), item("b", { sha256: "", shared }), item("c", { sha256: "", shared }), item("d", { sha256: "" })];
  assert.equal(summary(tally(items)), "Getting 3 photos ready… 1 of 3 sent.");
  assert.equal(overall(items), 1 / 3);
});

test("a photo that may be sent again is unsent, and one that never can is not", () => {
  assert.equal(unsent(item("a", { state: "failed", retryable: true })), true);
  assert.equal(unsent(item("a", { state: "failed" })), false);
  assert.equal(sendable(item("a", { state: "failed" })), false);
  assert.equal(unsent(item("a", { state: "confirming" })), false);
  assert.equal(unsent(item("a", { state: "closed" })), true);
  assert.deepEqual(STATES.filter((state) => unsent(item("a", { state }))), ["held", "ready", "sending", "waiting", "blocked", "closed"]);
});

test("the window opens and closes by the server's clock", () => {
  const at = (/** @type {string} */ instant) => phaseAt(day, Date.parse(instant));
  assert.deepEqual(["2027-03-05T07:59:59.999Z", "2027-03-05T08:00:00Z", "2027-03-05T17:59:59.999Z", "2027-03-05T18:00:00Z", "2027-03-05T18:30:00Z"].map(at), ["before", "open", "open", "grace", "closed"]);
  assert.equal(phaseAt({ ...day, phase: "paused" }, Date.parse("2027-03-05T12:00:00Z")), "paused");
  assert.equal(windowWords(day), "");
  const said = ["before", "grace", "closed", "paused"].map((phase) => windowWords({ ...day, phase }));
  assert.deepEqual(said, [
    "Photos can be sent from 08:00 on Friday 5 March 2027 to 18:00. From a week before, you can get them ready: they stay on this device for seven days, until you press Send.",
    "Adding photos ended at 18:00. Photos that were registered in time are sent until 18:30.",
    "Adding photos ended at 18:00 on Friday 5 March 2027. Thank you to everybody who took part.",
    "The organisers have paused uploads for the moment. Your photos stay on this device; press Send once they go on.",
  ]);
  assert.deepEqual(["before", "open", "paused", "grace", "closed"].map(lateIn), [false, false, false, true, true]);
});
