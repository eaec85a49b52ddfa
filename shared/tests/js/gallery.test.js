// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { apart, shapes } from "../../assets/js/gallery/page.js";
import { direction } from "../../assets/js/gallery/swipe.js";

test("the shapes of a page's photos are read from its style sheet", () => {
  const found = shapes(".p1{--ar:1.333;--c:#2662a0;--tl:#112233}.p2{--ar:0.750}.other{--ar:9}");
  assert.deepEqual(found.get("p1"), [["--ar", "1.333"], ["--c", "#2662a0"], ["--tl", "#112233"]]);
  assert.deepEqual(found.get("p2"), [["--ar", "0.750"]]);
  assert.equal(found.size, 2);
});

test("a page's style element is taken apart from its markup", () => {
  assert.deepEqual(apart("<head><style>.p1{--ar:1}</style></head><p>x</p>"), { markup: "<head></head><p>x</p>", css: ".p1{--ar:1}" });
  assert.deepEqual(apart("<p>no style</p>"), { markup: "<p>no style</p>", css: "" });
});

test("nothing but custom properties is taken over", () => {
  assert.deepEqual(shapes(".p1{position:fixed;--ar:1}").get("p1"), [["--ar", "1"]]);
});

test("a swipe goes far, and across", () => {
  const at = (/** @type {number} */ x, /** @type {number} */ y) => ({ x, y });
  assert.equal(direction(at(300, 100), at(100, 110), 1), "left");
  assert.equal(direction(at(100, 100), at(300, 110), 1), "right");
  assert.equal(direction(at(100, 100), at(130, 100), 1), null, "too short");
  assert.equal(direction(at(100, 100), at(200, 180), 1), null, "too steep");
  assert.equal(direction(at(300, 100), at(100, 100), 2), null, "zoomed");
});
