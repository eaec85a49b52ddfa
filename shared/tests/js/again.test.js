// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { phrasesOf } from "./english.js";

import { keepWords, takeWords } from "../../assets/js/upload/device.js";
import { standing, wayOut, wordsOf } from "../../assets/js/upload/own.js";
import { speak } from "../../assets/js/words.js";

test("every rejection has a way out, but the one that needs none", () => {
  const rejected = (/** @type {string} */ reason) => wayOut({ state: "rejected", reason });
  assert.equal(rejected("Thank you for this one. Cover or crop them and send it again."), "Fix it and send it again");
  assert.equal(rejected("Thank you for this one. It advertises something. Send one that shows your own work instead."), "Send another one");
  assert.equal(rejected("Not this one"), "Send another one");
  assert.equal(wayOut({ state: "rejected", reason: null }), "Send another one");
  assert.equal(rejected("Thank you. The same photo is with us already, so you need do nothing."), null);
  for (const state of ["reserved", "pending", "published", "hidden", "deleted"]) assert.equal(wayOut({ state, reason: "Send it again." }), null);
});

test("a reason that was picked is read in the language of the page, and a moderator's own words as they are", () => {
  const told = (/** @type {string} */ kind, /** @type {string | null} */ reason_name) => standing({ state: "rejected", reason: "Not this one", reason_name, kind }).sentence;
  assert.match(told("photo", "pupil"), /Cover or crop the face/);
  assert.match(told("video", "pupil"), /a face in a video cannot be covered/);
  assert.match(told("video", "not-work"), /^Thank you for this one\. The day is about/);
  assert.deepEqual([told("video", null), told("photo", "of a later release")], ["Not this one.", "Not this one."]);
  speak("cy", phrasesOf("cy"));
  assert.match(told("video", "music"), /^Diolch am hwn\. Clywir cerddoriaeth ynddo/);
  assert.match(standing({ state: "hidden", reason: "Thank you", reason_name: "shaky", kind: "video" }).sentence, /sigledig.*Y trefnwyr/);
  speak("en-GB", phrasesOf("en"));
});

test("the words of a photo that is sent again are taken once", () => {
  /** @type {Map<string, string>} */
  const kept = new Map();
  const storage = {
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
    removeItem: (/** @type {string} */ key) => void kept.delete(key),
  };
  assert.equal(takeWords(storage), null);
  const words = { id: "a", caption: "Flame tests", alt: "A green flame", credit: "Prep room", people: "adults", school: "Sample Academy", urn: "100000", discipline: "science" };
  keepWords(words, storage);
  assert.deepEqual(takeWords(storage), words);
  assert.equal(takeWords(storage), null);
  for (const broken of ["{", "null", "0"]) {
    kept.set("techognition.again", broken);
    assert.equal(takeWords(storage), null, broken);
  }
  kept.set("techognition.again", JSON.stringify({ caption: "Kept by an earlier version of the page" }));
  assert.deepEqual(takeWords(storage), { id: "", caption: "Kept by an earlier version of the page", alt: "", credit: "", people: "", school: "", urn: "", discipline: "" });
});

test("everything that was said of a photo goes along when it is sent again", () => {
  const said = { caption: "Flame tests", alt: "A green flame", credit: "Prep room", people: "adults" };
  assert.deepEqual(wordsOf({ id: "a", state: "rejected", ...said, school: { urn: "100000", name: "Sample Academy" }, discipline: "science" }), { id: "a", ...said, school: "Sample Academy", urn: "100000", discipline: "science" });
  assert.deepEqual(wordsOf({ id: "a", state: "rejected", ...said, school: null, discipline: null }), { id: "a", ...said, school: "", urn: "", discipline: "" });
  assert.deepEqual(wordsOf({ id: "a", state: "expired" }), { id: "a", caption: "", alt: "", credit: "", people: "", school: "", urn: "", discipline: "" });
});

test("a browser that refuses its storage, as one does that blocks all cookies, keeps no words and breaks nothing", () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "sessionStorage");
  const get = () => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  };
  Object.defineProperty(globalThis, "sessionStorage", { get, configurable: true });
  try {
    assert.equal(takeWords(), null);
    keepWords(/** @type {any} */ ({}));
  } finally {
    if (before) Object.defineProperty(globalThis, "sessionStorage", before);
    else Reflect.deleteProperty(globalThis, "sessionStorage");
  }
});
