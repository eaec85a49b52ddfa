// @ts-check
// Recomputes a draw from its four public files, without a server: from those on the site, or from a saved copy of them.
//
// It does not check the beacon's signature: a pairing needs more code than the rest of this page. It checks that the randomness is the
// SHA-256 of the signature, and `techognition draw verify` checks the signature.

import { bytesOf, commitment, leaf, rank, seedOf, sha256 } from "./protocol.js";

/**
 * @typedef {"commit.json" | "entries.txt" | "beacon.json" | "result.json"} Name
 * @typedef {Record<Name, Uint8Array<ArrayBuffer>>} Files
 * @typedef {"missing" | "size" | "utf-8" | "json" | "form" | "order" | "lead" | "chain" | "round"} Why
 * @typedef {{ method: "beacon", chain: string, round: number, observer_after_hours: 24 | null } | { method: "observer" }} Source
 * @typedef {{ draw: string, name: string, prizes: { title: string, sponsor: string | null }[], reserves: number, freezes_at: string,
 *   draws_at: string, eligibility: string, source: Source, commit: string }} Announcement
 * @typedef {{ method: "beacon", chain: string, round: number, signature: string } | { method: "observer", observer: string, sentence: string }} Drawn
 * @typedef {{ draw: string, source: Drawn, randomness: string }} Beacon
 * @typedef {{ draw: string, commit: string, entries: number, entries_sha256: string, secret: string, randomness: string, seed: string,
 *   winners: string[], reserves: string[] }} Outcome
 * @typedef {"one-draw" | "commitment" | "entries" | "source" | "randomness" | "seed" | "ranking"} CheckName
 * @typedef {{ name: CheckName, passed: boolean, got: string, expected: string }} Check
 * @typedef {{ holds: boolean, checks: Check[], announcement: Announcement, ranking: string[], winners: string[], reserves: string[] }} Verdict
 *   winners and reserves are the recomputed ones
 */

/** @type {Name[]} */
export const NAMES = ["commit.json", "entries.txt", "beacon.json", "result.json"];
/** drand's chain quicknet, the time of its first round in seconds since 1970, and the seconds between rounds. */
const CHAIN = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
const [GENESIS, PERIOD] = [1_692_803_367, 3];
/** Least number of seconds from the freeze to the draw. */
const LEAD = 300;
const LIMITS = { bytes: 1_000_000, entries: 100_000, prizes: 1_000, reserves: 1_000 };

/** The reason for which a file is refused. */
export class BadFile extends Error {
  /** @param {Name} file @param {Why} why @param {number} [line] */
  constructor(file, why, line) {
    super(`${file}: ${why}${line === undefined ? "" : ` in line ${line}`}`);
    this.name = "BadFile";
    this.file = file;
    this.why = why;
    this.line = line;
  }
}

// A form describes valid values. An array holds forms of which one must fit; an object has these keys in this order; a function decides.
/** @typedef {((value: unknown) => boolean) | { [key: string]: Form } | Form[]} Form */

/** @param {RegExp} pattern @returns {Form} */
const like = (pattern) => (value) => typeof value === "string" && pattern.test(value);
/** @param {number} most @returns {Form} */
const upTo = (most) => (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= most;
/** @param {Form} form @returns {Form} */
const listOf = (form) => (value) => Array.isArray(value) && value.every((one) => fits(one, form));
/** @param {unknown} wanted @returns {Form} */
const is = (wanted) => (value) => value === wanted;
/** @type {Form} */
const text = (value) => typeof value === "string" && value.isWellFormed();
const DRAW = like(/^(?!-)[a-z0-9-]{1,64}(?<!-)$/);
const HASH = like(/^[0-9a-f]{64}$/);
/** @param {unknown} value @returns {value is string} */
const isTime = (value) => typeof value === "string" && /^2[01]\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value);
/** @type {Form} */
const TIME = (value) => isTime(value) && new Date(value).toJSON() === `${value.slice(0, -1)}.000Z`;

/** @type {Record<Exclude<Name, "entries.txt">, Form>} */
const FORMS = {
  "commit.json": {
    algorithm: is("tkdraw1"),
    draw: DRAW,
    name: text,
    prizes: listOf({ title: text, sponsor: [text, is(null)] }),
    reserves: upTo(LIMITS.reserves),
    freezes_at: TIME,
    draws_at: TIME,
    eligibility: text,
    source: [{ method: is("beacon"), chain: HASH, round: upTo(Infinity), observer_after_hours: [is(24), is(null)] }, { method: is("observer") }],
    commit: HASH,
  },
  "beacon.json": {
    draw: DRAW,
    source: [
      { method: is("beacon"), chain: HASH, round: upTo(Infinity), signature: like(/^[0-9a-f]{96}$/) },
      { method: is("observer"), observer: text, sentence: text },
    ],
    randomness: HASH,
  },
  "result.json": {
    algorithm: is("tkdraw1"),
    draw: DRAW,
    commit: HASH,
    entries: upTo(Infinity),
    entries_sha256: HASH,
    secret: HASH,
    randomness: HASH,
    seed: HASH,
    winners: listOf(HASH),
    reserves: listOf(HASH),
  },
};

/** @param {unknown} value @param {Form} form @returns {boolean} */
function fits(value, form) {
  if (typeof form === "function") return form(value);
  if (Array.isArray(form)) return form.some((one) => fits(value, one));
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(form);
  return Object.keys(value).join() === keys.join() && keys.every((key) => fits(/** @type {Record<string, unknown>} */ (value)[key], /** @type {Form} */ (form[key])));
}

/** @param {Files} files @param {Name} name @param {number} most */
function decoded(files, name, most) {
  if (files[name].length > most) throw new BadFile(name, "size");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(files[name]);
  } catch {
    throw new BadFile(name, "utf-8");
  }
}

/**
 * Parses a JSON file that is exactly in canonical form, so that it cannot be read in two ways.
 * @param {Files} files @param {Exclude<Name, "entries.txt">} name
 */
function json(files, name) {
  const written = decoded(files, name, LIMITS.bytes);
  let value;
  try {
    value = JSON.parse(written);
  } catch {
    throw new BadFile(name, "json");
  }
  if (!fits(value, FORMS[name]) || `${JSON.stringify(value, null, 2)}\n` !== written) throw new BadFile(name, "form");
  return value;
}

/** @param {Files} files @returns {Announcement} */
function announced(files) {
  /** @type {Announcement} */
  const read = json(files, "commit.json");
  const [freezes, draws] = [Date.parse(read.freezes_at) / 1000, Date.parse(read.draws_at) / 1000];
  if (read.prizes.length < 1 || read.prizes.length > LIMITS.prizes) throw new BadFile("commit.json", "form");
  if (draws - freezes < LEAD) throw new BadFile("commit.json", "lead");
  if (read.source.method === "beacon") {
    if (read.source.chain !== CHAIN) throw new BadFile("commit.json", "chain");
    if (draws < GENESIS - PERIOD + 1 || read.source.round !== Math.ceil((draws - GENESIS) / PERIOD) + 1) throw new BadFile("commit.json", "round");
  }
  return read;
}

/** Returns the leaves of the list, which must be in ascending order, each once, each with LF. @param {Files} files */
function listed(files) {
  const lines = decoded(files, "entries.txt", LIMITS.entries * 65).split("\n");
  if (lines.pop() !== "") throw new BadFile("entries.txt", "form", lines.length + 1);
  lines.forEach((line, i) => {
    if (!fits(line, HASH)) throw new BadFile("entries.txt", "form", i + 1);
    if (i > 0 && line <= /** @type {string} */ (lines[i - 1])) throw new BadFile("entries.txt", "order", i + 1);
  });
  return lines;
}

/** Whether the value comes from the announced source. @param {Source} wanted @param {Drawn} drawn */
function sourced(wanted, drawn) {
  const allowed = wanted.method === "observer" || wanted.observer_after_hours !== null;
  const holds = drawn.method === "observer" ? allowed : wanted.method === "beacon" && drawn.chain === CHAIN && drawn.round === wanted.round;
  const told = (/** @type {Source | Drawn} */ one) => (one.method === "beacon" ? `${one.chain} ${one.round}` : one.method);
  return { passed: holds, got: told(drawn), expected: told(wanted) };
}

/**
 * Checks everything that follows from the files except the beacon's signature.
 * @param {Files} files
 * @returns {Promise<Verdict>}
 * @throws {BadFile}
 */
export async function verify(files) {
  const announcement = announced(files);
  const leaves = listed(files);
  /** @type {Beacon} */
  const beacon = json(files, "beacon.json");
  /** @type {Outcome} */
  const outcome = json(files, "result.json");
  const { draw } = announcement;
  const commit = await commitment(draw, outcome.secret);
  const entries = await sha256(files["entries.txt"]);
  const randomness = await sha256(beacon.source.method === "beacon" ? bytesOf(beacon.source.signature) : beacon.source.sentence);
  const seed = await seedOf(draw, entries, outcome.secret, beacon.randomness);
  const ranking = await rank(leaves, seed);
  const winners = ranking.slice(0, announcement.prizes.length);
  const reserves = ranking.slice(winners.length, winners.length + announcement.reserves);
  const same = (/** @type {CheckName} */ name, /** @type {string} */ expected, /** @type {string[]} */ ...got) => ({
    name,
    passed: got.every((one) => one === expected),
    got: got.find((one) => one !== expected) ?? expected,
    expected,
  });
  const shown = (/** @type {string[]} */ first, /** @type {string[]} */ next) => `${first.join(" ")} | ${next.join(" ")}`;
  /** @type {Check[]} */
  const checks = [
    same("one-draw", draw, beacon.draw, outcome.draw),
    same("commitment", commit, announcement.commit, outcome.commit),
    same("entries", `${leaves.length} ${entries}`, `${outcome.entries} ${outcome.entries_sha256}`),
    { name: "source", ...sourced(announcement.source, beacon.source) },
    same("randomness", randomness, beacon.randomness, outcome.randomness),
    same("seed", seed, outcome.seed),
    same("ranking", shown(winners, reserves), shown(outcome.winners, outcome.reserves)),
  ];
  return { holds: checks.every((check) => check.passed), checks, announcement, ranking, winners, reserves };
}

/**
 * Returns the place of a ticket, counted from 1, and what it wins; null if it is not among the entries.
 * @param {Verdict} verdict
 * @param {string} ticket as it is printed; spaces and capital letters do not matter
 * @returns {Promise<{ place: number, of: number, prize: string | null, reserve: number | null } | null>}
 */
export async function placeOf({ announcement, ranking, winners, reserves }, ticket) {
  const place = ranking.indexOf(await leaf(announcement.draw, ticket.replace(/\s/g, "").toLowerCase())) + 1;
  if (place === 0) return null;
  const reserve = place - winners.length;
  return { place, of: ranking.length, prize: announcement.prizes[place - 1]?.title ?? null, reserve: reserve > 0 && reserve <= reserves.length ? reserve : null };
}

/**
 * Finds the four files among those that the user chose, such as a folder.
 * @param {Iterable<File>} chosen
 * @returns {Promise<Files>}
 * @throws {BadFile}
 */
export async function saved(chosen) {
  const byName = new Map([...chosen].map((file) => [file.name, file]));
  return gathered(async (name) => byName.get(name)?.arrayBuffer());
}

/**
 * Fetches the four files of a draw on the site.
 * @param {string} folder their address, with a slash at the end
 * @param {typeof fetch} [get]
 * @returns {Promise<Files>}
 * @throws {BadFile}
 */
export async function fetched(folder, get = fetch) {
  return gathered(async (name) => {
    const answer = await get(folder + name);
    return answer.ok ? answer.arrayBuffer() : undefined;
  });
}

/** @param {(name: Name) => Promise<ArrayBuffer | undefined>} get @returns {Promise<Files>} */
async function gathered(get) {
  const all = NAMES.map(async (name) => {
    const bytes = await get(name);
    if (!bytes) throw new BadFile(name, "missing");
    return [name, new Uint8Array(bytes)];
  });
  return Object.fromEntries(await Promise.all(all));
}
