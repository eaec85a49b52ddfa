// @ts-check
// What an answer means for a photo: continue, try again or stop, and in which words.

import { phrase } from "../words.js";
import { retryAfter } from "./backoff.js";

/** @import { Answer, Meaning, Problem } from "./types.js" */

/** Shortest interval between requests while uploads are paused, in milliseconds. */
const PAUSE_MS = 60_000;

/**
 * Returns what an answer of the API means.
 * @param {Answer} answer
 * @param {number} now milliseconds since 1970
 * @returns {Meaning}
 */
export function meaning(answer, now) {
  const { status, marker } = answer;
  if (status === 0) return { kind: "retry", cause: "connection", afterMs: 0 };
  if (!marker && /html/i.test(answer.contentType)) return { kind: status >= 500 ? "retry" : "blocked", cause: "ours", afterMs: 0 };
  if (status >= 200 && status < 300) return { kind: "ok" };
  const problem = /** @type {Problem} */ (typeof answer.body === "object" && answer.body ? answer.body : {});
  return refusal({ ...problem, status }, retryAfter(answer.retryAfter, now));
}

/**
 * Returns what a problem means, of a whole answer or of one photo.
 * @param {Problem} problem
 * @param {number} [afterMs]
 * @returns {Meaning}
 */
export function refusal(problem, afterMs = 0) {
  const status = problem.status ?? 400;
  if (status >= 500) return { kind: "retry", cause: status === 503 ? "busy" : "ours", afterMs };
  if (status === 429) return { kind: "retry", cause: "busy", afterMs: Math.max(afterMs, 1000 * Number(problem["retry_after_s"] ?? 0)) };
  if (status === 408) return { kind: "retry", cause: "connection", afterMs };
  switch (name(problem)) {
    case "edition-paused": return { kind: "retry", cause: "paused", afterMs: PAUSE_MS };
    case "edition-closed":
    case "edition-not-open": return { kind: "closed", problem };
    case "consent-outdated": return { kind: "consent", problem };
    default: return status === 409 ? { kind: "conflict", problem } : { kind: "final", problem, words: words(problem) };
  }
}

/**
 * Returns a problem's own text, and what can be done.
 * @param {Problem} problem
 */
export function words(problem) {
  const said = [problem.detail ?? problem.title ?? phrase("not_accepted"), problem.hint ?? ""];
  return said.filter(Boolean).map((text) => (/[.!?]$/.test(text) ? text : `${text}.`)).join(" ");
}

/**
 * Returns the problem's short name: the last part of its type.
 * @param {Problem} problem
 */
export function name(problem) {
  return (problem.type ?? "").replace(/\/+$/, "").replace(/^.*\//, "");
}

/**
 * Returns what the answer to a PUT of bytes means: `sent`; `there` already (the bytes are ours, because the hash is signed); `expired`; try
 * the `other` way to the storage; `retry` the same; or `refused` for good.
 *
 * The site's own origin may not lead to the storage, and a school's filter may answer for either with a page of HTML.
 * @param {{ status: number, contentType: string, sentBytes: number }} answer
 * @returns {"sent" | "there" | "expired" | "other" | "retry" | "refused"}
 */
export function putMeaning({ status, contentType, sentBytes }) {
  if (status === 0) return sentBytes > 0 ? "retry" : "other";
  if (/html/i.test(contentType)) return "other";
  if (status >= 200 && status < 300) return "sent";
  switch (status) {
    case 412: return "there";
    case 403: return "expired";
    case 404:
    case 405:
    case 413:
    case 501: return "other";
    case 408:
    case 409:
    case 429: return "retry";
    default:
      // The storage gives its reason in XML; any other answer is not from the storage.
      if (status >= 500) return "retry";
      return /xml/i.test(contentType) ? "refused" : "other";
  }
}
