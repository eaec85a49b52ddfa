// @ts-check
// The texts of a photo that is sent again, on their way from the page of the user's own photos to the page that adds photos. They are for
// this tab and for one use. Consent is not among them: it is given for one photo.

const KEY = "techognition.again";

/** @import { Words } from "./types.js" */

/** Returns the tab's storage; null if the browser refuses it, as it does where all cookies are blocked. */
function ofTab() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

/** @param {Words} words @param {Pick<Storage, "setItem"> | null} [storage] */
export function keepWords(words, storage = ofTab()) {
  try {
    storage?.setItem(KEY, JSON.stringify(words));
  } catch {
    // They must be typed again.
  }
}

/**
 * Returns the stored texts, once; null if there are none.
 * @param {Pick<Storage, "getItem" | "removeItem"> | null} [storage] @returns {Words | null}
 */
export function takeWords(storage = ofTab()) {
  try {
    const kept = JSON.parse(storage?.getItem(KEY) ?? "null");
    storage?.removeItem(KEY);
    const text = (/** @type {keyof Words} */ name) => String(kept[name] ?? "");
    return kept ? { id: text("id"), caption: text("caption"), alt: text("alt"), credit: text("credit"), people: text("people"), school: text("school"), urn: text("urn"), discipline: text("discipline") } : null;
  } catch {
    return null;
  }
}
