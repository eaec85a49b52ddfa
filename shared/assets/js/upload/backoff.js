// @ts-check
// How long to wait before another attempt.

const FIRST_MS = 1000;
const MOST_MS = 60_000;

/**
 * Returns a delay with full jitter: evenly distributed between nothing and the doubled wait, at most a minute. Phones that lost one access
 * point together must not return together.
 * @param {number} attempt failures so far, from 0
 * @param {() => number} random 0 up to, not including, 1
 */
export function delay(attempt, random) {
  return Math.round(random() * Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 16)));
}

/**
 * Parses `Retry-After`: seconds, or a date.
 * @param {string | null} header
 * @param {number} now milliseconds since 1970
 * @returns {number} milliseconds, at most an hour; 0 if there is none
 */
export function retryAfter(header, now) {
  if (!header) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 3_600_000) : 0;
}

/**
 * Returns the pause before the next request while photos are being confirmed: short at first, because most take two seconds.
 * @param {number} look requests so far, from 0
 * @returns {number | null} milliseconds; null after enough requests: My photos shows the rest
 */
export function pollDelay(look) {
  return look < 40 ? Math.min(30_000, Math.round(1000 * 1.35 ** look)) : null;
}
