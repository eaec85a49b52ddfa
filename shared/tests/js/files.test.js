// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import "./english.js";

import { dropped, ofFolder } from "../../assets/js/upload/files.js";

/** @param {string} name */
const file = (name) => new File(["x"], name);

test("of a folder only what has the name of a photo is taken", () => {
  // `.jfif` is what browsers on Windows call a JPEG that is saved from a page, `.jpe` and `.pjpeg` what older programs do.
  const photos = ["IMG_1.JPG", "b.jpeg", "c.heic", "d.png", "e.webp", "f.HEIF", "g.avif", "saved.jfif", "OLD.JPE", "older.pjpeg", "h.pjp"];
  const others = ["._b.jpeg", ".DS_Store", "Thumbs.db", "film.mov", "notes.txt", "jpg", "a.jpg.exe", "jfif.doc", "x.jpgx"];
  assert.deepEqual(ofFolder([...photos, ...others].map(file)).map((one) => one.name), photos);
});

/** @param {string} name */
const entryOf = (name) => ({ isFile: true, isDirectory: false, file: (/** @type {(file: File) => void} */ give) => give(file(name)) });

/** A folder gives its entries in parts, as browsers do. @param {...object} entries */
const folderOf = (...entries) => ({
  isFile: false,
  isDirectory: true,
  createReader() {
    const parts = [entries.slice(0, 1), entries.slice(1), []];
    return { readEntries: (/** @type {(part: object[]) => void} */ give) => give(parts.shift() ?? []) };
  },
});

/** @param {...object} entries */
const transfer = (...entries) => /** @type {any} */ ({ items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })), files: [file("as it is.txt")] });

test("a dropped folder is walked through to its end, and dropped files stay as they are", async () => {
  const found = await dropped(transfer(folderOf(entryOf("a.jpg"), entryOf("b.txt"), folderOf(entryOf("c.png"), entryOf("d.webp"))), entryOf("e.pdf")));
  assert.deepEqual(found.map((one) => one.name), ["a.jpg", "c.png", "d.webp", "e.pdf"]);
  assert.deepEqual((await dropped(transfer(entryOf("a.jpg")))).map((one) => one.name), ["as it is.txt"]);
});
