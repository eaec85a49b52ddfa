// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../../assets/js/moderation/outbox.js";

const decision = (/** @type {string} */ id) => ({ id, version: 2, action: "publish" });

/** An outbox whose timer is run by hand, and what left it. */
function made() {
  /** @type {(() => void)[]} */
  const timers = [];
  /** @type {string[]} */
  const left = [];
  /** @type {string[]} */
  const told = [];
  const outbox = new Outbox({
    send: async ({ id }) => {
      left.push(id);
      return { id, state: "published" };
    },
    sent: ({ id }) => told.push(id),
    delay: 4000,
    start: (run) => timers.push(run) - 1,
    stop: (timer) => (timers[timer] = () => {}),
  });
  return { outbox, timers, left, told };
}

test("a decision leaves when its time to be undone is over", async () => {
  const { outbox, timers, left, told } = made();
  outbox.put(decision("a"));
  assert.deepEqual(left, []);
  timers[0]();
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual([left, told], [["a"], ["a"]]);
});

test("an undone decision never leaves", async () => {
  const { outbox, timers, left } = made();
  outbox.put(decision("a"));
  assert.equal(outbox.undo()?.id, "a");
  timers[0]();
  await outbox.flush();
  assert.deepEqual(left, []);
  assert.equal(outbox.undo(), null);
});

test("each decision waits for its own time, the latest is undone first, and each leaves once", async () => {
  const { outbox, timers, left } = made();
  outbox.put(decision("a"));
  outbox.put(decision("b"));
  outbox.put(decision("c"));
  assert.deepEqual([left, outbox.waiting], [[], 3]);
  assert.equal(outbox.undo()?.id, "c");
  timers[0]();
  assert.deepEqual([left, outbox.waiting], [["a"], 1]);
  assert.equal(outbox.undo()?.id, "b");
  timers.forEach((run) => run());
  await outbox.flush();
  assert.deepEqual(left, ["a"]);
});

test("what waits leaves when the page is left", async () => {
  const { outbox, timers, left } = made();
  outbox.put(decision("a"));
  outbox.put(decision("b"));
  await outbox.flush();
  timers.forEach((run) => run());
  assert.deepEqual([left, outbox.waiting], [["a", "b"], 0]);
});
