// @ts-check
// One's own photos, in words.

import { moment } from "./text.js";

/** @import { Light, Lights, OwnPhoto } from "./types.js" */

/**
 * Where a photo stands: a word for its stamp, and a sentence.
 * @param {Pick<OwnPhoto, "state" | "reason">} photo
 */
export function standing({ state, reason }) {
  switch (state) {
    case "reserved": return { stamp: "On its way", sentence: "It is registered, but has not arrived yet. Open Add photos on the device that it is on, and it carries on." };
    case "pending": return { stamp: "Being checked", sentence: `${reason ? `A person takes a second look: ${stopped(reason)}` : "A person looks at every photo before it appears."} There is nothing for you to do.` };
    case "published": return { stamp: "Published", sentence: "Everybody can see it. New words send it back to be checked." };
    case "hidden": return { stamp: "Taken off", sentence: `${reason ? `Not shown at the moment: ${stopped(reason)}` : "Not shown at the moment."} The organisers decide whether it comes back.` };
    case "rejected": return { stamp: "Not shown", sentence: `${reason ? stopped(reason) : "It was not accepted."}` };
    case "expired": return { stamp: "Never arrived", sentence: "Its upload did not finish in time. If the photo is still on this device, add it again." };
    case "deleted": return { stamp: "Withdrawn", sentence: "Nobody can see it any more. It leaves this list when you come back." };
    default: return { stamp: state, sentence: "" };
  }
}

/** @param {string} text */
function stopped(text) {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/**
 * Whether its words can be changed.
 * @param {Pick<OwnPhoto, "state">} photo
 */
export function editable({ state }) {
  return ["reserved", "pending", "published"].includes(state);
}

/**
 * What its sender can do about a photo that is not shown, and how that is called; null where there is nothing to do.
 * @param {Pick<OwnPhoto, "state" | "reason">} photo
 */
export function wayOut({ state, reason }) {
  if (state !== "rejected" || /\bneed do nothing\b/.test(reason ?? "")) return null;
  return /\bsend it again\b/i.test(reason ?? "") ? "Fix it and send it again" : "Send another one";
}

/**
 * Whether it can be withdrawn.
 * @param {Pick<OwnPhoto, "state">} photo
 */
export function withdrawable({ state }) {
  return ["reserved", "pending", "published", "hidden", "rejected"].includes(state);
}

/**
 * The three lights after a withdrawal, each with its words.
 * @param {Lights} lights
 */
export function lightWords(lights) {
  /** @type {(light: Light, at: string | undefined, gone: string, going: string) => { gone: boolean, words: string }} */
  const words = (light, at, gone, going) =>
    light === "gone" ? { gone: true, words: gone } : { gone: false, words: at ? `${going}, by ${moment(at)} at the latest.` : `${going}.` };
  return [
    words(lights.site, lights.site_at, "Gone from the site.", "Going from the site"),
    lights.storage !== "gone" && lights.erased_at
      ? { gone: false, words: `Erased from our storage at ${moment(lights.erased_at)}. We look once more by ${moment(lights.storage_at ?? lights.erased_at)}, so that nothing comes back.` }
      : words(lights.storage, lights.storage_at, "Erased from our storage.", "Being erased from our storage"),
    words(lights.edges, lights.edges_at, "No copies on the delivery network.", "Copies on the delivery network are ending"),
  ];
}
