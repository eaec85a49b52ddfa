// @ts-check
// Describes the user's own photos in words.

import { phrase } from "../words.js";
import { moment } from "./text.js";

/** @import { ErasureStep, ErasureStatus, OwnPhoto, Words } from "./types.js" */

/** What each reason says that moderators pick from their list, by its name. A video has words of its own where a photo could be covered. */
const REASONS = /** @type {Record<string, () => string>} */ ({
  "pupil": () => phrase("why_pupil"),
  "video pupil": () => phrase("why_film_pupil"),
  "name-spoken": () => phrase("why_name_spoken"),
  "music": () => phrase("why_music"),
  "shaky": () => phrase("why_shaky"),
  "agreement": () => phrase("why_agreement"),
  "video agreement": () => phrase("why_film_agreement"),
  "details": () => phrase("why_details"),
  "video details": () => phrase("why_film_details"),
  "not-work": () => phrase("why_not_work"),
  "advert": () => phrase("why_advert"),
  "unclear": () => phrase("why_unclear"),
  "duplicate": () => phrase("why_duplicate"),
  "video duplicate": () => phrase("why_film_duplicate"),
  "other": () => phrase("why_other"),
});

/**
 * Describes a photo's state: a word for its stamp, and a sentence.
 * @param {Pick<OwnPhoto, "state" | "reason" | "reason_name" | "kind" | "picked">} photo
 */
export function standing({ state, reason: told, reason_name: named = "", kind, picked = false }) {
  const known = REASONS[`${kind} ${named}`] ?? REASONS[named ?? ""];
  const reason = known ? known() : told;
  switch (state) {
    case "reserved": return { stamp: phrase("own_reserved"), sentence: phrase("own_reserved_more") };
    case "pending": return { stamp: phrase("own_pending"), sentence: reason ? phrase("own_pending_why", { reason: stopped(reason) }) : phrase("own_pending_more") };
    case "published": return { stamp: phrase("own_published"), sentence: picked ? phrase("own_picked") : phrase("own_published_more") };
    case "hidden": return { stamp: phrase("own_hidden"), sentence: reason ? phrase("own_hidden_why", { reason: stopped(reason) }) : phrase("own_hidden_more") };
    case "rejected": return { stamp: phrase("own_rejected"), sentence: reason ? stopped(reason) : phrase("own_rejected_more") };
    case "expired": return { stamp: phrase("own_expired"), sentence: phrase("own_expired_more") };
    case "deleted": return { stamp: phrase("own_deleted"), sentence: phrase("own_deleted_more") };
    default: return { stamp: state, sentence: "" };
  }
}

/** @param {string} text */
function stopped(text) {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/**
 * Whether the photo's texts can be changed.
 * @param {Pick<OwnPhoto, "state">} photo
 */
export function editable({ state }) {
  return ["reserved", "pending", "published"].includes(state);
}

/**
 * Returns what the uploader can do about a photo that is not shown, and the name of that; null if there is nothing to do.
 * @param {Pick<OwnPhoto, "state" | "reason">} photo
 */
export function wayOut({ state, reason }) {
  if (state === "expired") return phrase("own_choose_again");
  if (state !== "rejected" || /\bneed do nothing\b/.test(reason ?? "")) return null;
  return /\bsend it again\b/i.test(reason ?? "") ? phrase("own_fix") : phrase("own_another");
}

/**
 * Whether the photo can be withdrawn.
 * @param {Pick<OwnPhoto, "state">} photo
 */
export function withdrawable({ state }) {
  return ["reserved", "pending", "published", "hidden", "rejected", "expired"].includes(state);
}

/**
 * Returns the photo's texts for the page that adds photos.
 * @param {OwnPhoto} photo
 * @returns {Words}
 */
export function wordsOf({ id, caption = "", alt = "", credit = "", people = "", school, discipline }) {
  return { id, caption, alt, credit, people, school: school?.name ?? "", urn: school?.urn ?? "", discipline: discipline ?? "" };
}

/**
 * Leaves out photos that never arrived and were registered again, which a device does by itself. They are recognised by their bytes,
 * because photos that were sent together have their texts in common, and each of them must be missed if it does not arrive.
 * @param {readonly OwnPhoto[]} photos
 */
export function withoutForerunners(photos) {
  return photos.filter((one) => !photos.some((other) => precedes(one, other)));
}

/**
 * Returns the earlier, failed registrations of a photo.
 * @param {OwnPhoto} photo
 * @param {readonly OwnPhoto[]} photos
 */
export function forerunners(photo, photos) {
  return photos.filter((one) => precedes(one, photo));
}

/** @param {OwnPhoto} one @param {OwnPhoto} other */
function precedes(one, other) {
  return one.state === "expired" && !!one.sha256 && one.sha256 === other.sha256 && (one.created_at ?? "") < (other.created_at ?? "");
}

/**
 * Returns the three places of an erasure with their words.
 * @param {ErasureStatus} erasure
 */
export function erasureWords(erasure) {
  const { site, site_at, storage, storage_at, erased_at, edges, edges_at } = erasure;
  return [
    step(site, phrase("gone_site"), site_at ? phrase("going_site_by", { moment: moment(site_at) }) : phrase("going_site")),
    storage !== "gone" && erased_at
      ? { gone: false, words: phrase("gone_storage_once", { moment: moment(erased_at), again: moment(storage_at ?? erased_at) }) }
      : step(storage, phrase("gone_storage"), storage_at ? phrase("going_storage_by", { moment: moment(storage_at) }) : phrase("going_storage")),
    step(edges, phrase("gone_edges"), edges_at ? phrase("going_edges_by", { moment: moment(edges_at) }) : phrase("going_edges")),
  ];
}

/** @param {ErasureStep} state @param {string} gone @param {string} going */
function step(state, gone, going) {
  return state === "gone" ? { gone: true, words: gone } : { gone: false, words: going };
}
