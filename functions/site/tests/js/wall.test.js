// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { KEPT, PHOTO_MS, SLIDE_MS, advance, empty, file, shift, take } from "../../assets/js/wall/plan.js";

/** @param {number} n */
const photo = (n) => ({
  id: `p${String(n).padStart(4, "0")}`, caption: `Photo ${n}`, alt: "", credit: "", school: null, discipline: null, width: 4, height: 3, color: "#112233",
  published_at: new Date(Date.UTC(2027, 2, 5, 8, 0, n)).toISOString(),
  renditions: [
    { type: "image/jpeg", width: 640, height: 480, url: "/m/x/y/640.jpg" },
    { type: "image/jpeg", width: 2016, height: 1512, url: "/m/x/y/2016.jpg" },
    { type: "image/jpeg", width: 1200, height: 630, url: "/m/x/y/card.jpg" },
  ],
});

/** @param {Partial<import("../../assets/js/wall/plan.js").Answer>} more */
const answer = (more) => ({ edition: "2027", seq: 1, whole: false, photos: [], gone: [], count: 0, announcements: [], slides: [], ...more });

/** @param {import("../../assets/js/wall/plan.js").State} state @param {number} n */
function play(state, n) {
  const shown = [];
  for (let i = 0; i < n; i += 1) {
    const { next, state: after } = advance(state);
    state = after;
    shown.push(next.kind === "photo" ? next.photo.id : next.kind);
  }
  return { shown, state };
}

test("each photo is shown before any is shown again, and a new one within one slide", () => {
  let state = take(empty(), answer({ whole: true, photos: [photo(3), photo(2), photo(1)] }));
  const first = play(state, 3);
  assert.deepEqual(first.shown, ["p0001", "p0002", "p0003"]);
  state = take(first.state, answer({ photos: [photo(9)] }));
  assert.deepEqual(play(state, 3).shown, ["p0009", "p0001", "p0002"]);
});

test("what is gone is not shown again, and what comes twice stands once", () => {
  let state = take(empty(), answer({ whole: true, photos: [photo(2), photo(1)] }));
  state = take(state, answer({ photos: [photo(2)], gone: ["p0001"] }));
  assert.deepEqual(state.photos.map((one) => one.id), ["p0002"]);
  assert.deepEqual(play(state, 2).shown, ["p0002", "p0002"]);
});

test("another edition, or a whole answer, begins anew", () => {
  const state = take(empty(), answer({ whole: true, photos: [photo(1)] }));
  assert.equal(take(state, answer({ edition: "2028", photos: [photo(5)] })).photos.length, 1);
  assert.equal(take(state, answer({ whole: true, photos: [] })).photos.length, 0);
});

test("sponsors get at most 15 % of the time, however long it goes on", () => {
  let state = take(empty(), answer({ whole: true, photos: [photo(1), photo(2)], slides: [{ name: "Sample sponsor" }, { name: "Other" }] }));
  let [photos, slides] = [0, 0];
  for (let i = 0; i < 1_000; i += 1) {
    const { next, state: after } = advance(state);
    state = after;
    if (next.kind === "photo") photos += PHOTO_MS;
    if (next.kind === "slide") slides += SLIDE_MS;
    assert.ok(slides / (photos + slides) <= 0.15, `after ${i}`);
  }
  assert.ok(slides / (photos + slides) > 0.12, "they get what they are promised");
});

test("no more than 200 are kept, the newest", () => {
  const many = Array.from({ length: 350 }, (_, i) => photo(i));
  const state = take(empty(), answer({ whole: true, photos: many }));
  assert.equal(state.photos.length, KEPT);
  assert.equal(state.photos[0]?.id, "p0349");
});

test("without photos there is nothing to show", () => {
  assert.equal(advance(empty()).next.kind, "empty");
});

test("the file fits the screen, and is never a card's", () => {
  assert.equal(file(photo(1), 600), "/m/x/y/640.jpg");
  assert.equal(file(photo(1), 1100), "/m/x/y/2016.jpg");
  assert.equal(file(photo(1), 3840), "/m/x/y/2016.jpg");
});

test("everything moves a little, and comes back", () => {
  const places = new Set(Array.from({ length: 9 }, (_, i) => JSON.stringify(shift(i))));
  assert.equal(places.size, 9);
  assert.deepEqual(shift(0), shift(9));
});
