// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { Intake } from "../../assets/js/upload/intake.js";
import { move } from "../../assets/js/upload/queue.js";
import { Shelf } from "../../assets/js/upload/shelf.js";
import { MemoryKeeper, limits, shared } from "./made.js";

const JPEG = "\xff\xd8\xff\xe1";

/** @param {string} name @param {string} [head] */
const file = (name, head = JPEG) => new File([Uint8Array.from(head, (c) => c.charCodeAt(0)), name.repeat(9)], name);

/** When files are taken in. */
const NOW = Date.parse("2027-03-05T12:00:00.000Z");

/** What is made of every file. */
const small = { blob: new Blob(["small enough"], { type: "image/jpeg" }), thumbnail: new Blob(["tiny"], { type: "image/jpeg" }), width: 4, height: 3 };

/**
 * A device that takes files in.
 * @param {{ keeper?: MemoryKeeper, make?: () => Promise<typeof small>, haste?: (item: { shared: object | null }) => boolean, film?: (key: string, file?: File) => void }} [how]
 */
function device({ keeper = new MemoryKeeper(), make = async () => small, haste = () => false, film } = {}) {
  const shelf = new Shelf(keeper, () => {}, () => {});
  /** @type {string[]} */
  const twins = [];
  /** @type {string[]} */
  const ready = [];
  const intake = new Intake(shelf, { make }, () => limits, { twin: (name) => twins.push(name), ready: (key) => ready.push(key), now: () => NOW, haste, film: film ?? null });
  return { keeper, shelf, intake, twins, ready, states: () => shelf.list().map((one) => `${one.name} ${one.state} ${one.made} ${one.size}`) };
}

test("a photo becomes what this device makes of it; what it cannot open goes as it is, and what cannot be sent says so", async () => {
  const { intake, states, ready } = device();
  await intake.take([file("a.jpg")]);
  assert.deepEqual(states(), ["a.jpg held device 12"]);
  const blind = device({ make: () => Promise.reject(new Error("cannot decode")) });
  await blind.intake.take([file("a.jpg"), file("b.heic", "\0\0\0\x24ftypheic\0\0\0\0"), file("c.pdf", "%PDF-1.7 and more of it"), new File([], "d.jpg")]);
  assert.deepEqual(blind.states(), ["a.jpg held original 49", "b.heic unfit original 70", "c.pdf unfit original 68", "d.jpg unfit original 0"]);
  assert.deepEqual([ready.length, blind.ready.length], [1, 1]);
});

test("when there is no time, what Send was pressed for goes as it is; what could not go so is made ready all the same", async () => {
  /** @type {() => void} */
  let first = () => {};
  const slow = new Promise((/** @type {(made: typeof small) => void} */ resolve) => (first = () => resolve(small)));
  let made = 0;
  const { intake, shelf, states } = device({ make: () => (made++ ? Promise.resolve(small) : slow), haste: ({ shared }) => shared !== null });
  const taken = intake.take([file("a.jpg"), file("b.jpg"), file("c.heic", "\0\0\0\x24ftypheic\0\0\0\0"), file("d.jpg")]);
  while (made === 0) await new Promise((resolve) => setImmediate(resolve));
  for (const one of shelf.list().slice(0, 3)) await shelf.update({ ...one, shared });
  first();
  await taken;
  assert.deepEqual(states(), ["a.jpg held device 12", "b.jpg held hasty 49", "c.heic held device 12", "d.jpg held device 12"]);
  assert.equal(made, 3);
});

test("a HEIC photo that this device can open is sent as JPEG", async () => {
  const { intake, shelf } = device();
  await intake.take([file("b.heic", "\0\0\0\x24ftypheic\0\0\0\0")]);
  assert.deepEqual(shelf.list().map((one) => [one.type, one.state]), [["image/jpeg", "held"]]);
});

test("the same file twice is one photo", async () => {
  const { intake, shelf, twins } = device();
  await intake.take([file("a.jpg"), file("a.jpg"), file("b.jpg")]);
  assert.deepEqual([shelf.list().length, twins], [2, ["a.jpg"]]);
});

test("a tab that is killed while photos are made ready loses none, and Send holds for them", async () => {
  const killed = device({ make: () => new Promise(() => {}) });
  void killed.intake.take([file("a.jpg"), file("b.jpg"), file("c.jpg")]);
  while (killed.keeper.kept.size < 3) await new Promise((resolve) => setImmediate(resolve));
  for (const one of killed.shelf.list()) await killed.shelf.update({ ...one, shared });

  const again = device({ keeper: killed.keeper });
  await again.shelf.restore(NOW);
  await again.shelf.takeOver();
  assert.deepEqual(again.shelf.list().map((one) => one.sha256), ["", "", ""]);
  again.intake.resume();
  again.intake.resume();
  await again.intake.take([]);
  assert.equal(again.ready.length, 3, "each once");
  for (const one of again.shelf.list()) {
    assert.deepEqual([one.made, one.size, one.shared?.caption, one.stored], ["device", 12, shared.caption, true]);
    assert.equal(move(one, "send").state, "ready");
  }
});

test("a tab that is killed before a video is ready says so when it is opened again, and what was ready stays", async () => {
  const MP4 = "\0\0\0\x20ftypisom\0\0\x02\0";
  /** @type {string[]} */
  const shown = [];
  const killed = device({ film: () => void shown.push("shown") });
  await killed.intake.take([file("a.mp4", MP4), file("b.mp4", MP4)]);
  while (killed.keeper.kept.size < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(killed.states(), ["a.mp4 held original 61", "b.mp4 held original 61"]);
  const [, ready] = killed.shelf.list();
  assert.ok(ready);
  await killed.shelf.keep({ ...ready, made: "device" }, { bytes: new ArrayBuffer(7), type: "video/mp4", sha256: "7".repeat(64), thumbnail: null }, true);

  /** @type {[string, boolean][]} */
  const told = [];
  const again = device({ keeper: killed.keeper, film: (key, file) => void told.push([key, !!file]) });
  await again.shelf.restore(NOW);
  await again.shelf.takeOver();
  again.intake.resume();
  await again.intake.take([]);
  const [lost] = again.shelf.list();
  assert.ok(lost);
  assert.deepEqual([shown.length, told], [2, [[lost.key, false]]], "its file is gone");
  await again.shelf.update({ ...lost, state: "unfit", message: "lost" });
  await again.intake.take([file("a.mp4", MP4)]);
  assert.deepEqual([again.states(), again.twins], [["a.mp4 unfit original 61", "b.mp4 held device 7", "a.mp4 held original 61"], []], "it is chosen again");
});

test("what was stored and cannot be exchanged for want of room is held by the page", async () => {
  const { intake, shelf, keeper, states } = device();
  keeper.exchange = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
  await intake.take([file("a.jpg")]);
  const [one] = shelf.list();
  assert.deepEqual([states(), one?.stored, shelf.holds(one?.key ?? "")], [["a.jpg held device 12"], false, true]);
});

test("what is written while bytes are exchanged stays", async () => {
  const { intake, shelf, keeper } = device();
  await intake.take([file("a.jpg")]);
  const [one] = shelf.list();
  assert.ok(one);
  const exchanging = shelf.exchange(one.key, { boxes: [] }, { bytes: new ArrayBuffer(7), type: "image/jpeg", sha256: "7".repeat(64), thumbnail: null });
  await Promise.all([exchanging, shelf.update({ ...one, alt: "Blue crystals" })]);
  for (const now of [shelf.get(one.key), keeper.kept.get(one.key)]) assert.deepEqual([now?.alt, now?.size], ["Blue crystals", 7]);
});
