// @ts-check
// The words of a photo that is to be sent again, on their way from the page of one's own photos to the page that adds some. They are
// for this tab and for once.

const KEY = "techognition.again";

/** @typedef {{caption: string, credit: string}} Words */

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
    return kept ? { caption: String(kept.caption ?? ""), credit: String(kept.credit ?? "") } : null;
  } catch {
    return null;
  }
}
