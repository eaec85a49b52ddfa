// @ts-check
// The photos of this device as this tab knows them: in memory, in the storage if there is room, and in step with other tabs.

import { outdated, restored } from "./queue.js";

/** @import { Bytes, Item, Keeper, News } from "./types.js" */

export class Shelf {
  /** @type {Map<string, Item>} */
  #items = new Map();
  /** Files that are not stored: they exist as long as this page. @type {Map<string, Blob>} */
  #files = new Map();
  /** Their thumbnails. @type {Map<string, Blob>} */
  #thumbnails = new Map();
  /** Writes of one photo happen one after another. @type {Map<string, Promise<void>>} */
  #writes = new Map();

  /**
   * @param {Keeper | null} keeper null if this device stores nothing
   * @param {(news: News) => void} tell other tabs
   * @param {(item: Item | null, key: string) => void} onChange of a photo, here or in another tab; null when it is gone
   */
  constructor(keeper, tell, onChange) {
    this.keeper = keeper;
    this.tell = tell;
    this.onChange = onChange;
  }

  /**
   * Restores the stored photos, and deletes those that are too old.
   * @param {number} now milliseconds since 1970
   */
  async restore(now) {
    for (const item of (await this.keeper?.items()) ?? []) {
      if (outdated(item, now)) await this.keeper?.remove(item.key);
      else if (item.state !== "done") this.#set(item);
    }
  }

  /** Returns all photos, in the order in which they were added. */
  list() {
    return [...this.#items.values()].sort((a, b) => a.order - b.order);
  }

  /** @param {string} key */
  get(key) {
    return this.#items.get(key) ?? null;
  }

  /** Whether only this tab can send a photo, because no other has its bytes. @param {string} key */
  holds(key) {
    return this.#files.has(key);
  }

  /**
   * Shows a photo that is not stored yet, or never will be because it cannot be sent.
   * @param {Item} item
   * @param {Blob} [file]
   */
  place(item, file) {
    if (file) this.#files.set(item.key, file);
    this.#set(item);
  }

  /**
   * Stores a photo's file as it is until it has been prepared: the tab may be killed meanwhile.
   * @param {Item} item
   * @param {Blob} file
   */
  async stash(item, file) {
    const change = { type: item.type, source: item.source };
    const before = this.#items.get(item.key);
    if (!this.keeper || !before) return;
    const stored = await this.keeper.add({ ...before, ...change, stored: true }, file, null).then(() => true, () => false);
    const now = this.#items.get(item.key);
    if (!now && stored) await this.keeper.remove(item.key);
    if (now) await this.update({ ...now, ...change, stored });
  }

  /**
   * Stores what will be sent of a photo. If there is no room, it stays in memory only.
   * @param {Item} item
   * @param {Bytes} made what will be sent
   * @param {boolean} room
   */
  async keep(item, made, room) {
    const { bytes, type, sha256, thumbnail } = made;
    const before = this.#items.get(item.key);
    if (!before) return;
    const change = { type, sha256, size: bytes.byteLength, made: item.made, source: item.source };
    if (before.stored && (await this.exchange(item.key, change, made).catch(() => false))) return;
    let stored = false;
    if (!before.stored && room && this.keeper) {
      stored = await this.keeper.add({ ...before, ...change, stored: true }, new Blob([bytes]), thumbnail).then(() => true, () => false);
    }
    // The photo may have been removed or edited while its bytes were stored.
    const now = this.#items.get(item.key);
    if (!now) {
      if (stored) await this.keeper?.remove(item.key);
      return;
    }
    this.#hold(item.key, stored, bytes, type, thumbnail);
    await this.update({ ...now, ...change, stored });
  }

  /**
   * Replaces a photo's bytes. What its user writes meanwhile is kept.
   * @param {string} key
   * @param {Partial<Item>} change what else changes with them; size, type and hash are set here
   * @param {Bytes} made
   * @returns {Promise<boolean>} whether that was possible; if not, nothing has changed
   */
  async exchange(key, change, { bytes, type, sha256, thumbnail }) {
    let done = false;
    await this.#write(key, async () => {
      const changed = () => {
        const now = this.#items.get(key);
        return now && { ...now, ...change, type, sha256, size: bytes.byteLength };
      };
      const before = changed();
      if (!before) return;
      if (before.stored) await this.keeper?.exchange(before, bytes, thumbnail);
      const after = changed();
      if (!after) return;
      this.#hold(key, after.stored, bytes, type, thumbnail);
      this.#set(after);
      if (after.stored) this.tell({ type: "item", item: after });
      done = true;
    });
    return done;
  }

  /** @param {string} key @param {boolean} stored @param {ArrayBuffer} bytes @param {string} type @param {ArrayBuffer | null} thumbnail */
  #hold(key, stored, bytes, type, thumbnail) {
    if (stored) this.#files.delete(key);
    else this.#files.set(key, new Blob([bytes], { type }));
    if (!stored && thumbnail) this.#thumbnails.set(key, new Blob([thumbnail], { type: "image/jpeg" }));
  }

  /**
   * Writes a photo's new record: here, into the storage, and to other tabs.
   * @param {Item} item
   */
  async update(item) {
    if (!this.#items.has(item.key)) return;
    this.#set(item);
    if (!item.stored) return;
    this.tell({ type: "item", item });
    await this.#write(item.key, async () => {
      // The newest record, whichever write comes first: another may have changed more of it since.
      const now = this.#items.get(item.key);
      if (!now?.stored) return;
      await this.keeper?.put(now);
      if (item.state === "done" || item.state === "unfit") await this.keeper?.dropBytes(item.key);
    });
  }

  /** Shows a photo's progress, here and in other tabs, without storing it. @param {Item} item */
  show(item) {
    if (!this.#items.has(item.key)) return;
    this.#set(item);
    if (item.stored) this.tell({ type: "item", item });
  }

  /**
   * Returns a photo's bytes; null if they are lost.
   * @param {Item} item
   * @returns {Promise<Blob | null>}
   */
  async bytes(item) {
    const file = this.#files.get(item.key);
    if (file) return file;
    return (await this.keeper?.bytes(item).catch(() => null)) ?? null;
  }

  /** Returns a photo's thumbnail; null if it has none. @param {Item} item @returns {Promise<Blob | null>} */
  async thumbnail(item) {
    const held = this.#thumbnails.get(item.key);
    if (held) return held;
    return (item.stored && (await this.keeper?.thumbnail(item.key).catch(() => null))) || null;
  }

  /** Deletes a photo, here and in other tabs. @param {string} key */
  async remove(key) {
    const item = this.#items.get(key);
    this.#drop(key);
    if (!item) return;
    this.tell({ type: "gone", key });
    await this.#write(key, async () => this.keeper?.remove(key));
  }

  /** Handles news from another tab. @param {News} news */
  hear(news) {
    if (news.type === "item") this.#set(news.item);
    else if (news.type === "gone") this.#drop(news.key);
    else for (const key of [...this.#items.keys()]) this.#drop(key);
  }

  /** Takes over from a tab that is gone: what it was sending is not being sent any more. */
  async takeOver() {
    for (const item of (await this.keeper?.items()) ?? []) {
      const taken = restored(item);
      const known = this.#items.get(item.key);
      // What the user has just told this tab is newer than what is stored.
      if (known ? known.state === "held" : item.state === "done" || outdated(item, item.addedAt)) continue;
      this.#set(taken);
      if (taken !== item) await this.update(taken);
    }
  }

  /** @param {string} key @param {() => Promise<void> | undefined} write */
  #write(key, write) {
    // A failed write does not lose a photo: it is still in memory, and the next change writes it again.
    const done = (this.#writes.get(key) ?? Promise.resolve()).then(write).catch(() => {});
    this.#writes.set(key, done);
    return done;
  }

  /** @param {Item} item */
  #set(item) {
    this.#items.set(item.key, item);
    if (item.state === "done") this.#files.delete(item.key);
    this.onChange(item, item.key);
  }

  /** @param {string} key */
  #drop(key) {
    this.#files.delete(key);
    this.#thumbnails.delete(key);
    if (this.#items.delete(key)) this.onChange(null, key);
  }
}
