// @ts-check
// What this device keeps in localStorage: its secret, by which its photos are its own, and how many are not sent yet.

import { phrase } from "../words.js";

const SECRET = "techognition.uploader";
const BROUGHT = "techognition.uploader.brought";
/** Read by `reminder.js` on every page. */
const UNSENT = "techognition.unsent";

/** How many were noted last: each change of a photo asks. */
let noted = -1;

/** For a browser that keeps nothing: good for as long as the page. @type {string | null} */
let unkept = null;

/**
 * Reads the device's secret. Null where it has none, so nothing was ever sent from here.
 * @returns {string | null}
 */
export function knownSecret() {
  try {
    return localStorage.getItem(SECRET) ?? unkept;
  } catch {
    return unkept;
  }
}

/**
 * Every secret by which photos may be looked at from here: the device's own, and those that recovery links brought.
 * @returns {string[]}
 */
export function knownSecrets() {
  const own = knownSecret();
  return [...new Set([...(own ? [own] : []), ...brought()])];
}

/** @returns {string[]} */
function brought() {
  try {
    const kept = JSON.parse(localStorage.getItem(BROUGHT) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

/**
 * Reads the secret of a recovery link.
 * @param {string} fragment of an address, with its #
 * @returns {string | null}
 */
export function secretIn(fragment) {
  return /^#key=([A-Za-z0-9_-]{43})$/.exec(fragment)?.[1] ?? null;
}

/**
 * Takes up the secret of a recovery link: as the device's own where it has none, else beside it.
 * @param {string} given
 * @returns {boolean} whether it is new here
 */
export function adopt(given) {
  if (knownSecrets().includes(given)) return false;
  try {
    if (knownSecret() === null) localStorage.setItem(SECRET, given);
    else localStorage.setItem(BROUGHT, JSON.stringify([...brought(), given]));
  } catch {
    unkept ??= given;
  }
  return true;
}

/** Reads the device's secret, and makes one of 32 random bytes the first time. */
export function secret() {
  const known = knownSecret();
  if (known) return known;
  const made = randomText(32);
  unkept = made;
  try {
    localStorage.setItem(SECRET, made);
  } catch {
    // A private window: photos can be sent, and withdrawn until the page is closed.
  }
  return made;
}

/**
 * Random bytes as base64url without padding.
 * @param {number} bytes
 */
export function randomText(bytes) {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...random)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Remembers how many photos wait on this device.
 * @param {number} count
 */
export function setUnsent(count) {
  if (count === noted) return;
  noted = count;
  try {
    if (count) localStorage.setItem(UNSENT, String(count));
    else localStorage.removeItem(UNSENT);
  } catch {
    // Then other pages do not remind of them.
  }
}

/** Forgets the secret and the count. */
export function forget() {
  unkept = null;
  noted = -1;
  try {
    localStorage.removeItem(SECRET);
    localStorage.removeItem(BROUGHT);
    localStorage.removeItem(UNSENT);
  } catch {
    // Nothing was kept.
  }
}

/** `this phone`, `this tablet` or `this computer`: what people would call the thing before them. */
export function thisDevice() {
  if (!matchMedia("(pointer: coarse)").matches) return phrase("this_computer");
  return Math.min(screen.width, screen.height) < 600 ? phrase("this_phone") : phrase("this_tablet");
}
