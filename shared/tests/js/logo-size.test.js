// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { smaller, within } from "../../assets/js/organiser/logo-size.js";

test("a logo keeps its shape within the limits, and is never enlarged", () => {
  assert.deepEqual(within(1200, 300), { width: 600, height: 150 });
  assert.deepEqual(within(400, 1200), { width: 100, height: 300 });
  assert.deepEqual(within(120, 60), { width: 120, height: 60 });
  assert.deepEqual(within(100_000, 10), { width: 600, height: 1 });
});

test("what is too large in bytes has half the area next", () => {
  assert.deepEqual(smaller({ width: 600, height: 300 }), { width: 424, height: 212 });
  assert.deepEqual(smaller({ width: 1, height: 1 }), { width: 1, height: 1 });
});
