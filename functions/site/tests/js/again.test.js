// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import "./english.js";

import { keepWords, takeWords } from "../../assets/js/upload/again.js";
import { wayOut } from "../../assets/js/upload/own.js";

test("every rejection has a way out, but the one that needs none", () => {
  const rejected = (/** @type {string} */ reason) => wayOut({ state: "rejected", reason });
  assert.equal(rejected("Thank you for this one. Cover or crop them and send it again."), "Fix it and send it again");
  assert.equal(rejected("Thank you for this one. It advertises something. Send one that shows your own work instead."), "Send another one");
  assert.equal(rejected("Not this one"), "Send another one");
  assert.equal(wayOut({ state: "rejected", reason: null }), "Send another one");
  assert.equal(rejected("Thank you. The same photo is with us already, so you need do nothing."), null);
  for (const state of ["reserved", "pending", "published", "hidden", "deleted"]) assert.equal(wayOut({ state, reason: "Send it again." }), null);
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
  keepWords({ caption: "Flame tests", credit: "Prep room" }, storage);
  assert.deepEqual(takeWords(storage), { caption: "Flame tests", credit: "Prep room" });
  assert.equal(takeWords(storage), null);
  kept.set("techognition.again", "{");
  assert.equal(takeWords(storage), null);
});
