// @ts-check
// Coordinates several tabs of one device: one of them sends, the others follow.

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
