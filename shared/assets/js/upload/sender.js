// @ts-check
// Sends the photos of this device: registers all at once, sends two at a time, and asks the server until each is confirmed.
//
// It never gives up a photo because of a network failure; only the server can refuse one for good. Everything outside is an argument, so
// its tests take no time.

import { phrase } from "../words.js";
import { delay, pollDelay } from "./backoff.js";
import { batches, reference, reservation } from "./plan.js";
import { can, move } from "./queue.js";
import { meaning, name, putMeaning, refusal, words } from "./problems.js";

/** @import { Addresses, Cause, Event, Item, Meaning, OwnPhoto, PutAnswer, Reserved, Upload, World } from "./types.js" */

const AT_ONCE = 2;
/** Bytes per second below which one photo at a time is faster than two. */
const SLOW = 100_000;
/** Milliseconds after which a photo that the server has not seen is sent again: something in between has lied. */
const UNSEEN_MS = 180_000;
/** An address that expires within this time, in milliseconds, is not used. */
const MARGIN_MS = 15_000;
/** Number of stalls after which a photo is sent in fewer bytes, unless it has few already. */
const STALLS = 2;
const FEW_BYTES = 400_000;
/** While photos are still being prepared, milliseconds to wait for more of them to be registered together. */
const GATHER_MS = 3_000;
/** Fewer bytes than these may not have left the device. */
const MOVED_BYTES = 65_536;
/** Milliseconds between checks for a connection whose return was not announced. */
const OFFLINE_GLANCE_MS = 5_000;
/** Milliseconds after which a photo is tried again that a filter kept back: nothing announces that somebody has let us through. */
const BLOCKED_MS = 30_000;
/** Problems that no further attempt can solve. */
const HOPELESS = ["too-large", "unsupported-type", "empty-file", "unknown-edition"];

export class Sender {
  /** Upload addresses by photo, of a video those of its next parts; kept in memory only, because each is a permission. @type {Map<string, Upload[]>} */
  #uploads = new Map();
  /** @type {Map<string, AbortController>} */
  #active = new Map();
  #registering = false;
  /** Since when registration has been waiting for more photos; 0 if it is not. */
  #gathering = 0;
  /** Whether the site's own origin leads to the storage, as far as is known. */
  #ownWay = true;
  #width = AT_ONCE;
  #looks = 0;
  #looking = false;
  /** When the next request for the photos' states is due; 0 if none is. */
  #lookAt = 0;
  #wakeAt = Infinity;
  /** Photos that were removed here after the server had learned of them. @type {string[]} */
  #withdrawals = [];
  #takingBack = false;

  /** @param {World} world */
  constructor(world) {
    this.world = world;
  }

  /** Does everything that can be done now. Safe to call at any time, and called whenever something has changed. */
  pump() {
    const { shelf, now, online } = this.world;
    // Photos before videos.
    const mine = shelf.list().filter((item) => this.#mine(item)).sort((a, b) => Number(!!a.film) - Number(!!b.film));
    if (!online()) {
      for (const item of mine) if (item.state === "ready") this.#update(item, "wait", { cause: "connection", retryAt: 0 });
      // Some browsers do not announce the return of the connection.
      if (mine.some((item) => item.state === "waiting" || item.state === "ready")) this.#wake(now() + OFFLINE_GLANCE_MS);
      return;
    }
    for (const item of mine) {
      if (item.retryAt > now()) continue;
      if (item.state === "waiting") this.#update(item, "retry");
      if (item.state === "blocked") this.#update(item, "send");
    }
    void this.#register(mine);
    this.#start(mine);
    this.#look(mine);
    void this.#takeBack();
    const due = mine.filter((item) => item.state === "waiting" || item.state === "blocked").map((item) => item.retryAt);
    if (this.#lookAt && !this.#looking) due.push(this.#lookAt);
    this.#wake(Math.min(...due));
  }

  /** The network has changed, or the page is visible again: pauses meant for a dead network end. */
  hurry() {
    for (const item of this.world.shelf.list().filter((item) => this.#mine(item))) {
      const dead = item.cause === "connection" || item.cause === "blocked";
      if ((item.state === "waiting" && dead) || item.state === "blocked") void this.world.shelf.update({ ...item, retryAt: 0 });
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

  /**
   * Stops sending a photo that was removed. If the server knows of it already, it is told, even if that takes several attempts.
   * @param {Item} item as it was
   */
  async forget(item) {
    this.cancel(item.key);
    if (item.id && item.state !== "done") await this.#withdraw(item.id);
  }

  /** Continues withdrawals that were interrupted when the page was closed. */
  async resume() {
    const kept = await this.world.shelf.keeper?.note("withdrawals").catch(() => {});
    if (Array.isArray(kept)) this.#withdrawals.push(...kept);
    this.pump();
  }

  /** @param {string} id */
  async #withdraw(id) {
    this.#withdrawals.push(id);
    await this.world.shelf.keeper?.putNote("withdrawals", this.#withdrawals).catch(() => {});
    await this.#takeBack();
  }

  async #takeBack() {
    if (this.#takingBack || !this.world.online()) return;
    this.#takingBack = true;
    for (const id of [...this.#withdrawals]) {
      const means = meaning(await this.world.api.withdraw(id), this.world.now());
      if (means.kind === "retry" || means.kind === "blocked") {
        this.#wake(this.world.now() + 30_000);
        break;
      }
      this.#withdrawals.splice(this.#withdrawals.indexOf(id), 1);
      await this.world.shelf.keeper?.putNote("withdrawals", this.#withdrawals).catch(() => {});
    }
    this.#takingBack = false;
  }

  /** Whether this tab is the one that sends a photo. @param {Item} item */
  #mine(item) {
    return item.stored ? this.world.leads() : this.world.shelf.holds(item.key);
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
    const due = this.#unregistered(mine);
    const [batch] = batches(due, this.world.batch());
    if (!batch) return;
    if (due.length < this.world.batch() && this.world.preparing()) {
      this.#gathering ||= this.world.now();
      const until = this.#gathering + GATHER_MS;
      if (this.world.now() < until) return this.#wake(until);
    }
    this.#gathering = 0;
    this.#registering = true;
    try {
      const answer = await this.world.api.reserve(reservation(batch));
      const means = meaning(answer, this.world.now());
      if (means.kind === "ok") this.#registered(batch, answer.body);
      else this.#judgeAll(batch, means);
    } finally {
      this.#registering = false;
    }
    this.pump();
  }

  /** Returns the photos to register. A photo that is covered only on the screen is never sent. @param {Item[]} mine @returns {Item[]} */
  #unregistered(mine) {
    const now = /** @type {Item[]} */ (mine.map((item) => this.#fresh(item)).filter((item) => item !== null));
    return now.filter((item) => item.state === "ready" && !item.id && item.boxes.length === 0);
  }

  /** @param {Item[]} batch @param {unknown} body */
  #registered(batch, body) {
    const chance = this.world.random();
    let outdated = false;
    const answers = /** @type {{ photos?: Reserved[] } | null} */ (body)?.photos ?? [];
    for (const item of batch) {
      const answer = answers.find((one) => one.ref === reference(item));
      if (!answer) {
        this.#judge(item, { kind: "retry", cause: "ours", afterMs: 0 });
      } else if ("problem" in answer) {
        const means = refusal(answer.problem);
        this.#judge(item, means, chance);
        outdated ||= means.kind === "consent";
      } else if (!this.#fresh(item)) {
        // It was removed in the meantime, and must not stay registered.
        void this.#withdraw(answer.id);
      } else {
        const now = /** @type {Item} */ (this.#fresh(item));
        void this.world.shelf.update({ ...now, id: answer.id, attempt: 0 });
        this.#uploads.set(item.key, addresses(answer));
        if (answer.state !== "reserved") this.#seen(now, answer);
      }
    }
    if (outdated) this.world.onConsentOutdated();
  }

  // Sending

  /** Starts sending. Not while photos are being registered, because that decides whether they came in time. @param {Item[]} mine */
  #start(mine) {
    if (this.#registering) return;
    for (const { key } of mine) {
      const item = this.world.shelf.get(key);
      if (this.#active.size >= this.#width) return;
      if (item?.state === "ready" && item.id && !this.#active.has(key)) void this.#send(item);
    }
  }

  /** @param {Item} item */
  async #send(item) {
    const stop = new AbortController();
    this.#active.set(item.key, stop);
    try {
      this.#update(item, "start");
      /** @type {Blob | null} */
      let bytes = null;
      let sent = true;
      while (sent) {
        const upload = await this.#address(item);
        bytes ??= upload && (await this.world.shelf.bytes(item));
        if (stop.signal.aborted || !upload) return;
        if (!bytes) {
          this.#update(item, "fail", { message: phrase("lost"), retryable: false });
          return;
        }
        sent = await this.#deliver(item, upload, bytes, stop.signal);
      }
    } finally {
      this.#active.delete(item.key);
      this.pump();
    }
  }

  /**
   * Returns an address that is still valid, and requests a new one if necessary. Null if the photo stops or pauses here.
   * @param {Item} item
   * @returns {Promise<Upload | null>}
   */
  async #address(item) {
    const [known] = this.#uploads.get(item.key) ?? [];
    if (known && Date.parse(known.expires_at) - this.world.serverNow() > MARGIN_MS) return known;
    const answer = await this.world.api.renew(item.id ?? "");
    const means = meaning(answer, this.world.now());
    if (means.kind === "ok") {
      const uploads = addresses(/** @type {Addresses | null} */ (answer.body));
      this.#uploads.set(item.key, uploads);
      if (uploads[0]) return uploads[0];
      // The storage has every part of a video.
      if (item.film && answer.body) {
        this.#arrived(item);
        return null;
      }
    }
    if (means.kind === "conflict") this.#overtaken(item, String(means.problem["state"]));
    else if (means.kind === "final" && answer.status === 404) this.#anew(item);
    else this.#judge(item, means.kind === "ok" ? { kind: "retry", cause: "ours", afterMs: 0 } : means);
    return null;
  }

  /**
   * Sends the bytes, or a part of them, by one way, and then by the other if the first leads nowhere.
   * @param {Item} item @param {Upload} upload @param {Blob} all @param {AbortSignal} signal
   * @returns {Promise<boolean>} whether another part is to be sent
   */
  async #deliver(item, upload, all, signal) {
    const { part = 0 } = upload;
    const before = (item.film?.parts ?? []).slice(0, part).reduce((sum, { size_bytes }) => sum + size_bytes, 0);
    const bytes = item.film ? all.slice(before, before + (item.film.parts[part]?.size_bytes ?? 0)) : all;
    const direct = new URL(upload.url, this.world.origin);
    const own = byOwnHost(direct, this.world.origin);
    const ways = direct.href === new URL(own).href ? [own] : this.#ownWay ? [own, direct.href] : [direct.href, own];
    let filtered = false;
    let refusedOnce = false;
    for (const [i, way] of ways.entries()) {
      const last = i + 1 === ways.length;
      const begun = this.world.now();
      const answer = await this.world.put(way, upload.headers, bytes, (sent) => this.#progress(item, before + sent), signal);
      if (signal.aborted) return false;
      let means = putMeaning(answer);
      filtered ||= !answer.marker && /html/i.test(answer.contentType);
      if (means === "other" && !last) continue;
      // A 403 through the site's own host for a fresh address is about that way: only the other way can tell.
      if (means === "expired" && !last && Date.parse(upload.expires_at) > this.world.serverNow()) {
        refusedOnce = true;
        continue;
      }
      if (means === "other" && refusedOnce) means = "expired";
      if (means === "sent" || means === "there") {
        this.#ownWay = way === own;
        if (means === "sent") this.#measure(bytes.size, this.world.now() - begun);
        this.#uploads.get(item.key)?.shift();
        if (item.film) {
          const now = this.#fresh(item);
          if (now) void this.world.shelf.update({ ...now, attempt: 0 });
          return now !== null;
        }
        this.#arrived(item);
      } else if (filtered && means === "other") {
        this.#update(item, "block", { retryAt: this.world.now() + BLOCKED_MS });
      } else {
        await this.#undelivered(item, means, answer);
      }
      return false;
    }
    return false;
  }

  /** @param {Item} item all of whose bytes the storage has */
  #arrived(item) {
    this.#update(item, "sent", { level: 1, sentAt: this.world.now() });
    this.#looks = 0;
    this.#lookAt = this.world.now() + 800;
  }

  /** @param {Item} item @param {ReturnType<typeof putMeaning>} means @param {PutAnswer} answer */
  async #undelivered(item, means, { status, sentBytes, stalled }) {
    const found = this.#fresh(item);
    if (!found) return;
    const now = stalled ? { ...found, stalls: found.stalls + 1 } : found;
    if (stalled && (await this.#shrunk(now))) return;
    if (means === "expired") {
      this.#uploads.delete(item.key);
      // The first time at once; if a new address does not help either, with growing pauses.
      if (now.attempt === 0) this.#update(now, "again", { attempt: 1 });
      else this.#wait(now, "ours");
    } else if (means === "refused") {
      this.#update(now, "fail", { message: phrase("not_stored"), retryable: true });
    } else if (status !== 0) {
      this.#wait(now, "ours");
    } else if (sentBytes > MOVED_BYTES) {
      this.#wait({ ...now, attempt: 0 }, "connection");
    } else {
      // If the site's pages can be reached but the storage cannot, the network is selective rather than dead.
      const picky = now.attempt >= 3 && meaning(await this.world.api.own(), this.world.now()).kind === "ok";
      this.#wait(now, picky ? "blocked" : "connection");
    }
  }

  /**
   * Replaces a photo whose sending stalls again and again by a smaller copy, and registers that, but only while new photos are accepted;
   * otherwise it would be lost.
   * @param {Item} item
   * @returns {Promise<boolean>} whether that was done
   */
  async #shrunk(item) {
    if (item.stalls < STALLS || item.made !== "device" || item.film || item.size < FEW_BYTES || !this.world.open()) return false;
    const bytes = await this.world.shelf.bytes(item);
    const made = bytes && (await this.world.smaller(bytes));
    const now = this.#fresh(item);
    if (!made || !now || now.state !== "sending" || made.bytes.byteLength >= now.size) return false;
    const { state } = move(now, "again");
    const anew = /** @type {const} */ ({ state, made: "smaller", stalls: 0, attempt: 0, id: null, generation: now.generation + 1 });
    if (!(await this.world.shelf.exchange(item.key, anew, made))) return false;
    this.#uploads.delete(item.key);
    if (now.id) await this.#withdraw(now.id);
    return true;
  }

  /** @param {Item} item @param {number} sent */
  #progress(item, sent) {
    const now = this.#fresh(item);
    // A retried photo starts again; the shown progress waits until it has caught up.
    const level = Math.min(sent / item.size, 1);
    if (now?.state === "sending" && level - now.level >= 0.01) this.world.shelf.show({ ...now, level });
  }

  /** @param {number} bytes @param {number} ms */
  #measure(bytes, ms) {
    const rate = (bytes * Math.max(this.#active.size, 1) * 1000) / Math.max(ms, 1);
    this.#width = rate < SLOW ? 1 : AT_ONCE;
  }

  // Confirming

  /** @param {Item[]} mine */
  #look(mine) {
    if (this.#looking) return;
    const asked = mine.some((item) => item.state === "confirming");
    if (!asked) this.#lookAt = 0;
    else if (!this.#lookAt && this.#looks === 0) this.#lookAt = this.world.now() + 800;
    if (this.#lookAt && this.#lookAt <= this.world.now()) void this.#confirm();
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
    else if (this.world.now() - item.sentAt > UNSEEN_MS) this.#update(item, "again", { attempt: 1 });
  }

  /**
   * Handles a photo that accepts no more bytes: its time is over, or it is further than this device knew.
   * @param {Item} item @param {string} state the server's
   */
  #overtaken(item, state) {
    if (state === "reserved") this.#update(item, "close");
    else if (state === "deleted") this.#seen(item, { state });
    else if (state === "expired") this.#anew(item);
    else this.#update(item, "sent", { level: 1, sentAt: this.world.now() });
  }

  /** @param {Item} item @param {{ state: string, page?: string | null, reason?: string | null }} seen */
  #seen(item, seen) {
    if (seen.state === "expired") return this.#anew(item);
    const result = { state: seen.state, page: seen.page ?? null, reason: seen.reason ?? null };
    this.#update(item, "finish", { level: 1, result });
  }

  /** The server has given the photo up before its bytes came: it is registered as a new one. @param {Item} item */
  #anew(item) {
    const now = this.#fresh(item);
    if (!now) return;
    this.#uploads.delete(item.key);
    const anew = { ...now, id: null, generation: now.generation + 1 };
    void this.world.shelf.update(anew);
    if (can(anew, "wait")) this.#wait(anew, "ours");
    else this.#update(anew, "again");
  }

  // Effects of an answer on a photo

  /** A batch waits as a whole, so that it is registered in one request again. @param {Item[]} batch @param {Meaning} means */
  #judgeAll(batch, means) {
    const chance = this.world.random();
    for (const item of batch) this.#judge(item, means, chance);
    if (means.kind === "consent") this.world.onConsentOutdated();
  }

  /** @param {Item} item @param {Meaning} means @param {number} [chance] */
  #judge(item, means, chance) {
    const now = this.#fresh(item);
    if (!now) return;
    switch (means.kind) {
      case "ok": return;
      case "retry": return this.#wait(now, means.cause, means.afterMs, chance);
      case "blocked": return this.#update(now, "block", { retryAt: this.world.now() + BLOCKED_MS });
      case "closed": return this.#update(now, "close");
      case "consent": return this.#update(now, "hold", { shared: null });
      case "conflict":
        if (name(means.problem) === "ref-taken") return this.#anew(now);
        return this.#update(now, "fail", { message: words(means.problem), retryable: true });
      case "final":
        return this.#update(now, "fail", { message: means.words, retryable: !HOPELESS.includes(name(means.problem)) });
    }
  }

  /** @param {Item} item @param {Cause} cause @param {number} [afterMs] the least @param {number} [chance] */
  #wait(item, cause, afterMs = 0, chance = this.world.random()) {
    // Added to the requested pause: devices that are told the same time must not return together.
    const pause = afterMs + delay(item.attempt, () => chance);
    this.#update(item, "wait", { cause, stalls: item.stalls, attempt: item.attempt + 1, retryAt: this.world.now() + pause });
  }
}

/**
 * Returns a signed address through the site's own host, where the edge recognises a bucket by the path's first part. AWS has the bucket in
 * the host name, other storage has it in the path already.
 * @param {URL} direct @param {string} origin of the site
 */
export function byOwnHost(direct, origin) {
  const bucket = /^([^.]+)\.s3\./.exec(direct.hostname)?.[1];
  return `${origin}${bucket ? `/${bucket}` : ""}${direct.pathname}${direct.search}`;
}

/** Returns the addresses in an answer. Older servers answer the address itself. @param {Addresses & Partial<Upload> | null} body @returns {Upload[]} */
function addresses(body) {
  if (body?.parts) return body.parts;
  const upload = body?.upload ?? (body?.url ? /** @type {Upload} */ (body) : null);
  return upload ? [upload] : [];
}

/** @param {unknown} body @param {Item} item @returns {OwnPhoto | null} */
function ownPhoto(body, item) {
  const photos = /** @type {{ photos?: OwnPhoto[] } | null} */ (body)?.photos ?? [];
  return photos.find((photo) => photo.id === item.id) ?? null;
}
