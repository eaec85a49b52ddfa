// @ts-check
// Takes files in: examines each, prepares and hashes it, and stores it on this device. One at a time, for phones with little memory.

import { FULL } from "../picture/preparer.js";
import { phrase } from "../words.js";
import { randomText } from "./device.js";
import { HEAD_BYTES, sizeReason, typeOf } from "./plan.js";
import { roomFor } from "./storage.js";

/**
 * @import { Bytes, Item, Limits } from "./types.js"
 * @import { Made } from "../picture/picture.js"
 * @import { Preparer } from "../picture/preparer.js"
 * @import { Shelf } from "./shelf.js"
 */

/** Bytes at a file's beginning and end that distinguish it from others: the camera wrote the time there. */
const TELLING_BYTES = 131_072;

/** Longest wait for the module that names other file types, in milliseconds. */
const KINDS_MS = 3_000;

export class Intake {
  /** @type {Promise<void>} */
  #turn = Promise.resolve();
  /** Files are stored one after another, while others are prepared. @type {Promise<void>} */
  #keeping = Promise.resolve();
  /** The photos that this tab prepares. @type {Set<string>} */
  #mine = new Set();

  /**
   * @param {Shelf} shelf
   * @param {Pick<Preparer, "make">} preparer
   * @param {() => Limits} limits
   * @param {{ twin: (name: string) => void, ready: (key: string) => void, now: () => number, haste: (item: Item) => boolean,
   *   film?: ((key: string, file?: File) => void) | null }} on called for a file that is here already, for one that can be sent, and for a
   *   video, where videos are accepted; tells the time in milliseconds since 1970, and whether there is no time to prepare one
   */
  constructor(shelf, preparer, limits, on) {
    this.shelf = shelf;
    this.preparer = preparer;
    this.limits = limits;
    this.on = on;
  }

  /**
   * Shows a card for each file at once, stores the files as they are, and prepares them in turn.
   * @param {readonly File[]} files
   * @returns {Promise<void>}
   */
  take(files) {
    const from = Math.max(0, ...this.shelf.list().map((item) => item.order + 1));
    const items = files.map((file, i) => fresh(file, from + i, this.on.now()));
    for (const [i, item] of items.entries()) this.shelf.place(item, files[i]);
    for (const [i, item] of items.entries()) {
      const file = /** @type {File} */ (files[i]);
      this.#mine.add(item.key);
      const kept = this.#keeping.then(() => this.#look(item, file)).catch(() => this.#unfit(item, phrase("unreadable")));
      this.#keeping = kept;
      this.#turn = this.#turn.then(() => kept).then(() => this.#make(item.key, file)).catch(() => this.#unfit(item, phrase("unreadable")));
    }
    return this.#turn;
  }

  /** Continues with photos whose page was closed before they were ready. */
  resume() {
    for (const item of this.shelf.list()) {
      if (item.state !== "held" || item.sha256 || !item.stored || this.#mine.has(item.key)) continue;
      this.#mine.add(item.key);
      const make = async () => {
        if (item.film && this.on.film) return this.on.film(item.key);
        const file = await this.shelf.bytes(item);
        if (file) await this.#make(item.key, file);
        else this.#unfit(item, phrase("unreadable"));
      };
      this.#turn = this.#turn.then(make).catch(() => this.#unfit(item, phrase("unreadable")));
    }
  }

  /** Determines a file's type and whether it is here already, and stores a copy of it. @param {Item} item @param {File} file */
  async #look(item, file) {
    if (!this.shelf.get(item.key)) return;
    if (file.size === 0) return this.#unfit(item, sizeReason(0, this.limits()));
    const { type, reason } = await this.#seen(item, file);
    const film = type === "video" && this.on.film;
    if (!film && !type.startsWith("image/")) return this.#unfit(item, reason);
    const source = await telling(file);
    // What could not be sent may be chosen again.
    if (this.shelf.list().some((other) => other.source === source && other.key !== item.key && other.state !== "unfit")) {
      await this.shelf.remove(item.key);
      return this.on.twin(item.name);
    }
    if (film) {
      const now = this.shelf.get(item.key);
      if (now) await this.shelf.update({ ...now, type: "video/mp4", source, film: { parts: [], sound: false, transcript: "" } });
      // Its file is too large to be stored. Its record is: a page that is opened again says what became of it.
      void this.shelf.stash({ ...item, type: "video/mp4", source }, new Blob());
      return film(item.key, file);
    }
    const known = { ...item, type, source };
    if (await roomFor(file.size)) await this.shelf.stash(known, file);
    const now = this.shelf.get(item.key);
    if (now && !now.stored) await this.shelf.update({ ...now, type, source });
  }

  /** @param {string} key @param {Blob} file */
  async #make(key, file) {
    const item = this.shelf.get(key);
    if (!item || item.state === "unfit" || item.film) return;
    const unfit = (await this.#seen(item, file)).reason || sizeReason(file.size, this.limits());
    const hasty = !unfit && this.on.haste(item);
    const made = hasty ? null : await this.preparer.make(file, FULL).catch(() => null);
    // A file that cannot be decoded here may still be fine for others.
    if (!made && unfit) return this.#unfit(item, unfit);
    const bytes = made ? await bytesOf(made) : await asItIs(file, item.type);
    const way = hasty ? "hasty" : "original";
    await this.shelf.keep({ ...item, made: made ? "device" : way }, bytes, await roomFor(bytes.bytes.byteLength));
    this.on.ready(key);
  }

  /** Determines the type of a file, and why it cannot be sent as it is, if it cannot. @param {Item} item @param {Blob} file */
  async #seen(item, file) {
    const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    const type = typeOf(head);
    if (this.limits().types.includes(type)) return { type, reason: "" };
    // On a slow or dead connection the file is refused all the same, with a shorter explanation: the photos after it must not wait.
    const soon = new Promise((resolve) => setTimeout(resolve, KINDS_MS, null));
    /** @type {typeof import("./kinds.js") | null} */
    const kinds = await Promise.race([import("./kinds.js").catch(() => null), soon]);
    return kinds?.refused(item, head) ?? { type, reason: phrase("no_photo") };
  }

  /** @param {Item} item @param {string} message */
  #unfit(item, message) {
    const now = this.shelf.get(item.key);
    if (now) void this.shelf.update({ ...now, state: "unfit", message });
  }
}

/**
 * Returns what was made of a photo, with its hash.
 * @param {Made} made
 * @returns {Promise<Bytes>}
 */
export async function bytesOf({ blob, thumbnail }) {
  const bytes = await blob.arrayBuffer();
  return { bytes, type: blob.type, sha256: await sha256(bytes), thumbnail: await thumbnail.arrayBuffer() };
}

/** @param {Blob} file @param {string} type @returns {Promise<Bytes>} */
async function asItIs(file, type) {
  const bytes = await file.arrayBuffer();
  if (bytes.byteLength !== file.size) throw new DOMException("cut short", "NotReadableError");
  return { bytes, type, sha256: await sha256(bytes), thumbnail: null };
}

/** @param {File} file */
async function telling(file) {
  const [head, tail] = [file.slice(0, TELLING_BYTES), file.slice(Math.max(file.size - TELLING_BYTES, 0))];
  return `${file.size}-${await sha256(await new Blob([head, tail]).arrayBuffer())}`;
}

/** @param {File} file @param {number} order @param {number} addedAt @returns {Item} */
function fresh(file, order, addedAt) {
  return {
    key: randomText(16), order, name: file.name || phrase("pasted_photo"), type: file.type, size: file.size, source: "", sha256: "", made: "original",
    boxes: [], stalls: 0, state: "held", stored: false, caption: null, alt: "", people: "", shared: null, generation: 0, id: null, level: 0,
    attempt: 0, retryAt: 0, cause: null, message: "", retryable: false, result: null, addedAt, sentAt: 0,
  };
}

/** Returns the SHA-256 in hexadecimal. @param {ArrayBuffer} bytes */
async function sha256(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
