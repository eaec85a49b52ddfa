// @ts-check
// What was said of a photo that is to be sent again, on its way from the page of one's own photos to the page that adds some. It is
// for this tab and for once. What was agreed to is not among it: agreeing is for one photo.

const KEY = "techognition.again";

/** @import { Words } from "./types.js" */

/** @param {Words} words @param {Pick<Storage, "setItem">} [storage] */
export function keepWords(words, storage = sessionStorage) {
  try {
    storage.setItem(KEY, JSON.stringify(words));
  } catch {
    // They are typed again.
  }
}

/** The words that were kept, once; null where there are none. @param {Pick<Storage, "getItem" | "removeItem">} [storage] @returns {Words | null} */
export function takeWords(storage = sessionStorage) {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? "null");
    storage.removeItem(KEY);
    const text = (/** @type {keyof Words} */ name) => String(kept[name] ?? "");
    return kept ? { id: text("id"), caption: text("caption"), alt: text("alt"), credit: text("credit"), people: text("people"), school: text("school"), urn: text("urn"), discipline: text("discipline") } : null;
  } catch {
    return null;
  }
}
