// @ts-check
// What this device keeps in localStorage: the secret that makes its photos its own, and how many photos are not sent yet; what this tab
// keeps of a photo that is sent again; and what kind of device and browser it is.

import { phrase } from "../words.js";

/** @import { Words } from "./types.js" */

const SECRET = "techognition.uploader";
const BROUGHT = "techognition.uploader.brought";
/** The key that `reminder.js` reads on every page. */
const UNSENT = "techognition.unsent";
/** The key of the tab's storage with the texts of a photo that is sent again. */
const AGAIN = "techognition.again";

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
 * Keeps the device's secret beside its photos too, and takes it from there where localStorage has lost it: Firefox writes localStorage
 * much later than IndexedDB, so a browser that is killed has its photos and not the secret with which they were registered.
 * @param {{ note: (name: string) => Promise<any>, putNote: (name: string, value: unknown) => Promise<void> } | null} storage
 */
export async function keepSecret(storage) {
  const kept = await storage?.note(SECRET).catch(() => null);
  const known = knownSecret();
  if (kept) adopt(kept);
  else if (known) await storage?.putNote(SECRET, known).catch(() => {});
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

// Browsers inside other apps: they stop a page as soon as the user leaves it, and some lose it while a photo is chosen.

const APPS = /** @type {const} */ ([
  ["Instagram", /\bInstagram\b/],
  ["Facebook", /\bFB(AN|AV|_IAB|IOS)\b|\bFB4A\b/],
  ["Messenger", /\bMessenger|Orca-Android\b/],
  ["LinkedIn", /\bLinkedInApp\b/],
  ["TikTok", /\b(TikTok|musical_ly|BytedanceWebview|trill_)/],
  ["Snapchat", /\bSnapchat\b/],
  ["X", /\bTwitter(Android)?\b/],
  ["LINE", /\bLine\/\d/],
  ["WeChat", /\bMicroMessenger\b/],
  ["Teams", /\bTeamsMobile-/],
]);

/**
 * Returns the app in whose own browser a page is open; empty in a real browser.
 * @param {string} userAgent
 */
export function insideOf(userAgent) {
  return APPS.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? "";
}

// The texts of a photo that is sent again, on their way from the page of the user's own photos to the page that adds photos. They are for
// this tab and for one use. Consent is not among them: it is given for one photo.

/** Returns the tab's storage; null if the browser refuses it, as it does where all cookies are blocked. */
function ofTab() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

/** @param {Words} words @param {Pick<Storage, "setItem"> | null} [storage] */
export function keepWords(words, storage = ofTab()) {
  try {
    storage?.setItem(AGAIN, JSON.stringify(words));
  } catch {
    // They must be typed again.
  }
}

/**
 * Returns the stored texts, once; null if there are none.
 * @param {Pick<Storage, "getItem" | "removeItem"> | null} [storage] @returns {Words | null}
 */
export function takeWords(storage = ofTab()) {
  try {
    const kept = JSON.parse(storage?.getItem(AGAIN) ?? "null");
    storage?.removeItem(AGAIN);
    const text = (/** @type {keyof Words} */ name) => String(kept[name] ?? "");
    return kept ? { id: text("id"), caption: text("caption"), alt: text("alt"), credit: text("credit"), people: text("people"), school: text("school"), urn: text("urn"), discipline: text("discipline") } : null;
  } catch {
    return null;
  }
}
