// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { tally, title } from "../../assets/js/moderation/lanes.js";

const said = (/** @type {number} */ photos, /** @type {number} */ here, /** @type {number | null} */ elsewhere) => tally({ lane: "normal", photos, elsewhere }, here);

// The server writes the same: `the_numbers_of_a_lane_add_up` in pages/moderation/queue.rs.
test("the numbers of a lane add up", () => {
  assert.equal(said(0, 0, 0), "Nothing is waiting here.");
  assert.equal(said(12, 12, 0), "12 to decide.");
  assert.equal(said(12, 9, 3), "12 to decide: 9 here, 3 on another moderator’s screen.");
  assert.equal(said(3, 0, 3), "3 to decide: 3 on another moderator’s screen.");
  assert.equal(said(1234, 24, null), "1,234 to decide: 24 here, 1,210 more.");
  assert.equal(said(11, 9, 3), "12 to decide: 9 here, 3 on another moderator’s screen.");
  assert.equal(said(2, 0, 0), "2 to decide.");
  for (let photos = 0; photos < 40; photos += 1) {
    for (let here = 0; here < 26; here += 1) {
      for (const elsewhere of [null, 0, 1, 7]) {
        const [all = 0, ...parts] = [...said(photos, here, elsewhere).matchAll(/\d+/g)].map(Number);
        if (parts.length) assert.equal(parts.reduce((sum, n) => sum + n, 0), all, said(photos, here, elsewhere));
      }
    }
  }
});

test("the title tells a report before everything else", () => {
  assert.equal(title(0, 0), "Queue");
  assert.equal(title(0, 1234), "(1,234) Queue");
  assert.equal(title(2, 1234), "(2 reported) Queue");
});
