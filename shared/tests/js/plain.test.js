// @ts-check
// The public words are plain: a child of eleven can read them, and they do not sound translated.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** Years at school are counted from the age of five. https://en.wikipedia.org/wiki/Flesch–Kincaid_readability_tests */
const AGE_AT_GRADE_0 = 5;
const OLDEST = 11;
/** Words that no colleague says, or that only a programmer does. The label "byte" is a unit and stays. */
const ODD = /\b(shall|stands (here|there|behind|beside)|nobody (else )?(minds|shall)|look again|whoever|renditions?|the rack|trays?)\b/i;

/** Every text of one file of messages, with its key. @param {string} file @returns {[string, string][]} */
function texts(file) {
  const lines = readFileSync(new URL(`../../messages/${file}`, import.meta.url), "utf8").split("\n");
  return lines.flatMap((line) => {
    const [, key = "", text = ""] = /^([\w.]+) = (".*")$/.exec(line) ?? [];
    return key ? [/** @type {[string, string]} */ ([key, JSON.parse(text)])] : [];
  });
}

/** The age from which a text is read with ease, by Flesch and Kincaid's formula. @param {string} text */
function readingAge(text) {
  const sentences = text.split(/[.!?:]+(?:\s|$)/).filter((one) => /\w/.test(one)).length;
  const words = text.match(/[A-Za-z']+/g) ?? [];
  const syllables = words.reduce((sum, word) => sum + Math.max(1, (word.toLowerCase().replace(/(?:[^laeiouy]es|[^l]e|ed)$/, "").match(/[aeiouy]+/g) ?? []).length), 0);
  return 0.39 * (words.length / sentences) + 11.8 * (syllables / words.length) - 15.59 + AGE_AT_GRADE_0;
}

for (const file of ["en.toml", "scripts/en.toml"]) {
  test(`${file} can be read at the age of ${OLDEST}, and has no odd word`, () => {
    const all = texts(file);
    assert.ok(all.length > 100, "the file is read");
    // Names in braces are not words; labels of one or two words are not sentences.
    const sentences = all.map(([, text]) => text.replace(/\{\w+\}/g, "seven")).filter((text) => text.split(" ").length > 3);
    const age = readingAge(sentences.map((text) => (/[.!?:]$/.test(text) ? text : `${text}.`)).join(" "));
    console.log(`${file}: reading age ${age.toFixed(1)}`);
    assert.ok(age <= OLDEST, `reading age ${age.toFixed(1)}`);
    assert.deepEqual(all.filter(([, text]) => ODD.test(text)).map(([key]) => key), []);
  });
}

test("a text that is hard to read is found", () => {
  assert.ok(readingAge("The reconciliation of contradictory configurations necessitates institutional collaboration.") > 20);
  assert.ok(readingAge("The cat sat on the mat. It was red.") < 7);
});
