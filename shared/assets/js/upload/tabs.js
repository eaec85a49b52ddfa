// @ts-check
// This tab among others of one device: one of them sends, the others follow; and the screen, which stays on while it does.

/** @import { News } from "./types.js" */

const NAME = "techognition-uploads";

/**
 * Calls back when this tab becomes the one that sends: at once, or when the tab that was it is gone. If the browser has no locks, every tab
 * sends; the server answers a repeated request with the same photo, so nothing is doubled.
 * @param {() => void} onLead
 */
export function lead(onLead) {
  if (!navigator.locks) return onLead();
  void navigator.locks.request(NAME, () => {
    onLead();
    return new Promise(() => {});
  });
}

/**
 * Whether there is no other tab, which could be in the middle of storing something.
 * @returns {Promise<boolean>}
 */
export async function alone() {
  const held = (await navigator.locks?.query())?.held ?? [{ name: NAME }];
  return !held.some((lock) => lock.name === NAME);
}

/**
 * Opens the channel between the tabs.
 * @param {(news: News) => void} onNews
 * @returns {(news: News) => void} sends news to the other tabs
 */
export function channel(onNews) {
  if (typeof BroadcastChannel !== "function") return () => {};
  const opened = new BroadcastChannel(NAME);
  opened.onmessage = (event) => onNews(event.data);
  return (news) => opened.postMessage(news);
}

// The screen: a phone that locks itself stops the page.

/** @type {WakeLockSentinel | null} */
let lock = null;
let wanted = false;

/**
 * Says whether the screen should stay on. The system may refuse, for example with a low battery: then sending continues when the page is
 * visible again.
 * @param {boolean} wish
 */
export function stayAwake(wish) {
  if (wish === wanted) return;
  wanted = wish;
  void settle();
}

/** A wake lock ends by itself whenever the page is hidden. */
document.addEventListener("visibilitychange", () => void settle());

async function settle() {
  if (!wanted) {
    await lock?.release().catch(() => {});
    lock = null;
  } else if (document.visibilityState === "visible" && (lock === null || lock.released)) {
    lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
    if (!wanted) await settle();
  }
}
