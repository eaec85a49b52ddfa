// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { isOver, send, words } from "../../assets/js/moderation/send.js";

const decision = { id: "a", version: 2, action: "reject", reason: "Too dark." };
const answer = (/** @type {number} */ status, /** @type {unknown} */ body) => async () => new Response(JSON.stringify(body), { status });

test("one decision is sent in the form of the API", async () => {
  /** @type {RequestInit | undefined} */
  let sent;
  const outcome = await send(decision, async (_, init) => {
    sent = init;
    return new Response(JSON.stringify({ decisions: [{ id: "a", state: "rejected", version: 3 }] }));
  });
  assert.deepEqual(JSON.parse(String(sent?.body)), { decisions: [decision] });
  assert.deepEqual(outcome, { id: "a", state: "rejected", version: 3 });
});

test("a problem of the request and a problem of the photo are told alike", async () => {
  const problem = { type: "/problems/version-outdated", title: "x", detail: "The photo has changed.", status: 409 };
  const ofRequest = await send(decision, answer(409, problem));
  const ofPhoto = await send(decision, answer(200, { decisions: [{ id: "a", problem }] }));
  assert.deepEqual(ofRequest, ofPhoto);
  assert.ok(problem && isOver(problem));
  assert.match(words(problem), /Someone else has decided/);
});

test("no connection is a sentence, not an exception", async () => {
  const outcome = await send(decision, async () => {
    throw new TypeError("Failed to fetch");
  });
  assert.ok(outcome.problem);
  assert.equal(isOver(outcome.problem), false);
  assert.match(words(outcome.problem), /No connection/);
});
