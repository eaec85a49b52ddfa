// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { fit, isBlank } from "../../assets/js/picture/picture.js";

test("a photo keeps its shape, and is never enlarged", () => {
  assert.deepEqual(fit(4032, 3024, 2560), { width: 2560, height: 1920 });
  assert.deepEqual(fit(3024, 4032, 2560), { width: 1920, height: 2560 });
  assert.deepEqual(fit(800, 600, 2560), { width: 800, height: 600 });
  assert.deepEqual(fit(20_000, 2, 2560), { width: 2560, height: 1 });
});

test("a canvas that was never drawn on is found out, and a dark photo is not taken for one", () => {
  const black = new Uint8ClampedArray(400).map((_, i) => (i % 4 === 3 ? 255 : 0));
  assert.ok(isBlank(black));
  assert.ok(isBlank(new Uint8ClampedArray(400)));
  black[205] = 1;
  assert.equal(isBlank(black), false);
});
