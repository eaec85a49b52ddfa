// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { endsEarly, fit, isBlank } from "../../assets/js/picture/picture.js";

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

test("a file that was copied by half is known by its missing end, whatever follows the end of a whole one", async () => {
  const jpeg = [0xff, 0xd8, ...new Array(100).fill(1)], png = [0x89, 0x50, 0x4e, 0x47, ...new Array(100).fill(1)];
  const end = [...new TextEncoder().encode("IEND")];
  /** @param {number[]} bytes */
  const early = (bytes) => endsEarly(new Blob([new Uint8Array(bytes)]));
  assert.equal(await early(jpeg), true);
  assert.equal(await early([...jpeg, 0xff, 0xd9]), false);
  assert.equal(await early([...jpeg, 0xff, 0xd9, ...new Array(60_000).fill(7)]), false);
  assert.equal(await early([0xff, 0xd8, 0xff, 0xd9, ...new Array(70_000).fill(7)]), true, "the end of a thumbnail is not its own");
  assert.equal(await early(png), true);
  assert.equal(await early([...png, ...end]), false);
  assert.equal(await early([...new TextEncoder().encode("ftypheic")]), false, "what is no JPEG and no PNG is asked nothing");
});
