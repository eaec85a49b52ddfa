// @ts-check
// Measures what people write as a reader counts it; formats numbers and times for people.

import { phrase } from "../words.js";

const segmenter = typeof Intl.Segmenter === "function" ? new Intl.Segmenter("en", { granularity: "grapheme" }) : null;

/**
 * Cleans a text as far as the server's own cleaning changes its length: composes characters, and replaces runs of white space by one space.
 * @param {string} text
 */
export function tidy(text) {
  return text.normalize("NFC").replace(/\s+/gu, " ").trim();
}

/**
 * Counts grapheme clusters, which a reader calls characters: a family emoji or a flag is one.
 * @param {string} text
 */
export function graphemes(text) {
  if (!segmenter) return [...text].length;
  let count = 0;
  for (const _ of segmenter.segment(text)) count += 1;
  return count;
}

/**
 * Returns how much of a field is used: in numbers, and in words for its counter.
 * @param {string} text
 * @param {number} max
 */
export function usage(text, max) {
  const used = graphemes(tidy(text));
  const over = Math.max(0, used - max);
  return { used, over, words: over ? phrase("used_over", { used, max, over }) : phrase("used", { used, max }) };
}

/**
 * Formats `1 photo`, `2 videos`, `2 photos and 1 video`.
 * @param {number} n of both together
 * @param {number} [films] how many of them are videos
 */
export function things(n, films = 0) {
  const photos = phrase("photos", { n: n - films });
  if (!films) return photos;
  const videos = phrase("videos", { n: films });
  return films < n ? phrase("both", { photos, videos }) : videos;
}

/**
 * Formats `812 KB`, `3.4 MB`, `30 MB`; decimal, as phones show it.
 * @param {number} n
 */
export function size(n) {
  if (n < 1000) return phrase("bytes", { n });
  if (n < 999_500) return `${Math.round(n / 1000)} KB`;
  const mb = n / 1_000_000;
  return `${mb < 100 ? String(Math.round(mb * 10) / 10) : Math.round(mb)} MB`;
}

// Numbers only: few browsers know the names of days in all our languages, and the others do not say that they lack them.
const zone = { timeZone: "Europe/London" };
const time = new Intl.DateTimeFormat("en-GB", { ...zone, hour: "2-digit", minute: "2-digit", hour12: false });
const date = new Intl.DateTimeFormat("en-GB", { ...zone, day: "numeric", month: "numeric", year: "numeric" });

/**
 * Formats `18:00` by the clocks of Europe/London.
 * @param {string} instant RFC 3339
 */
export function clock(instant) {
  return time.format(new Date(instant));
}

/**
 * Formats `18:00 on Friday 5 March 2027`.
 * @param {string} instant RFC 3339
 */
export function moment(instant) {
  const [day = 0, month = 0, year = 0] = date.format(new Date(instant)).split("/").map(Number);
  const weekday = phrase("weekdays").split(" ")[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] ?? "";
  return phrase("moment", { time: clock(instant), weekday, day, month: phrase("months").split(" ")[month - 1] ?? "", year });
}
