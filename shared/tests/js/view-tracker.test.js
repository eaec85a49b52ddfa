// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { LOOK_MS, ViewTracker, WHY, ZOOMED, arrives, isOfShape, obstacle } from "../../assets/js/moderation/view-tracker.js";

/** A look at frames 16 ms apart, of which `obstacle` says what keeps the photo from being seen. @param {number} frames @param {(frame: number) => import("../../assets/js/moderation/view-tracker.js").Obstacle | null} obstacle */
function looked(frames, obstacle) {
  const tracker = new ViewTracker();
  for (let i = 0; i < frames; i += 1) tracker.frame(i * 16, obstacle(i));
  return tracker;
}

test("nothing is decided before the whole photo has been on the screen for 300 milliseconds", () => {
  assert.ok(LOOK_MS >= 300);
  const tracker = looked(2, () => null);
  assert.equal(tracker.closed(16 + LOOK_MS - 1, null), "looking");
  assert.equal(tracker.closed(16 + LOOK_MS, null), null);
});

test("a look that was interrupted begins again with its frames, too", () => {
  const tracker = looked(40, () => null);
  tracker.begin();
  tracker.frame(1_000, null);
  assert.equal(tracker.closed(10_000, null), "looking", "one frame");
  tracker.frame(1_016, null);
  assert.equal(tracker.closed(1_016 + LOOK_MS - 1, null), "looking");
  assert.equal(tracker.closed(1_016 + LOOK_MS, null), null);
  tracker.frame(5_000, "off");
  tracker.frame(5_016, null);
  assert.equal(tracker.closed(10_000, null), "looking", "one frame after it was off the screen");
});

test("time counts from the frame after the first: no frame, no look", () => {
  const late = looked(1, () => null);
  assert.equal(late.closed(10_000, null), "looking", "a browser that was busy has painted nothing");
  assert.equal(new ViewTracker().closed(10_000, null), "loading");
});

test("what is off the screen for a frame is looked at anew", () => {
  const tracker = looked(40, (frame) => (frame === 20 ? "off" : null));
  assert.equal(tracker.closed(39 * 16, null), "looking");
  assert.equal(tracker.closed(22 * 16 + LOOK_MS, null), null);
});

test("what is so between two frames counts, and is remembered", () => {
  const tracker = looked(40, () => null);
  assert.equal(tracker.closed(640, null), null);
  for (const obstacle of /** @type {const} */ (["loading", "missing", "zoomed", "off"])) {
    assert.equal(tracker.closed(640, obstacle), obstacle);
    assert.ok(WHY[obstacle].length > 20, "it is said why");
  }
  assert.equal(tracker.closed(641, null), "off", "until the next frame has it whole");
});

test("another photo is not the one that was looked at", () => {
  const tracker = looked(40, () => null);
  tracker.begin();
  assert.equal(tracker.closed(640, null), "loading");
});

test("a picture of another shape is not the photo, however its sides were rounded", () => {
  const photo = { width: 4032, height: 3024 };
  assert.ok(isOfShape({ width: 1280, height: 960 }, photo));
  assert.ok(isOfShape({ width: 1280, height: 13 }, { width: 10_000, height: 100 }));
  assert.ok(isOfShape({ width: 853, height: 1280 }, { width: 2000, height: 3001 }));
  assert.ok(!isOfShape({ width: 1280, height: 720 }, photo), "a filter's own picture");
  assert.ok(!isOfShape({ width: 1, height: 1 }, { width: 3000, height: 3000 }), "one transparent pixel");
  assert.ok(!isOfShape({ width: 0, height: 0 }, photo));
  for (const thin of [{ width: 3000, height: 1 }, { width: 1, height: 3000 }]) assert.ok(!isOfShape(thin, thin), "no photo is a line");
  assert.ok(isOfShape({ width: 2, height: 2 }, { width: 3000, height: 3000 }));
  // One in a hundred, and as much as the rounding of the shorter side: here 3 in 200.
  assert.ok(isOfShape({ width: 203, height: 200 }, { width: 1000, height: 1000 }));
  assert.ok(!isOfShape({ width: 204, height: 200 }, { width: 1000, height: 1000 }));
  assert.ok(!isOfShape({ width: 100, height: 100 }, { width: 1000, height: 1025 }), "2 in 100, and not 3");
});

test("a picture has arrived if it can be decoded, and is the photo by its shape", async () => {
  const image = (/** @type {number} */ naturalWidth, /** @type {number} */ naturalHeight, decode = async () => {}) => {
    const sides = /** @type {Record<string, string>} */ ({ width: "4000", height: "3000" });
    return { loading: "lazy", naturalWidth, naturalHeight, decode, getAttribute: (/** @type {string} */ name) => sides[name] };
  };
  const arrived = (/** @type {object} */ one) => arrives(/** @type {HTMLImageElement} */ (one));
  const photo = image(640, 480);
  assert.equal(await arrived(photo), true);
  assert.equal(photo.loading, "eager", "it is not left to the browser when to fetch it");
  assert.equal(await arrived(image(480, 640)), false, "another picture");
  assert.equal(await arrived(image(640, 480, () => Promise.reject(new Error("blocked")))), false);
  let decoded = false;
  await arrived(image(640, 480, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    decoded = true;
  }));
  assert.equal(decoded, true, "nothing is said before it is decoded");
});

/** A box by its sides. @param {number} left @param {number} top @param {number} right @param {number} bottom */
const box = (left, top, right, bottom) => ({ left, top, right, bottom, width: right - left, height: bottom - top });

/**
 * What keeps a photo from being seen on a screen of 360 × 700 pixels.
 * @param {ReturnType<typeof box>} photo
 * @param {{ over?: ReturnType<typeof box>[], scale?: number | null, covered?: [number, number] }} [how] `covered`: the point that something else
 *   is painted on
 */
function kept(photo, { over = [], scale = 1, covered } = {}) {
  const image = { getBoundingClientRect: () => photo };
  /** @type {[number, number][]} */
  const asked = [];
  Object.assign(globalThis, {
    visualViewport: scale === null ? null : { scale },
    document: {
      documentElement: { clientWidth: 360, clientHeight: 700 },
      elementFromPoint: (/** @type {number} */ x, /** @type {number} */ y) => {
        asked.push([x, y]);
        return covered && Math.abs(covered[0] - x) < 0.01 && Math.abs(covered[1] - y) < 0.01 ? {} : image;
      },
    },
  });
  const others = over.map((one) => ({ getBoundingClientRect: () => one }));
  const why = obstacle(/** @type {any} */ (image), /** @type {any} */ (others));
  return { why, asked };
}

test("a photo is seen only if all of it is on the screen", () => {
  assert.equal(kept(box(10, 100, 350, 400)).why, null);
  // It may end a pixel outside, by rounding; not two.
  assert.equal(kept(box(-1, -1, 361, 701)).why, null);
  for (const outside of [box(-2, 0, 350, 400), box(0, -2, 350, 400), box(0, 0, 362, 400), box(0, 0, 350, 702)]) assert.equal(kept(outside).why, "off");
  for (const nothing of [box(10, 10, 10, 400), box(10, 10, 350, 10)]) assert.equal(kept(nothing).why, "off", "it has no size");
  assert.equal(kept(box(10, 10, 11, 11)).why, null, "a small one is seen");
});

test("nobody sees a whole photo who has zoomed into it", () => {
  assert.equal(kept(box(10, 100, 350, 400), { scale: ZOOMED }).why, null, "by rounding");
  assert.equal(kept(box(10, 100, 350, 400), { scale: 1.03 }).why, "zoomed");
  assert.equal(kept(box(10, 100, 350, 400), { scale: null }).why, null, "a browser that does not tell");
});

test("a photo under something else is not seen", () => {
  const photo = box(100, 100, 300, 400);
  const over = (/** @type {ReturnType<typeof box>[]} */ ...boxes) => kept(photo, { over: boxes }).why;
  for (const one of [box(0, 398, 360, 500), box(0, 0, 360, 102), box(298, 0, 360, 700), box(0, 0, 102, 700), box(150, 200, 160, 210), box(0, 0, 360, 700)]) {
    assert.equal(over(one), "off", JSON.stringify(one));
    assert.equal(over(box(0, 0, 10, 10), one), "off", "the second of two");
  }
  // What only touches its edge, by a pixel, lies beside it; and what has no size lies nowhere.
  for (const one of [box(0, 399, 360, 500), box(0, 0, 360, 101), box(299, 0, 360, 700), box(0, 0, 101, 700), box(150, 200, 150, 300), box(150, 200, 250, 200)]) {
    assert.equal(over(one), null, JSON.stringify(one));
  }
  assert.equal(over(box(150, 200, 151, 201)), "off", "a pixel in its middle");
});

test("nothing else is painted on a photo, near its corners, its sides and in the middle", () => {
  const photo = box(100, 100, 300, 400);
  const points = [120, 200, 280].flatMap((x) => [130, 250, 370].map((y) => /** @type {[number, number]} */ ([x, y])));
  const near = (/** @type {[number, number][]} */ all) => all.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).sort();
  assert.deepEqual(near(kept(photo).asked), near(points));
  for (const covered of points) assert.equal(kept(photo, { covered }).why, "off", `${covered}`);
});

test("each reason why nothing is decided says what to do", () => {
  for (const [why, words] of Object.entries(WHY)) assert.match(words, /\bthen decide\.$|^Wait\b|\bTry again\b|^Zoom out\b|^Look\b/, why);
  assert.deepEqual(Object.keys(WHY).sort(), ["loading", "looking", "missing", "off", "zoomed"]);
});
