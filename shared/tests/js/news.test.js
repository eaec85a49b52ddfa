// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { LANES, news } from "../../assets/js/moderation/news.js";

/** @typedef {import("../../assets/js/moderation/decision-buffer.js").Entry} Entry */

/** @param {string} action @param {Partial<Entry>} entry @param {string} [problem] */
function said(action, entry, problem = "") {
  const decision = { id: "a", version: 2, action };
  return news({ decision, undo: "unpublish", stage: "done", outcome: null, done_at: 0, undone_at: 0, answered: Promise.resolve(), ...entry }, "Crystals", problem);
}

test("nothing is called done before it is", () => {
  assert.equal(said("publish", { stage: "sending" }), "Publishing: Crystals");
  assert.equal(said("publish", { outcome: { id: "a", state: "published", lane: "normal" } }), "Published: Crystals");
  assert.equal(said("publish", { stage: "failed" }, "No answer came."), "Not published: Crystals. No answer came.");
});

test("where two people must agree, one is not told that a photo is shown", () => {
  for (const [action, state] of /** @type {const} */ ([["publish", "pending"], ["restore", "hidden"]])) {
    assert.equal(said(action, { outcome: { id: "a", state, lane: "held" } }), "Noted. A second person must agree before it is shown: Crystals");
  }
});

test("each decision is told by what became of the photo", () => {
  const outcome = (/** @type {string} */ state, lane = "normal") => ({ outcome: { id: "a", state, lane } });
  assert.equal(said("hold", outcome("pending", "held")), "Held: Crystals");
  assert.equal(said("release", outcome("pending")), "Back in the queue: Crystals");
  assert.equal(said("release", outcome("published")), "Still shown: Crystals");
  assert.equal(said("restore", outcome("published")), "Shown again: Crystals");
  assert.equal(said("hide", outcome("hidden")), "Hidden: Crystals");
  assert.equal(said("reject", outcome("rejected")), "Not shown: Crystals");
});

test("a pick is told in place of the publication, and so is its end", () => {
  const published = { outcome: { id: "a", state: "published", lane: "normal" } };
  assert.equal(said("publish", { ...published, picked: true }), "Picked as a favourite: Crystals");
  assert.equal(said("publish", { ...published, picked: false }), "Pick taken back: Crystals");
});

test("an undone publication is told for how long it was public, and where the photo waits", () => {
  const undone = /** @type {Partial<Entry>} */ ({ stage: "undone", outcome: { id: "a", state: "pending", lane: "normal" }, done_at: 1000, undone_at: 4100 });
  assert.equal(said("publish", undone), "Undone: off the site again. It was public for 4 seconds. It is in the lane “To decide”.");
  assert.equal(said("publish", { ...undone, undone_at: 1100 }), "Undone: off the site again. It was public for a second. It is in the lane “To decide”.");
  assert.equal(said("release", { ...undone, outcome: { id: "a", state: "pending", lane: "held" } }), "Undone: off the site now. It is in the lane “Held”.");
  assert.equal(said("hold", { ...undone, undo: "release" }), "Undone. It is in the lane “To decide”.");
});

test("each decision has its own words while it is sent, and if it was not taken", () => {
  const told = ["publish", "hold", "release", "reject", "hide", "restore", "something new"].map((action) => [said(action, { stage: "sending" }), said(action, { stage: "failed" }, "Why.")]);
  assert.deepEqual(told, [
    ["Publishing: Crystals", "Not published: Crystals. Why."],
    ["Putting on hold: Crystals", "Not put on hold: Crystals. Why."],
    ["Putting back: Crystals", "Not put back: Crystals. Why."],
    ["Rejecting: Crystals", "Still in the queue: Crystals. Why."],
    ["Hiding: Crystals", "Not hidden: Crystals. Why."],
    ["Showing again: Crystals", "Not shown again: Crystals. Why."],
    ["Sending: Crystals", "Not done: Crystals. Why."],
  ]);
  assert.equal(said("publish", { stage: "undoing" }), "Undoing: Crystals");
  assert.equal(said("publish", { stage: "kept" }, "Why."), "Not undone: Crystals. Why.");
});

test("lanes are called as their tabs are, and a lane without a name is the first", () => {
  assert.deepEqual(LANES, { normal: "To decide", held: "Held", reported: "Reported", unseen: "Shown without a check" });
  const undone = /** @type {Partial<Entry>} */ ({ stage: "undone", undo: "release", outcome: { id: "a", state: "pending", lane: "elsewhere" } });
  assert.equal(said("hold", undone), "Undone. It is in the lane “To decide”.");
  const long = /** @type {Partial<Entry>} */ ({ stage: "undone", outcome: { id: "a", state: "pending", lane: "normal" }, done_at: 0, undone_at: 2_000_500 });
  assert.match(said("publish", long), /It was public for 2001 seconds\./);
});
