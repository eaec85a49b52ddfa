// @ts-check
// What this device keeps in localStorage: its secret, by which its photos are its own, and how many are not sent yet.

const SECRET = "techognition.uploader";
/** Read by `reminder.js` on every page. */
const UNSENT = "techognition.unsent";

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
  try {
    localStorage.removeItem(SECRET);
    localStorage.removeItem(UNSENT);
  } catch {
    // Nothing was kept.
  }
}

/** `phone`, `tablet` or `computer`: what people would call the thing before them. */
export function deviceWord() {
  if (!matchMedia("(pointer: coarse)").matches) return "computer";
  return Math.min(screen.width, screen.height) < 600 ? "phone" : "tablet";
}
