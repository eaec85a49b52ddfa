// @ts-check
// Takes files in: looks at each, hashes it, and keeps it on this device. One at a time, for phones with little memory.

import { randomText } from "./device.js";
import { HEAD_BYTES, look, sizeReason } from "./plan.js";
import { roomFor } from "./storage.js";

/**
 * @import { Item, Limits } from "./types.js"
 * @import { Shelf } from "./shelf.js"
 */

export class Intake {
  /** All that was taken in so far is ready when this is. @type {Promise<void>} */
  done = Promise.resolve();

  /**
   * @param {Shelf} shelf
   * @param {() => Limits} limits
   * @param {(name: string) => void} onTwin a file that is here already
   */
  constructor(shelf, limits, onTwin) {
    this.shelf = shelf;
    this.limits = limits;
    this.onTwin = onTwin;
  }

  /**
   * Shows a card for each file at once, then reads them in turn.
   * @param {readonly File[]} files
   * @returns {Promise<void>}
   */
  take(files) {
    const from = Math.max(0, ...this.shelf.list().map((item) => item.order + 1));
    const items = files.map((file, i) => fresh(file, from + i));
    for (const [i, item] of items.entries()) this.shelf.place(item, files[i]);
    for (const [i, item] of items.entries()) {
      const file = /** @type {File} */ (files[i]);
      this.done = this.done.then(() => this.#read(item, file)).catch(() => this.#unfit(item, UNREADABLE));
    }
    return this.done;
  }

  /** @param {Item} item @param {File} file */
  async #read(item, file) {
    const limits = this.limits();
    const reason = sizeReason(file.size, limits);
    if (reason) return this.#unfit(item, reason);
    const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    const seen = look(file, head, limits);
    if (!seen.type) return this.#unfit(item, seen.reason);
    const bytes = await file.arrayBuffer();
    if (bytes.byteLength !== item.size) return this.#unfit(item, UNREADABLE);
    const sha256 = hex(await crypto.subtle.digest("SHA-256", bytes));
    if (this.shelf.list().some((other) => other.sha256 === sha256 && other.key !== item.key)) {
      await this.shelf.remove(item.key);
      return this.onTwin(item.name);
    }
    await this.shelf.keep({ ...item, type: seen.type, sha256 }, bytes, await roomFor(bytes.byteLength));
  }

  /** @param {Item} item @param {string} message */
  #unfit(item, message) {
    if (this.shelf.get(item.key)) this.shelf.place({ ...item, state: "unfit", message });
  }
}

const UNREADABLE = "This file cannot be read any more. It may have been moved, or the card was taken out. Choose it again.";

/** @param {File} file @param {number} order @returns {Item} */
function fresh(file, order) {
  return {
    key: randomText(16), order, name: file.name || "Pasted photo", type: file.type, size: file.size, sha256: "", state: "held", stored: false,
    caption: null, alt: "", people: "", shared: null, generation: 0, id: null, level: 0, attempt: 0, retryAt: 0, cause: null, message: "",
    retryable: false, result: null, addedAt: Date.now(), sentAt: 0,
  };
}

/** @param {ArrayBuffer} bytes */
function hex(bytes) {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
