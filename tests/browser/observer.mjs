// @ts-check
// Somebody who looks over a moderator's shoulder: notes in the page, with the browser's own means and none of the product's, for how long
// each photo was whole on the screen before a decision about it left for the server.

import assert from "node:assert/strict";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{id: string, action: string, undoes: boolean, looked_ms: number, at_ms: number}} Noted a decision, and for how long its photo had been on the screen */

/** What is promised of every decision, in milliseconds. */
export const PROMISED_MS = 300;

/** Looks over the shoulder of whoever uses `page`, from its next document on. @param {Page} page */
export async function observe(page) {
  /** @type {Noted[]} */
  const noted = [];
  await page.exposeFunction("observed", (/** @type {Noted} */ one) => void noted.push(one));
  await page.addInitScript(watch);
  return {
    noted,
    /** Decisions by moderators, without those that take one back. */
    get decisions() {
      return noted.filter(({ undoes }) => !undoes);
    },
    /** Asserts what is promised of every decision. @param {number} least how many decisions there must have been */
    prove(least) {
      assert.ok(this.decisions.length >= least, `${this.decisions.length} decisions seen`);
      const hasty = this.decisions.filter(({ looked_ms }) => looked_ms < PROMISED_MS);
      assert.deepEqual(hasty, [], `decisions about photos that were not whole on the screen for ${PROMISED_MS} ms`);
      const looks = this.decisions.map(({ looked_ms }) => looked_ms).sort((a, b) => a - b);
      return { decisions: looks.length, looked_ms: { min: Math.round(looks[0] ?? 0), p50: Math.round(looks[looks.length >> 1] ?? 0) } };
    },
  };
}

/** In the page. */
function watch() {
  /** By photo: the longest time that it was whole on the screen, and since when it is. @type {Map<string, {longest: number, since: number | null}>} */
  const looks = new Map();
  /** Photos of the frame before: what is measured in one frame is seen when the next one begins. @type {Set<string>} */
  let before = new Set();
  /** By photo: the latest decision, how often it was sent, and when last. @type {Map<string, {action: string, text: string, sent: number, at: number}>} */
  const latest = new Map();
  /** The page sends a decision up to three times if nobody answers, a few seconds apart even on a busy machine. */
  const [TRIES, AGAIN_MS] = [3, 6_000];
  const all = /** @type {any} */ (globalThis);

  const isWhole = (/** @type {HTMLImageElement} */ image) => {
    if (!image.complete || image.naturalWidth < 2 || !image.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    const view = visualViewport ?? { offsetLeft: 0, offsetTop: 0, width: innerWidth, height: innerHeight };
    const box = image.getBoundingClientRect();
    const [left, top] = [box.left - view.offsetLeft, box.top - view.offsetTop];
    if (box.width < 2 || left < -1.5 || top < -1.5 || left + box.width > view.width + 1.5 || top + box.height > view.height + 1.5) return false;
    // Its corners, the middles of its sides and its centre, each with nothing over it.
    const at = [0.02, 0.5, 0.98];
    return at.every((x) => at.every((y) => document.elementFromPoint(box.left + x * box.width, box.top + y * box.height) === image));
  };

  const frame = (/** @type {number} */ now) => {
    const whole = new Set();
    if (document.visibilityState === "visible") {
      for (const image of document.querySelectorAll("main img")) {
        const id = /** @type {HTMLElement | null} */ (image.closest("[data-id]"))?.dataset["id"];
        if (id && image instanceof HTMLImageElement && image.width > 150 && isWhole(image)) whole.add(id);
      }
    }
    for (const id of whole) {
      const look = looks.get(id) ?? { longest: 0, since: null };
      if (before.has(id)) look.since ??= now;
      if (look.since !== null) look.longest = Math.max(look.longest, now - look.since);
      looks.set(id, look);
    }
    for (const [id, look] of looks) if (!whole.has(id)) look.since = null;
    before = whole;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);

  const send = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    if (init?.method === "POST" && String(input).endsWith("/moderation/decisions")) {
      const now = performance.now();
      for (const decision of JSON.parse(String(init.body)).decisions) {
        const { id, action } = decision;
        const [text, before] = [JSON.stringify(decision), latest.get(id)];
        const again = before?.text === text && before.sent < TRIES && now - before.at < AGAIN_MS;
        latest.set(id, { action, text, sent: again ? before.sent + 1 : 1, at: now });
        if (again) continue;
        const undoes = action === "unpublish" || (action === "release" && ["hold", "reject"].includes(before?.action ?? ""));
        const look = looks.get(id);
        // What is on the screen stays there until the next frame.
        const looked = look ? Math.max(look.longest, look.since === null ? 0 : now - look.since) : 0;
        all.observed({ id, action, undoes, looked_ms: looked, at_ms: performance.timeOrigin + now });
        // The next decision about it needs another look. What is taken back is on the screen before that is sent: it is being looked at.
        if (undoes && look) looks.set(id, { longest: 0, since: look.since });
        else looks.delete(id);
      }
    }
    return send(input, init);
  };
}
