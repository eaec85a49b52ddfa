// @ts-check
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { Unfit } from "../../assets/js/film/boxes.js";
import { FULL } from "../../assets/js/film/film.js";
import { FilmPreparer } from "../../assets/js/film/preparer.js";

/** @import { Wish } from "../../assets/js/film/film.js" */

const world = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (globalThis));
/** @type {Wish} */
const wish = { limits: { max_video_bytes: 1, max_video_seconds: 60, video_part_bytes: 1 }, quality: FULL, sound: false };
const file = new Blob(["a film"]);

afterEach(() => ["Worker", "OffscreenCanvas", "location"].forEach((name) => delete world[name]));

/**
 * Workers that answer as they are told to.
 * @param {(worker: { told: { file: Blob, wish: Wish }, say: (data: object) => void, fail: () => void }) => void} answer
 */
function workers(answer) {
  const seen = { started: /** @type {string[]} */ ([]), alive: 0, most: 0, ways: /** @type {unknown[]} */ ([]) };
  // Modules of a test have addresses without an origin.
  world["location"] = { origin: "null" };
  world["OffscreenCanvas"] = class {};
  world["Worker"] = class {
    onmessage = (/** @type {object} */ _) => {};
    onerror = () => {};
    ended = false;
    /** @param {string} address */
    constructor(address) {
      seen.started.push(address.replace(/^.*\/assets\//, ""));
      seen.most = Math.max(seen.most, (seen.alive += 1));
    }
    /** @param {{ file: Blob, wish: Wish }} told */
    postMessage(told) {
      seen.ways.push(told.wish.ways);
      setImmediate(() => answer({ told, say: (data) => this.ended || this.onmessage({ data }), fail: () => this.ended || this.onerror() }));
    }
    terminate() {
      assert.equal(this.ended, false);
      this.ended = true;
      seen.alive -= 1;
    }
  };
  return seen;
}

/** As many rounds of the event loop as anything here takes. */
const settled = async () => {
  for (let i = 0; i < 10; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

test("a film is made in a worker of its own, which ends with it", async () => {
  const made = { blob: file };
  const seen = workers(({ told, say }) => {
    assert.equal(told.file, file);
    say({ done: 0.5 });
    say({ made });
  });
  /** @type {number[]} */
  const done = [];
  assert.equal(await new FilmPreparer().make(file, wish, { onProgress: (part) => done.push(part) }), made);
  assert.deepEqual([seen.started, seen.alive, seen.ways, done], [["js/film/worker.js"], 0, [["encode"]], [0.5]]);
});

test("one film is made at a time, and one that fails does not hold up the next", async () => {
  let n = 0;
  const seen = workers(({ say }) => say((n += 1) < 3 ? { why: "codec", facts: {} } : { made: { n } }));
  const preparer = new FilmPreparer();
  const [first, second] = await Promise.allSettled([preparer.make(file, wish), preparer.make(file, wish)]);
  assert.deepEqual([first?.status, second, seen.most], ["rejected", { status: "fulfilled", value: { n: 3 } }, 1]);
});

test("what the first way cannot do, the second may; the last one's reason is told with its facts", async () => {
  const seen = workers(({ told, say }) => say(told.wish.ways?.[0] === "encode" ? { why: "decoder", facts: {} } : { why: "too-large", facts: { bytes: 9, limit: 1 } }));
  await assert.rejects(new FilmPreparer().make(file, wish), (error) => error instanceof Unfit && error.why === "too-large" && error.facts["bytes"] === 9);
  assert.deepEqual([seen.ways, seen.alive], [[["encode"], ["copy"]], 0]);
});

test("a worker that breaks is as one that cannot; a file that is gone ends it", async () => {
  const broken = workers(({ fail }) => fail());
  await assert.rejects(new FilmPreparer().make(file, wish), (error) => error instanceof Unfit && error.why === "browser");
  assert.deepEqual([broken.ways.length, broken.alive], [2, 0]);
  const strange = workers(({ say }) => say({ error: "RangeError: too much", name: "RangeError" }));
  await assert.rejects(new FilmPreparer().make(file, wish), (error) => error instanceof Unfit && error.why === "browser");
  assert.equal(strange.alive, 0);
  const gone = workers(({ say }) => say({ error: "gone", name: "NotReadableError" }));
  await assert.rejects(new FilmPreparer().make(file, wish), { name: "NotReadableError" });
  assert.deepEqual([gone.ways.length, gone.alive], [1, 0]);
  delete world["Worker"];
  await assert.rejects(new FilmPreparer().make(file, wish), (error) => error instanceof Unfit && error.why === "browser");
});

test("a codec that hangs is given up after half a minute without progress, and the next way is tried", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  /** @type {((data: object) => void)[]} */
  const says = [];
  const seen = workers(({ say, told }) => (told.wish.ways?.[0] === "copy" ? say({ made: { way: "copy" } }) : says.push(say)));
  const making = new FilmPreparer().make(file, wish);
  await settled();
  for (let i = 0; i < 3; i += 1) {
    for (let second = 0; second < 29; second += 1) t.mock.timers.tick(1000);
    says[0]?.({ done: 0.1 });
  }
  await settled();
  assert.deepEqual(seen.ways, [["encode"]], "slow is not hanging");
  for (let second = 0; second < 31; second += 1) t.mock.timers.tick(1000);
  assert.deepEqual(await making, { way: "copy" });
  assert.equal(seen.alive, 0);
});

test("Stop ends the worker at once, and whoever waits is told so", async () => {
  const seen = workers(() => {});
  const preparer = new FilmPreparer();
  const stop = new AbortController();
  const making = preparer.make(file, wish, { signal: stop.signal });
  const waiting = preparer.make(file, wish, { signal: AbortSignal.abort() });
  await settled();
  assert.equal(seen.alive, 1);
  stop.abort();
  await assert.rejects(making, { name: "AbortError" });
  await assert.rejects(waiting, { name: "AbortError" });
  assert.deepEqual([seen.alive, seen.ways], [0, [["encode"]]]);
});
