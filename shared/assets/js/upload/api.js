// @ts-check
// Calls the site's own API. Every result is returned as an answer; no call throws an exception.

/** @import { Answer } from "./types.js" */

const BASE = "/api/v1";
const PATIENCE_MS = 30_000;
/** Largest number of pages of own photos that are read: 5,000 photos. */
const MOST_PAGES = 50;

export class Api {
  /** @param {() => string} secret of this device */
  constructor(secret) {
    this.secret = secret;
  }

  /** Reads the facts of the day. */
  event() {
    return call("GET", "/event");
  }

  /** Finds schools in the registers. @param {string} typed */
  schools(typed) {
    return call("GET", `/schools?q=${encodeURIComponent(typed)}`);
  }

  /** Reads the QR code of the recovery link. @returns {Promise<Blob | null>} */
  recovery() {
    return fetch(`${BASE}/uploads/recovery`, { headers: { Authorization: `Uploader ${this.secret()}` }, cache: "no-store" })
      .then((response) => (response.ok ? response.blob() : null), () => null);
  }

  /** @param {unknown} body */
  reserve(body) {
    return this.#own("POST", "/uploads", body);
  }

  /** @param {string} id */
  renew(id) {
    return this.#own("POST", `/uploads/${id}/renew`);
  }

  /** Reads the device's own photos, all pages as one answer. The first answer that is not a page ends it. @returns {Promise<Answer>} */
  async own() {
    /** @type {unknown[]} */
    const photos = [];
    for (let query = "", pages = 1; ; pages += 1) {
      const answer = await this.#own("GET", `/uploads${query}`);
      const page = /** @type {{ photos?: unknown[], next?: string | null } | null} */ (answer.body);
      if (answer.status !== 200 || !page?.photos) return answer;
      photos.push(...page.photos);
      if (!page.next || pages === MOST_PAGES) return { ...answer, body: { photos } };
      query = `?after=${encodeURIComponent(page.next)}`;
    }
  }

  /** @param {string} id @param {import("./types.js").Change} change */
  edit(id, change) {
    return this.#own("PATCH", `/uploads/${id}`, change);
  }

  /** @param {string} id */
  withdraw(id) {
    return this.#own("DELETE", `/uploads/${id}`);
  }

  /** Reads how far a withdrawn photo is erased. @param {string} id */
  removal(id) {
    return this.#own("GET", `/uploads/${id}/removal`);
  }

  /** @param {string} method @param {string} path @param {unknown} [body] */
  #own(method, path, body) {
    return call(method, path, body, { Authorization: `Uploader ${this.secret()}` });
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<Answer>}
 */
async function call(method, path, body, headers = {}) {
  /** @type {RequestInit} */
  const request = { method, headers, cache: "no-store", credentials: "same-origin" };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { ...headers, "Content-Type": "application/json" };
  }
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const response = await fetch(BASE + path, { ...request, signal: patience.signal });
    const text = await response.text();
    return {
      status: response.status,
      marker: response.headers.get("x-techognition") !== null,
      contentType: response.headers.get("content-type") ?? "",
      retryAfter: response.headers.get("retry-after"),
      body: parsed(text),
    };
  } catch {
    return { status: 0, marker: false, contentType: "", retryAfter: null, body: null };
  } finally {
    clearTimeout(timer);
  }
}

/** @param {string} text @returns {unknown} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
