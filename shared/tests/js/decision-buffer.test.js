// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { DecisionBuffer } from "../../assets/js/moderation/decision-buffer.js";

/** @typedef {import("../../assets/js/moderation/decision-buffer.js").Outcome} Outcome */
/** @typedef {import("../../assets/js/moderation/decision-buffer.js").Decision} Decision */

const publish = (/** @type {string} */ id) => ({ id, version: 2, action: "publish" });

/** An buffer whose answers are given by hand, and what it has sent and told. */
function made() {
  /** @type {{decision: Decision, answer: (outcome: Outcome) => void}[]} */
  const sent = [];
  /** @type {string[]} */
  const told = [];
  const clock = { now: 1000 };
  const buffer = new DecisionBuffer({
    send: (decision) => new Promise((answer) => sent.push({ decision, answer })),
    changed: ({ decision: { id }, stage }) => void told.push(`${id} ${stage}`),
    now: () => clock.now,
  });
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  return { buffer, sent, told, clock, settled };
}

test("a decision is sent at once, and is done when the answer says so", async () => {
  const { buffer, sent, told, settled } = made();
  buffer.put(publish("a"), "unpublish");
  assert.deepEqual(sent.map(({ decision }) => decision), [publish("a")], "before anything else happens");
  assert.deepEqual([told, buffer.sending], [["a sending"], 1]);
  sent[0]?.answer({ id: "a", state: "published", version: 3 });
  await settled();
  assert.deepEqual([told, buffer.sending], [["a sending", "a done"], 0]);
});

test("to undo is a second decision about the version that the first one made", async () => {
  const { buffer, sent, told, clock, settled } = made();
  const entry = buffer.put(publish("a"), "unpublish");
  sent[0]?.answer({ id: "a", state: "published", version: 3 });
  await settled();
  clock.now = 4500;
  void buffer.undo();
  await settled();
  assert.deepEqual(sent[1]?.decision, { id: "a", version: 3, action: "unpublish" });
  sent[1]?.answer({ id: "a", state: "pending", lane: "normal", version: 4 });
  await settled();
  assert.deepEqual(told, ["a sending", "a done", "a undoing", "a undone"]);
  assert.equal(entry.undone_at - entry.done_at, 3500);
  assert.equal(buffer.last, null);
});

test("what is undone before its answer has come waits for it, and is undone once", async () => {
  const { buffer, sent, settled } = made();
  buffer.put(publish("a"), "unpublish");
  void buffer.undo();
  void buffer.undo();
  await settled();
  assert.equal(sent.length, 1);
  sent[0]?.answer({ id: "a", state: "published", version: 3 });
  await settled();
  assert.deepEqual(sent.map(({ decision }) => decision.action), ["publish", "unpublish"]);
});

test("a decision that was not taken is not undone, and is no longer the last one", async () => {
  const { buffer, sent, told, settled } = made();
  buffer.put(publish("a"), "unpublish");
  sent[0]?.answer({ id: "a", state: "published", version: 3 });
  buffer.put(publish("b"), "unpublish");
  void buffer.undo();
  sent[1]?.answer({ id: "b", problem: { detail: "No." } });
  await settled();
  assert.equal(sent.length, 2);
  assert.deepEqual(told, ["a sending", "b sending", "a done", "b failed"]);
  assert.equal(buffer.last?.decision.id, "a");
});

test("what could not be undone can be tried again", async () => {
  const { buffer, sent, told, settled } = made();
  buffer.put(publish("a"), "unpublish");
  sent[0]?.answer({ id: "a", state: "published", version: 3 });
  await settled();
  void buffer.undo();
  await settled();
  sent[1]?.answer({ id: "a", problem: { detail: "No connection." } });
  await settled();
  assert.equal(buffer.last?.stage, "kept");
  void buffer.undo();
  await settled();
  assert.deepEqual(sent[2]?.decision, { id: "a", version: 3, action: "unpublish" });
  sent[2]?.answer({ id: "a", state: "pending", lane: "normal", version: 4 });
  await settled();
  assert.equal(told.at(-1), "a undone");
});

test("the latest is undone first, and what has no way back is not undone", async () => {
  const { buffer, sent, settled } = made();
  for (const id of ["a", "b"]) buffer.put(publish(id), "unpublish");
  buffer.put({ id: "c", version: 2, action: "hide" }, "");
  for (const { decision, answer } of sent) answer({ id: decision.id, state: "published", version: 3 });
  await settled();
  await buffer.undo();
  assert.equal(sent.length, 3);
  buffer.forget(/** @type {import("../../assets/js/moderation/decision-buffer.js").Entry} */ (buffer.last));
  void buffer.undo();
  await settled();
  assert.equal(sent[3]?.decision.id, "b");
});

test("decisions that are sent together are undone one by one, the last one first", async () => {
  /** @type {Decision[][]} */
  const together = [];
  /** @type {Decision[]} */
  const alone = [];
  const buffer = new DecisionBuffer({
    send: async (decision) => {
      alone.push(decision);
      return { id: decision.id, state: "pending", version: decision.version + 1 };
    },
    sendAll: async (decisions) => {
      together.push(decisions);
      return decisions.map(({ id, version }) => (id === "b" ? { id, problem: { status: 409 } } : { id, state: "published", version: version + 1 }));
    },
    changed: () => {},
    now: () => 0,
  });
  const restore = (/** @type {string} */ id) => ({ decision: { id, version: 4, action: "restore" }, undo: "unpublish" });
  const entries = buffer.putAll(["a", "b", "c"].map(restore));
  await Promise.all(entries.map(({ answered }) => answered));
  assert.deepEqual(together.map((decisions) => decisions.map(({ id }) => id)), [["a", "b", "c"]]);
  assert.deepEqual(entries.map(({ stage }) => stage), ["done", "failed", "done"]);
  await buffer.undo();
  await buffer.undo();
  assert.deepEqual(alone, [{ id: "c", version: 5, action: "unpublish" }, { id: "a", version: 5, action: "unpublish" }]);
  assert.equal(buffer.last, null);
});

test("an entry says what is known of it, and no more", async () => {
  const { buffer, sent, clock, settled } = made();
  clock.now = 700;
  const entry = buffer.put(publish("a"), "unpublish");
  await settled();
  const { answered, ...sending } = entry;
  assert.deepEqual(sending, { decision: publish("a"), undo: "unpublish", stage: "sending", outcome: null, done_at: 0, undone_at: 0 });
  sent[0]?.answer({ id: "a", state: "published", version: 3 });
  await answered;
  assert.deepEqual([entry.stage, entry.outcome, entry.done_at, entry.undone_at], ["done", { id: "a", state: "published", version: 3 }, 700, 0]);
  const undoing = buffer.undo();
  await settled();
  void buffer.undo();
  await settled();
  assert.equal(sent.length, 2, "it is being undone");
  sent[1]?.answer({ id: "a", problem: { detail: "No." } });
  await undoing;
  assert.deepEqual([entry.stage, entry.outcome], ["kept", { id: "a", state: "published", version: 3, problem: { detail: "No." } }]);
  const again = buffer.undo();
  await settled();
  assert.deepEqual(sent[2]?.decision, { id: "a", version: 3, action: "unpublish" });
  sent[2]?.answer({ id: "a", state: "pending", version: 4 });
  await again;
  assert.deepEqual([entry.stage, entry.outcome], ["undone", { id: "a", state: "pending", version: 4 }]);
});

test("decisions that go together go one by one where nothing sends them together, and one without an answer has failed", async () => {
  const { buffer, sent, told, settled } = made();
  const both = [{ decision: publish("a"), undo: "unpublish" }, { decision: publish("b"), undo: "unpublish" }];
  buffer.putAll(both);
  assert.deepEqual(sent.map(({ decision }) => decision.id), ["a", "b"]);
  for (const { decision: { id }, answer } of sent) answer({ id, state: "published", version: 3 });
  await settled();
  assert.deepEqual(told, ["a sending", "b sending", "a done", "b done"]);

  const short = new DecisionBuffer({ send: async ({ id }) => ({ id }), sendAll: async () => [{ id: "a", state: "published" }], changed: () => {}, now: () => 0 });
  const entries = short.putAll(both);
  await Promise.all(entries.map(({ answered }) => answered));
  assert.deepEqual(entries.map(({ stage, outcome }) => [stage, outcome]), [["done", { id: "a", state: "published" }], ["failed", { id: "b", problem: {} }]]);
});
