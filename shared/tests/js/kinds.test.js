// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { refused } from "../../assets/js/upload/kinds.js";
import "./english.js";

const bytes = (/** @type {string} */ text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const HEIC = bytes("\0\0\0\x24ftypheic\0\0\0\0");

test("a file that is no photo which is taken is told what it is", () => {
  const reason = (/** @type {string} */ name, /** @type {string} */ type, /** @type {Uint8Array} */ head) => refused({ name, type }, head).reason;
  assert.match(reason("IMG_1.HEIC", "", HEIC), /HEIC.*Most Compatible/);
  assert.match(reason("notes.jpg", "image/jpeg", bytes("just some text here")), /name of a photo, but its content is something else/);
  assert.match(reason("film.mp4", "video/mp4", bytes("\0\0\0\x18ftypmp42")), /video/);
  assert.match(reason("a.gif", "image/gif", bytes("GIF89a")), /a GIF file/);
  const brands = (/** @type {string} */ text) => bytes(`\0\0\0\x20ftyp${text.slice(0, 4)}\0\0\0\0${text.slice(4)}`);
  for (const [head, words] of /** @type {const} */ ([
    [brands("crx crx isom"), /\(Canon CR3\)/],
    [bytes("II*\0\x10\0\0\0CR\x02\0"), /\(Canon CR2\)/],
    [bytes("FUJIFILMCCD-RAW 0201"), /\(Fujifilm RAF\)/],
    [bytes("IIRO\x08\0\0\0"), /\(Olympus ORF\)/],
    [bytes("IIU\0\x18\0\0\0"), /\(Panasonic RW2\)/],
    [brands("mif1heic"), /a HEIC photo/],
    [brands("avif"), /an AVIF file/],
    [brands("mif1miafavif"), /an AVIF file/],
    [brands("mif3"), /a HEIF file/],
    [brands("avci"), /a HEIF file/],
    [bytes("II*\0\x08\0\0\0"), /a TIFF or raw file/],
    [bytes("\0\0\0\x0cjP  \r\n\x87\n"), /a JPEG 2000 file/],
    [bytes("\xef\xbb\xbf\r\n%PDF-1.7"), /a PDF\./],
    [bytes(`PK\x03\x04${"\0".repeat(26)}[Content_Types].xml`), /an Office document\./],
    [bytes(`PK\x03\x04${"\0".repeat(26)}photos/1.jpg`), /an archive\./],
    [bytes("RIFF\x10\0\0\0AVI LIST"), /a video\./],
    [bytes("\x1aE\xdf\xa3\x01\0\0\0"), /a video\./],
    [brands("qt  "), /a video\./],
    [bytes("\0\0\x10\0moov\0\0\0\x6cmvhd"), /a video\./],
    [bytes("RIFF\x10\0\0\0WAVEfmt "), /a sound file\./],
  ])) assert.match(reason("IMG_1.jpg", "image/jpeg", head), words);
  assert.match(reason("drawing.svg", "image/svg+xml", bytes("<svg xmlns=\"htt")), /not a photo that we can read/);
});
