// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { batches, complaints, frozen, reservation, sizeReason, typeOf } from "../../assets/js/upload/plan.js";
import { form, item, limits, ready, shared } from "./made.js";

const bytes = (/** @type {string} */ text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const JPEG = bytes("\xff\xd8\xff\xe1\x00\x10Exif");
const PNG = bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
const WEBP = bytes("RIFF\x10\x20\x00\x00WEBPVP8 ");
const HEIC = bytes("\0\0\0\x24ftypheic\0\0\0\0");

test("the first bytes tell the type, whatever the name says", () => {
  assert.deepEqual([JPEG, PNG, WEBP, HEIC].map(typeOf), ["image/jpeg", "image/png", "image/webp", ""]);
  for (const other of ["", "\xff\xd8", "<svg xmlns=", "hello, world, this is text", "RIFF\x10\x20\x00\x00ACON"]) assert.equal(typeOf(bytes(other)), "");
});

test("a size that cannot be sent says why", () => {
  assert.match(sizeReason(0, limits), /empty/);
  assert.match(sizeReason(30_000_001, limits), /limit is 30 MB/);
  assert.equal(sizeReason(30_000_000, limits), "");
  assert.equal(sizeReason(41_200_000, limits), "This photo has 41.2 MB; the limit is 30 MB. Take a screenshot of it, or crop it, and choose that.");
});

test("everything that must change is named at once, in the order of the page", () => {
  const items = [item("a", { caption: "x".repeat(201) }), item("b", { alt: "y".repeat(301) })];
  const wrong = { ...form, caption: "z".repeat(203), people: "", credit: "c".repeat(61), school: "s".repeat(101), web: false };
  assert.deepEqual(complaints(wrong, items, limits).map(({ field, key }) => [field, key]), [
    ["caption", "a"], ["alt", "b"], ["caption", null], ["people", null], ["credit", null], ["school", null], ["web", null],
  ]);
  assert.match(complaints(wrong, items, limits)[2]?.message ?? "", /^203 characters .* Take out 3/);
  assert.deepEqual(complaints(form, items.slice(2), limits).map((one) => one.field), ["photos"]);
  assert.deepEqual(complaints(form, [item("a")], limits), []);
});

test("each complaint says what is there, what fits, and what to take out", () => {
  const items = [item("a", { caption: "x".repeat(201) }), item("b", { alt: "y".repeat(302) })];
  const wrong = { ...form, caption: "z".repeat(203), people: "", credit: "c".repeat(64), school: "s".repeat(105), web: false };
  assert.deepEqual(complaints(wrong, items, limits).map(({ message }) => message), [
    "201 characters are too many here. Take out 1: 200 fit.",
    "302 characters are too many here. Take out 2: 300 fit.",
    "203 characters are too many here. Take out 3: 200 fit.",
    "Say who is in the photos.",
    "64 characters are too many here. Take out 4: 60 fit.",
    "105 characters are too many here. Take out 5: 100 fit.",
    "Without your agreement we may not show the photos. Tick this box to send them.",
  ]);
  assert.deepEqual(complaints(wrong, items, limits).map(({ todo }) => todo), [
    "shorten the caption", "shorten the description", "shorten the caption", "say who is in the photos", "shorten the name",
    "shorten the school's name", "tick the agreement",
  ]);
  assert.deepEqual(complaints(form, [], limits), [{ field: "photos", key: null, todo: "choose a photo", message: "Choose at least one photo first." }]);
});

test("the shared answers are only asked for where a photo needs them", () => {
  const own = item("a", { caption: "My own", people: "adults" });
  assert.deepEqual(complaints({ ...form, people: "", caption: "z".repeat(500) }, [own], limits), []);
  const asked = (/** @type {import("../../assets/js/upload/types.js").Item[]} */ ...items) => complaints({ ...form, people: "" }, items, limits).map((one) => one.field);
  assert.deepEqual(asked(own, item("b")), ["people"], "one of two has said who is in it");
});

test("a photo's own words go before the shared ones", () => {
  const own = frozen({ ...form, school: "  Sample   Academy " }, item("a", { caption: " Mine ", people: "pupils", alt: "Blue" }));
  assert.deepEqual([own.caption, own.people, own.alt, own.school], ["Mine", "pupils", "Blue", "Sample Academy"]);
  assert.equal(frozen({ ...form, discipline: "" }, item("a")).discipline, null);
});

test("a photo takes along exactly what was agreed to, and all that the form says, when Send is pressed", () => {
  const said = { ...form, credit: " The  prep room ", school: "Sample Academy", urn: "100001", version: "2027-2" };
  assert.deepEqual(frozen({ ...said, social: true, press: false }, item("a")), {
    caption: "Crystals on day twelve", alt: "", people: "none", credit: "The prep room", school: "Sample Academy", urn: "100001", discipline: "science",
    consent: { version: "2027-2", web: true, social: true, press: false },
  });
  assert.deepEqual(frozen({ ...said, social: false, press: true }, item("a")).consent, { version: "2027-2", web: true, social: false, press: true });
  assert.deepEqual(frozen({ ...said, web: false }, item("a")).consent, { version: "2027-2", web: false, social: false, press: false });
  assert.equal(frozen({ ...said, school: "" }, item("a")).urn, "", "the number of a school that is not named any more");
});

test("a photo that Send was not pressed for is in no request", () => {
  assert.deepEqual(batches([item("a"), ready("b"), item("c")], 20).map((batch) => batch.map((one) => one.key)), [["b"]]);
  for (const batch of [[], [item("a")]]) assert.throws(() => reservation(batch), { name: "TypeError", message: /at least one photo that Send was pressed for/ });
});

test("twenty-one photos are two requests, none lost, in their order", () => {
  const items = Array.from({ length: 21 }, (_, i) => ready(`k${i}`));
  const made = batches(items, 20);
  assert.deepEqual(made.map((batch) => batch.length), [20, 1]);
  assert.deepEqual(made.flat(), items);
});

test("photos that do not share consent, credit, school and discipline go apart", () => {
  const { consent } = shared;
  /** Each alone, and each part of the consent: nothing is sent under another photo's. */
  const others = [
    { credit: "Somebody else" }, { school: "Another school" }, { urn: "100001" }, { discipline: "music" }, { discipline: null },
    { consent: { ...consent, version: "2027-2" } }, { consent: { ...consent, web: !consent.web } },
    { consent: { ...consent, social: !consent.social } }, { consent: { ...consent, press: !consent.press } },
  ];
  for (const other of others) {
    const made = batches([ready("a"), ready("b", { shared: { ...shared, ...other } }), ready("c", { shared: { ...shared, caption: "Another", alt: "Words", people: "adults" } })], 20);
    assert.deepEqual(made.map((batch) => batch.map((one) => one.key)), [["a", "c"], ["b"]], JSON.stringify(other));
    const body = reservation(made[1] ?? []);
    const said = { credit: body.credit, school: body.school?.name, urn: body.school?.urn, discipline: body.discipline, consent: body.consent };
    for (const [name, value] of Object.entries(other)) assert.deepEqual(said[/** @type {keyof typeof said} */ (name)], value, name);
  }
});

test("the request is what the API names, and nothing else", () => {
  const body = reservation([ready("a", { generation: 2, shared: { ...shared, school: "" } })]);
  assert.deepEqual(body, {
    consent: { version: "2027-1", web: true, social: false, press: false }, credit: "The prep room", school: null, discipline: "science",
    photos: [{ ref: "a-2", type: "image/jpeg", size_bytes: 300_000, sha256: "a".padEnd(64, "0"), caption: "Crystals on day twelve", alt: "", people: "none" }],
  });
  assert.deepEqual(reservation([ready("a")]).school, { name: "Sample Academy" });
  const own = { caption: "Mine", alt: "Blue", people: "adults" };
  const [first] = reservation([ready("a", { shared: { ...shared, ...own } })]).photos;
  assert.deepEqual([first?.caption, first?.alt, first?.people], ["Mine", "Blue", "adults"]);
});
