// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { FILM_MS, KEPT, PHOTO_MS, SLIDE_MS, SLIDES_SHARE, advance, empty, file, lasted, missed, shift, take, milestone, minutesLeft, toBeWon } from "../../assets/js/wall/plan.js";

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

/** @param {number} from @param {number} to */
const photos = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => photo(from + i));
const SPONSORS = [{ name: "Sample sponsor" }, { name: "Other" }];

/** @param {import("../../assets/js/wall/plan.js").State} state @param {number} n @param {import("../../assets/js/wall/plan.js").Ready} [ready] */
function play(state, n, ready) {
  const shown = [];
  for (let i = 0; i < n; i += 1) {
    const { next, state: after } = advance(state, ready);
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

test("a photo that was picked is shown again at once, and a pick that was taken back changes nothing", () => {
  let state = take(empty(), answer({ whole: true, photos: [photo(3), photo(2), photo(1)] }));
  state = play(state, 3).state;
  const picked_at = "2027-03-05T11:00:00.000Z";
  state = take(state, answer({ photos: [{ ...photo(2), picked_at }] }));
  const after = play(state, 2);
  assert.deepEqual(after.shown, ["p0002", "p0001"]);
  state = take(after.state, answer({ photos: [{ ...photo(2), picked_at: null }] }));
  assert.deepEqual(play(state, 2).shown, ["p0003", "p0002"]);
});

test("behind two hundred that wait a new one is the next slide, and of several each within as many", () => {
  let state = take(empty(), answer({ whole: true, photos: photos(1, 200), slides: SPONSORS }));
  // Whenever it comes: also where a sponsor would be next.
  for (let i = 0; i < 30; i += 1) {
    state = play(state, 1).state;
    state = take(state, answer({ seq: 2, photos: [photo(500 + i)], slides: SPONSORS }));
    const { shown, state: after } = play(state, 1);
    assert.deepEqual(shown, [`p0${500 + i}`]);
    state = after;
  }
  state = take(state, answer({ seq: 3, photos: photos(600, 607), slides: SPONSORS }));
  assert.deepEqual(play(state, 8).shown, ["p0607", "p0606", "p0605", "p0604", "p0603", "p0602", "p0601", "p0600"]);
});

test("every photo is shown before any is shown again, whatever comes meanwhile", () => {
  let state = take(empty(), answer({ whole: true, photos: photos(1, 120), slides: SPONSORS }));
  /** @type {string[]} */
  const all = [];
  for (let i = 0; i < 60; i += 1) {
    state = take(state, answer({ seq: i + 2, photos: i % 4 === 0 ? photos(300 + i, 302 + (i % 3) + i) : [], slides: SPONSORS }));
    const { shown, state: after } = play(state, 3);
    state = after;
    all.push(...shown.filter((id) => id.startsWith("p")));
  }
  all.push(...play(state, 60).shown.filter((id) => id.startsWith("p")));
  state = play(state, 60).state;
  const first = all.slice(0, new Set(state.photos.map((one) => one.id)).size);
  assert.equal(new Set(first).size, first.length, "none twice before all");
  assert.deepEqual(Object.keys(state.shown).sort(), state.photos.map((one) => one.id).sort(), "all of them");
});

test("sponsors have their share while two hundred wait, and are not paid back in a row for an hour of new photos", () => {
  let state = take(empty(), answer({ whole: true, photos: photos(1, 200), slides: SPONSORS }));
  const backlog = play(state, 200);
  const slides = backlog.shown.filter((id) => id === "slide").length;
  assert.ok(slides / 200 > 0.12 && slides / 200 <= 0.15, `${slides} of 200`);
  state = backlog.state;
  /** @type {string[]} */
  const busy = [];
  for (let i = 0; i < 450; i += 1) {
    state = take(state, answer({ seq: i + 2, photos: photos(1000 + 2 * i, 1001 + 2 * i), slides: SPONSORS }));
    const { shown, state: after } = play(state, 1);
    state = after;
    busy.push(...shown);
  }
  assert.ok(busy.filter((id) => id === "slide").length > 10, "not even photos without end keep them out");
  const after = [...busy, ...play(state, 40).shown].map((id) => (id === "slide" ? "s" : "p")).join("");
  assert.doesNotMatch(after, /sp{0,3}s/);
});

test("after a reload or an hour without a network what is younger than all that was known is new, and nothing else", () => {
  let state = take(empty(), answer({ whole: true, photos: photos(11, 40) }));
  assert.deepEqual(state.fresh, [], "where nothing was known nothing is new");
  state = play(state, 10).state;
  state = take({ ...state, seq: 0 }, answer({ seq: 2, whole: true, photos: photos(1, 42) }));
  assert.deepEqual(play(state, 4).shown, ["p0042", "p0041", "p0001", "p0002"]);
});

test("what comes is told twice and stays new until it was shown once", () => {
  let state = take(empty(), answer({ whole: true, photos: photos(1, 9) }));
  state = take(state, answer({ photos: [photo(20)] }));
  state = take(state, answer({ photos: [photo(20), photo(21)] }));
  assert.deepEqual(state.fresh, ["p0020", "p0021"]);
  state = play(state, 2).state;
  state = take(state, answer({ photos: [photo(20), photo(21)] }));
  assert.deepEqual([state.fresh, play(state, 1).shown], [[], ["p0001"]]);
});

test("a photo whose picture is not here waits for it and the others go on; where none is here any is tried", () => {
  let state = take(empty(), answer({ whole: true, photos: photos(1, 4) }));
  state = take(state, answer({ photos: [photo(9)] }));
  const here = new Set(["p0002", "p0003"]);
  const ready = (/** @type {{id: string}} */ one) => here.has(one.id);
  const without = play(state, 3, ready);
  assert.deepEqual(without.shown, ["p0002", "p0003", "p0002"]);
  here.add("p0009");
  assert.deepEqual(play(without.state, 1, ready).shown, ["p0009"]);
  assert.deepEqual(play(state, 2, () => false).shown, ["p0009", "p0001"]);
});

test("what could not be shown is no time that sponsors are owed for", () => {
  let state = take(empty(), answer({ whole: true, photos: photos(1, 3), slides: SPONSORS }));
  for (let i = 0; i < 100; i += 1) {
    const { next, state: after } = advance(state);
    assert.equal(next.kind, "photo");
    state = missed(after);
  }
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
  let state = take(empty(), answer({ whole: true, photos: [photo(1), photo(2)], slides: SPONSORS }));
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

test("every fiftieth photo is a milestone, once, and not for a screen that has just been switched on", () => {
  const passed = (/** @type {number} */ before, /** @type {number} */ now, edition = "2027") => milestone({ edition: "2027", count: before }, { edition, count: now });
  assert.deepEqual([passed(49, 50), passed(50, 51), passed(98, 151), passed(0, 100), passed(51, 49)], [50, 0, 150, 0, 0]);
  assert.equal(passed(49, 50, "2028"), 0, "another year begins anew");
});

test("the minutes that are left are counted in the last quarter of an hour", () => {
  assert.deepEqual([900_001, 900_000, 60_001, 60_000, 1, 0, -1, Infinity].map(minutesLeft), [0, 15, 2, 1, 1, 0, 0, 0]);
});

test("photos that were sent together take turns with others, and are one after another only if there is nothing else", () => {
  const batch = photos(11, 15).map((one) => ({ ...one, caption: "Prep room 2", credit: "Jo" }));
  let state = take(empty(), answer({ whole: true, photos: photos(1, 3) }));
  state = play(state, 3).state;
  state = take(state, answer({ photos: batch }));
  assert.deepEqual(play(state, 6).shown, ["p0015", "p0001", "p0014", "p0002", "p0013", "p0003"]);
  const alone = take(empty(), answer({ whole: true, photos: batch }));
  assert.deepEqual(play(alone, 5).shown, ["p0011", "p0012", "p0013", "p0014", "p0015"]);
  // Photos without words may be anybody's.
  const wordless = photos(11, 12).map((one) => ({ ...one, caption: "", credit: "" }));
  assert.deepEqual(play(take(empty(), answer({ whole: true, photos: [...wordless, photo(1)] })), 3).shown, ["p0001", "p0011", "p0012"]);
});

test("of the prize draws, one after the other is announced while it can be entered", () => {
  /** @type {[number, string][]} */
  const draws = [[100_000, "noon"], [200_000, "evening"]];
  const said = (/** @type {number} */ now) => toBeWon(draws, now);
  assert.deepEqual([0, 19_999, 20_000, 40_000, 99_999].map(said), ["noon", "noon", "evening", "noon", "noon"]);
  assert.deepEqual([100_000, 120_000, 199_999, 200_000].map(said), ["evening", "evening", "evening", ""]);
  assert.equal(toBeWon([], 5), "");
});

test("sponsors have their share of the time of videos, and no more", () => {
  let state = take(empty(), answer({ whole: true, photos: photos(1, 40), slides: SPONSORS }));
  const ms = { photo: 0, slide: 0, empty: 0 };
  for (let i = 0; i < 600; i += 1) {
    const { next, state: after } = advance(state);
    const film = next.kind === "photo" && i % 2 === 0;
    ms[next.kind] += film ? FILM_MS : next.kind === "photo" ? PHOTO_MS : SLIDE_MS;
    state = film ? lasted(after, FILM_MS) : after;
  }
  const share = ms.slide / (ms.slide + ms.photo);
  assert.ok(share <= SLIDES_SHARE + 0.002 && share > SLIDES_SHARE - 0.02, `${share}`);
  assert.equal(lasted({ ...state, owed: 5 }, 1_000).owed, 5, "a video that ended early has taken a photo's time");
  assert.equal(lasted(empty(), FILM_MS).owed, 0);
});
