// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { commitment, leaf, rank, seedOf, sha256 } from "../../assets/js/draw/protocol.js";
import { BadFile, NAMES, fetched, placeOf, saved, verify } from "../../assets/js/draw/verify.js";

/** @import { Files, Name } from "../../assets/js/draw/verify.js" */

const DRAW = "techognition-test-noon";
const SECRET = "11".repeat(32);
const CHAIN = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
// Round 1000 of quicknet; `shared/src/domain/draw/beacon.rs` says where it is from.
const SIGNATURE = "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39";
const RANDOMNESS = "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd";
const OTHER = "0".repeat(64);
const tickets = ["aaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbb", "cccccccccccccccccccccccccc", "dddddddddddddddddddddddddd", "22222222222222222222222222"];

/** The texts of a true draw with two prizes and two reserves. @param {number} [count] @param {Record<string, unknown>} [announced] @param {Record<string, unknown>} [source] */
async function draw(count = 5, announced = {}, source = { method: "beacon", chain: CHAIN, round: 1000, signature: SIGNATURE }) {
  const leaves = (await Promise.all(tickets.slice(0, count).map((ticket) => leaf(DRAW, ticket)))).sort();
  const randomness = typeof source["sentence"] === "string" ? await sha256(source["sentence"]) : RANDOMNESS;
  const entries = leaves.map((one) => `${one}\n`).join("");
  const [commit, digest] = [await commitment(DRAW, SECRET), await sha256(entries)];
  const seed = await seedOf(DRAW, digest, SECRET, randomness);
  const ranking = await rank(leaves, seed);
  const written = (/** @type {unknown} */ value) => `${JSON.stringify(value, null, 2)}\n`;
  return {
    "commit.json": written({
      algorithm: "tkdraw1",
      draw: DRAW,
      name: "Noon draw “ä”",
      prizes: [{ title: "A microscope", sponsor: "Sample sponsor" }, { title: "A book", sponsor: null }],
      reserves: 2,
      freezes_at: "2023-08-23T15:30:00Z",
      draws_at: "2023-08-23T15:59:24Z",
      eligibility: "Technicians",
      source: { method: "beacon", chain: CHAIN, round: 1000, observer_after_hours: 24 },
      commit,
      ...announced,
    }),
    "entries.txt": entries,
    "beacon.json": written({ draw: DRAW, source, randomness }),
    "result.json": written({
      algorithm: "tkdraw1", draw: DRAW, commit, entries: leaves.length, entries_sha256: digest, secret: SECRET, randomness, seed,
      winners: ranking.slice(0, 2), reserves: ranking.slice(2, 4),
    }),
  };
}

/** @param {Record<Name, string>} texts @returns {Files} */
const files = (texts) => /** @type {Files} */ (Object.fromEntries(NAMES.map((name) => [name, new TextEncoder().encode(texts[name])])));
/** @param {Record<Name, string>} texts */
const failing = async (texts) => (await verify(files(texts))).checks.filter((check) => !check.passed).map((check) => check.name);
/** @param {Record<Name, string>} texts @param {Name} name @param {string | RegExp} from @param {string} to */
function changed(texts, name, from, to) {
  const text = texts[name].replace(from, to);
  assert.notEqual(text, texts[name], `${from} in ${texts[name]}`);
  return { ...texts, [name]: text };
}

test("the test vector holds", async () => {
  const named = await Promise.all([0, 1, 2, 3, 4].map(async (n) => /** @type {const} */ ([await leaf(DRAW, `ticket-000${n}`), n])));
  const leaves = named.map(([one]) => one).sort();
  const entries = await sha256(leaves.map((one) => `${one}\n`).join(""));
  const seed = await seedOf(DRAW, entries, SECRET, "22".repeat(32));
  assert.equal(await commitment(DRAW, SECRET), "360beedf60a68fd07d0803fd68957c4f399d1717266a64967a79173bdf09c7c6");
  assert.equal(entries, "5bc03a1e655b64ca8c569e9878514c46870eaad51f9544daa1f5d64b67cb6a3b");
  assert.equal(seed, "48370429c9e57691fbfd60a709576a77a7d7ac15d588faac664d07d84028b3ce");
  const numbers = new Map(named);
  assert.deepEqual((await rank(leaves, seed)).map((one) => numbers.get(one)), [1, 2, 3, 4, 0]);
});

test("a true draw holds, however few enter, and whoever draws", async () => {
  for (const count of [0, 1, 2, 5]) {
    const verdict = await verify(files(await draw(count)));
    assert.ok(verdict.holds, JSON.stringify(verdict.checks));
    assert.deepEqual([verdict.winners.length, verdict.reserves.length], [Math.min(2, count), Math.max(0, Math.min(2, count - 2))]);
  }
  const observer = { method: "observer", observer: "The head of science", sentence: "Copper turns “blue”" };
  assert.ok((await verify(files(await draw(5, { source: { method: "observer" } }, observer)))).holds);
  assert.ok((await verify(files(await draw(5, {}, observer)))).holds, "in the beacon's place");
  const alone = { source: { method: "beacon", chain: CHAIN, round: 1000, observer_after_hours: null } };
  assert.deepEqual(await failing(await draw(5, alone, observer)), ["source"]);
  assert.deepEqual(await failing(await draw(5, { source: { method: "observer" } })), ["source"]);
});

test("each lie fails its own check", async () => {
  const texts = await draw();
  const lie = (/** @type {Name} */ name, /** @type {string | RegExp} */ from, /** @type {string} */ to) => failing(changed(texts, name, from, to));
  const [first = "", second = ""] = (await verify(files(texts))).winners;
  assert.deepEqual(await lie("beacon.json", "test-noon", "test-night"), ["one-draw"]);
  assert.deepEqual(await lie("commit.json", /(?<="commit": ")[0-9a-f]+/, OTHER), ["commitment"]);
  assert.deepEqual(await lie("result.json", /(?<="secret": ")[0-9a-f]+/, OTHER), ["commitment", "seed", "ranking"]);
  assert.deepEqual(await lie("result.json", "\"entries\": 5", "\"entries\": 6"), ["entries"]);
  assert.deepEqual(await lie("entries.txt", /^.*\n/, ""), ["entries", "seed", "ranking"]);
  assert.deepEqual(await lie("beacon.json", "\"round\": 1000", "\"round\": 1001"), ["source"]);
  assert.deepEqual(await lie("beacon.json", "52db9ba7", "52db9ba8"), ["source"]);
  assert.deepEqual(await lie("beacon.json", "b44679", "b44678"), ["randomness"]);
  assert.deepEqual(await lie("result.json", RANDOMNESS, OTHER), ["randomness"]);
  assert.deepEqual(await lie("result.json", /(?<="seed": ")[0-9a-f]+/, OTHER), ["seed"]);
  assert.deepEqual(await lie("result.json", new RegExp(`"${first}",\\s+"${second}"`), `"${second}",\n    "${first}"`), ["ranking"]);
});

test("a file in another form is refused, with the reason", async () => {
  const texts = await draw();
  /** @type {[Name, string | RegExp, string, string, number?][]} */
  const wrong = [
    ["commit.json", /\n/g, "\r\n", "form"],
    ["commit.json", /\n$/, "", "form"],
    ["commit.json", "{", "\ufeff{", "json"],
    ["commit.json", "tkdraw1", "tkdraw2", "form"],
    ["commit.json", "\"reserves\": 2", "\"reserves\": 2.0", "form"],
    ["commit.json", "\"reserves\": 2", "\"reserves\": 2e0", "form"],
    ["commit.json", "\"reserves\": 2", "\"reserves\": true", "form"],
    ["commit.json", "\"reserves\": 2", "\"reserves\": 1001", "form"],
    ["commit.json", "\"reserves\": 2", "\"reserves\": 2,\n  \"reserves\": 2", "form"],
    ["commit.json", "\"name\"", "\"more\": 1,\n  \"name\"", "form"],
    ["commit.json", "A book", "\\u0041 book", "form"],
    ["commit.json", "A book", "\\ud800", "form"],
    ["commit.json", /"prizes": \[[^\]]*\]/, "\"prizes\": []", "form"],
    ["commit.json", "\"sponsor\": null", "\"sponsor\": 1", "form"],
    ["commit.json", "15:59:24Z", "15:59:24.5Z", "form"],
    ["commit.json", "08-23T15:59:24Z", "02-30T15:59:24Z", "form"],
    ["commit.json", "08-23T15:59:24Z", "08-23T24:00:00Z", "form"],
    ["commit.json", "15:30:00Z", "15:58:00Z", "lead"],
    ["commit.json", "15:59:24Z", "15:59:25Z", "round"],
    ["commit.json", "\"round\": 1000", "\"round\": 999", "round"],
    ["commit.json", "52db9ba7", "52db9ba8", "chain"],
    ["commit.json", "hours\": 24", "hours\": 1", "form"],
    ["entries.txt", /\n$/, "", "form", 5],
    ["entries.txt", /\n/, "\r\n", "form", 1],
    ["entries.txt", /^(.*\n)/, "$1$1", "order", 2],
    ["entries.txt", /^(.*\n)(.*\n)/, "$2$1", "order", 2],
    ["beacon.json", "\"signature\": \"b", "\"signature\": \"B", "form"],
    ["beacon.json", /\n$/, "\n\n", "form"],
    ["result.json", /^/, " ", "form"],
    ["result.json", /[^]*/, "", "json"],
    ["result.json", /[^]*/, "null\n", "form"],
  ];
  for (const [name, from, to, why, line] of wrong) {
    await assert.rejects(verify(files(changed(texts, name, from, to))), (error) => {
      assert.ok(error instanceof BadFile, `${from}: ${error}`);
      assert.deepEqual([error.file, error.why, error.line], [name, why, line], `${from}`);
      return true;
    });
  }
  const broken = { ...files(texts), "commit.json": new Uint8Array([0xff]) };
  await assert.rejects(verify(broken), { why: "utf-8" });
  await assert.rejects(verify({ ...broken, "commit.json": new Uint8Array(1_000_001) }), { why: "size" });
});

test("a ticket finds its place, as it is printed", async () => {
  const verdict = await verify(files(await draw()));
  const found = await Promise.all(tickets.map((ticket) => placeOf(verdict, ` ${ticket.toUpperCase().replace(/(.{4})/g, "$1 ")}`)));
  const places = found.map((one) => one?.place ?? 0);
  assert.deepEqual([...places].sort(), [1, 2, 3, 4, 5]);
  const at = (/** @type {number} */ place) => found[places.indexOf(place)];
  assert.deepEqual(at(1), { place: 1, of: 5, prize: "A microscope", reserve: null });
  assert.deepEqual(at(2), { place: 2, of: 5, prize: "A book", reserve: null });
  assert.deepEqual(at(4), { place: 4, of: 5, prize: null, reserve: 2 });
  assert.deepEqual(at(5), { place: 5, of: 5, prize: null, reserve: null });
  assert.equal(await placeOf(verdict, "zzzzzzzzzzzzzzzzzzzzzzzzzz"), null);
});

test("a saved copy is checked without a server, and the site's files by their address", async () => {
  const texts = await draw();
  const copies = NAMES.map((name) => new File([texts[name]], name));
  assert.ok((await verify(await saved([...copies, new File(["<p>"], "rules.html")]))).holds);
  await assert.rejects(saved(copies.slice(1)), { file: "commit.json", why: "missing" });
  /** @type {string[]} */
  const asked = [];
  const get = /** @type {typeof fetch} */ (async (/** @type {string} */ address) => {
    asked.push(address);
    const text = texts[/** @type {Name} */ (address.split("/").at(-1))];
    return new Response(text);
  });
  assert.ok((await verify(await fetched("/draws/2027/noon/", get))).holds);
  assert.deepEqual(asked, NAMES.map((name) => `/draws/2027/noon/${name}`));
  const gone = /** @type {typeof fetch} */ (async () => new Response("", { status: 404 }));
  await assert.rejects(fetched("/", gone), { why: "missing" });
});

test("thousands of entries are ranked", async () => {
  const leaves = await Promise.all(Array.from({ length: 3000 }, (_, i) => leaf(DRAW, String(i))));
  leaves.sort();
  const ranking = await rank(leaves, SECRET);
  assert.notDeepEqual(ranking, leaves);
  assert.deepEqual([...ranking].sort(), leaves);
});
