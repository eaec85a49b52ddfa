// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { LOOK_MS, Look, WHY, isOfShape } from "../../assets/js/moderation/look.js";

/** A look at frames 16 ms apart, of which `obstacle` says what keeps the photo from being seen. @param {number} frames @param {(frame: number) => import("../../assets/js/moderation/look.js").Obstacle | null} obstacle */
function looked(frames, obstacle) {
  const look = new Look();
  for (let i = 0; i < frames; i += 1) look.frame(i * 16, obstacle(i));
  return look;
}

test("nothing is decided before the whole photo has been on the screen for 300 milliseconds", () => {
  assert.ok(LOOK_MS >= 300);
  const look = looked(2, () => null);
  assert.equal(look.closed(16 + LOOK_MS - 1, null), "looking");
  assert.equal(look.closed(16 + LOOK_MS, null), null);
});

test("time counts from the frame after the first: no frame, no look", () => {
  const late = looked(1, () => null);
  assert.equal(late.closed(10_000, null), "looking", "a browser that was busy has painted nothing");
  assert.equal(new Look().closed(10_000, null), "loading");
});

test("what is off the screen for a frame is looked at anew", () => {
  const look = looked(40, (frame) => (frame === 20 ? "off" : null));
  assert.equal(look.closed(39 * 16, null), "looking");
  assert.equal(look.closed(22 * 16 + LOOK_MS, null), null);
});

test("what is so between two frames counts, and is remembered", () => {
  const look = looked(40, () => null);
  assert.equal(look.closed(640, null), null);
  for (const obstacle of /** @type {const} */ (["loading", "missing", "zoomed", "off"])) {
    assert.equal(look.closed(640, obstacle), obstacle);
    assert.ok(WHY[obstacle].length > 20, "it is said why");
  }
  assert.equal(look.closed(641, null), "off", "until the next frame has it whole");
});

test("another photo is not the one that was looked at", () => {
  const look = looked(40, () => null);
  look.begin();
  assert.equal(look.closed(640, null), "loading");
});

test("a picture of another shape is not the photo, however its sides were rounded", () => {
  const photo = { width: 4032, height: 3024 };
  assert.ok(isOfShape({ width: 1280, height: 960 }, photo));
  assert.ok(isOfShape({ width: 1280, height: 13 }, { width: 10_000, height: 100 }));
  assert.ok(isOfShape({ width: 853, height: 1280 }, { width: 2000, height: 3001 }));
  assert.ok(!isOfShape({ width: 1280, height: 720 }, photo), "a filter's own picture");
  assert.ok(!isOfShape({ width: 1, height: 1 }, { width: 3000, height: 3000 }), "one transparent pixel");
  assert.ok(!isOfShape({ width: 0, height: 0 }, photo));
});
