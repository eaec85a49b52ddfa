// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import "./english.js";

import { Covers, LEAST, MOST, drawn, fitted, moved, place, sized } from "../../assets/js/cover/boxes.js";
import { average, cover, pixelsOf } from "../../assets/js/cover/pixels.js";

/** @import { Box } from "../../assets/js/cover/boxes.js" */

const box = { x: 0.2, y: 0.3, width: 0.2, height: 0.1 };

/** Seeded, so that every run draws the same. @param {number} seed */
function chance(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** @param {Box} one */
function assertInside(one) {
  assert.ok(one.x >= 0 && one.y >= 0 && one.x + one.width <= 1.00001 && one.y + one.height <= 1.00001, JSON.stringify(one));
  assert.ok(one.width >= LEAST && one.height >= LEAST, JSON.stringify(one));
}

test("a box is drawn between two points in any order, and stops at the picture's edges", () => {
  const expected = { x: 0.1, y: 0.2, width: 0.4, height: 0.3 };
  assert.deepEqual(drawn({ x: 0.1, y: 0.2 }, { x: 0.5, y: 0.5 }), expected);
  assert.deepEqual(drawn({ x: 0.5, y: 0.5 }, { x: 0.1, y: 0.2 }), expected);
  assert.deepEqual(drawn({ x: 0.9, y: 0.9 }, { x: 1.7, y: 1.2 }), { x: 0.9, y: 0.9, width: 0.1, height: 0.1 });
});

test("a tap draws nothing", () => {
  assert.equal(drawn({ x: 0.5, y: 0.5 }, { x: 0.501, y: 0.9 }), null);
  assert.equal(drawn({ x: 1.2, y: 0.1 }, { x: 1.9, y: 0.9 }), null);
});

test("a moved box keeps its size at the edges", () => {
  assert.deepEqual(moved(box, 0.1, -0.1), { ...box, x: 0.3, y: 0.2 });
  assert.deepEqual(moved(box, 9, -9), { ...box, x: 0.8, y: 0 });
});

test("a sized box keeps its opposite edge, and its least size", () => {
  assert.deepEqual(sized(box, "se", 0.1, 0.1), { x: 0.2, y: 0.3, width: 0.3, height: 0.2 });
  assert.deepEqual(sized(box, "w", -0.1, 0.9), { x: 0.1, y: 0.3, width: 0.3, height: 0.1 });
  assert.deepEqual(sized(box, "nw", 9, 9), { x: 0.38, y: 0.38, width: LEAST, height: LEAST });
});

test("whatever is done, each box stays inside the picture", () => {
  const random = chance(7);
  const any = () => random() * 4 - 2;
  const edges = /** @type {const} */ (["nw", "n", "ne", "e", "se", "s", "sw", "w"]);
  for (let i = 0; i < 2000; i += 1) {
    let one = fitted({ x: any(), y: any(), width: any(), height: any() });
    assertInside(one);
    one = moved(one, any(), any());
    assertInside(one);
    assertInside(sized(one, edges[i % 8] ?? "n", any(), any()));
    const between = drawn({ x: any(), y: any() }, { x: any(), y: any() });
    if (between) assertInside(between);
  }
});

test("a place is told in words", () => {
  assert.equal(place({ x: 0.4, y: 0.4, width: 0.2, height: 0.2 }), "in the middle, 20 % wide, 20 % high");
  assert.equal(place({ x: 0, y: 0, width: 0.1, height: 0.2 }), "top left, 10 % wide, 20 % high");
  assert.equal(place({ x: 0.9, y: 0.4, width: 0.1, height: 0.2 }), "right, 10 % wide, 20 % high");
});

test("every step is undone, and a whole drag as one", () => {
  const covers = new Covers([box]);
  assert.equal(covers.undoable, false);
  const second = covers.add();
  for (let i = 1; i < 5; i += 1) covers.change(second, moved(/** @type {Box} */ (covers.boxes[second]), 0.01, 0), "drag 1");
  covers.change(second, { ...box, x: 0.7 }, "drag 2");
  covers.remove(0);
  assert.deepEqual(covers.boxes, [{ ...box, x: 0.7 }]);
  assert.ok(covers.undo());
  assert.equal(covers.boxes.length, 2);
  assert.ok(covers.undo());
  assert.equal(covers.boxes[1]?.x, 0.48);
  assert.ok(covers.undo());
  assert.equal(covers.boxes[1]?.x, 0.44);
  assert.ok(covers.undo());
  assert.deepEqual(covers.boxes, [box]);
  assert.equal(covers.undo(), false);
});

test("a change that changes nothing is no step", () => {
  const covers = new Covers([box]);
  covers.change(0, box, "move");
  covers.change(3, box, "move");
  assert.equal(covers.undoable, false);
});

test("there are never more than the most", () => {
  const covers = new Covers();
  for (let i = 0; i < MOST; i += 1) assert.equal(covers.add(), i);
  assert.equal(covers.add(), -1);
  assert.equal(covers.boxes.length, MOST);
});

/** @param {number} width @param {number} height @param {() => number} random */
function noisy(width, height, random) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < data.length; i += 1) data[i] = i % 4 === 3 ? 255 : random() * 256;
  return { width, height, data };
}

/** Pixels at which a new colour begins. @param {{ width: number, height: number, data: Uint8ClampedArray }} pixels @param {number} y */
function runs({ width, data }, y) {
  const lengths = [];
  let begun = 0;
  for (let x = 1; x <= width; x += 1) {
    const [a, b] = [(y * width + x) * 4, (y * width + x - 1) * 4];
    const same = x < width && data[a] === data[b] && data[a + 1] === data[b + 1] && data[a + 2] === data[b + 2];
    if (!same) {
      lengths.push(x - begun);
      begun = x;
    }
  }
  return lengths;
}

test("below a cover there are at most six cells along the shorter side, none narrower than twelve pixels", () => {
  for (const [width, height] of /** @type {const} */ ([[300, 200], [97, 400], [40, 40], [13, 90]])) {
    const pixels = noisy(width, height, chance(3));
    average(pixels, chance(5));
    const lengths = runs(pixels, Math.floor(height / 2));
    assert.ok(Math.min(...lengths) >= Math.min(12, width), `${width} × ${height}: ${lengths}`);
    if (width <= height) assert.ok(lengths.length <= 6, `${lengths}`);
    assert.ok(pixels.data.every((value, i) => i % 4 !== 3 || value === 255), "nothing becomes transparent");
  }
});

test("an area smaller than a cell becomes one colour", () => {
  const pixels = noisy(7, 5, chance(1));
  average(pixels, () => 0.5);
  assert.equal(new Set(Array.from({ length: 35 }, (_, i) => pixels.data.subarray(i * 4, i * 4 + 3).join())).size, 1);
});

test("noise changes a cell's average, so that it cannot be matched against a guess", () => {
  const grey = () => ({ width: 24, height: 24, data: new Uint8ClampedArray(24 * 24 * 4).fill(128) });
  const pixels = grey();
  average(pixels, chance(9));
  assert.ok(new Set(pixels.data.filter((_, i) => i % 4 !== 3)).size > 3);
  assert.ok(pixels.data.every((value) => Math.abs(value - 128) <= 8));
});

test("every pixel that a box touches is covered, and no other", () => {
  assert.deepEqual(pixelsOf({ x: 0.101, y: 0, width: 0.5, height: 1 }, 100, 50), { x: 10, y: 0, width: 51, height: 50 });
  assert.deepEqual(pixelsOf({ x: 0.98, y: 0.98, width: 0.02, height: 0.02 }, 10, 10), { x: 9, y: 9, width: 1, height: 1 });
  /** @type {string[]} */
  const log = [];
  const context = /** @type {any} */ ({
    resetTransform: () => log.push("reset"),
    getImageData: (/** @type {number[]} */ ...area) => {
      log.push(`get ${area}`);
      return noisy(area[2] ?? 1, area[3] ?? 1, chance(2));
    },
    putImageData: (/** @type {object} */ _, /** @type {number[]} */ ...at) => log.push(`put ${at}`),
  });
  cover(context, 200, 100, [{ x: 0.5, y: 0.5, width: 0.25, height: 0.5 }], chance(4));
  assert.deepEqual(log, ["reset", "get 100,50,50,50", "put 100,50"]);
});
