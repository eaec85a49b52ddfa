// @ts-check
// The contrast of every pair of colours that the tokens promise, computed as the guidelines say (WCAG 2.2, relative luminance).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync(new URL("../../assets/css/tokens.css", import.meta.url), "utf8");
const at = css.indexOf("@media (prefers-color-scheme: dark)");

/** The colours of a part of the file, by name. @param {string} part @returns {Record<string, string>} */
const colours = (part) => Object.fromEntries([...part.matchAll(/--([\w-]+): #([0-9A-F]{6});/g)].map(([, name = "", hex = ""]) => [name, hex]));

const light = colours(css.slice(0, at));
const dark = { ...light, ...colours(css.slice(at)) };

/** @param {string} hex */
function luminance(hex) {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param {string} one @param {string} other */
function contrast(one, other) {
  const [more = 0, less = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (more + 0.05) / (less + 0.05);
}

const GROUNDS = ["paper", "bench", "card"];
const TRAYS = Object.keys(light).filter((name) => name.startsWith("tray-"));
/** What stands on what, and the least contrast. @type {[string, string, number][]} */
const PAIRS = [
  ...["ink", "ink-2", "action", "visited", "red", "green", "amber-ink"].flatMap((text) => GROUNDS.map((ground) => /** @type {[string, string, number]} */ ([text, ground, 4.5]))),
  ["on-action", "action", 4.5], ["on-action", "action-hover", 4.5],
  ["amber-ink", "amber-wash", 4.5], ["red", "red-wash", 4.5], ["green", "green-wash", 4.5],
  ["ink", "amber-wash", 4.5], ["ink", "red-wash", 4.5], ["ink", "green-wash", 4.5],
  // Of what is no text, the guidelines ask for less: the edges of fields.
  ...GROUNDS.map((ground) => /** @type {[string, string, number]} */ (["edge", ground, 3])),
];

test("the computation is that of the guidelines", () => {
  assert.equal(contrast("000000", "FFFFFF"), 21);
  assert.ok(Math.abs(contrast("777777", "FFFFFF") - 4.48) < 0.005);
});

for (const [name, palette] of /** @type {[string, Record<string, string>][]} */ ([["light", light], ["dark", dark]])) {
  test(`every text can be read on its ground, ${name}`, () => {
    assert.equal(TRAYS.length, 10);
    const trays = TRAYS.map((tray) => /** @type {[string, string, number]} */ (["on-tray", tray, 5.5]));
    for (const [text, ground, least] of [...PAIRS, ...trays]) {
      const found = contrast(palette[text] ?? "", palette[ground] ?? "");
      assert.ok(found >= least, `${text} on ${ground}: ${found.toFixed(2)}, at least ${least}`);
    }
  });
}
