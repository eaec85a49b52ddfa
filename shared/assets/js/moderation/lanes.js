// @ts-check
/**
 * Shows how many photos wait in each lane: in the tabs, in the page's title, and in a sentence whose numbers add up to what is on this
 * page. The numbers are requested every ten seconds while the page is visible, and adjusted here in between.
 */

import { ago } from "../ago.js";
import { say } from "../dom.js";

const EVERY_MS = 10_000;
const number = new Intl.NumberFormat("en-GB");
const WHAT = /** @type {Record<string, string>} */ ({ normal: "to decide", held: "held", reported: "reported", unseen: "to check" });

/** @typedef {{lane: string, photos: number, elsewhere: number | null, oldest_at: string | null}} Waiting as the API has it */

/**
 * Says how many photos wait in a lane, of which `here` photos are on this page, in the same words as the server's.
 * @param {Pick<Waiting, "lane" | "photos" | "elsewhere">} waiting
 * @param {number} here
 */
export function tally({ lane, photos, elsewhere }, here) {
  const others = elsewhere ?? 0;
  const all = Math.max(photos, here + others);
  if (all === 0) return "Nothing is waiting here.";
  /** @type {[number, string][]} */
  const places = [[here, "here"], [others, "on another moderator’s screen"], [all - here - others, "more"]];
  const parts = places.filter(([n]) => n > 0 && (n < all || others === all)).map(([n, place]) => `${number.format(n)} ${place}`);
  return `${number.format(all)} ${WHAT[lane]}${parts.length ? ": " : ""}${parts.join(", ")}.`;
}

/**
 * Returns the page's title without the site's name. Reports are mentioned before everything else.
 * @param {number} reported @param {number} normal
 */
export function title(reported, normal) {
  if (reported) return `(${number.format(reported)} reported) Queue`;
  return normal ? `(${number.format(normal)}) Queue` : "Queue";
}

export class Lanes {
  /** @type {Map<string, Waiting>} */
  #waiting = new Map();
  /** Grows whenever a number is adjusted here: an answer from before that is outdated. */
  #counted = 0;
  #asking = false;

  /**
   * @param {HTMLElement} page
   * @param {() => number} here photos on this page that nobody has decided about yet
   * @param {(reported: number) => void} rings called with the number of reported photos when it grows
   * @param {() => void} fresh called after each answer
   */
  constructor(page, here, rings, fresh) {
    this.page = page;
    this.lane = page.dataset["lane"] ?? "normal";
    this.here = here;
    this.rings = rings;
    this.fresh = fresh;
    for (const tab of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-tab]"))) {
      const photos = Number(tab.querySelector("[data-count]")?.textContent?.replaceAll(",", ""));
      const lane = tab.dataset["tab"] ?? "";
      const elsewhere = lane === this.lane && page.dataset["elsewhere"] ? Number(page.dataset["elsewhere"]) : null;
      this.#waiting.set(lane, { lane, photos, elsewhere, oldest_at: null });
    }
    setInterval(() => void this.ask(), EVERY_MS);
    document.addEventListener("visibilitychange", () => void this.ask());
  }

  /** Number of photos of this lane that are neither on this page nor on another moderator's screen. */
  get rest() {
    const { photos, elsewhere } = this.#of(this.lane);
    return Math.max(0, photos - (elsewhere ?? 0) - this.here());
  }

  /** Adjusts the number of photos in a lane, after some have entered or left it. @param {string} lane @param {number} n */
  move(lane, n) {
    const waiting = this.#of(lane);
    waiting.photos = Math.max(0, waiting.photos + n);
    this.#counted += 1;
    this.show();
  }

  /** Requests how many photos wait. */
  async ask() {
    if (document.hidden || this.#asking) return;
    this.#asking = true;
    try {
      const counted = this.#counted;
      const response = await fetch("/api/v1/moderation/waiting", { headers: { accept: "application/json" }, credentials: "same-origin" });
      if (!response.ok) return;
      /** @type {{lanes: Waiting[]}} */
      const { lanes } = await response.json();
      // These numbers do not include what was decided meanwhile.
      if (counted !== this.#counted) return;
      const before = this.#of("reported").photos;
      for (const waiting of lanes) this.#waiting.set(waiting.lane, waiting);
      const oldest = this.#of(this.lane);
      // By the server's clock, because the device's may be wrong.
      const now = Date.parse(response.headers.get("date") ?? "");
      const told = oldest.photos && oldest.oldest_at && now ? `The oldest has waited for ${ago(Date.parse(oldest.oldest_at), now)}.` : "";
      const place = /** @type {HTMLElement | null} */ (this.page.querySelector("[data-oldest]"));
      if (place) say(place, told);
      this.show();
      const reported = this.#of("reported").photos;
      if (reported > before) this.rings(reported);
      this.fresh();
    } catch {
      // The next answer may succeed.
    } finally {
      this.#asking = false;
    }
  }

  /** Updates tabs, title and sentence. */
  show() {
    for (const [lane, { photos }] of this.#waiting) {
      const tab = /** @type {HTMLElement | null} */ (this.page.querySelector(`[data-tab="${lane}"]`));
      const count = /** @type {HTMLElement | null} */ (tab?.querySelector("[data-count]") ?? null);
      if (!tab || !count) continue;
      say(count, number.format(photos));
      tab.toggleAttribute("data-rings", lane === "reported" && photos > 0);
    }
    const oldest = /** @type {HTMLElement | null} */ (this.page.querySelector("[data-oldest]"));
    if (oldest && this.#of(this.lane).photos === 0) say(oldest, "");
    const said = this.sentence;
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (this.page.querySelectorAll("[data-tally], [data-done-tally]"))) say(place, said);
    document.title = `${title(this.#of("reported").photos, this.#of("normal").photos)} · #TECHOGNITION`;
  }

  /** Says how many photos wait in this lane. */
  get sentence() {
    return tally(this.#of(this.lane), this.here());
  }

  /** @param {string} lane @returns {Waiting} */
  #of(lane) {
    const known = this.#waiting.get(lane);
    if (known) return known;
    const waiting = { lane, photos: 0, elsewhere: 0, oldest_at: null };
    this.#waiting.set(lane, waiting);
    return waiting;
  }
}
