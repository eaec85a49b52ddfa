// @ts-check
// Sends the photos of this device: registers all at once, sends two at a time, and asks until the server has confirmed each.
//
// It never gives a photo up for a network that fails; only the server can refuse one for good. Everything outside is an argument,
// so its tests run in no time.

import { delay, pollDelay } from "./backoff.js";
import { batches, reference, reservation } from "./plan.js";
import { can, move } from "./queue.js";
import { meaning, name, putMeaning, refusal, words } from "./problems.js";

/**
 * @import { Api, OwnPhoto, Reserved, Upload } from "./api.js"
 * @import { Shelf } from "./shelf.js"
 * @import { Cause, Event, Item } from "./queue.js"
 * @import { Meaning } from "./problems.js"
 * @import { put } from "./put.js"
 * @typedef {object} World what the sender cannot make by itself
 * @property {Shelf} shelf
 * @property {Pick<Api, "reserve" | "renew" | "own" | "withdraw">} api
 * @property {typeof put} put
 * @property {() => number} now milliseconds since 1970
 * @property {() => number} serverNow the same by the server's clock
 * @property {() => number} random 0 up to, not including, 1
 * @property {(ms: number, what: () => void) => unknown} after
 * @property {() => boolean} online whether the browser believes in a connection
 * @property {() => boolean} leads whether this tab is the one that sends what is stored
 * @property {() => number} batch photos of one request
 * @property {string} origin our own
 * @property {() => void} onConsentOutdated
 */

const AT_ONCE = 2;
/** Below so many bytes a second one photo at a time is done sooner than two. */
const SLOW = 100_000;
/** A photo that the server does not see so long after its bytes went is sent again: something in between has lied. */
const UNSEEN_MS = 180_000;
/** An address that ends so soon is not begun with. */
const MARGIN_MS = 15_000;
/** Kinds of problems that no further attempt can cure. */
const HOPELESS = ["too-large", "unsupported-type", "empty-file", "unknown-edition"];

export class Sender {
  /** Addresses to send to, by photo; kept in memory only, since each is a permission. @type {Map<string, Upload>} */
  #uploads = new Map();
  /** @type {Map<string, AbortController>} */
  #active = new Map();
  #registering = false;
  /** Whether the own origin leads to the storage, as far as is known. */
  #ownWay = true;
  #width = AT_ONCE;
  #looks = 0;
  #looking = false;
  /** When the next look at the server is due; 0 for none. */
  #lookAt = 0;
  /** @type {number} */
  #wakeAt = Infinity;

  /** @param {World} world */
  constructor(world) {
    this.world = world;
  }

  /** Does whatever can be done now. Safe to call at any time, and called whenever something has changed. */
  pump() {
    const { shelf, now, online, leads } = this.world;
    const mine = shelf.list().filter((item) => (item.stored ? leads() : shelf.holds(item.key)));
    if (online()) {
      for (const item of mine) if (item.state === "waiting" && item.retryAt <= now()) this.#update(item, "retry");
      void this.#register(mine);
      this.#start();
      this.#look(mine);
    }
    const due = mine.filter((item) => item.state === "waiting").map((item) => item.retryAt);
    if (this.#lookAt) due.push(this.#lookAt);
    this.#wake(Math.min(...due));
  }

  /** The connection is back, or somebody looks: nobody waits out a pause that was meant for a dead network. */
  hurry() {
    for (const item of this.world.shelf.list()) {
      if (item.state === "waiting" && item.cause === "connection") void this.world.shelf.update({ ...item, retryAt: 0 });
    }
    this.#looks = 0;
    this.#lookAt = this.world.now();
    this.pump();
  }

  /** Stops sending a photo, if it is being sent. @param {string} key */
  cancel(key) {
    this.#active.get(key)?.abort();
    this.#uploads.delete(key);
  }

  /** @param {number} at */
  #wake(at) {
    if (at === Infinity || at >= this.#wakeAt) return;
    this.#wakeAt = at;
    this.world.after(Math.max(at - this.world.now(), 10), () => {
      this.#wakeAt = Infinity;
      this.pump();
    });
  }

  /** @param {Item} item @returns {Item | null} as it is now */
  #fresh(item) {
    return this.world.shelf.get(item.key);
  }

  /** @param {Item} item @param {Event} event @param {Partial<Item>} [change] */
  #update(item, event, change) {
    const now = this.#fresh(item);
    if (!now || !can(now, event)) return;
    void this.world.shelf.update(move(now, event, change));
  }

  // Registering

  /** @param {Item[]} mine */
  async #register(mine) {
    if (this.#registering) return;
    const due = mine.map((item) => this.#fresh(item)).filter((item) => item !== null && item.state === "ready" && !item.id);
    const [batch] = batches(/** @type {Item[]} */ (due), this.world.batch());
    if (!batch) return;
    this.#registering = true;
    try {
      const answer = await this.world.api.reserve(reservation(batch));
      const means = meaning(answer, this.world.now());
      if (means.kind === "ok") this.#registered(batch, answer.body);
      else for (const item of batch) this.#judge(item, means);
    } finally {
      this.#registering = false;
    }
    this.pump();
  }

  /** @param {Item[]} batch @param {unknown} body */
  #registered(batch, body) {
    const answers = /** @type {{ photos?: Reserved[] } | null} */ (body)?.photos ?? [];
    for (const item of batch) {
      const answer = answers.find((one) => one.ref === reference(item));
      if (!answer) {
        this.#judge(item, { kind: "retry", cause: "ours", afterMs: 0 });
      } else if ("problem" in answer) {
        this.#judge(item, refusal(answer.problem));
      } else if (!this.#fresh(item)) {
        // Removed in the meantime: it must not stay registered.
        void this.world.api.withdraw(answer.id);
      } else {
        const now = /** @type {Item} */ (this.#fresh(item));
        void this.world.shelf.update({ ...now, id: answer.id, attempt: 0 });
        if (answer.upload) this.#uploads.set(item.key, answer.upload);
        if (answer.state !== "reserved") this.#seen(now, answer);
      }
    }
  }

  // Sending

  #start() {
    for (const item of this.world.shelf.list()) {
      if (this.#active.size >= this.#width) return;
      const may = item.stored ? this.world.leads() : this.world.shelf.holds(item.key);
      if (may && item.state === "ready" && item.id && !this.#active.has(item.key)) void this.#send(item);
    }
  }

  /** @param {Item} item */
  async #send(item) {
    const stop = new AbortController();
    this.#active.set(item.key, stop);
    try {
      this.#update(item, "start");
      const upload = await this.#address(item);
      const bytes = upload && (await this.world.shelf.bytes(item));
      if (stop.signal.aborted || !upload) return;
      if (!bytes) {
        this.#update(item, "fail", { message: "This browser has lost the photo. Choose it again.", retryable: false });
        return;
      }
      await this.#deliver(item, upload, bytes, stop.signal);
    } finally {
      this.#active.delete(item.key);
      this.pump();
    }
  }

  /**
   * An address that is still good; asks for a new one where it is not. Null where the photo's way ends or pauses here.
   * @param {Item} item
   * @returns {Promise<Upload | null>}
   */
  async #address(item) {
    const known = this.#uploads.get(item.key);
    if (known && Date.parse(known.expires_at) - this.world.serverNow() > MARGIN_MS) return known;
    const answer = await this.world.api.renew(item.id ?? "");
    const means = meaning(answer, this.world.now());
    const body = /** @type {{ upload?: Upload } & Partial<Upload> | null} */ (answer.body);
    const upload = body?.upload ?? (body?.url ? /** @type {Upload} */ (body) : null);
    if (means.kind === "ok" && upload) {
      this.#uploads.set(item.key, upload);
      return upload;
    }
    if (means.kind === "conflict" || (means.kind === "final" && answer.status === 404)) await this.#ask(item);
    else this.#judge(item, means.kind === "ok" ? { kind: "retry", cause: "ours", afterMs: 0 } : means);
    return null;
  }

  /**
   * Sends the bytes by one way, then by the other where the first leads nowhere.
   * @param {Item} item @param {Upload} upload @param {Blob} bytes @param {AbortSignal} signal
   */
  async #deliver(item, upload, bytes, signal) {
    const direct = new URL(upload.url, this.world.origin);
    const own = this.world.origin + direct.pathname + direct.search;
    const ways = direct.href === new URL(own).href ? [own] : this.#ownWay ? [own, direct.href] : [direct.href, own];
    let blocked = false;
    for (const [i, way] of ways.entries()) {
      const begun = this.world.now();
      const answer = await this.world.put(way, upload.headers, bytes, (sent) => this.#progress(item, sent), signal);
      if (signal.aborted) return;
      const means = putMeaning(answer);
      blocked ||= /html/i.test(answer.contentType);
      if (means === "other" && i + 1 < ways.length) continue;
      // A 403 of the own way may be about the way and not about the address' age: only a second way can tell.
      if (means === "expired" && i + 1 < ways.length && this.#renewedJustNow(upload)) continue;
      if (means === "sent" || means === "there") {
        this.#ownWay = way === own;
        if (means === "sent") this.#measure(bytes.size, this.world.now() - begun);
        this.#uploads.delete(item.key);
        this.#update(item, "sent", { level: 1, attempt: 0, sentAt: this.world.now() });
        this.#looks = 0;
        this.#lookAt = this.world.now() + 800;
        return;
      }
      return this.#undelivered(item, means, answer.sentBytes, blocked);
    }
  }

  /** @param {Item} item @param {ReturnType<typeof putMeaning>} means @param {number} sentBytes @param {boolean} blocked */
  #undelivered(item, means, sentBytes, blocked) {
    const now = this.#fresh(item);
    if (!now) return;
    if (means === "expired") {
      this.#uploads.delete(item.key);
      // The first time at once; where new addresses do not help either, with growing pauses.
      if (now.attempt === 0) this.#update(now, "again", { attempt: 1 });
      else this.#wait(now, "ours", 0);
    } else if (means === "refused") {
      this.#update(now, "fail", { message: "The storage did not accept this photo. Choose it again.", retryable: true });
    } else if (blocked) {
      this.#update(now, "block");
    } else {
      this.#wait(sentBytes > 65_536 ? { ...now, attempt: 0 } : now, "connection", 0);
    }
  }

  /** @param {Upload} upload */
  #renewedJustNow(upload) {
    return Date.parse(upload.expires_at) - this.world.serverNow() > MARGIN_MS;
  }

  /** @param {Item} item @param {number} sent */
  #progress(item, sent) {
    const now = this.#fresh(item);
    // A retried photo starts anew; what is shown waits until it has caught up.
    const level = Math.min(sent / item.size, 1);
    if (now?.state === "sending" && level - now.level >= 0.01) this.world.shelf.place({ ...now, level });
  }

  /** @param {number} bytes @param {number} ms */
  #measure(bytes, ms) {
    const rate = (bytes * Math.max(this.#active.size, 1) * 1000) / Math.max(ms, 1);
    this.#width = rate < SLOW ? 1 : AT_ONCE;
  }

  // Confirming

  /** @param {Item[]} mine */
  #look(mine) {
    const waiting = mine.some((item) => item.state === "confirming");
    if (!waiting) this.#lookAt = 0;
    else if (!this.#lookAt && this.#looks === 0) this.#lookAt = this.world.now() + 800;
    if (this.#lookAt && this.#lookAt <= this.world.now() && !this.#looking) void this.#confirm();
  }

  async #confirm() {
    this.#looking = true;
    const answer = await this.world.api.own();
    this.#looking = false;
    if (meaning(answer, this.world.now()).kind === "ok") {
      for (const item of this.world.shelf.list()) if (item.state === "confirming") this.#compare(item, answer.body);
    }
    const next = pollDelay(this.#looks);
    this.#looks += 1;
    this.#lookAt = next === null ? 0 : this.world.now() + next;
    this.pump();
  }

  /** @param {Item} item @param {unknown} body */
  #compare(item, body) {
    const found = ownPhoto(body, item);
    if (found && found.state !== "reserved") this.#seen(item, found);
    else if (this.world.now() - item.sentAt > UNSEEN_MS) this.#update(item, "again", { sentAt: this.world.now(), attempt: 1 });
  }

  /**
   * Asks what became of a photo that takes no more bytes, and acts upon it.
   * @param {Item} item
   */
  async #ask(item) {
    const answer = await this.world.api.own();
    const means = meaning(answer, this.world.now());
    if (means.kind !== "ok") return this.#judge(item, means);
    const found = ownPhoto(answer.body, item);
    if (found?.state === "reserved") this.#update(item, "close");
    else if (found) this.#seen(item, found);
    else this.#anew(item);
  }

  /** @param {Item} item @param {{ state: string, page?: string | null, reason?: string | null }} seen */
  #seen(item, seen) {
    if (seen.state === "expired") return this.#anew(item);
    const result = { state: seen.state, page: seen.page ?? null, reason: seen.reason ?? null };
    this.#update(item, "finish", { level: 1, result });
  }

  /** The server has given it up before its bytes came: it is registered as a new one. @param {Item} item */
  #anew(item) {
    const now = this.#fresh(item);
    if (!now) return;
    this.#uploads.delete(item.key);
    void this.world.shelf.update({ ...now, id: null, generation: now.generation + 1 });
    this.#wait(/** @type {Item} */ (this.#fresh(item)), "ours", 0);
  }

  // What an answer does to a photo

  /** @param {Item} item @param {Meaning} means */
  #judge(item, means) {
    const now = this.#fresh(item);
    if (!now) return;
    switch (means.kind) {
      case "ok": return;
      case "retry": return this.#wait(now, means.cause, means.afterMs);
      case "blocked": return this.#update(now, "block");
      case "closed": return this.#update(now, "close");
      case "consent":
        this.#update(now, "hold", { shared: null });
        return this.world.onConsentOutdated();
      case "conflict":
        if (name(means.problem) === "ref-taken") return this.#anew(now);
        return this.#update(now, "fail", { message: words(means.problem), retryable: true });
      case "final":
        return this.#update(now, "fail", { message: means.words, retryable: !HOPELESS.includes(name(means.problem)) });
    }
  }

  /** @param {Item} item @param {Cause} cause @param {number} afterMs the least */
  #wait(item, cause, afterMs) {
    const pause = Math.max(afterMs, delay(item.attempt, this.world.random));
    this.#update(item, "wait", { cause, attempt: item.attempt + 1, retryAt: this.world.now() + pause });
  }
}

/** @param {unknown} body @param {Item} item @returns {OwnPhoto | null} */
function ownPhoto(body, item) {
  const photos = /** @type {{ photos?: OwnPhoto[] } | null} */ (body)?.photos ?? [];
  return photos.find((photo) => photo.id === item.id) ?? null;
}
