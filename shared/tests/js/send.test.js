// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { AT_ONCE, isOver, send, sendAll, sendPick, words } from "../../assets/js/moderation/send.js";

const decision = { id: "a", version: 2, action: "reject", reason: "Too dark." };
const answer = (/** @type {number} */ status, /** @type {unknown} */ body) => async () => new Response(JSON.stringify(body), { status });

test("one decision is sent in the form of the API", async () => {
  /** @type {RequestInit | undefined} */
  let sent;
  /** @type {RequestInfo | URL | undefined} */
  let address;
  const outcome = await send(decision, async (to, init) => {
    [address, sent] = [to, init];
    return new Response(JSON.stringify({ decisions: [{ id: "a", state: "rejected", version: 3 }] }));
  });
  assert.deepEqual(JSON.parse(String(sent?.body)), { decisions: [decision] });
  assert.deepEqual(outcome, { id: "a", state: "rejected", version: 3 });
  assert.equal(address, "/api/v1/moderation/decisions");
  const { body, ...how } = sent ?? {};
  const headers = { "content-type": "application/json", accept: "application/json" };
  assert.deepEqual(how, { method: "POST", headers, credentials: "same-origin", keepalive: true }, "it is sent even if the page is closed");
  assert.ok(body);
});

test("a pick names the version that was seen, and is never thrown", async () => {
  /** @type {[string, RequestInit | undefined]} */
  let asked = ["", undefined];
  const outcome = await sendPick("a", 3, true, async (to, init) => {
    asked = [String(to), init];
    return new Response(JSON.stringify({ id: "a", state: "published", version: 4 }));
  });
  assert.deepEqual(outcome, { id: "a", state: "published", version: 4 });
  assert.equal(asked[0], "/api/v1/moderation/photos/a/pick");
  assert.deepEqual([asked[1]?.method, JSON.parse(String(asked[1]?.body))], ["PUT", { version: 3, picked: true }]);
  assert.deepEqual(await sendPick("a", 3, true, answer(409, { title: "Gone" })), { id: "a", problem: { title: "Gone" } });
  const lost = await sendPick("a", 3, true, async () => { throw new TypeError("Failed to fetch"); });
  assert.match(lost.problem?.detail ?? "", /^No connection/);
});

test("an answer in which the decision is missing is a problem of this photo", async () => {
  const problem = { detail: "The server’s answer was empty. Reload the queue." };
  assert.deepEqual(await send(decision, answer(200, { decisions: [] })), { id: "a", problem });
  assert.deepEqual(await send(decision, answer(200, {})), { id: "a", problem });
  assert.equal(AT_ONCE, 48, "as limits::MAX_DECISIONS_PER_REQUEST");
});

test("a request without an answer is sent again after its pause, and not before", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let tries = 0;
  const outcome = send(decision, async () => {
    tries += 1;
    if (tries < 3) throw new TypeError("Failed to fetch");
    return new Response(JSON.stringify({ decisions: [{ id: "a", state: "rejected", version: 3 }] }));
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  for (const [ms, made] of /** @type {const} */ ([[0, 1], [499, 1], [1, 2], [1_999, 2], [1, 3]])) {
    context.mock.timers.tick(ms);
    await settled();
    assert.equal(tries, made);
  }
  assert.deepEqual(await outcome, { id: "a", state: "rejected", version: 3 });
});

test("a problem is over if the photo has changed, and said in its own words", () => {
  for (const [type, over] of /** @type {const} */ ([["version-outdated", true], ["illegal-move", true], ["photo-not-found", true], ["passkey-needed", false]])) {
    assert.equal(isOver({ type: `/problems/${type}` }), over, type);
  }
  assert.equal(isOver({}), false);
  assert.equal(words({ title: "No", detail: "It is too dark.", hint: "Use a lamp." }), "It is too dark. Use a lamp.");
  assert.equal(words({ title: "Too dark." }), "Too dark.");
  assert.equal(words({}), "That did not work. Try again.");
  assert.equal(words({ type: "/problems/passkey-needed", detail: "Use your passkey." }), "Use your passkey.");
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
  assert.equal(outcome.id, "a");
  assert.ok(outcome.problem);
  assert.equal(isOver(outcome.problem), false);
  assert.match(words(outcome.problem), /No connection/);
});

test("a try whose answer was lost is known by what the next one meets", async () => {
  const met = (/** @type {object} */ problem, action = "publish") => {
    let tries = 0;
    return send({ id: "a", version: 2, action }, async () => {
      tries += 1;
      if (tries === 1) throw new TypeError("Failed to fetch");
      return new Response(JSON.stringify({ decisions: [{ id: "a", problem: { type: "/problems/version-outdated", ...problem } }] }));
    }, async () => {});
  };
  assert.deepEqual(await met({ version: 3, state: "published" }), { id: "a", state: "published", version: 3 });
  assert.ok((await met({ version: 3, state: "hidden" })).problem, "somebody else has decided");
  for (const [action, state] of /** @type {const} */ ([["restore", "published"], ["reject", "rejected"], ["hide", "hidden"]])) {
    assert.deepEqual(await met({ version: 3, state }, action), { id: "a", state, version: 3 });
  }
  assert.ok((await met({ version: 3, state: "pending" }, "hold")).problem, "others lead there, too");
  assert.ok((await met({ type: "/problems/illegal-move", version: 3, state: "published" })).problem, "another problem");
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
