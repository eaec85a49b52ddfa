// @ts-check
/**
 * The press kit: one ZIP file with the photos that the press may use, a list of captions and credits, and a press release with the figures of
 * the day. The browser puts it together from the list and the public files, so that no server keeps a copy of a photo that is withdrawn.
 */

import { next } from "./list.js";
import { Zip } from "./zip.js";

/**
 * @typedef {{id: string, page: string, image: string, caption: string, credit: string, school: {name: string} | null}} Listed
 * @typedef {{name: string, opens_at: string, hashtags: string[], organiser: {name: string, email: string} | null}} Event
 * @typedef {{photos: number, schools: number}} Figures
 */

/** Returns the address of the first part of the list. @param {string} edition */
export const begins = (edition) => `/api/v1/organiser/export?${new URLSearchParams({ edition, consent: "press", format: "json" })}`;

/** Returns the name of the file. @param {string} edition */
export const called = (edition) => `techognition-${edition}-press-kit.zip`;

/**
 * Fetches the photos that the press may use, part after part.
 * @param {string} address
 * @param {(address: string) => Promise<Response>} take
 * @returns {Promise<Listed[]>}
 */
export async function listed(address, take) {
  const photos = [];
  for (let at = /** @type {string | null} */ (address); at !== null; ) {
    const part = await take(at);
    photos.push(...(await part.json()).photos);
    at = next(part.headers.get("link"));
  }
  return photos;
}

/**
 * Returns the file's name of the nth photo, from 1: its number, and who made it as far as every system takes it.
 * @param {Listed} photo @param {number} n
 */
export function fileName(photo, n) {
  const words = (photo.school?.name || photo.credit).normalize("NFKD").replace(/\p{M}|['’]/gu, "").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
  return `photos/${String(n).padStart(4, "0")}${words && `-${words}`}.jpg`;
}

/**
 * Returns what to write below a photo in a paper.
 * @param {Listed} photo
 */
export function creditLine({ credit, school }) {
  const by = [credit, school?.name].filter(Boolean).join(", ");
  return by ? `Photo: ${by}` : "Photo: a technician";
}

/** @param {string} text */
const cell = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

/**
 * Returns the captions and credits as a spreadsheet. A cell that a spreadsheet program would take for a formula begins with `'`.
 * @param {{file: string, photo: Listed}[]} photos
 */
export function credits(photos) {
  const lines = photos.map(({ file, photo }) => [file, photo.caption, creditLine(photo), photo.page]);
  return `\uFEFF${[["file", "caption", "credit", "page"], ...lines].map((line) => `${line.map(cell).join(",")}\r\n`).join("")}`;
}

/**
 * Returns the press release, to be edited.
 * @param {Event} event @param {Figures} figures of all published photos @param {number} photos that are in the kit
 */
export function release(event, figures, photos) {
  const day = new Date(event.opens_at).toLocaleDateString("en-GB", { timeZone: "Europe/London", day: "numeric", month: "long", year: "numeric" });
  const n = (/** @type {number} */ number, /** @type {string} */ one, /** @type {string} */ many) => `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;
  const contact = event.organiser ? `${event.organiser.name}, ${event.organiser.email}` : "[fill in: name, e-mail, telephone]";
  return [
    "PRESS RELEASE",
    "[Fill in: for immediate use, or not before a time. Read it, and change what you like.]",
    `${event.name}: the work behind every lesson`,
    `${day}. On one day a year, the technicians of schools and colleges in the UK show the work that usually nobody sees: in science, workshops, studios, kitchens, server rooms and on stage. On ${day} they showed ${n(figures.photos, "photo", "photos")} from ${n(figures.schools, "school or college", "schools and colleges")}.`,
    "“[Fill in: one or two sentences of yours, with your name]”",
    "Notes to editors",
    `1. The folder “photos” has ${n(photos, "photo", "photos")} whose senders agreed to their use by the press. Print the credit that credits.csv gives for each.\n2. A sender can withdraw a photo at any time. Before you publish one, open its page in credits.csv: if it no longer shows the photo, do not use it.\n3. Pupils cannot be recognised in these photos. If you think that one can, please tell us at once.${event.hashtags.length ? `\n4. ${event.hashtags.map((tag) => `#${tag}`).join(" ")}` : ""}`,
    `Contact: ${contact}`,
    "",
  ].join("\n\n").replaceAll("\n", "\r\n");
}

/**
 * Puts the kit together. Photos that were withdrawn meanwhile are left out.
 * @param {Listed[]} photos @param {Event} event @param {Figures} figures
 * @param {(path: string) => Promise<Response>} fetches a public file
 * @param {(done: number) => void} told how many photos have been fetched
 * @param {Date} now
 * @returns {Promise<{blob: Blob, photos: number, missing: number}>}
 */
export async function kit(photos, event, figures, fetches, told, now) {
  const zip = new Zip(now);
  const taken = [];
  for (const [i, photo] of photos.entries()) {
    // The list has the site's own name for itself, which may differ from the address that this page has.
    const answer = await fetches(new URL(photo.image).pathname);
    if (answer.status === 403 || answer.status === 404 || answer.status === 410) continue;
    if (!answer.ok || !answer.headers.get("content-type")?.startsWith("image/")) throw new Error("A photo could not be fetched. Check your connection, then try again.");
    const file = fileName(photo, i + 1);
    zip.add(file, new Uint8Array(await answer.arrayBuffer()));
    taken.push({ file, photo });
    told(i + 1);
  }
  const text = new TextEncoder();
  zip.add("credits.csv", text.encode(credits(taken)));
  zip.add("press-release.txt", text.encode(release(event, figures, taken.length)));
  return { blob: zip.blob(), photos: taken.length, missing: photos.length - taken.length };
}
