// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { isOver, send, sendAll, words } from "../../assets/js/moderation/send.js";

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
  assert.match(words(problem), /Someone else decided first/);
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
  assert.match(words(outcome.problem), /No connection/);
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

test("many decisions go in one request, and each has its own outcome", async () => {
  const many = ["a", "b", "c"].map((id) => ({ id, version: 2, action: "restore" }));
  let requests = 0;
  const problem = { type: "/problems/version-outdated", status: 409, version: 3, state: "published" };
  const outcomes = await sendAll(many, async (_, init) => {
    requests += 1;
    assert.deepEqual(JSON.parse(String(init?.body)).decisions, many);
    return new Response(JSON.stringify({ decisions: [{ id: "a", state: "published", version: 3 }, { id: "b", problem }] }));
  });
  assert.equal(requests, 1);
  assert.deepEqual(outcomes.slice(0, 2), [{ id: "a", state: "published", version: 3 }, { id: "b", problem }]);
  assert.match(outcomes[2]?.problem?.detail ?? "", /answer was empty/);
  const refused = await sendAll(many, answer(401, { status: 401 }));
  assert.deepEqual(refused.map(({ id, problem }) => [id, problem?.status]), [["a", 401], ["b", 401], ["c", 401]]);
  // The first try was carried out, and not answered.
  let tries = 0;
  const known = await sendAll(many.slice(1, 2), async () => {
    tries += 1;
    if (tries === 1) throw new TypeError("Failed to fetch");
    return new Response(JSON.stringify({ decisions: [{ id: "b", problem }] }));
  }, async () => {});
  assert.deepEqual(known, [{ id: "b", state: "published", version: 3 }]);
});
