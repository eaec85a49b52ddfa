// @ts-check
// Plain samples, and a world in which time passes only when a test says so.

import "./english.js";

import { Shelf } from "../../assets/js/upload/shelf.js";
import { Sender } from "../../assets/js/upload/sender.js";

/**
 * @import { Item } from "../../assets/js/upload/types.js"
 * @import { Answer } from "../../assets/js/upload/types.js"
 * @import { Bytes, PutAnswer } from "../../assets/js/upload/types.js"
 */

export const limits = {
  max_photos_per_request: 20, max_bytes: 30_000_000, caption_max: 200, alt_max: 300, credit_max: 60, school_max: 100,
  types: ["image/jpeg", "image/png", "image/webp"],
};

export const shared = {
  caption: "Crystals on day twelve", alt: "", people: "none", credit: "The prep room", school: "Sample Academy", discipline: "science",
  consent: { version: "2027-1", web: true, social: false, press: false },
};

export const form = {
  caption: "Crystals on day twelve", credit: "The prep room", school: "Sample Academy", discipline: "science", people: "none",
  web: true, social: false, press: false, version: "2027-1",
};

export const day = {
  phase: "open", opens_at: "2027-03-05T08:00:00.000Z", closes_at: "2027-03-05T18:00:00.000Z", grace_ends_at: "2027-03-05T18:30:00.000Z",
  device: "this phone", host: "photos.example",
};

/**
 * @param {string} key
 * @param {Partial<Item>} [change]
 * @returns {Item}
 */
export function item(key, change = {}) {
  return {
    key, order: 0, name: `${key}.jpg`, type: "image/jpeg", size: 300_000, source: `source of ${key}`, sha256: key.padEnd(64, "0"),
    made: "device", boxes: [], stalls: 0, state: "held", stored: true,
    caption: null, alt: "", people: "", shared: null, generation: 0, id: null, level: 0, attempt: 0, retryAt: 0, cause: null, message: "",
    retryable: false, result: null, addedAt: 0, sentAt: 0, ...change,
  };
}

/** @param {string} key @param {Partial<Item>} [change] */
export const ready = (key, change = {}) => item(key, { state: "ready", shared, ...change });

/** A device's storage, in memory. */
export class MemoryKeeper {
  /** @type {Map<string, Item>} */
  kept = new Map();
  /** @type {Map<string, unknown>} */
  notes = new Map();
  /** @type {Set<string>} */
  bytesOf = new Set();
  full = false;

  /** @param {...Item} items */
  constructor(...items) {
    for (const one of items) {
      this.kept.set(one.key, one);
      this.bytesOf.add(one.key);
    }
  }
  async items() { return [...this.kept.values()]; }
  /** @param {Item} one */
  async put(one) { this.kept.set(one.key, one); }
  /** @param {Item} one */
  async add(one) {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    this.kept.set(one.key, one);
    this.bytesOf.add(one.key);
  }
  /** @param {Item} one */
  async exchange(one) { await this.add(one); }
  /** @param {string} key @returns {Promise<Blob | null>} */
  async thumbnail(key) { return this.kept.has(key) ? new Blob(["small"]) : null; }
  /** @param {Item} one */
  async bytes(one) { return this.bytesOf.has(one.key) ? new Blob([new Uint8Array(one.size)]) : null; }
  /** @param {string} key */
  async dropBytes(key) { this.bytesOf.delete(key); }
  /** @param {string} key */
  async remove(key) { this.kept.delete(key); this.bytesOf.delete(key); }
  /** @param {string} name */
  async note(name) { return this.notes.get(name); }
  /** @param {string} name @param {unknown} value */
  async putNote(name, value) { this.notes.set(name, structuredClone(value)); }
  async clear() { this.kept.clear(); this.notes.clear(); this.bytesOf.clear(); }
}

/**
 * An answer of our API.
 * @param {number} status
 * @param {unknown} [body]
 * @returns {Answer}
 */
export function answer(status, body = null) {
  return { status, marker: status !== 0, contentType: status >= 400 ? "application/problem+json" : "application/json", retryAfter: null, body };
}

/** @param {string} type @param {number} status @param {Record<string, unknown>} [more] */
export const problem = (type, status, more = {}) => ({ type: `/problems/${type}`, title: "Title", status, detail: "What happened.", hint: "What to do.", ...more });

/** What was made of a photo. @param {number} size @returns {Bytes} */
export const made = (size) => ({ bytes: new ArrayBuffer(size), type: "image/jpeg", sha256: "9".repeat(64), thumbnail: new ArrayBuffer(10) });

/** A school filter's page in the place of our answer. @returns {Answer} */
export const blockPage = () => ({ status: 200, marker: false, contentType: "text/html", retryAfter: null, body: null });

/** @param {number} status @param {Partial<PutAnswer>} [more] @returns {PutAnswer} */
export const bytesAnswer = (status, more = {}) => ({ status, contentType: status >= 400 ? "application/xml" : "", sentBytes: status ? 300_000 : 0, marker: false, stalled: false, ...more });

/**
 * A server that keeps its word, and a device before it. Tests replace what they are about.
 * @param {...Item} items
 */
export async function world(...items) {
  const keeper = new MemoryKeeper(...items);
  /** @type {Map<string, { id: string, ref: string, state: string }>} */
  const known = new Map();
  /** @type {{ at: number, what: () => void }[]} */
  let timers = [];
  const made = {
    keeper, known,
    /** The device's clock. */
    now: 1_000_000,
    /** How far the server's clock is ahead of it: a phone whose battery was flat may begin in another year. */
    apart: 2 * 365 * 86_400_000,
    online: true,
    leads: true,
    chance: 0.5,
    /** @type {string[]} */
    log: [],
    consentAsked: 0,
    active: 0,
    most: 0,
    open: true,
    preparing: false,
    /** @type {Bytes | null} what a photo is made into where less is wanted */
    smaller: null,
    /** @type {(url: string) => PutAnswer | Promise<PutAnswer>} */
    storage: () => bytesAnswer(200),
    api: {
      /** @param {any} body @returns {Promise<Answer>} */
      async reserve(body) {
        made.log.push(`reserve ${body.photos.length}`);
        return answer(201, { photos: body.photos.map((/** @type {any} */ photo) => made.reserved(photo.ref)) });
      },
      /** @param {string} id @returns {Promise<Answer>} */
      async renew(id) {
        made.log.push(`renew ${id}`);
        return answer(200, { id, state: "reserved", upload: made.upload(id) });
      },
      /** @returns {Promise<Answer>} */
      async own() {
        made.log.push("own");
        return answer(200, { photos: [...known.values()] });
      },
      /** @param {string} id @returns {Promise<Answer>} */
      async withdraw(id) {
        made.log.push(`withdraw ${id}`);
        known.delete(id);
        return answer(200, { site: "gone", storage: "gone", edges: "gone" });
      },
    },
    /** @param {string} ref */
    reserved(ref) {
      const id = `id-${ref}`;
      if (!known.has(id)) known.set(id, { id, ref, state: "reserved" });
      return { ref, id, state: "reserved", upload: made.upload(id) };
    },
    /** @param {string} id */
    upload: (id) => ({ method: "PUT", url: `https://storage.example/originals/${id}?sig=1`, headers: {}, expires_at: new Date(made.now + made.apart + 600_000).toISOString() }),
    /**
     * Lets the given time pass, timer by timer.
     * @param {number} ms
     */
    async pass(ms) {
      const end = made.now + ms;
      for (;;) {
        await settled();
        const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        made.now = Math.max(made.now, next.at);
        next.what();
      }
      made.now = end;
      await settled();
    },
    /** @param {string} key */
    state: (key) => shelf.get(key)?.state ?? "gone",
  };
  /** @type {Map<string, number>} */
  const levels = new Map();
  const shelf = new Shelf(keeper, () => {}, (one, key) => {
    if (one && one.level < (levels.get(key) ?? 0)) throw new Error(`the level of ${key} went back`);
    levels.set(key, one?.level ?? 0);
  });
  await shelf.restore(made.now);
  const sender = new Sender({
    shelf,
    api: { reserve: (body) => made.api.reserve(body), renew: (id) => made.api.renew(id), own: () => made.api.own(), withdraw: (id) => made.api.withdraw(id) },
    async put(url, _headers, bytes, onProgress, signal) {
      made.active += 1;
      made.most = Math.max(made.most, made.active);
      made.log.push(`put ${url}`);
      await new Promise((resolve) => setImmediate(resolve));
      const result = await made.storage(url);
      made.active -= 1;
      if (signal.aborted) return bytesAnswer(0);
      onProgress(result.sentBytes);
      if (result.status === 200) {
        const photo = known.get(decodeURIComponent(new URL(url).pathname.split("/").pop() ?? ""));
        if (photo) photo.state = "pending";
      }
      return { ...result, sentBytes: Math.min(result.sentBytes, bytes.size) };
    },
    now: () => made.now,
    serverNow: () => made.now + made.apart,
    random: () => made.chance,
    after: (ms, what) => timers.push({ at: made.now + ms, what }),
    online: () => made.online,
    leads: () => made.leads,
    batch: () => limits.max_photos_per_request,
    preparing: () => made.preparing,
    open: () => made.open,
    smaller: async () => made.smaller,
    origin: "https://photos.example",
    onConsentOutdated: () => { made.consentAsked += 1; },
  });
  return Object.assign(made, { shelf, sender });
}

/** Lets everything that is ready to happen happen. */
async function settled() {
  for (let i = 0; i < 12; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
