// @ts-check
// What can be sent, whether it may be, and in which requests. Pure: the page's decisions without the page.

import { phrase } from "../words.js";
import { size, tidy, usage } from "./text.js";

/** @import { Complaint, Form, Item, Limits, Look, Shared } from "./types.js" */

/** Kinds of files by their first bytes: those that are taken by their type, and the others by what they are called on the page. */
const SIGNATURES = /** @type {const} */ ([
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/png", /^\x89PNG\r\n\x1a\n/],
  ["image/webp", /^RIFF[^]{4}WEBP/],
  ["raw/Canon CR3", /^[^]{4}ftypcrx /],
  ["raw/Canon CR2", /^II\*\0[^]{4}CR/],
  ["raw/Canon CRW", /^II\x1a\0\0\0HEAPCCDR/],
  ["raw/Fujifilm RAF", /^FUJIFILMCCD-RAW/],
  ["raw/Olympus ORF", /^(IIR[OS]|MMOR)/],
  ["raw/Panasonic RW2", /^IIU\0/],
  ["raw/Sigma X3F", /^FOVb/],
  ["raw/Minolta MRW", /^\0MRM/],
  ["image/heic", /^[^]{4}ftyp(hei[cxms]|hev[cxms])/],
  ["image/avif", /^[^]{4}ftyp(avi[fs]|(mif[123]|msf1)[^]{4}([^]{4})*?avi[fs])/],
  ["image/heif", /^[^]{4}ftyp(mif[23]|avc[is]|jpe?gs?|j2k[i]|j2is|vvi[cs]|evbi)/],
  ["image/heic", /^[^]{4}ftyp(mif1|msf1)/],
  ["image/gif", /^GIF8[79]a/],
  ["image/bmp", /^BM[^]{8}[^]{2}\0\0[\x0c\x28\x34\x38\x40\x6c\x7c]\0/],
  ["image/TIFF", /^(II[*+]\0|MM\0[*+])/],
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

/** Bytes of a file that tell its type. */
export const HEAD_BYTES = 64;

/**
 * What the first bytes tell a file to be; empty if they tell nothing.
 * @param {Uint8Array} head
 */
export function typeOf(head) {
  const text = String.fromCharCode(...head.subarray(0, HEAD_BYTES));
  return SIGNATURES.find(([, pattern]) => pattern.test(text))?.[0] ?? "";
}

/**
 * What keeps a file from being read at all, by its size: too large or empty. Empty text where nothing does.
 * @param {number} bytes
 * @param {Limits} limits
 */
export function sizeReason(bytes, limits) {
  if (bytes === 0) return phrase("empty_file");
  if (bytes <= limits.max_bytes) return "";
  return phrase("too_large", { size: size(bytes), limit: size(limits.max_bytes) });
}

/**
 * The type of a file, and why it cannot be sent as it is, if it cannot: its content decides, not its name.
 * @param {{ name: string, type: string }} file
 * @param {Uint8Array} head its first bytes
 * @param {Limits} limits
 * @returns {Look}
 */
export function look(file, head, limits) {
  const type = typeOf(head);
  return { type, reason: limits.types.includes(type) ? "" : typeReason(file, type) };
}

/**
 * @param {{ name: string, type: string }} file
 * @param {string} type
 */
function typeReason({ name, type: declared }, type) {
  const [, kind = "", found = ""] = /^(\w+)(?:\/(.*))?$/.exec(type) ?? [];
  switch (kind) {
    case "image": return type === "image/heic" ? phrase("heic") : pictureReason(found);
    case "raw": return phrase("raw", { found });
    case "video": return phrase("video");
    case "pdf": return phrase("pdf");
    case "office": return phrase("office");
    case "archive": return phrase("archive");
    case "sound": return phrase("sound");
  }
  if (/\.(jpe?g|png|webp)$/i.test(name) || /^image\/(jpeg|png|webp)$/.test(declared)) {
    return phrase("wrong_name");
  }
  return phrase("no_photo");
}

/** @param {string} found the name of a format of pictures that is not taken */
function pictureReason(found) {
  const name = /^[a-z]+$/.test(found) ? found.toUpperCase() : found;
  return name === "AVIF" ? phrase("other_type_an", { type: name }) : phrase("other_type", { type: name });
}

/**
 * Everything that must change before these photos can be sent, in the order in which the fields stand on the page.
 * @param {Form} form
 * @param {readonly Item[]} items those that are about to be sent
 * @param {Limits} limits
 * @returns {Complaint[]}
 */
export function complaints(form, items, limits) {
  /** @type {Complaint[]} */
  const found = [];
  /** @type {(field: string, text: string, max: number, message: (facts: { used: number, over: number, max: number }) => string, key?: string | null) => void} */
  const length = (field, text, max, message, key = null) => {
    const { used, over } = usage(text, max);
    if (over) found.push({ field, key, message: message({ used, over, max }) });
  };
  if (items.length === 0) found.push({ field: "photos", key: null, message: phrase("choose_first") });
  for (const item of items) {
    if (item.caption !== null) length("caption", item.caption, limits.caption_max, (facts) => phrase("long_card_caption", facts), item.key);
    length("alt", item.alt, limits.alt_max, (facts) => phrase("long_card_alt", facts), item.key);
  }
  if (items.some((item) => item.caption === null)) length("caption", form.caption, limits.caption_max, (facts) => phrase("long_caption", facts));
  if (!form.people && items.some((item) => !item.people)) {
    found.push({ field: "people", key: null, message: phrase("say_people") });
  }
  length("credit", form.credit, limits.credit_max, (facts) => phrase("long_credit", facts));
  length("school", form.school, limits.school_max, (facts) => phrase("long_school", facts));
  if (!form.web) found.push({ field: "web", key: null, message: phrase("say_agree") });
  return found;
}

/**
 * What a photo takes along when Send is pressed. Later changes of the form are for later photos.
 * @param {Form} form
 * @param {Item} item
 * @returns {Shared}
 */
export function frozen(form, item) {
  return {
    caption: tidy(item.caption ?? form.caption),
    alt: tidy(item.alt),
    people: item.people || form.people,
    credit: tidy(form.credit),
    school: tidy(form.school),
    urn: form.school ? form.urn : "",
    discipline: form.discipline || null,
    consent: { version: form.version, web: form.web, social: form.social, press: form.press },
  };
}

/**
 * The requests that reserve these photos: photos that share all that a request shares, at most `max` in each, in their order.
 * @param {readonly Item[]} items each with `shared`
 * @param {number} max
 * @returns {Item[][]}
 */
export function batches(items, max) {
  /** @type {Map<string, Item[]>} */
  const groups = new Map();
  for (const item of items) {
    if (!item.shared) continue;
    const { consent, credit, school, urn, discipline } = item.shared;
    const same = JSON.stringify([consent, credit, school, urn, discipline]);
    groups.set(same, [...(groups.get(same) ?? []), item]);
  }
  return [...groups.values()].flatMap((group) => {
    const count = Math.ceil(group.length / max);
    return Array.from({ length: count }, (_, i) => group.slice(i * max, (i + 1) * max));
  });
}

/**
 * The body of `POST /uploads` for one batch.
 * @param {readonly Item[]} batch of [`batches`]: all share consent, credit, school and discipline
 */
export function reservation(batch) {
  const shared = batch[0]?.shared;
  if (!shared) throw new TypeError("a batch has at least one photo that Send was pressed for");
  return {
    consent: shared.consent,
    credit: shared.credit,
    // A number that the registers have given up meanwhile leaves the name.
    school: shared.school ? { ...(shared.urn && { urn: shared.urn }), name: shared.school } : null,
    discipline: shared.discipline,
    photos: batch.map((item) => ({
      ref: reference(item),
      type: item.type,
      size_bytes: item.size,
      sha256: item.sha256,
      caption: item.shared?.caption ?? "",
      alt: item.shared?.alt ?? "",
      people: item.shared?.people ?? "none",
    })),
  };
}

/**
 * The name under which the server knows a photo. A photo that expired there needs a new one.
 * @param {Item} item
 */
export function reference(item) {
  return `${item.key}-${item.generation}`;
}
