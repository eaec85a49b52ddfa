// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import "./english.js";

import { clock, graphemes, moment, size, things, tidy, usage } from "../../assets/js/upload/text.js";

test("a family, a flag and a composed letter are one character each", () => {
  assert.equal(graphemes("👩‍👩‍👧‍👦"), 1);
  assert.equal(graphemes("🏴󠁧󠁢󠁷󠁬󠁳󠁿"), 1);
  assert.equal(graphemes(tidy("w\u0302")), 1);
  assert.equal(graphemes("ŵŷ"), 2);
});

test("a caption of 200 fits and one of 201 is one too many", () => {
  assert.deepEqual(usage("é".repeat(200), 200), { used: 200, over: 0, words: "200 of 200" });
  assert.deepEqual(usage("é".repeat(201), 200), { used: 201, over: 1, words: "201 of 200: 1 too many" });
});

test("white space at the ends and in runs is not counted", () => {
  assert.equal(usage("  a \n\n b\u00a0 ", 10).used, 3);
});

test("sizes, numbers and times are read as people read them", () => {
  assert.deepEqual([0, 999, 812_345, 999_700, 3_449_000, 30_000_000, 123_400_000].map(size), ["0 bytes", "999 bytes", "812 KB", "1 MB", "3.4 MB", "30 MB", "123 MB"]);
});

test("photos and videos are counted apart", () => {
  const said = [things(1, 0), things(2, 0), things(1, 1), things(2, 2), things(3, 1), things(0, 0)];
  assert.deepEqual(said, ["1 photo", "2 photos", "1 video", "2 videos", "2 photos and 1 video", "0 photos"]);
});

test("times are those of London, in winter and in summer", () => {
  assert.equal(moment("2027-03-05T18:00:00.000Z"), "18:00 on Friday 5 March 2027");
  assert.equal(clock("2021-06-11T07:00:00.000Z"), "08:00");
});
