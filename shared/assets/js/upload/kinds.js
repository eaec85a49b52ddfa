// @ts-check
// Says what a file is that is not an accepted photo, in words for its user. Fetched when such a file was chosen.

import { phrase } from "../words.js";

/** File types by their first bytes, with their names on the page. */
const KINDS = /** @type {const} */ ([
  ["raw/Canon CR3", /^[^]{4}ftypcrx /],
  ["raw/Canon CR2", /^II\*\0[^]{4}CR/],
  ["raw/Fujifilm RAF", /^FUJIFILMCCD-RAW/],
  ["raw/Olympus ORF", /^(IIR[OS]|MMOR)/],
  ["raw/Panasonic RW2", /^IIU\0/],
  ["raw/Sigma X3F", /^FOVb/],
  ["raw/Minolta MRW", /^\0MRM/],
  ["image/heic", /^[^]{4}ftyp(hei[cxms]|hev[cxms])/],
  ["image/avif", /^[^]{4}ftyp(avi[fs]|(mif[123]|msf1)[^]{4}([^]{4})*?avi[fs])/],
  ["image/heif", /^[^]{4}ftyp(mif[23]|avc[is]|jpe?gs?|j2[ki][is]|vvi[cs]|evbi)/],
  ["image/heic", /^[^]{4}ftyp(mif1|msf1)/],
  ["image/gif", /^GIF8[79]a/],
  ["image/bmp", /^BM[^]{4}\0\0\0\0/],
  ["image/TIFF or raw", /^(II[*+]\0|MM\0[*+])/],
  ["image/JPEG XL", /^(\xff\x0a|\0\0\0\x0cJXL )/],
  ["image/JPEG 2000", /^(\0\0\0\x0cjP  |\xff\x4f\xff\x51)/],
  ["image/JPEG XR", /^II\xbc/],
  ["image/Photoshop", /^8BPS/],
  ["pdf", /^(\xef\xbb\xbf)?\s*%PDF-/],
  ["office", /^(\xd0\xcf\x11\xe0|PK\x03\x04[^]{26}(\[Content_Types\]|_rels\/|mimetypeapplication\/vnd\.oasis))/],
  ["archive", /^(PK\x03\x04|Rar!|7z\xbc\xaf|\x1f\x8b)/],
  ["video", /^([^]{4}(ftyp|moov|mdat|wide|free)|\x1aE\xdf\xa3|RIFF[^]{4}AVI |0&\xb2u|\0\0\x01[\xba\xb3]|FLV\x01)/],
  ["sound", /^(RIFF[^]{4}WAVE|ID3|OggS)/],
]);

/**
 * Determines what a file is, if its first bytes show it, and why it cannot be sent as it is.
 * @param {{ name: string, type: string }} file
 * @param {Uint8Array} head its first `HEAD_BYTES` bytes, or fewer if it is shorter
 * @returns {{ type: string, reason: string }}
 */
export function refused(file, head) {
  const text = String.fromCharCode(...head);
  const type = KINDS.find(([, pattern]) => pattern.test(text))?.[0] ?? "";
  return { type, reason: typeReason(file, type) };
}

/**
 * @param {{ name: string, type: string }} file
 * @param {string} type
 */
function typeReason({ name, type: declared }, type) {
  const [kind, found = ""] = type.split("/");
  switch (kind) {
    case "image": return type === "image/heic" ? phrase("heic") : pictureReason(found);
    case "raw": return phrase("raw", { found });
    case "video": return phrase("video");
    case "pdf": return phrase("pdf");
    case "office": return phrase("office");
    case "archive": return phrase("archive");
    case "sound": return phrase("sound");
  }
  const claimed = [name, declared].some((one) => /[./](p?jpe?g|jpe|pjp|jfif|png|webp)$/i.test(one));
  return claimed ? phrase("wrong_name") : phrase("no_photo");
}

/** @param {string} found the name of an image format that is not accepted */
function pictureReason(found) {
  const name = /^[a-z]+$/.test(found) ? found.toUpperCase() : found;
  return name === "AVIF" ? phrase("other_type_an", { type: name }) : phrase("other_type", { type: name });
}
