// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { begins, called, whole } from "../../assets/js/organiser/list.js";

/** Answers each address with its part. @param {Record<string, {lines: string[], link?: string}>} parts */
function taking(parts) {
  /** @type {string[]} */
  const asked = [];
  const take = async (/** @type {string} */ address) => {
    asked.push(address);
    const { lines, link } = parts[address] ?? assert.fail(address);
    return new Response(`\uFEFF${lines.map((line) => `${line}\r\n`).join("")}`, { headers: link ? { link } : {} });
  };
  return { asked, take };
}

test("parts become one file, with one mark and one line of names", async () => {
  const { asked, take } = taking({
    "/list?limit=1": { lines: ['"id","caption"', '"a","Crystals, ""blue"""'], link: '</list?limit=1&after=x>; rel="next"' },
    "/list?limit=1&after=x": { lines: ['"id","caption"'], link: '</list?limit=1&after=y>; rel="next"' },
    "/list?limit=1&after=y": { lines: ['"id","caption"', '"b","Ŵyr 💎"'] },
  });
  const { photos, text } = await whole("/list?limit=1", take);
  assert.equal(photos, 2);
  assert.equal(text, '\uFEFF"id","caption"\r\n"a","Crystals, ""blue"""\r\n"b","Ŵyr 💎"\r\n');
  assert.equal(asked.length, 3, "a part without photos is not the last one");
});

test("a list without photos has its names only", async () => {
  const { take } = taking({ "/list": { lines: ['"id"'] } });
  assert.deepEqual(await whole("/list", take), { photos: 0, text: '\uFEFF"id"\r\n' });
});

test("what goes wrong half-way leaves no half file", async () => {
  const { take } = taking({ "/list": { lines: ['"id"', '"a"'], link: '</gone>; rel="next"' } });
  await assert.rejects(() => whole("/list", take), { message: "/gone" });
});

test("a list is named by its edition and what it is for", () => {
  assert.equal(begins("2027", "press"), "/api/v1/organiser/export?edition=2027&consent=press&format=csv");
  assert.equal(called("2027", "press"), "techognition-2027-press.csv");
});
