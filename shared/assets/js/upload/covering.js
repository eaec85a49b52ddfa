// @ts-check
// Faces and names are covered in a dialog, on the device, before anything is sent. Covers are only stored until Send is pressed, so that
// they can be changed; then they become part of the photo's bytes, and what was below is gone.

import { byId, say } from "../dom.js";
import { FULL } from "../picture/preparer.js";
import { phrase } from "../words.js";
import { bytesOf } from "./intake.js";
import { late } from "./sending.js";

/**
 * @import { Item } from "./types.js"
 * @import { Preparer } from "../picture/preparer.js"
 * @import { Shelf } from "./shelf.js"
 */

/** Size and quality of a picture on a card, doubled for high-resolution screens. */
const CARD = { edge: 240, quality: 0.75 };

/**
 * Lets the user draw covers on a photo, and stores them with it.
 * @param {Shelf} shelf
 * @param {string} key
 * @returns {Promise<boolean>} whether they were changed
 */
export async function drawCovers(shelf, key) {
  const item = shelf.get(key);
  const bytes = item && (await shelf.bytes(item));
  if (!bytes) return false;
  /** @type {typeof import("../cover/editor.js")} */
  const { CoverEditor } = await late("../cover/editor.js", (again) => import("../cover/editor.js" + again));
  const dialog = byId("cover-dialog", HTMLDialogElement);
  const picture = new Image();
  picture.alt = "";
  picture.src = URL.createObjectURL(bytes);
  const editor = new CoverEditor(picture, { boxes: item.boxes, name: item.name });
  byId("cover-place", HTMLElement).replaceChildren(editor.element);
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  editor.element.remove();
  URL.revokeObjectURL(picture.src);
  const now = shelf.get(key);
  if (dialog.returnValue !== "keep" || !now) return false;
  await shelf.update({ ...now, boxes: editor.boxes });
  return true;
}

/**
 * Returns the picture of a card whose covers are not part of the photo yet, as it will be.
 * @param {Shelf} shelf
 * @param {Preparer} preparer
 * @param {Item} item
 * @returns {Promise<Blob | null>}
 */
export async function coveredPicture(shelf, preparer, item) {
  const bytes = await shelf.bytes(item);
  return bytes && (await preparer.make(bytes, { ...CARD, boxes: item.boxes })).thumbnail;
}

/**
 * Makes covers part of the photos that have some.
 * @param {Shelf} shelf
 * @param {Preparer} preparer
 * @param {Item[]} items
 * @param {HTMLElement} news where it is said how that goes
 * @returns {Promise<string[]>} the keys of those that could not be covered, and must not be sent
 */
export async function coverAll(shelf, preparer, items, news) {
  const failed = [];
  for (const item of items) {
    say(news, phrase("covering", { name: item.name }));
    if (await coverForGood(shelf, preparer, item)) continue;
    failed.push(item.key);
    say(news, phrase("cover_failed", { name: item.name }));
  }
  return failed;
}

/**
 * Makes a photo's covers part of its bytes.
 * @param {Shelf} shelf
 * @param {Preparer} preparer
 * @param {Item} item
 * @returns {Promise<boolean>} whether nothing that was covered remains in what is stored
 */
async function coverForGood(shelf, preparer, item) {
  const bytes = await shelf.bytes(item);
  const made = bytes && (await preparer.make(bytes, { ...FULL, boxes: item.boxes }).catch(() => null));
  return !!made && shelf.exchange(item.key, { boxes: [] }, await bytesOf(made));
}
