// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { delay, pollDelay, retryAfter } from "../../assets/js/upload/backoff.js";

test("a wait lies anywhere between nothing and the doubled wait, at most a minute", () => {
  const most = () => 0.9999;
  assert.deepEqual([0, 1, 2, 3, 5, 6, 50, 5000].map((attempt) => delay(attempt, most)), [1000, 2000, 4000, 7999, 31997, 59994, 59994, 59994]);
  for (const attempt of [0, 7, 100]) assert.equal(delay(attempt, () => 0), 0);
});

test("retry-after is read as seconds and as a date", () => {
  const now = Date.parse("2027-03-05T12:00:00Z");
  assert.equal(retryAfter("7", now), 7000);
  assert.equal(retryAfter("Fri, 05 Mar 2027 12:00:30 GMT", now), 30_000);
  assert.equal(retryAfter("Fri, 05 Mar 2027 11:00:00 GMT", now), 0);
  assert.equal(retryAfter("86400", now), 3_600_000);
  for (const none of [null, "", "soon"]) assert.equal(retryAfter(none, now), 0);
});

test("looks come quickly at first, ever more slowly, and end", () => {
  const waits = Array.from({ length: 41 }, (_, look) => pollDelay(look));
  assert.equal(waits[0], 1000);
  assert.equal(waits[40], null);
  const known = waits.slice(0, 40).map(Number);
  for (let i = 1; i < 40; i += 1) assert.ok(Number(known[i]) >= Number(known[i - 1]));
  assert.equal(Math.max(...known), 30_000);
  assert.ok(known.reduce((a, b) => a + b) < 20 * 60_000);
});
