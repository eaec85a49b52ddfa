// @ts-check
// What this device keeps in localStorage: the secret that makes its photos its own, and how many photos are not sent yet.

import { phrase } from "../words.js";

const SECRET = "techognition.uploader";
const BROUGHT = "techognition.uploader.brought";
/** The key that `reminder.js` reads on every page. */
const UNSENT = "techognition.unsent";

/** The number that was stored last, because every change of a photo asks for it. */
let noted = -1;

/** The secret in a browser that stores nothing: valid while the page is open. @type {string | null} */
let unkept = null;

/**
 * Reads the device's secret. Null if it has none, so nothing was ever sent from here.
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
 * Returns every secret with which this device may see photos: its own, and those that recovery links brought.
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
 * Reads the secret in a recovery link.
 * @param {string} fragment of an address, with its #
 * @returns {string | null}
 */
export function secretIn(fragment) {
  return /^#key=([A-Za-z0-9_-]{43})$/.exec(fragment)?.[1] ?? null;
}

/**
 * Stores the secret of a recovery link: as the device's own if it has none, otherwise in addition.
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

/** Returns the device's secret, and creates one of 32 random bytes the first time. */
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
 * Returns random bytes as base64url without padding.
 * @param {number} bytes
 */
export function randomText(bytes) {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...random)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Stores how many photos wait on this device.
 * @param {number} count
 */
export function setUnsent(count) {
  if (count === noted) return;
  noted = count;
  try {
    if (count) localStorage.setItem(UNSENT, String(count));
    else localStorage.removeItem(UNSENT);
  } catch {
    // Then other pages show no reminder.
  }
}

/** Deletes the secret and the count. */
export function forget() {
  unkept = null;
  noted = -1;
  try {
    localStorage.removeItem(SECRET);
    localStorage.removeItem(BROUGHT);
    localStorage.removeItem(UNSENT);
  } catch {
    // Nothing was stored.
  }
}

/** Returns `this phone`, `this tablet` or `this computer`: what people call the device in front of them. */
export function thisDevice() {
  if (!matchMedia("(pointer: coarse)").matches) return phrase("this_computer");
  return Math.min(screen.width, screen.height) < 600 ? phrase("this_phone") : phrase("this_tablet");
}
