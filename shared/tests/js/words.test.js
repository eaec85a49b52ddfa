// @ts-check
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { afterEach, test } from "node:test";

import { place } from "../../assets/js/cover/boxes.js";
import { complaints } from "../../assets/js/upload/plan.js";
import { summary, tally, words } from "../../assets/js/upload/queue.js";
import { moment, things } from "../../assets/js/upload/text.js";
import { phrase, speak } from "../../assets/js/words.js";
import { phrasesOf } from "./english.js";
import { day, form, item, limits } from "./made.js";

const en = phrasesOf("en");
const cy = phrasesOf("cy");
const root = new URL("../../assets/js/", import.meta.url);

afterEach(() => speak("en-GB", en));

/** The texts of a phrase. @param {string | Record<string, string> | undefined} said */
const texts = (said) => (typeof said === "string" ? [said] : Object.values(said ?? {}));

/** The places of a phrase in all its forms. @param {string | Record<string, string> | undefined} said */
const places = (said) => [...new Set(texts(said).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

test("both languages have the same phrases with the same places, and none is blank", () => {
  assert.deepEqual(Object.keys(cy).sort(), Object.keys(en).sort());
  for (const [key, said] of Object.entries(en)) {
    assert.deepEqual(places(cy[key]), places(said), key);
    assert.equal(typeof cy[key], typeof said, `${key}: a plural in one language is one in the other`);
    for (const language of [en, cy]) {
      const told = language[key];
      assert.ok(texts(told).every((text) => text.trim() === text && text !== ""), key);
      if (typeof told === "object") assert.ok(told["other"], `${key}: every number has words`);
    }
  }
});

test("what the scripts name is there, and what is there they name", () => {
  const modules = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js") && name !== "words.js");
  /** @type {Set<string>} */
  const named = new Set();
  for (const name of modules) {
    const source = readFileSync(new URL(name, root), "utf8");
    const calls = source.match(/\bphrase\(/g) ?? [];
    const keys = [...source.matchAll(/\bphrase\("([a-z_]+)"/g)].map(([, key = ""]) => key);
    assert.equal(calls.length, keys.length, `${name}: a page is sent the phrases whose keys are written out`);
    for (const key of keys) named.add(key);
  }
  // The site puts a twin in the place of the phrase that the scripts name.
  const twin = /_trusting$/;
  for (const key of Object.keys(en).filter((key) => twin.test(key))) assert.ok(named.has(key.replace(twin, "")), key);
  assert.deepEqual([...named].sort(), Object.keys(en).filter((key) => !twin.test(key)).sort());
});

test("facts stand in their places, and what they say is not looked into", () => {
  assert.equal(phrase("used", { used: 3, max: "{used}" }), "3 of {used}");
  assert.equal(phrase("used", { used: 3 }), "3 of {max}");
  assert.equal(phrase("never_told"), "never_told");
});

test("numbers have the words of their category in each language", () => {
  const photos = (/** @type {number} */ n) => things(n, 0);
  assert.deepEqual([0, 1, 2, 3].map(photos), ["0 photos", "1 photo", "2 photos", "3 photos"]);
  speak("cy", cy);
  assert.deepEqual([0, 1, 2, 3, 6].map(photos), ["0 llun", "1 llun", "2 lun", "3 llun", "6 llun"]);
  assert.deepEqual([things(1, 1), things(2, 2), things(3, 1)], ["1 fideo", "2 fideo", "2 lun a 1 fideo"]);
  assert.equal(phrase("unsent", { n: 1 }), "1 llun ar ôl i'w anfon.");
});

test("in Welsh everything that is said of photos is Welsh", () => {
  speak("cy", cy);
  assert.equal(moment("2027-03-05T18:00:00.000Z"), "18:00, ddydd Gwener 5 Mawrth 2027");
  assert.equal(summary(tally([item("a"), item("b", { state: "done" })])), "1 o 1 wedi'u hanfon. Heb anfon 1 llun eto.");
  assert.equal(words(item("a", { state: "waiting", cause: "connection" }), { ...day, device: phrase("this_phone") }),
    "Yn aros am gysylltiad. Mae eich lluniau'n ddiogel ar y ffôn hwn. Byddwn yn rhoi cynnig arall arni ein hunain.");
  // The words of a moderator are English: where they are told in Welsh is said instead.
  const result = { state: "rejected", page: null, reason: "A pupil can be recognised." };
  assert.equal(words(item("a", { state: "done", result }), day), "Heb ei ddangos. Mae'r rheswm ar Fy lluniau.");
  assert.equal(complaints({ ...form, people: "" }, [item("a")], limits)[0]?.message, "Dywedwch pwy sydd yn y lluniau.");
  assert.equal(place({ x: 0, y: 0, width: 0.1, height: 0.2 }), "ar y brig, ar y chwith, 10 % o led, 20 % o uchder");
});
