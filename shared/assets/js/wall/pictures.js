// @ts-check
/**
 * The files of the photos that the wall keeps, on its disk: so that it goes on with pictures without a network, and begins with them
 * after a power cut. Files are fetched one after the other and go to the disk as they come; none is in memory before it is shown.
 *
 * A file belongs to a folder, `/m/{photo}/{revision}/`: a photo that got a cover has another one. Whatever size is kept of a folder
 * is shown; that of this screen takes the place of another.
 */

/** Milliseconds that one file may take, and for which one is left alone that was answered with something else than a picture. */
const FILE_MS = 60_000;
const REFUSED_MS = 60_000;

/** @typedef {Pick<Cache, "match" | "put" | "delete" | "keys">} Store */
/** @typedef {(address: string) => Promise<Response>} Fetch */

export class Pictures {
  /** What is kept, by its folder. @type {Map<string, string>} */
  #here = new Map();
  /** What shall be kept, the next one first. @type {string[]} */
  #wanted = [];
  /** Being fetched. @type {Map<string, Promise<boolean>>} */
  #coming = new Map();
  /** When each was answered with something else. @type {Map<string, number>} */
  #refused = new Map();
  #filling = false;
  #full = false;

  /**
   * @param {Store | null} store null where this browser keeps nothing: then everything is shown from the network
   * @param {Fetch} fetch
   * @param {() => number} now milliseconds
   */
  constructor(store, fetch, now) {
    this.store = store;
    this.fetch = fetch;
    this.now = now;
  }

  /** Looks at what was kept before. */
  async open() {
    for (const { url } of (await this.store?.keys().catch(() => [])) ?? []) {
      const { pathname } = new URL(url);
      // Two sizes, where the power went off between them.
      const other = this.#here.get(folder(pathname));
      if (other) await this.#delete(other);
      this.#here.set(folder(pathname), pathname);
    }
  }

  /** Whether a picture of this photo is here. @param {string} address */
  has(address) {
    return this.#here.has(folder(address));
  }

  /** Whether more can be kept; if not, the others are shown from the network. */
  get room() {
    return this.store !== null && !this.#full;
  }

  /**
   * Keeps the files of these photos and of no others: what is not among them is forgotten before this returns, and then deleted.
   * @param {string[]} addresses
   */
  only(addresses) {
    this.#wanted = addresses;
    const folders = new Set(addresses.map(folder));
    for (const [of, address] of this.#here) if (!folders.has(of)) void this.#delete(address);
    for (const address of this.#refused.keys()) if (!addresses.includes(address)) this.#refused.delete(address);
  }

  /** Forgets the picture of a photo at once, and deletes it. @param {string} address */
  async drop(address) {
    await this.#delete(this.#here.get(folder(address)) ?? address);
  }

  /** @param {string} address */
  async #delete(address) {
    if (this.#here.get(folder(address)) === address) this.#here.delete(folder(address));
    this.#full = false;
    await this.store?.delete(address).catch(() => {});
  }

  /** Fetches what is missing, one after the other, until the network fails or the disk is full. */
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

  /** Fetches a file, unless that is going on. @param {string} address @returns {Promise<boolean>} whether it is kept now */
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
      // A filter's page, or a photo that has been taken down a moment ago.
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
    // Taken down while it came.
    if (!this.#wanted.includes(address)) {
      await this.store.delete(address).catch(() => {});
      return false;
    }
    const other = this.#here.get(folder(address));
    this.#here.set(folder(address), address);
    if (other && other !== address) await this.#delete(other);
    return true;
  }

  /** The file, whatever size of it is kept. @param {string} address @returns {Promise<Blob | null>} null where it is not here */
  async find(address) {
    const kept = this.#here.get(folder(address));
    if (!kept) return null;
    try {
      const answer = await this.store?.match(kept);
      if (answer) return await answer.blob();
    } catch {
      // A disk that lost it.
    }
    // The browser has thrown it away, or what is there cannot be read.
    await this.#delete(kept);
    return null;
  }
}

/** The disk's part for this, where there is one. @returns {Promise<Store | null>} */
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
