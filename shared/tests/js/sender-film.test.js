// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { batches, reservation } from "../../assets/js/upload/plan.js";
import { tally } from "../../assets/js/upload/queue.js";
import { answer, bytesAnswer, item, problem, ready, world } from "./made.js";

/** @import { Item } from "../../assets/js/upload/types.js" */

const PART = 1_048_576;

/** A video of so many parts, the last of them short. @param {string} key @param {number} parts @param {Partial<Item>} [change] */
function video(key, parts, change = {}) {
  const film = { parts: Array.from({ length: parts }, (_, i) => ({ size_bytes: i + 1 < parts ? PART : 5, sha256: String(i).padEnd(64, "0") })), sound: true, transcript: "A pump runs." };
  return ready(key, { type: "video/mp4", size: (parts - 1) * PART + 5, film, ...change });
}

/**
 * A storage that keeps the parts of videos, and a server that says which it has.
 * @param {Item[]} items @param {number} count of each video's parts
 */
async function studio(items, count) {
  const w = await world(...items);
  /** @type {Map<string, Set<number>>} */
  const stored = new Map();
  const missing = (/** @type {string} */ id) => {
    const have = stored.get(id) ?? new Set();
    stored.set(id, have);
    const left = Array.from({ length: count }, (_, i) => i).filter((i) => !have.has(i));
    return { have: [...have], parts: left.slice(0, 8).map((part) => ({ ...w.upload(`${id}%2F${part}`), part })) };
  };
  w.api.reserve = async (body) => {
    w.log.push(`reserve ${body.photos.length}`);
    return answer(201, { photos: body.photos.map((/** @type {any} */ photo) => (photo.parts ? { ...w.reserved(photo.ref), upload: null, ...missing(`id-${photo.ref}`) } : w.reserved(photo.ref))) });
  };
  w.api.renew = async (id) => {
    w.log.push(`renew ${id}`);
    const { have, parts } = missing(id);
    if (parts.length === 0 && w.known.get(id)?.state !== "reserved") return answer(409, problem("not-renewable", 409, { state: w.known.get(id)?.state }));
    return answer(200, { id, state: "reserved", upload: w.upload(id), have, parts });
  };
  const take = (/** @type {string} */ url) => {
    const [id = "", part] = decodeURIComponent(new URL(url).pathname.split("/").pop() ?? "").split("/");
    if (part === undefined) return bytesAnswer(200);
    stored.get(id)?.add(Number(part));
    const photo = w.known.get(id);
    if (photo && stored.get(id)?.size === count) photo.state = "pending";
    return bytesAnswer(200, { sentBytes: PART });
  };
  w.storage = take;
  return Object.assign(w, { stored, take, puts: () => w.log.filter((line) => line.startsWith("put")).map((line) => decodeURIComponent(line).match(/id-[^?]*/)?.[0]) });
}

test("a video goes part by part, in their order, and is confirmed", async () => {
  const w = await studio([video("v", 11)], 11);
  let read = 0;
  const { bytes } = w.keeper;
  w.keeper.bytes = (one) => { read += 1; return bytes.call(w.keeper, one); };
  w.sender.pump();
  await w.pass(60_000);
  assert.deepEqual(w.puts(), Array.from({ length: 11 }, (_, i) => `id-v-0/${i}`));
  assert.equal(w.state("v"), "done");
  assert.ok(w.log.filter((line) => line.startsWith("renew")).length <= 2, "addresses come eight at a time");
  assert.equal(read, 1, "the device's storage is read once");
});

test("what the storage has decides what is sent, and a break costs one part", async () => {
  const w = await studio([video("v", 4)], 4);
  w.stored.set("id-v-0", new Set([0, 2]));
  let broken = 2;
  w.storage = (url) => ((broken -= 1) >= 0 ? bytesAnswer(0) : w.take(url));
  w.sender.pump();
  await w.pass(120_000);
  assert.equal(w.state("v"), "done");
  assert.deepEqual(w.puts(), ["id-v-0/1", "id-v-0/1", "id-v-0/1", "id-v-0/3"], "by both ways, then again");
});

test("a video whose page was closed goes on where it was, without anybody choosing it again", async () => {
  const w = await studio([video("v", 3, { id: "id-v-0", state: "sending", level: 0.4 })], 3);
  w.known.set("id-v-0", { id: "id-v-0", ref: "v-0", state: "reserved" });
  w.stored.set("id-v-0", new Set([0]));
  await w.shelf.takeOver();
  for (const one of w.shelf.list()) if (one.state === "sending") await w.shelf.update({ ...one, state: "ready" });
  w.sender.pump();
  await w.pass(60_000);
  assert.equal(w.state("v"), "done");
  assert.deepEqual(w.puts(), ["id-v-0/1", "id-v-0/2"]);
  assert.ok(!w.log.some((line) => line.startsWith("reserve")));
});

test("photos go before videos", async () => {
  const w = await studio([video("v", 2, { order: 0 }), ready("a", { order: 1 }), ready("b", { order: 2 })], 2);
  w.sender.pump();
  await w.pass(60_000);
  assert.deepEqual(w.puts().slice(0, 2).sort(), ["id-a-0", "id-b-0"]);
  assert.ok(w.shelf.list().every(({ state }) => state === "done"));
});

test("at most three videos are in one request, and no photo with them; what only a video has goes with it", () => {
  const items = [...Array.from({ length: 5 }, (_, i) => video(`v${i}`, 1)), ready("a"), ready("b")];
  assert.deepEqual(batches(items, 20).map((batch) => batch.map(({ key }) => key)), [["v0", "v1", "v2"], ["v3", "v4"], ["a", "b"]]);
  const [first] = reservation([video("v", 1)]).photos;
  assert.deepEqual([first?.type, first?.parts?.length, first?.sound, first?.transcript], ["video/mp4", 1, true, "A pump runs."]);
  assert.equal("parts" in (reservation([ready("a")]).photos[0] ?? {}), false);
});

test("a video of which no part is chosen yet is not being prepared", () => {
  const film = { parts: [], sound: false, transcript: "" };
  const [{ preparing, held }, pressed] = [tally([item("v", { sha256: "", film })]), tally([item("v", { sha256: "", film, shared: ready("v").shared })])];
  assert.deepEqual([preparing, held, pressed.preparing], [0, 1, 1]);
});

test("a video that the server does not know any more is registered anew, and one that it refuses for good says why", async () => {
  const w = await studio([video("v", 2, { id: "id-v-0" })], 2);
  const { renew } = w.api;
  w.api.renew = async (id) => (id === "id-v-0" ? answer(404, problem("not-found", 404)) : renew(id));
  w.sender.pump();
  await w.pass(60_000);
  assert.equal(w.state("v"), "done");
  assert.deepEqual(w.puts(), ["id-v-1/0", "id-v-1/1"]);

  const refused = await studio([video("v", 2, { id: "id-v-0" })], 2);
  refused.api.renew = async () => answer(422, problem("too-many-videos", 422));
  refused.sender.pump();
  await refused.pass(1_000);
  assert.deepEqual([refused.state("v"), refused.shelf.get("v")?.message], ["failed", "What happened. What to do."]);
});

test("a video of which the storage has every part already is only confirmed", async () => {
  const w = await studio([video("v", 2, { id: "id-v-0" })], 2);
  w.known.set("id-v-0", { id: "id-v-0", ref: "v-0", state: "reserved" });
  w.stored.set("id-v-0", new Set([0, 1]));
  w.sender.pump();
  await w.pass(100);
  assert.deepEqual([w.state("v"), w.shelf.get("v")?.level, w.puts()], ["confirming", 1, []]);
  w.known.set("id-v-0", { id: "id-v-0", ref: "v-0", state: "pending" });
  await w.pass(10_000);
  assert.equal(w.state("v"), "done");
  assert.equal(w.log.filter((line) => line.startsWith("renew")).length, 1);
});

test("each part is what lies at its place in the file, and all of them are the file", async () => {
  const parts = [3, 3, 3, 2].map((size_bytes, i) => ({ size_bytes, sha256: String(i).padEnd(64, "0") }));
  const w = await studio([video("v", 4, { size: 11, film: { parts, sound: false, transcript: "" } })], 4);
  const whole = Uint8Array.from({ length: 11 }, (_, i) => i);
  w.keeper.bytes = async () => new Blob([whole]);
  /** @type {number[][]} */
  const sent = [];
  /** @type {number[]} */
  const told = [];
  const { put } = w.sender.world;
  w.sender.world.put = async (way, headers, bytes, progress, signal) => {
    sent.push([...new Uint8Array(await bytes.arrayBuffer())]);
    return put(way, headers, bytes, (n) => { told.push(w.shelf.get("v")?.level ?? 0); progress(Math.min(n, bytes.size)); }, signal);
  };
  w.sender.pump();
  await w.pass(60_000);
  assert.deepEqual(sent, [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10]]);
  assert.deepEqual(told.map((level) => Math.round(11 * level)), [0, 3, 6, 9], "what the parts before it had is counted");
  assert.equal(w.state("v"), "done");
});

test("a part that arrives ends the growth of pauses, and a video that is removed meanwhile goes no further", async () => {
  const w = await studio([video("v", 3, { attempt: 6 })], 3);
  w.storage = (url) => (decodeURIComponent(url).includes("/1?") ? bytesAnswer(0) : w.take(url));
  w.known.set("id-v-0", { id: "id-v-0", ref: "v-0", state: "reserved" });
  await w.shelf.update(/** @type {Item} */ ({ .../** @type {Item} */ (w.shelf.get("v")), id: "id-v-0", attempt: 6 }));
  w.sender.pump();
  await w.pass(10);
  assert.deepEqual([w.state("v"), w.shelf.get("v")?.attempt, w.shelf.get("v")?.film?.parts.length], ["waiting", 1, 3]);

  const gone = await studio([video("v", 3)], 3);
  gone.storage = async (url) => {
    await gone.shelf.remove("v");
    return gone.take(url);
  };
  gone.sender.pump();
  await gone.pass(10_000);
  assert.deepEqual([gone.state("v"), gone.puts()], ["gone", ["id-v-0/0"]]);
});
