// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { changeOf } from "../../assets/js/upload/editing.js";

const photo = { id: "p", state: "published", caption: "Crystals", alt: "", credit: "The prep room", people: "none", school: { urn: "100000", name: "Sample Academy" }, discipline: "science" };
const same = { caption: "Crystals", alt: "", credit: "The prep room", people: "none", school: "Sample Academy", urn: "100000", discipline: "science" };

test("only what is different is told", () => {
  assert.equal(changeOf(photo, same), null);
  assert.deepEqual(changeOf(photo, { ...same, caption: "Crystals, day two", people: "pupils" }), { caption: "Crystals, day two", people: "pupils" });
  assert.deepEqual(changeOf({ id: "p", state: "pending" }, { caption: "", alt: "", credit: "", people: "", school: "", urn: "", discipline: "" }), null);
});

test("what was emptied is taken away", () => {
  assert.deepEqual(changeOf(photo, { ...same, school: " ", urn: "", discipline: "", credit: "" }), { school: null, discipline: null, credit: "" });
});

test("a school is another one by its name or by the number that was picked", () => {
  assert.equal(changeOf(photo, { ...same, urn: "" }), null, "the same name, written once more");
  assert.deepEqual(changeOf(photo, { ...same, urn: "100001" }), { school: { name: "Sample Academy", urn: "100001" } });
  assert.deepEqual(changeOf(photo, { ...same, school: "Another", urn: "" }), { school: { name: "Another" } });
});
