// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { move } from "../../assets/js/upload/queue.js";
import { byOwnHost } from "../../assets/js/upload/sender.js";
import { answer, blockPage, bytesAnswer, item, made, problem, ready, shared, world } from "./made.js";

/** @param {number} n */
const many = (n) => Array.from({ length: n }, (_, i) => ready(`k${String(i).padStart(2, "0")}`, { order: i }));
const OWN = "https://photos.example";
const DIRECT = "https://storage.example";

test("21 photos are registered in two requests, sent two at a time, and confirmed", async () => {
  const w = await world(...many(21));
  w.sender.pump();
  await w.pass(60_000);
  assert.deepEqual(w.log.slice(0, 2), ["reserve 20", "reserve 1"], "all before the first byte: that decides whether they came in time");
  assert.equal(w.most, 2);
  assert.equal(w.log.filter((line) => line.startsWith("put")).length, 21);
  assert.ok(w.shelf.list().every((one) => one.state === "done" && one.result?.state === "pending"));
});

test("the bytes of a photo are forgotten once it is done, and not before", async () => {
  const w = await world(ready("a"));
  w.storage = () => { assert.ok(w.keeper.bytesOf.has("a")); return bytesAnswer(200); };
  w.sender.pump();
  await w.pass(100);
  assert.equal(w.state("a"), "confirming");
  assert.ok(w.keeper.bytesOf.has("a"));
  await w.pass(10_000);
  assert.equal(w.state("a"), "done");
  assert.equal(w.keeper.bytesOf.has("a"), false);
});

test("nothing is sent before send is pressed, and nothing by a tab that follows", async () => {
  const w = await world(item("held"), ready("a"));
  w.leads = false;
  w.sender.pump();
  await w.pass(60_000);
  assert.deepEqual(w.log, []);
  w.leads = true;
  w.sender.pump();
  await w.pass(60_000);
  assert.equal(w.state("a"), "done");
  assert.equal(w.state("held"), "held");
});

test("our own address is tried first, and the storage's where it leads nowhere", async () => {
  const w = await world(ready("a"), ready("b", { order: 1 }), ready("c", { order: 2 }));
  w.storage = (url) => (url.startsWith(OWN) ? bytesAnswer(404, { contentType: "text/html", marker: true }) : bytesAnswer(200));
  w.sender.pump();
  await w.pass(60_000);
  assert.ok(w.shelf.list().every((one) => one.state === "done"));
  const puts = w.log.filter((line) => line.startsWith("put"));
  assert.equal(puts[0], `put ${OWN}/originals/id-a-0?sig=1`);
  assert.ok(puts.includes(`put ${DIRECT}/originals/id-a-0?sig=1`));
  assert.equal(puts.at(-1), `put ${DIRECT}/originals/id-c-0?sig=1`, "what was learnt is kept");
  assert.equal(puts.filter((line) => line.includes("id-c")).length, 1);
});

test("by our own address the edge is told of the bucket that AWS names in the host", () => {
  const signed = (/** @type {string} */ url) => byOwnHost(new URL(url), OWN);
  assert.equal(signed("https://day-1-originals.s3.eu-west-2.amazonaws.com/2027/ab/id?X=a%2Fb"), `${OWN}/day-1-originals/2027/ab/id?X=a%2Fb`);
  assert.equal(signed("http://127.0.0.1:8081/originals/2027/ab/id?X=1"), `${OWN}/originals/2027/ab/id?X=1`);
});

test("412 is success: the bytes are there, and they are ours", async () => {
  const w = await world(ready("a"));
  w.storage = () => { for (const photo of w.known.values()) photo.state = "pending"; return bytesAnswer(412); };
  w.sender.pump();
  await w.pass(10_000);
  assert.equal(w.state("a"), "done");
  assert.equal(w.log.filter((line) => line.startsWith("put")).length, 1);
});

test("an expired address is renewed, and nobody is told of an error", async () => {
  const w = await world(ready("a"));
  let expired = true;
  w.storage = () => { if (!expired) return bytesAnswer(200); return bytesAnswer(403); };
  /** @type {string[]} */
  const seen = [];
  w.shelf.onChange = (one) => { if (one) seen.push(one.state); };
  const renew = w.api.renew;
  w.api.renew = (id) => { expired = false; return renew(id); };
  w.sender.pump();
  await w.pass(30_000);
  assert.equal(w.state("a"), "done");
  assert.ok(w.log.includes("renew id-a-0"));
  assert.ok(!seen.includes("waiting") && !seen.includes("failed"), seen.join());
});

test("an address lives by the server's clock, however wrong the device's is", async () => {
  for (const apart of [-2 * 365 * 86_400_000, -3_600_000, -60_000, 0, 60_000, 3_600_000, 2 * 365 * 86_400_000]) {
    const w = await world(ready("a"));
    w.apart = apart;
    // The first way is refused once; the address is good for ten minutes more.
    let refused = false;
    w.storage = () => { if (refused) return bytesAnswer(200); refused = true; return bytesAnswer(403); };
    w.sender.pump();
    await w.pass(60_000);
    assert.equal(w.state("a"), "done", `${apart} ms apart`);
    assert.deepEqual(w.log.filter((line) => line.startsWith("renew")), [], `${apart} ms apart: nothing is renewed that is still good`);

    const late = await world(ready("a"));
    late.apart = apart;
    late.storage = () => bytesAnswer(0);
    late.sender.pump();
    await late.pass(700_000);
    late.storage = () => bytesAnswer(200);
    await late.pass(120_000);
    assert.equal(late.state("a"), "done", `${apart} ms apart`);
    assert.ok(late.log.some((line) => line.startsWith("renew")), `${apart} ms apart: one that has ended is renewed`);
  }
});

test("an address that our own way refuses and the other way cannot reach is renewed", async () => {
  const w = await world(ready("a"));
  w.storage = (url) => (url.startsWith(DIRECT) ? bytesAnswer(0) : w.log.includes("renew id-a-0") ? bytesAnswer(200) : bytesAnswer(403));
  w.sender.pump();
  await w.pass(30_000);
  assert.equal(w.state("a"), "done");
});

test("a dead network is waited for, for ever, and no attempt is lost to it", async () => {
  const w = await world(ready("a"));
  const works = w.api.reserve;
  let tries = 0;
  w.api.reserve = async () => { tries += 1; return answer(0); };
  w.sender.pump();
  await w.pass(6 * 3_600_000);
  assert.equal(w.state("a"), "waiting");
  assert.ok(tries > 500 && tries < 2000, String(tries));
  w.api.reserve = works;
  w.sender.hurry();
  await w.pass(10_000);
  assert.equal(w.state("a"), "done");
});

test("while the browser says that it is offline nothing is tried", async () => {
  const w = await world(ready("a"));
  w.online = false;
  w.sender.pump();
  await w.pass(3_600_000);
  assert.deepEqual(w.log, []);
  assert.equal(w.state("a"), "waiting");
  assert.equal(w.shelf.get("a")?.attempt, 0);
  w.online = true;
  w.sender.hurry();
  await w.pass(10_000);
  assert.equal(w.state("a"), "done");
});

test("a connection that returns without a word is found", async () => {
  const w = await world(ready("a"));
  w.online = false;
  w.sender.pump();
  await w.pass(60_000);
  assert.equal(w.state("a"), "waiting");
  w.online = true;
  await w.pass(10_000);
  assert.equal(w.state("a"), "done");
});

test("a batch that meets a dead network is registered as one batch afterwards", async () => {
  const w = await world(...many(5));
  const works = w.api.reserve;
  let fails = 3;
  w.api.reserve = async (body) => (fails-- > 0 ? answer(0) : works(body));
  w.sender.pump();
  await w.pass(60_000);
  assert.deepEqual(w.log.filter((line) => line.startsWith("reserve")), ["reserve 5"]);
});

test("a connection cut in the middle is taken up again, and progress never goes back", async () => {
  const w = await world(ready("a"));
  let cuts = 3;
  w.storage = () => (cuts-- > 0 ? bytesAnswer(0, { sentBytes: 200_000 - 50_000 * (3 - cuts) }) : bytesAnswer(200));
  w.sender.pump();
  await w.pass(120_000);
  assert.equal(w.state("a"), "done");
  assert.equal(w.log.filter((line) => line.startsWith("reserve")).length, 1);
});

test("where pages come through and photos do not, advice is given and it is still tried", async () => {
  const w = await world(ready("a"));
  w.storage = () => bytesAnswer(0);
  w.sender.pump();
  await w.pass(300_000);
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.cause], ["waiting", "blocked"]);
  w.storage = () => bytesAnswer(200);
  await w.pass(120_000);
  assert.equal(w.state("a"), "done");
});

test("a filter's page in the place of our answer blocks, and a new network frees", async () => {
  const w = await world(ready("a"));
  const works = w.api.reserve;
  w.api.reserve = async () => blockPage();
  w.sender.pump();
  await w.pass(60_000);
  assert.equal(w.state("a"), "blocked");
  w.api.reserve = works;
  w.sender.hurry();
  await w.pass(10_000);
  assert.equal(w.state("a"), "done");
});

test("one photo's problem is its own: the others go on", async () => {
  const w = await world(ready("a"), ready("b", { order: 1 }), ready("c", { order: 2 }));
  w.api.reserve = async (body) => answer(201, {
    photos: body.photos.map((/** @type {any} */ photo, /** @type {number} */ i) =>
      i === 0 ? { ref: photo.ref, problem: problem("too-large", 413) }
      : i === 1 ? { ref: photo.ref, problem: problem("text-too-long", 422) } : w.reserved(photo.ref)),
  });
  w.sender.pump();
  await w.pass(10_000);
  assert.deepEqual(["a", "b", "c"].map(w.state), ["failed", "failed", "done"]);
  assert.deepEqual(["a", "b"].map((key) => w.shelf.get(key)?.retryable), [false, true]);
  assert.equal(w.shelf.get("a")?.message, "What happened. What to do.");
});

test("a changed consent text puts the photos back before send, and asks once", async () => {
  const w = await world(...many(3));
  w.api.reserve = async () => answer(422, problem("consent-outdated", 422, { current: "2027-2" }));
  w.sender.pump();
  await w.pass(10_000);
  assert.equal(w.consentAsked, 1);
  assert.ok(w.shelf.list().every((one) => one.state === "held" && one.shared === null && one.stored));
});

test("a closed window keeps the photo", async () => {
  const w = await world(ready("a"));
  w.api.reserve = async () => answer(409, problem("edition-closed", 409));
  w.sender.pump();
  await w.pass(60_000);
  assert.equal(w.state("a"), "closed");
  assert.ok(w.keeper.bytesOf.has("a"));
});

test("a paused edition is asked again once a minute at most", async () => {
  const w = await world(ready("a"));
  let asked = 0;
  const works = w.api.reserve;
  w.api.reserve = async (body) => { asked += 1; return asked > 5 ? works(body) : answer(409, problem("edition-paused", 409)); };
  w.sender.pump();
  await w.pass(299_000);
  assert.equal(asked, 5);
  await w.pass(60_000);
  assert.equal(w.state("a"), "done");
});

test("a tab that was killed while sending goes on with a new address and no second photo", async () => {
  const w = await world(ready("a", { state: "sending", id: "id-a-0", level: 0.4 }));
  w.known.set("id-a-0", { id: "id-a-0", ref: "a-0", state: "reserved" });
  await w.shelf.takeOver();
  w.sender.pump();
  await w.pass(10_000);
  assert.equal(w.state("a"), "done");
  assert.deepEqual(w.log.slice(0, 2), ["renew id-a-0", `put ${OWN}/originals/id-a-0?sig=1`]);
});

test("a photo that is further than this device knew is not sent again", async () => {
  const w = await world(ready("a", { id: "id-a-0" }));
  w.known.set("id-a-0", { id: "id-a-0", ref: "a-0", state: "published" });
  w.api.renew = async () => answer(409, problem("not-renewable", 409, { state: "published" }));
  w.sender.pump();
  await w.pass(10_000);
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.result?.state], ["done", "published"]);
  assert.ok(!w.log.some((line) => line.startsWith("put")));
});

test("a photo that expired on the server is registered anew", async () => {
  const w = await world(ready("a", { id: "id-a-0" }));
  w.api.renew = async () => answer(409, problem("not-renewable", 409, { state: "expired" }));
  w.sender.pump();
  await w.pass(10_000);
  assert.equal(w.state("a"), "done");
  assert.ok(w.known.has("id-a-1"));
});

test("a photo registered in time whose grace has passed is closed, not lost", async () => {
  const w = await world(ready("a", { id: "id-a-0" }));
  w.api.renew = async () => answer(409, problem("not-renewable", 409, { state: "reserved" }));
  w.sender.pump();
  await w.pass(10_000);
  assert.equal(w.state("a"), "closed");
});

test("an answer between us and the storage that lied is found out, and the photo is sent again", async () => {
  const w = await world(ready("a"));
  let lies = true;
  w.storage = (url) => { if (lies) { lies = false; w.known.clear(); return bytesAnswer(200); } w.reserved("a-0"); void url; return bytesAnswer(200); };
  w.sender.pump();
  await w.pass(15 * 60_000);
  assert.equal(w.state("a"), "done");
  assert.equal(w.log.filter((line) => line.startsWith("put")).length, 2);
});

test("asking for confirmation ends where none comes, and begins again when somebody looks", async () => {
  const w = await world(ready("a"));
  w.storage = () => bytesAnswer(412);
  w.sender.pump();
  await w.pass(100);
  const photo = w.known.get("id-a-0");
  assert.ok(photo);
  w.known.delete("id-a-0");
  await w.pass(60_000);
  assert.equal(w.state("a"), "confirming");
  w.known.set("id-a-0", { ...photo, state: "pending" });
  w.sender.hurry();
  await w.pass(1000);
  assert.equal(w.state("a"), "done");
});

test("a photo removed while it is being sent is withdrawn on the server too, be it later", async () => {
  const w = await world(ready("a"));
  const withdraw = w.api.withdraw;
  w.storage = () => new Promise(() => {});
  w.sender.pump();
  await w.pass(100);
  w.api.withdraw = async () => answer(0);
  const removed = /** @type {any} */ (w.shelf.get("a"));
  await w.shelf.remove("a");
  await w.sender.forget(removed);
  assert.equal(w.state("a"), "gone");
  assert.deepEqual(w.keeper.notes.get("withdrawals"), ["id-a-0"]);
  w.api.withdraw = withdraw;
  await w.pass(60_000);
  assert.ok(w.log.includes("withdraw id-a-0"));
  assert.deepEqual(w.keeper.notes.get("withdrawals"), []);
});

test("a photo whose bytes the browser has lost says so", async () => {
  const w = await world(ready("a"));
  w.keeper.bytesOf.clear();
  w.sender.pump();
  await w.pass(1000);
  assert.equal(w.state("a"), "failed");
  assert.match(w.shelf.get("a")?.message ?? "", /Choose it again/);
});

test("a photo without room is kept in memory, and is sent even by a tab that follows", async () => {
  const w = await world();
  w.leads = false;
  w.keeper.full = true;
  const one = item("a", { stored: false, sha256: "" });
  w.shelf.place(one, new Blob([new Uint8Array(one.size)]));
  await w.shelf.keep(one, made(one.size), true);
  assert.ok(await w.shelf.thumbnail(/** @type {any} */ (w.shelf.get("a"))));
  assert.equal(w.shelf.get("a")?.stored, false);
  await w.shelf.update(move(/** @type {any} */ (w.shelf.get("a")), "send", { shared }));
  w.sender.pump();
  await w.pass(10_000);
  assert.equal(w.state("a"), "done");
  assert.equal(w.keeper.kept.size, 0);
});

test("on a slow line photos go one at a time", async () => {
  const w = await world(...many(6));
  /** @type {number[]} */
  const together = [];
  w.storage = async () => { together.push(w.active); w.now += 30_000; return bytesAnswer(200); };
  w.sender.pump();
  await w.pass(600_000);
  assert.ok(w.shelf.list().every((one) => one.state === "done"));
  assert.deepEqual(together.slice(3), [1, 1, 1]);
});

test("while more photos are made ready, they are gathered for three seconds and registered together", async () => {
  const w = await world(ready("a"), ready("b", { order: 1 }));
  w.preparing = true;
  w.sender.pump();
  await w.pass(2_000);
  assert.deepEqual(w.log, []);
  await w.pass(1_500);
  assert.equal(w.log[0], "reserve 2");
});

test("what is covered on the screen only never leaves the device", async () => {
  const w = await world(ready("a", { boxes: [{ x: 0, y: 0, width: 0.5, height: 0.5 }] }));
  w.sender.pump();
  await w.pass(600_000);
  assert.deepEqual(w.log, []);
});

const STALLED = { sentBytes: 90_000, stalled: true };
const LARGE = { size: 1_200_000 };

test("a photo that got stuck twice is sent in fewer bytes, as a new one, and the first is taken back", async () => {
  const w = await world(ready("a", LARGE));
  w.smaller = made(250_000);
  w.storage = (url) => (url.includes("id-a-1") ? bytesAnswer(200) : bytesAnswer(0, STALLED));
  w.sender.pump();
  await w.pass(120_000);
  const one = w.shelf.get("a");
  assert.deepEqual([one?.state, one?.made, one?.size, one?.sha256], ["done", "smaller", 250_000, "9".repeat(64)]);
  assert.deepEqual([...w.known.keys()], ["id-a-1"], "no second photo is left");
  assert.equal(w.log.filter((line) => line.startsWith("put")).length, 3);
});

test("after closing a stuck photo stays as it was registered: a new one would be refused", async () => {
  const w = await world(ready("a", { ...LARGE, id: "id-a-0" }));
  w.known.set("id-a-0", { id: "id-a-0", ref: "a-0", state: "reserved" });
  w.open = false;
  w.smaller = made(250_000);
  w.storage = () => bytesAnswer(0, STALLED);
  w.sender.pump();
  await w.pass(120_000);
  assert.deepEqual([w.shelf.get("a")?.made, w.shelf.get("a")?.generation], ["device", 0]);
  assert.ok(w.log.filter((line) => line.startsWith("put")).length > 3, "it is still tried");
});

test("an original that this browser cannot open, and a small photo, are sent as they are however often they get stuck", async () => {
  const w = await world(ready("a", { ...LARGE, made: "original" }), ready("b", { order: 1, size: 300_000 }));
  w.smaller = made(200_000);
  w.storage = () => bytesAnswer(0, STALLED);
  w.sender.pump();
  await w.pass(300_000);
  assert.deepEqual(w.shelf.list().map((one) => one.generation), [0, 0]);
});

test("where fewer bytes cannot be made or kept, nothing is lost", async () => {
  const w = await world(ready("a", LARGE));
  w.keeper.full = true;
  w.smaller = made(250_000);
  let stuck = 3;
  w.storage = () => (stuck-- > 0 ? bytesAnswer(0, STALLED) : bytesAnswer(200));
  w.sender.pump();
  await w.pass(300_000);
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.made, w.shelf.get("a")?.size], ["done", "device", 1_200_000]);
});

test("a photo that was withdrawn elsewhere is not sent again", async () => {
  const w = await world(ready("a", { id: "id-a-0" }));
  w.api.renew = async () => answer(409, problem("not-waiting", 409, { state: "deleted" }));
  w.sender.pump();
  await w.pass(600_000);
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.result?.state], ["done", "deleted"]);
  assert.ok(!w.log.some((line) => line.startsWith("put")));
});
