// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { left } from "../../assets/js/countdown.js";

test("what is left is shown in days and two digits each", () => {
  const at = (/** @type {number} */ days, h = 0, m = 0, s = 0) => (((days * 24 + h) * 60 + m) * 60 + s) * 1000;
  assert.deepEqual(left(at(102, 11, 5, 9)), { days: "102", hours: "11", minutes: "05", seconds: "09" });
  assert.deepEqual(left(at(0, 0, 0, 1) - 1), { days: "0", hours: "00", minutes: "00", seconds: "01" });
  assert.deepEqual(left(-5000), { days: "0", hours: "00", minutes: "00", seconds: "00" });
});
