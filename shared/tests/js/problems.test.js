// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { meaning, putMeaning, refusal, words } from "../../assets/js/upload/problems.js";
import { answer, blockPage, bytesAnswer, problem } from "./made.js";

/** @import { Answer } from "../../assets/js/upload/types.js" */

const kind = (/** @type {Answer} */ given) => meaning(given, 0).kind;

test("an answer that is not ours and a page of HTML is a school filter's", () => {
  assert.equal(kind(blockPage()), "blocked");
  assert.equal(kind({ ...blockPage(), status: 403 }), "blocked");
  assert.equal(kind({ ...blockPage(), status: 502 }), "retry");
  assert.equal(kind({ ...blockPage(), marker: true, status: 404 }), "final");
});

test("networks and faults are waited for, refusals are not", () => {
  for (const status of [0, 408, 429, 500, 502, 503, 504]) assert.equal(kind(answer(status, problem("internal", status))), "retry", String(status));
  for (const status of [400, 401, 404, 413, 415, 422]) assert.equal(kind(answer(status, problem("invalid", status))), "final", String(status));
  assert.equal(kind(answer(409, problem("version-outdated", 409))), "conflict");
});

test("a server that names a time is not asked before it", () => {
  const means = meaning({ ...answer(429, problem("too-many-requests", 429)), retryAfter: "42" }, 0);
  assert.deepEqual(means, { kind: "retry", cause: "busy", afterMs: 42_000 });
});

test("the window's problems keep the photo", () => {
  assert.equal(refusal(problem("edition-closed", 409)).kind, "closed");
  assert.equal(refusal(problem("edition-not-open", 409)).kind, "closed");
  assert.deepEqual(refusal(problem("edition-paused", 409)), { kind: "retry", cause: "paused", afterMs: 60_000 });
  assert.equal(refusal(problem("consent-outdated", 422)).kind, "consent");
});

test("a problem is told in its own words, as sentences", () => {
  assert.equal(words({ detail: "The caption has 201 characters", hint: "Shorten it." }), "The caption has 201 characters. Shorten it.");
  assert.equal(words({}), "This photo was not accepted.");
});

test("each answer to the bytes has one meaning", () => {
  const means = (/** @type {number} */ status, more = {}) => putMeaning(bytesAnswer(status, more));
  assert.equal(means(200), "sent");
  assert.equal(means(200, { contentType: "text/html" }), "other");
  assert.equal(means(412), "there");
  assert.equal(means(403), "expired");
  assert.equal(means(403, { contentType: "text/html; charset=utf-8" }), "other");
  for (const status of [404, 405, 413, 501]) assert.equal(means(status), "other", String(status));
  for (const status of [408, 409, 429, 500, 503]) assert.equal(means(status), "retry", String(status));
  assert.equal(means(400), "refused");
  assert.equal(means(400, { contentType: "application/json" }), "other");
  assert.equal(means(0), "other");
  assert.equal(means(0, { sentBytes: 100_000 }), "retry");
});
