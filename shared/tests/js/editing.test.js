// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import "./english.js";

import { changeOf, missing } from "../../assets/js/upload/editing.js";

const photo = { id: "p", state: "published", caption: "Crystals", alt: "", credit: "The prep room", people: "none", school: { urn: "100000", name: "Sample Academy" }, discipline: "science" };
const same = { caption: "Crystals", alt: "", credit: "The prep room", people: "none", school: "Sample Academy", urn: "100000", discipline: "science" };

test("only what is different is told", () => {
  assert.equal(changeOf(photo, same), null);
  assert.deepEqual(changeOf(photo, { ...same, caption: "Crystals, day two", people: "pupils" }), { caption: "Crystals, day two", people: "pupils" });
  assert.deepEqual(changeOf({ id: "p", state: "pending" }, { caption: "", alt: "", credit: "", people: "", school: "", urn: "", discipline: "" }), null);
});

test("what is heard in a video is changed like its caption, and must be said while there is sound", () => {
  const film = { ...photo, kind: "video", video: { sound: true, transcript: "A pump runs." } };
  assert.equal(changeOf(film, { ...same, transcript: "A pump runs." }), null);
  assert.deepEqual(changeOf(film, { ...same, transcript: "A pump runs, and stops." }), { transcript: "A pump runs, and stops." });
  assert.equal(changeOf(photo, { ...same, transcript: "" }), null, "a photo has none");
  assert.match(missing(film, "transcript"), /^Say in a sentence what is heard/);
  assert.match(missing(film, "alt"), /^Say in a sentence what is seen/);
  const silent = { ...film, video: { sound: false, transcript: "" } };
  assert.deepEqual([missing(silent, "transcript"), missing(photo, "alt"), missing(film, "caption")], ["", "", ""]);
});

test("what was emptied is taken away", () => {
  assert.deepEqual(changeOf(photo, { ...same, school: " ", urn: "", discipline: "", credit: "" }), { school: null, discipline: null, credit: "" });
});

test("a school is another one by its name or by the number that was picked", () => {
  assert.equal(changeOf(photo, { ...same, urn: "" }), null, "the same name, written once more");
  assert.deepEqual(changeOf(photo, { ...same, urn: "100001" }), { school: { name: "Sample Academy", urn: "100001" } });
  assert.deepEqual(changeOf(photo, { ...same, school: "Another", urn: "" }), { school: { name: "Another" } });
});
