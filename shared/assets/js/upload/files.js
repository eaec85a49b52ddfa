// @ts-check
// Files from all sources: chosen, in a folder, dropped, pasted, or shared by another app.

import { phrase } from "../words.js";

/** Folders contain many files that nobody meant; only files named like photos are taken from them. */
const PHOTO = /\.(p?jpe?g|jpe|pjp|jfif|png|webp|hei[cf]|avif)$/i;
const SHARED = "shared";

/**
 * Returns the photos among a folder's files.
 * @param {readonly File[]} files
 */
export function ofFolder(files) {
  return files.filter((file) => PHOTO.test(file.name) && !file.name.startsWith("."));
}

/**
 * Returns what was dropped: all dropped files, and the photos in dropped folders.
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>}
 */
export async function dropped(transfer) {
  // The list is empty as soon as anything is awaited.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return files;
  const found = await Promise.all(entries.map((entry) => (entry ? within(entry) : [])));
  return found.flat();
}

/** @param {FileSystemEntry} entry @param {boolean} [inside] a folder @returns {Promise<File[]>} */
async function within(entry, inside = false) {
  if (entry.isFile) {
    const file = await new Promise((/** @type {(file: File) => void} */ resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    return inside ? ofFolder([file]) : [file];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const files = [];
  for (;;) {
    const some = await new Promise((/** @type {(entries: FileSystemEntry[]) => void} */ resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return files;
    for (const one of some) files.push(...(await within(one, true)));
  }
}

/**
 * Returns the files of the clipboard, unless a text is being pasted into a field: office programs put a picture beside the text.
 * @param {ClipboardEvent} event
 */
export function pasted({ clipboardData, target }) {
  const typing = target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement;
  return typing && clipboardData?.types.includes("text/plain") ? [] : [...(clipboardData?.files ?? [])];
}

/**
 * Returns the files that another app shared and the service worker stored.
 * @returns {Promise<File[]>}
 */
export async function takeShared() {
  if (!("caches" in globalThis) || !(await caches.has(SHARED))) return [];
  const aside = await caches.open(SHARED);
  const files = [];
  for (const request of await aside.keys()) {
    const response = await aside.match(request);
    const name = decodeURIComponent(response?.headers.get("x-name") ?? "");
    if (response) files.push(new File([await response.blob()], name || phrase("shared_photo"), { type: response.headers.get("content-type") ?? "" }));
  }
  return files;
}

/** Deletes the shared files, because they are in the queue now. */
export async function forgetShared() {
  if ("caches" in globalThis) await caches.delete(SHARED);
}
