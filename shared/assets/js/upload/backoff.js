// @ts-check
// How long to wait before another attempt.

const FIRST_MS = 1000;
const MOST_MS = 60_000;

/**
 * Full jitter: evenly between nothing and the doubled wait, at most a minute. Phones that lost one access point together must
 * not come back together.
 * @param {number} attempt failures so far, from 0
 * @param {() => number} random 0 up to, not including, 1
 */
export function delay(attempt, random) {
  return Math.round(random() * Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 16)));
}

/**
 * Reads `Retry-After`: seconds, or a date.
 * @param {string | null} header
 * @param {number} now milliseconds since 1970
 * @returns {number} milliseconds, 0 where there is none; at most an hour
 */
export function retryAfter(header, now) {
  if (!header) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 3_600_000) : 0;
}

/**
 * Waits between looks at the server while photos are being confirmed: quick at first, since most take two seconds.
 * @param {number} look looks so far, from 0
 * @returns {number | null} milliseconds; null once it is enough: My photos tells the rest
 */
export function pollDelay(look) {
  return look < 40 ? Math.min(30_000, Math.round(1000 * 1.35 ** look)) : null;
}
