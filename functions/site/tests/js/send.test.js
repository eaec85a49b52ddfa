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

test("a request that nobody answers is sent again, and then told in a sentence, not by an exception", async () => {
  let tries = 0;
  /** @type {number[]} */
  const pauses = [];
  const outcome = await send(decision, async () => {
    tries += 1;
    throw new TypeError("Failed to fetch");
  }, async (ms) => void pauses.push(ms));
  assert.deepEqual([tries, pauses], [3, [500, 2_000]]);
  assert.ok(outcome.problem);
  assert.equal(isOver(outcome.problem), false);
  assert.match(words(outcome.problem), /No answer came/);
});

test("a try whose answer was lost is known by what the next one meets", async () => {
  const met = (/** @type {object} */ problem) => {
    let tries = 0;
    return send({ id: "a", version: 2, action: "publish" }, async () => {
      tries += 1;
      if (tries === 1) throw new TypeError("Failed to fetch");
      return new Response(JSON.stringify({ decisions: [{ id: "a", problem: { type: "/problems/version-outdated", ...problem } }] }));
    }, async () => {});
  };
  assert.deepEqual(await met({ version: 3, state: "published" }), { id: "a", state: "published", version: 3 });
  assert.ok((await met({ version: 3, state: "hidden" })).problem, "somebody else has decided");
  assert.ok((await met({ version: 4, state: "published" })).problem, "more has happened since");
});

test("who is signed out is told so, and not to use a link that is used up", () => {
  assert.equal(words({ status: 401, title: "Not signed in" }), "You are signed out. Sign in, then decide again.");
});
