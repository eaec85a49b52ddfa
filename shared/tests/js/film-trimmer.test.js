// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import "./english.js";

import { Unfit } from "../../assets/js/film/boxes.js";
import { clockOf } from "../../assets/js/film/clock.js";
import { SHORTEST, lengthOf, moved, told, whole } from "../../assets/js/film/trimmer.js";

test("at first as much is chosen as may be sent", () => {
  assert.deepEqual(whole(34, 60), { from: 0, to: 34 });
  assert.deepEqual(whole(100, 60), { from: 0, to: 60 });
});

test("an end that is moved takes the other one with it, and stays in the film", () => {
  assert.deepEqual(moved({ from: 0, to: 60 }, "from", 20, 100, 60), { from: 20, to: 60 });
  assert.deepEqual(moved({ from: 0, to: 60 }, "to", 90, 100, 60), { from: 30, to: 90 });
  assert.deepEqual(moved({ from: 30, to: 90 }, "from", 10, 100, 60), { from: 10, to: 70 });
  assert.deepEqual(moved({ from: 30, to: 90 }, "from", 95, 100, 60), { from: 95, to: 96 });
  assert.deepEqual(moved({ from: 30, to: 90 }, "to", 20, 100, 60), { from: 19, to: 20 });
  assert.deepEqual(moved({ from: 0, to: 10 }, "from", 99, 10, 60), { from: 9, to: 10 });
  assert.deepEqual(moved({ from: 0, to: 10 }, "to", -1, 10, 60), { from: 0, to: 1 });
  assert.deepEqual(moved({ from: 0, to: 0.5 }, "from", 0.4, 0.5, 60), { from: 0, to: 0.5 });
});

test("whatever is moved, a part is neither too long nor too short", () => {
  let state = 3;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  for (const seconds of [0.4, 1, 12.3, 60, 61, 400]) {
    let range = whole(seconds, 60);
    for (let i = 0; i < 500; i += 1) {
      range = moved(range, random() < 0.5 ? "from" : "to", random() * seconds * 1.4 - seconds * 0.2, seconds, 60);
      const length = range.to - range.from;
      assert.ok(range.from >= 0 && range.to <= seconds && length <= 60 + 1e-9 && length >= Math.min(SHORTEST, seconds) - 1e-9, JSON.stringify({ range, seconds }));
    }
  }
});

test("times and lengths are told as people read them", () => {
  assert.deepEqual([0, 5.9, 65, 600].map(clockOf), ["0:00", "0:05", "1:05", "10:00"]);
  assert.deepEqual([4.6, 59.6, 60, 100].map(lengthOf), ["5 s", "1 min", "1 min", "1 min 40 s"]);
});

test("every reason has words, which say what to do", () => {
  const words = (/** @type {Unfit} */ unfit) => told(unfit);
  assert.equal(words(new Unfit("too-long", { seconds: 100, limit: 60 })), "This video is 1 min 40 s long. Choose up to 1 min of it.");
  assert.equal(words(new Unfit("too-large", { bytes: 38_000_000, limit: 25_165_824 })), "This part of the video is too large to send (38 MB, the limit is 25.2 MB). Choose a shorter part.");
  assert.equal(words(new Unfit("file-size", { bytes: 700_000_000, limit: 600_000_000 })), "This video has 700 MB; the limit is 600 MB. Cut it shorter on your phone, and choose it again.");
  const all = /** @type {const} */ (["file-size", "damaged", "fragments", "no-picture", "edited", "shape", "source-length", "too-long", "decoder", "encoder", "codec", "parameter-sets", "no-key-frame", "too-large", "browser"]);
  for (const why of all) assert.match(words(new Unfit(why)), /^[A-Z].*[a-z].*\. [A-Z].*\.$/, why);
});
