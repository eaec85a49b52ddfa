// @ts-check
// The photos that were withdrawn on this device, and how far each is erased. The server does not list them any more, so the device
// remembers them, without any of their texts, until everything is gone and a day has passed, or until the user dismisses them.

/** @import { Keeper, ErasureStatus, Withdrawn } from "./types.js" */

/** @typedef {Pick<Keeper, "note" | "putNote">} Notes */

const NOTE = "withdrawn";
const SEEN_MS = 86_400_000;

/**
 * Whether the photo is gone from all places.
 * @param {ErasureStatus} erasure
 */
export function settled({ site, storage, edges }) {
  return [site, storage, edges].every((step) => step === "gone");
}

/**
 * Whether there was enough time to see that everything is gone.
 * @param {Withdrawn} one
 * @param {number} now milliseconds since 1970
 */
export function outdated({ at, erasure }, now) {
  return settled(erasure) && now - at > SEEN_MS;
}

/**
 * Returns what the device remembers; empty if it stores nothing.
 * @param {Notes | null} notes
 * @returns {Promise<Withdrawn[]>}
 */
export async function recall(notes) {
  const kept = await notes?.note(NOTE).catch(() => null);
  return Array.isArray(kept) ? kept.filter((one) => typeof one?.id === "string" && typeof one.erasure === "object" && one.erasure) : [];
}

/**
 * Stores a photo's present state. Another tab may have stored others, so they are read again.
 * @param {Notes | null} notes
 * @param {Withdrawn} one
 */
export async function remember(notes, one) {
  await change(notes, one.id, [one]);
}

/** @param {Notes | null} notes @param {string} id */
export async function forget(notes, id) {
  await change(notes, id, []);
}

/** @param {Notes | null} notes @param {string} id @param {Withdrawn[]} now */
async function change(notes, id, now) {
  const others = (await recall(notes)).filter((one) => one.id !== id);
  // If that fails, the page knows it for as long as it is open.
  await notes?.putNote(NOTE, [...others, ...now]).catch(() => {});
}
