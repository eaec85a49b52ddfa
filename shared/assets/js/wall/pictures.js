// @ts-check
/**
 * The image files that the wall keeps on disk, so that it continues without a network and can start after a power cut. Files are fetched
 * one after the other and written to disk as they arrive; none is in memory before it is shown.
 *
 * A file belongs to a folder, `/m/{photo}/{revision}/`: a photo that got a cover has another folder. Any stored size in a folder is shown;
 * the size for this screen replaces another.
 */

/** Longest time for one file, and how long a file is left alone whose request was not answered with an image, in milliseconds. */
const FILE_MS = 60_000;
const REFUSED_MS = 60_000;

/** @typedef {Pick<Cache, "match" | "put" | "delete" | "keys">} Store */
/** @typedef {(address: string) => Promise<Response>} Fetch */

export class Pictures {
  /** The stored files, by folder. @type {Map<string, string>} */
  #here = new Map();
  /** The files to store, next one first. @type {string[]} */
  #wanted = [];
  /** The files being fetched. @type {Map<string, Promise<boolean>>} */
  #coming = new Map();
  /** When each file was answered with something other than an image. @type {Map<string, number>} */
  #refused = new Map();
  #filling = false;
  #full = false;

  /**
   * @param {Store | null} store null if this browser stores nothing: then everything is shown from the network
   * @param {Fetch} fetch
   * @param {() => number} now milliseconds
   */
  constructor(store, fetch, now) {
    this.store = store;
    this.fetch = fetch;
    this.now = now;
  }

  /** Reads what was stored before. */
  async open() {
    for (const { url } of (await this.store?.keys().catch(() => [])) ?? []) {
      const { pathname } = new URL(url);
      // There are two sizes if the power failed between them.
      const other = this.#here.get(folder(pathname));
      if (other) await this.#delete(other);
      this.#here.set(folder(pathname), pathname);
    }
  }

  /** Whether an image of this photo is stored. @param {string} address */
  has(address) {
    return this.#here.has(folder(address));
  }

  /** Whether more can be stored; if not, the others are shown from the network. */
  get room() {
    return this.store !== null && !this.#full;
  }

  /**
   * Keeps the files of these photos and of no others: the others are forgotten before this returns, and then deleted.
   * @param {string[]} addresses
   */
  only(addresses) {
    this.#wanted = addresses;
    const folders = new Set(addresses.map(folder));
    for (const [of, address] of this.#here) if (!folders.has(of)) void this.#delete(address);
    for (const address of this.#refused.keys()) if (!addresses.includes(address)) this.#refused.delete(address);
  }

  /** Forgets the image of a photo at once, and deletes it. @param {string} address */
  async drop(address) {
    await this.#delete(this.#here.get(folder(address)) ?? address);
  }

  /** @param {string} address */
  async #delete(address) {
    if (this.#here.get(folder(address)) === address) this.#here.delete(folder(address));
    this.#full = false;
    await this.store?.delete(address).catch(() => {});
  }

  /** Fetches what is missing, one file after the other, until the network fails or the disk is full. */
  async fill() {
    if (this.#filling) return;
    this.#filling = true;
    try {
      for (let next = this.#missing(); next && this.room; next = this.#missing()) {
        if (!(await this.load(next)) && !this.#rests(next)) break;
      }
    } finally {
      this.#filling = false;
    }
  }

  /** @returns {string | undefined} */
  #missing() {
    return this.#wanted.find((address) => this.#here.get(folder(address)) !== address && !this.#rests(address));
  }

  /** @param {string} address */
  #rests(address) {
    return this.now() - (this.#refused.get(address) ?? -Infinity) < REFUSED_MS;
  }

  /** Fetches a file, unless it is being fetched already. @param {string} address @returns {Promise<boolean>} whether it is stored now */
  load(address) {
    const going = this.#coming.get(address);
    if (going) return going;
    const coming = this.#load(address).finally(() => this.#coming.delete(address));
    this.#coming.set(address, coming);
    return coming;
  }

  /** @param {string} address */
  async #load(address) {
    if (!this.store || this.#rests(address)) return false;
    try {
      const answer = await this.fetch(address);
      // A filter's page, or a photo that was removed a moment ago.
      if (!answer.ok || !answer.headers.get("content-type")?.startsWith("image/")) {
        this.#refused.set(address, this.now());
        await answer.body?.cancel();
        return false;
      }
      await this.store.put(address, answer);
      this.#refused.delete(address);
    } catch (error) {
      this.#full = error instanceof DOMException && error.name === "QuotaExceededError";
      return false;
    }
    // The photo was removed while its file arrived.
    if (!this.#wanted.includes(address)) {
      await this.store.delete(address).catch(() => {});
      return false;
    }
    const other = this.#here.get(folder(address));
    this.#here.set(folder(address), address);
    if (other && other !== address) await this.#delete(other);
    return true;
  }

  /** Returns the file, in whatever size is stored. @param {string} address @returns {Promise<Blob | null>} null if none is stored */
  async find(address) {
    const kept = this.#here.get(folder(address));
    if (!kept) return null;
    try {
      const answer = await this.store?.match(kept);
      if (answer) return await answer.blob();
    } catch {
      // The disk has lost it.
    }
    // The browser has deleted it, or it cannot be read.
    await this.#delete(kept);
    return null;
  }
}

/** Opens the disk cache for the wall's files, if there is one. @returns {Promise<Store | null>} */
export async function disk() {
  try {
    return await caches.open("wall");
  } catch {
    return null;
  }
}

/** @type {Fetch} */
export function fetched(address) {
  return fetch(address, { credentials: "omit", signal: AbortSignal.timeout(FILE_MS) });
}

/** @param {string} address */
function folder(address) {
  return address.slice(0, address.lastIndexOf("/") + 1);
}
