// @ts-check
// Stores photos and texts on this device, in IndexedDB, so that a killed tab loses nothing.
//
// Bytes are stored as ArrayBuffers of 1 MiB: WebKit cannot store Blobs in private sessions, and a large one at once can kill the tab. A
// photo's chunks are written before its record, so that a record is never without its bytes. A transaction closes as soon as anything else
// is awaited: so bytes are read first, and then the transaction is opened. Each transaction is committed as soon as all its requests are
// made: otherwise it ends only once the page has received the last answer, and a page that is left meanwhile never receives it. WebKit
// keeps such a page as it was, and every other page of the site would wait for what it holds.

/** @import { Item } from "./types.js" */

const NAME = "techognition-uploads";
const CHUNK = 1 << 20;

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.transaction?.commit?.();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @param {IDBTransaction} transaction
 * @returns {Promise<void>}
 */
function completed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.commit?.();
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
  });
}

/** Returns the keys of one photo's chunks. @param {string} key */
const chunksOf = (key) => IDBKeyRange.bound([key, 0], [key, Infinity]);

/** Returns the key of its thumbnail, which is kept longer than its bytes. @param {string} key */
const thumbnailOf = (key) => [key, -1];

/** Returns the keys of everything that is stored for it except its record. @param {string} key */
const allOf = (key) => IDBKeyRange.bound([key, -1], [key, Infinity]);

export class Storage {
  /** @param {IDBDatabase} db */
  constructor(db) {
    this.db = db;
  }

  /**
   * Opens the device's storage. Null if the browser has none, as in some private windows.
   * @returns {Promise<Storage | null>}
   */
  static async open() {
    try {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("items", { keyPath: "key" });
        request.result.createObjectStore("chunks");
        request.result.createObjectStore("notes");
      };
      const db = await answered(request);
      db.onversionchange = () => db.close();
      return new Storage(db);
    } catch {
      return null;
    }
  }

  /**
   * Returns all photos in the order in which they were added.
   * @returns {Promise<Item[]>}
   */
  async items() {
    /** @type {Item[]} */
    const items = await answered(this.db.transaction("items").objectStore("items").getAll());
    return items.sort((a, b) => a.order - b.order);
  }

  /**
   * Stores a photo's record. @param {Item} item
   * @returns {Promise<void>}
   */
  put(item) {
    const transaction = this.db.transaction("items", "readwrite");
    transaction.objectStore("items").put(item);
    return completed(transaction);
  }

  /**
   * Stores a photo: its bytes, one chunk after another, then its record. Leaves nothing behind if there is no room for all of it.
   * @param {Item} item
   * @param {Blob} bytes
   * @param {ArrayBuffer | null} thumbnail
   */
  async add(item, bytes, thumbnail) {
    try {
      for (let i = 0; i * CHUNK < bytes.size; i += 1) await this.#chunk(await bytes.slice(i * CHUNK, (i + 1) * CHUNK).arrayBuffer(), [item.key, i]);
      if (thumbnail) await this.#chunk(thumbnail, thumbnailOf(item.key));
      await this.put(item);
    } catch (error) {
      await this.remove(item.key).catch(() => {});
      throw error;
    }
  }

  /**
   * Replaces a photo's bytes together with its record: all of it, or nothing if there is no room.
   * @param {Item} item
   * @param {ArrayBuffer} bytes
   * @param {ArrayBuffer | null} thumbnail null to keep the present one
   * @returns {Promise<void>}
   */
  exchange(item, bytes, thumbnail) {
    const transaction = this.db.transaction(["items", "chunks"], "readwrite");
    const chunks = transaction.objectStore("chunks");
    chunks.delete(chunksOf(item.key));
    for (let i = 0; i * CHUNK < bytes.byteLength; i += 1) chunks.put(bytes.slice(i * CHUNK, (i + 1) * CHUNK), [item.key, i]);
    if (thumbnail) chunks.put(thumbnail, thumbnailOf(item.key));
    transaction.objectStore("items").put(item);
    return completed(transaction);
  }

  /** @param {ArrayBuffer} bytes @param {IDBValidKey} key @returns {Promise<void>} */
  #chunk(bytes, key) {
    const transaction = this.db.transaction("chunks", "readwrite");
    transaction.objectStore("chunks").put(bytes, key);
    return completed(transaction);
  }

  /**
   * Returns a photo's bytes. Null if they are incomplete: the browser may have cleared some.
   * @param {Item} item
   * @returns {Promise<Blob | null>}
   */
  async bytes(item) {
    const chunks = await answered(this.db.transaction("chunks").objectStore("chunks").getAll(chunksOf(item.key)));
    const blob = new Blob(chunks, { type: item.type });
    return blob.size === item.size ? blob : null;
  }

  /**
   * Returns a photo's thumbnail; null if it has none.
   * @param {string} key
   * @returns {Promise<Blob | null>}
   */
  async thumbnail(key) {
    const bytes = await answered(this.db.transaction("chunks").objectStore("chunks").get(thumbnailOf(key)));
    return bytes ? new Blob([bytes], { type: "image/jpeg" }) : null;
  }

  /**
   * Deletes a photo's bytes; its record and thumbnail stay.
   * @param {string} key
   * @returns {Promise<void>}
   */
  dropBytes(key) {
    const transaction = this.db.transaction("chunks", "readwrite");
    transaction.objectStore("chunks").delete(chunksOf(key));
    return completed(transaction);
  }

  /**
   * Deletes a photo.
   * @param {string} key
   * @returns {Promise<void>}
   */
  remove(key) {
    const transaction = this.db.transaction(["items", "chunks"], "readwrite");
    transaction.objectStore("items").delete(key);
    transaction.objectStore("chunks").delete(allOf(key));
    return completed(transaction);
  }

  /**
   * Deletes chunks whose record was never written, because a tab was killed while it stored them.
   * @returns {Promise<void>}
   */
  async dropOrphans() {
    const known = new Set((await this.items()).map((item) => item.key));
    const keys = await answered(this.db.transaction("chunks").objectStore("chunks").getAllKeys());
    for (const key of new Set(keys.map((key) => /** @type {[string, number]} */ (key)[0]))) {
      if (!known.has(key)) await this.remove(key);
    }
  }

  /**
   * Returns a note, such as the text of the form.
   * @param {string} name
   * @returns {Promise<unknown>}
   */
  note(name) {
    return answered(this.db.transaction("notes").objectStore("notes").get(name));
  }

  /**
   * Stores a note. @param {string} name @param {unknown} value
   * @returns {Promise<void>}
   */
  putNote(name, value) {
    const transaction = this.db.transaction("notes", "readwrite");
    transaction.objectStore("notes").put(value, name);
    return completed(transaction);
  }

  /**
   * Deletes everything.
   * @returns {Promise<void>}
   */
  clear() {
    const transaction = this.db.transaction(["items", "chunks", "notes"], "readwrite");
    for (const name of ["items", "chunks", "notes"]) transaction.objectStore(name).clear();
    return completed(transaction);
  }
}

/**
 * Whether this device has room for so many more bytes, with some left for others. True if the browser does not say.
 * @param {number} bytes
 */
export async function roomFor(bytes) {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined || usage === undefined || quota - usage > bytes + 10_000_000;
  } catch {
    return true;
  }
}
