// @ts-check
// What can be sent, whether it may be, and in which requests. Pure: the page's decisions without the page.

import { phrase } from "../words.js";
import { size, tidy, usage } from "./text.js";

/** @import { Complaint, Form, Item, Limits, Shared } from "./types.js" */

/** The accepted types of photos, by a file's first bytes. All other types: ./kinds.js. */
const SIGNATURES = /** @type {const} */ ([
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/png", /^\x89PNG\r\n\x1a\n/],
  ["image/webp", /^RIFF[^]{4}WEBP/],
]);

/** Largest number of videos in one request: what the server takes (`MAX_VIDEOS_PER_REQUEST`). */
const VIDEOS = 3;

/** Number of bytes that determine a file's type. */
export const HEAD_BYTES = 64;

/**
 * Returns the type of an accepted photo by its first bytes: its content decides, not its name. Empty for any other file.
 * @param {Uint8Array} head
 */
export function typeOf(head) {
  const text = String.fromCharCode(...head.subarray(0, HEAD_BYTES));
  return SIGNATURES.find(([, pattern]) => pattern.test(text))?.[0] ?? "";
}

/**
 * Returns why a file cannot be read, by its size: too large or empty. An empty text if it can.
 * @param {number} bytes
 * @param {Limits} limits
 */
export function sizeReason(bytes, limits) {
  if (bytes === 0) return phrase("empty_file");
  if (bytes <= limits.max_bytes) return "";
  return phrase("too_large", { size: size(bytes), limit: size(limits.max_bytes) });
}

/**
 * Returns everything that must change before these photos can be sent, in the order of the fields on the page.
 * @param {Form} form
 * @param {readonly Item[]} items those that are about to be sent
 * @param {Limits} limits
 * @returns {Complaint[]}
 */
export function complaints(form, items, limits) {
  /** @type {Complaint[]} */
  const found = [];
  /** @type {(field: string, text: string, max: number, todo: string, key?: string | null) => void} */
  const length = (field, text, max, todo, key = null) => {
    const { used, over } = usage(text, max);
    if (over) found.push({ field, key, todo, message: phrase("too_long", { used, over, max }) });
  };
  if (items.length === 0) found.push({ field: "photos", key: null, todo: phrase("todo_photos"), message: phrase("choose_first") });
  for (const item of items) {
    if (item.caption !== null) length("caption", item.caption, limits.caption_max, phrase("todo_caption"), item.key);
    length("alt", item.alt, limits.alt_max, phrase("todo_alt"), item.key);
  }
  if (items.some((item) => item.caption === null)) length("caption", form.caption, limits.caption_max, phrase("todo_caption"));
  if (!form.people && items.some((item) => !item.people)) {
    found.push({ field: "people", key: null, todo: phrase("todo_people"), message: phrase("say_people") });
  }
  length("credit", form.credit, limits.credit_max, phrase("todo_credit"));
  length("school", form.school, limits.school_max, phrase("todo_school"));
  if (!form.web) found.push({ field: "web", key: null, todo: phrase("todo_web"), message: phrase("say_agree") });
  return found;
}

/**
 * Returns the shared fields for a photo at the moment when Send is pressed. Later changes of the form are for later photos.
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
 * Groups photos into requests: photos with the same shared fields, at most `max` in each, in their order. Videos have requests of their own.
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
    const same = JSON.stringify([consent, credit, school, urn, discipline, !item.film]);
    groups.set(same, [...(groups.get(same) ?? []), item]);
  }
  return [...groups.values()].flatMap((group) => {
    const most = group[0]?.film ? VIDEOS : max;
    const count = Math.ceil(group.length / most);
    return Array.from({ length: count }, (_, i) => group.slice(i * most, (i + 1) * most));
  });
}

/**
 * Builds the body of `POST /uploads` for one batch.
 * @param {readonly Item[]} batch of [`batches`]: all share consent, credit, school and discipline
 */
export function reservation(batch) {
  const shared = batch[0]?.shared;
  if (!shared) throw new TypeError("a batch has at least one photo that Send was pressed for");
  return {
    consent: shared.consent,
    credit: shared.credit,
    // If the registers have removed the number meanwhile, the name is kept.
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
      ...item.film,
    })),
  };
}

/**
 * Returns the name by which the server knows a photo. A photo that expired there needs a new one.
 * @param {Item} item
 */
export function reference(item) {
  return `${item.key}-${item.generation}`;
}
