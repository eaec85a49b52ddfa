// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import "./english.js";

import { forerunners, erasureWords, standing, wayOut, withdrawable, withoutForerunners } from "../../assets/js/upload/own.js";
import { forget, outdated, recall, remember, settled } from "../../assets/js/upload/withdrawn.js";
import { MemoryKeeper } from "./made.js";

/** @import { ErasureStatus, OwnPhoto, Withdrawn } from "../../assets/js/upload/types.js" */

/** @type {ErasureStatus} */
const gone = { site: "gone", storage: "gone", edges: "gone" };
/** @type {ErasureStatus} */
const erasing = { site: "gone", storage: "pending", edges: "pending", erased_at: null, storage_at: "2027-03-05T12:14:00.000Z", edges_at: "2027-03-05T12:06:00.000Z" };
const DAY_MS = 86_400_000;

/** @param {string} id @param {ErasureStatus} erasure @returns {Withdrawn} */
const one = (id, erasure) => ({ id, at: 1000, created_at: "2027-03-05T11:00:00.000Z", erasure });

test("each step has the words of now", () => {
  assert.deepEqual(erasureWords(erasing).map(({ words }) => words), [
    "Gone from the site.",
    "Being erased from our storage, by 12:14 on Friday 5 March 2027 at the latest.",
    "Copies on the delivery network are ending, by 12:06 on Friday 5 March 2027 at the latest.",
  ]);
  const once = erasureWords({ ...erasing, erased_at: "2027-03-05T12:00:00.000Z" });
  assert.equal(once[1]?.words, "Erased from our storage at 12:00 on Friday 5 March 2027. We look once more by 12:14 on Friday 5 March 2027, so that nothing comes back.");
  assert.deepEqual(erasureWords(gone), [
    { gone: true, words: "Gone from the site." },
    { gone: true, words: "Erased from our storage." },
    { gone: true, words: "No copies on the delivery network." },
  ]);
});

test("a withdrawn photo is remembered until all of it is gone and a day has passed", () => {
  assert.ok(settled(gone) && !settled(erasing) && !settled({ ...gone, edges: "pending" }));
  assert.equal(outdated(one("a", gone), 1000 + DAY_MS), false);
  assert.equal(outdated(one("a", gone), 1001 + DAY_MS), true);
  assert.equal(outdated(one("a", erasing), 1000 + 30 * DAY_MS), false, "nobody is told that it is gone before it is");
});

test("what is remembered survives the page, changes, and is forgotten one by one", async () => {
  const keeper = new MemoryKeeper();
  assert.deepEqual(await recall(keeper), []);
  await remember(keeper, one("a", erasing));
  await remember(keeper, one("b", erasing));
  await remember(keeper, one("a", gone));
  assert.deepEqual(await recall(keeper), [one("b", erasing), one("a", gone)]);
  await forget(keeper, "b");
  assert.deepEqual(await recall(keeper), [one("a", gone)]);
  await keeper.clear();
  assert.deepEqual(await recall(keeper), [], "a device that is cleared knows nothing of it");
});

test("a device that keeps nothing, or something else, remembers nothing", async () => {
  await remember(null, one("a", gone));
  assert.deepEqual(await recall(null), []);
  const keeper = new MemoryKeeper();
  for (const strange of [null, "a", { id: "a" }, [null, 1, { id: 1, erasure: gone }, { id: "a" }, { id: "a", erasure: null }]]) {
    await keeper.putNote("withdrawn", strange);
    assert.deepEqual(await recall(keeper), []);
  }
  const full = { note: async () => [], putNote: () => Promise.reject(new DOMException("full", "QuotaExceededError")) };
  await remember(full, one("a", gone));
  const broken = { note: () => Promise.reject(new DOMException("lost", "UnknownError")), putNote: async () => {} };
  assert.deepEqual(await recall(broken), []);
});

test("a photo that never arrived says so, and can be chosen again or withdrawn", () => {
  assert.deepEqual(standing({ state: "expired" }), { stamp: "Never arrived", sentence: "Its upload did not finish in time. Choose the photo again: its words go with it." });
  assert.equal(wayOut({ state: "expired" }), "Choose it again");
  assert.ok(withdrawable({ state: "expired" }));
});

test("a photo that never arrived is not shown where the same bytes were registered later, and only there", () => {
  /** @type {(id: string, state: string, sha256: string | null, at: number) => OwnPhoto} */
  const photo = (id, state, sha256, at) => ({ id, state, sha256, caption: "One for all", created_at: `2027-03-05T1${at}:00:00.000Z` });
  const lost = photo("lost", "expired", "a", 1);
  const again = photo("again", "expired", "a", 2);
  const arrived = photo("arrived", "pending", "a", 3);
  const sibling = photo("sibling", "published", "b", 2);
  const ids = (/** @type {OwnPhoto[]} */ photos) => withoutForerunners(photos).map(({ id }) => id);
  assert.deepEqual(ids([lost, sibling]), ["lost", "sibling"], "others of the same caption are no comfort");
  assert.deepEqual(ids([lost, again, sibling]), ["again", "sibling"]);
  assert.deepEqual(ids([lost, again, arrived, sibling]), ["arrived", "sibling"]);
  assert.deepEqual(ids([arrived, photo("late", "expired", "a", 4)]), ["arrived", "late"]);
  assert.deepEqual(ids([photo("x", "expired", null, 1), photo("y", "pending", null, 2)]), ["x", "y"]);
  // Who takes a photo back takes back what it was registered as before.
  assert.deepEqual(forerunners(arrived, [lost, again, arrived, sibling]), [lost, again]);
  assert.deepEqual(forerunners(sibling, [lost, again, arrived, sibling]), []);
});
