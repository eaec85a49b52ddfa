// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { kept, letter, mailto } from "../../assets/js/gallery/thanks.js";

test("a card is a letter, without the parts that are empty", () => {
  const card = { to: "Our technicians", words: "Thank you.\nAll of you.", from: "The head" };
  assert.equal(letter(card, "https://photos.example/s/a"), "Our technicians,\n\nThank you.\nAll of you.\n\nThe head\n\nhttps://photos.example/s/a");
  assert.equal(letter({ ...card, to: "", from: "" }, "https://photos.example/s/a"), "Thank you.\nAll of you.\n\nhttps://photos.example/s/a");
});

test("a mail's link gives back what was written, whatever it was", () => {
  const words = "50 % & more? #1 + 💎 Diolch\nyn fawr";
  const link = mailto("Thank you & more", words);
  assert.match(link, /^mailto:\?subject=[^&]*&body=[^&]*$/);
  const [subject, body] = link.slice("mailto:?".length).split("&").map((part) => decodeURIComponent(part.split("=")[1] ?? ""));
  assert.equal(subject, "Thank you & more");
  assert.equal(body, words.replace("\n", "\r\n"));
});

test("what a tab has kept is taken only if it is a card", () => {
  const card = { to: "a", words: "b", from: "c" };
  assert.deepEqual(kept(JSON.stringify(card)), card);
  for (const other of [null, "", "{", "1", "null", JSON.stringify({ to: "a", words: 1, from: "c" })]) assert.equal(kept(other), null);
});
