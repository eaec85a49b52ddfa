// @ts-check
// The photos that were withdrawn from this device, and how far each is erased. The server lists them no more, so the device remembers
// them, without a word of what was said of them: until everything is gone and a day has passed, or somebody has seen enough.

/** @import { Keeper, Lights, Withdrawn } from "./types.js" */

/** @typedef {Pick<Keeper, "note" | "putNote">} Notes */

const NOTE = "withdrawn";
const SEEN_MS = 86_400_000;

/**
 * Whether all lights say that it is gone.
 * @param {Lights} lights
 */
export function settled({ site, storage, edges }) {
  return [site, storage, edges].every((light) => light === "gone");
}

/**
 * Whether there was time enough to see that everything is gone.
 * @param {Withdrawn} one
 * @param {number} now milliseconds since 1970
 */
export function outdated({ at, lights }, now) {
  return settled(lights) && now - at > SEEN_MS;
}

/**
 * What the device remembers; nothing where it keeps nothing.
 * @param {Notes | null} notes
 * @returns {Promise<Withdrawn[]>}
 */
export async function recall(notes) {
  const kept = await notes?.note(NOTE).catch(() => null);
  return Array.isArray(kept) ? kept.filter((one) => typeof one?.id === "string" && typeof one.lights === "object" && one.lights) : [];
}

/**
 * Remembers a photo as it is now. Another tab may remember others, so they are read anew.
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
  // Where that fails, the page knows it for as long as it is open.
  await notes?.putNote(NOTE, [...others, ...now]).catch(() => {});
}
