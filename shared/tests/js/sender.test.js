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

test("what a filter keeps back goes on by itself once the filter lets it through, and is asked for in one request until then", async () => {
  const w = await world(...many(3));
  const works = w.api.reserve;
  let asked = 0;
  w.api.reserve = async (body) => {
    asked += 1;
    assert.equal(body.photos.length, 3);
    return blockPage();
  };
  w.sender.pump();
  await w.pass(20_000);
  assert.deepEqual([w.state("k00"), asked], ["blocked", 1]);
  await w.pass(260_000);
  assert.deepEqual([w.state("k00"), asked], ["blocked", 10], "twice a minute, and no more");
  w.api.reserve = works;
  await w.pass(40_000);
  assert.deepEqual(w.shelf.list().map((one) => one.state), ["done", "done", "done"]);
  const stored = await world(ready("a"));
  stored.storage = () => bytesAnswer(200, html);
  stored.sender.pump();
  await stored.pass(5_000);
  assert.equal(stored.state("a"), "blocked");
  stored.storage = () => bytesAnswer(200);
  await stored.pass(60_000);
  assert.equal(stored.state("a"), "done", "the storage's filter too");
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
  const w = await world(ready("a", { retryable: true }));
  w.keeper.bytesOf.clear();
  w.sender.pump();
  await w.pass(1000);
  assert.equal(w.state("a"), "failed");
  assert.match(w.shelf.get("a")?.message ?? "", /Choose it again/);
  assert.equal(w.shelf.get("a")?.retryable, false, "only choosing it again helps");
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

/** @param {string[]} log @param {string} what */
const count = (log, what) => log.filter((line) => line.startsWith(what)).length;
const html = { contentType: "text/html; charset=utf-8" };

test("what the server asked for is waited out, by each photo as long as by the others, and nobody's look cuts it short", async () => {
  const w = await world(...many(3));
  const [works, asked] = [w.api.reserve, /** @type {number[]} */ ([])];
  w.api.reserve = async (body) => { asked.push(w.now); return asked.length > 1 ? works(body) : answer(429, problem("too-many-requests", 429, { retry_after_s: 60 })); };
  const chances = [0.5, 0.9, 0.1, 0.3, 0.7];
  Object.defineProperty(w, "chance", { get: () => chances.shift() ?? 0 });
  const begun = w.now;
  w.sender.pump();
  await w.pass(1_000);
  assert.deepEqual(w.shelf.list().map((one) => [one.state, one.cause, one.attempt, one.retryAt - begun]), Array(3).fill(["waiting", "busy", 1, 60_500]));
  w.sender.hurry();
  await w.pass(58_000);
  assert.deepEqual(asked, [begun], "busy is no dead network");
  await w.pass(60_000);
  assert.deepEqual(asked.slice(0, 2), [begun, begun + 60_500]);
});

test("pauses after failures grow, and begin anew once bytes have moved", async () => {
  const w = await world(ready("a"));
  /** @type {number[]} */
  const waits = [];
  w.shelf.onChange = (one) => { if (one?.state === "waiting") waits.push(one.retryAt - w.now); };
  w.storage = () => bytesAnswer(503);
  w.sender.pump();
  await w.pass(20_000);
  assert.deepEqual(waits.slice(0, 4), [500, 1_000, 2_000, 4_000]);
  assert.equal(w.shelf.get("a")?.cause, "ours");
  w.storage = () => bytesAnswer(0, { sentBytes: 65_537 });
  await w.pass(60_000);
  assert.deepEqual([waits.at(-1), w.shelf.get("a")?.cause, w.shelf.get("a")?.attempt], [500, "connection", 1]);
  w.storage = () => bytesAnswer(0, { sentBytes: 65_536 });
  await w.pass(10_000);
  assert.ok((w.shelf.get("a")?.attempt ?? 0) > 2, "so few bytes may have gone no further than this device");
});

test("photos of a full batch wait for no others, and nobody gathers twice", async () => {
  const w = await world(...many(21));
  w.preparing = true;
  w.sender.pump();
  await w.pass(100);
  assert.deepEqual(w.log.filter((line) => line.startsWith("reserve")), ["reserve 20"]);
  await w.pass(2_800);
  assert.equal(count(w.log, "reserve"), 1, "the one that is left is gathered with others, should they come");
  await w.pass(400);
  assert.deepEqual(w.log.filter((line) => line.startsWith("reserve")), ["reserve 20", "reserve 1"]);
});

test("a photo that was done, or that nobody has heard of, is withdrawn nowhere", async () => {
  const w = await world();
  await w.sender.forget(ready("a", { id: "id-a-0", state: "done" }));
  await w.sender.forget(ready("b"));
  await w.pass(60_000);
  assert.deepEqual(w.log, []);
  await w.sender.forget(ready("c", { id: "id-c-0", state: "confirming" }));
  assert.deepEqual(w.log, ["withdraw id-c-0"]);
});

test("what was to be withdrawn when the page was closed is taken back when it is opened, one after the other", async () => {
  const w = await world();
  w.keeper.notes.set("withdrawals", ["id-x", "id-y"]);
  /** @type {string[]} */
  const asked = [];
  w.api.withdraw = async (id) => { asked.push(id); return asked.length < 2 ? blockPage() : answer(asked.length === 3 ? 404 : 200); };
  await w.sender.resume();
  await w.pass(29_000);
  assert.deepEqual(asked, ["id-x"], "where the first is not heard, the second is not either");
  assert.deepEqual(w.keeper.notes.get("withdrawals"), ["id-x", "id-y"]);
  await w.pass(2_000);
  assert.deepEqual(asked, ["id-x", "id-x", "id-y"]);
  assert.deepEqual(w.keeper.notes.get("withdrawals"), [], "what is not there any more is withdrawn, too");
  await w.pass(600_000);
  assert.equal(asked.length, 3);
});

test("offline nothing is taken back, and it is not forgotten", async () => {
  const w = await world();
  w.online = false;
  await w.sender.forget(ready("a", { id: "id-a-0" }));
  await w.pass(60_000);
  assert.deepEqual([w.log, w.keeper.notes.get("withdrawals")], [[], ["id-a-0"]]);
  w.online = true;
  w.sender.hurry();
  await w.pass(1_000);
  assert.deepEqual([w.log, w.keeper.notes.get("withdrawals")], [["withdraw id-a-0"], []]);
});

test("a consent text that is outdated for one photo puts that one back, and asks once", async () => {
  const w = await world(...many(3));
  w.api.reserve = async (body) => answer(201, {
    photos: body.photos.map((/** @type {any} */ photo, /** @type {number} */ i) => (i < 2 ? { ref: photo.ref, problem: problem("consent-outdated", 422) } : w.reserved(photo.ref))),
  });
  w.sender.pump();
  await w.pass(10_000);
  assert.deepEqual([w.shelf.list().map((one) => one.state), w.consentAsked], [["held", "held", "done"], 1]);
  assert.equal(w.shelf.get("k00")?.shared, null);
  const other = await world(ready("a"));
  other.api.reserve = async (body) => answer(201, { photos: [{ ref: body.photos[0].ref, problem: problem("too-large", 413) }] });
  other.sender.pump();
  await other.pass(1_000);
  assert.equal(other.consentAsked, 0);
  const both = await world(...many(2));
  both.api.reserve = async (body) => answer(201, {
    photos: body.photos.map((/** @type {any} */ photo, /** @type {number} */ i) => ({ ref: photo.ref, problem: problem(i === 0 ? "consent-outdated" : "too-large", 422) })),
  });
  both.sender.pump();
  await both.pass(1_000);
  assert.deepEqual([both.shelf.list().map((one) => one.state), both.consentAsked], [["held", "failed"], 1], "whatever is wrong with the next");
});

test("a photo that the answer leaves out is registered once more", async () => {
  const w = await world(ready("a"), ready("b", { order: 1 }));
  const works = w.api.reserve;
  let asked = 0;
  w.api.reserve = async (body) => (asked++ ? works(body) : answer(201, { photos: [w.reserved("a-0")] }));
  w.sender.pump();
  await w.pass(100);
  assert.deepEqual([w.state("b"), w.shelf.get("b")?.cause], ["waiting", "ours"]);
  await w.pass(60_000);
  assert.deepEqual([w.state("a"), w.state("b")], ["done", "done"]);
});

test("a photo that is removed while it is registered does not stay registered", async () => {
  const w = await world(ready("a"));
  const works = w.api.reserve;
  w.api.reserve = async (body) => { await w.shelf.remove("a"); return works(body); };
  w.sender.pump();
  await w.pass(10_000);
  assert.deepEqual(w.log, ["reserve 1", "withdraw id-a-0"]);
});

test("a photo that the server has already is not sent, and its page and reason are kept", async () => {
  const w = await world(ready("a"));
  w.api.reserve = async (body) => answer(201, { photos: [{ ref: body.photos[0].ref, id: "id-a-0", state: "published", upload: null, page: "/photos/id-a-0" }] });
  w.sender.pump();
  await w.pass(10_000);
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.result, count(w.log, "put")], ["done", { state: "published", page: "/photos/id-a-0", reason: null }, 0]);
  const rejected = await world(ready("a", { id: "id-a-0", state: "confirming" }));
  rejected.known.set("id-a-0", /** @type {any} */ ({ id: "id-a-0", ref: "a-0", state: "rejected", reason: "A pupil can be recognised." }));
  rejected.sender.pump();
  await rejected.pass(10_000);
  assert.deepEqual(rejected.shelf.get("a")?.result, { state: "rejected", page: null, reason: "A pupil can be recognised." });
});

test("a ref that another file has already is given up for a new one; any other conflict can be tried again", async () => {
  const taken = await world(ready("a"));
  const works = taken.api.reserve;
  let asked = 0;
  taken.api.reserve = async (body) => (asked++ ? works(body) : answer(201, { photos: [{ ref: body.photos[0].ref, problem: problem("ref-taken", 409) }] }));
  taken.sender.pump();
  await taken.pass(60_000);
  assert.deepEqual([taken.state("a"), taken.shelf.get("a")?.generation, taken.shelf.get("a")?.id], ["done", 1, "id-a-1"]);
  const other = await world(ready("a"));
  other.api.reserve = async (body) => answer(201, { photos: [{ ref: body.photos[0].ref, problem: problem("odd", 409) }] });
  other.sender.pump();
  await other.pass(1_000);
  const { state, message, retryable } = /** @type {any} */ (other.shelf.get("a"));
  assert.deepEqual([state, message, retryable], ["failed", "What happened. What to do.", true]);
});

test("a photo that the server does not know any more is registered anew", async () => {
  const w = await world(ready("a", { id: "id-a-0" }));
  w.api.renew = async () => answer(404, problem("photo-not-found", 404));
  w.sender.pump();
  await w.pass(60_000);
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.id], ["done", "id-a-1"]);
});

test("an answer without an address is asked for once more, and one that is the address itself is taken", async () => {
  const w = await world(ready("a", { id: "id-a-0" }));
  w.known.set("id-a-0", { id: "id-a-0", ref: "a-0", state: "reserved" });
  let asked = 0;
  w.api.renew = async (id) => answer(200, asked++ ? w.upload(id) : { id, state: "reserved" });
  w.sender.pump();
  await w.pass(100);
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.cause], ["waiting", "ours"]);
  await w.pass(60_000);
  assert.deepEqual([w.state("a"), asked], ["done", 2]);
});

test("a photo that cannot be renewed for good says why", async () => {
  const w = await world(ready("a", { id: "id-a-0" }));
  w.api.renew = async () => answer(422, problem("unusable-files", 422));
  w.sender.pump();
  await w.pass(1_000);
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.message], ["failed", "What happened. What to do."]);
});

test("an address that ends within fifteen seconds is not begun with", async () => {
  for (const [left, renewed] of [[15_001, 0], [15_000, 1], [0, 1]]) {
    const w = await world(ready("a"));
    const upload = w.upload;
    w.upload = (id) => ({ ...upload(id), expires_at: new Date(w.now + w.apart + Number(left)).toISOString() });
    const renew = w.api.renew;
    w.api.renew = (id) => { w.upload = upload; return renew(id); };
    w.sender.pump();
    await w.pass(10_000);
    assert.deepEqual([w.state("a"), count(w.log, "renew")], ["done", renewed], `${left} ms`);
  }
});

test("the storage behind our own address has one way only", async () => {
  const w = await world(ready("a"));
  const upload = w.upload;
  w.upload = (id) => ({ ...upload(id), url: `${OWN}/originals/${id}?sig=1` });
  w.storage = () => bytesAnswer(404);
  w.sender.pump();
  await w.pass(100);
  assert.equal(count(w.log, "put"), 1);
});

test("a filter's page in the place of the storage, by both ways, blocks; by one way it does not", async () => {
  const w = await world(ready("a"));
  w.storage = () => bytesAnswer(200, html);
  w.sender.pump();
  await w.pass(1_000);
  assert.deepEqual([w.state("a"), count(w.log, "put")], ["blocked", 2]);
  w.storage = (url) => (url.startsWith(DIRECT) ? bytesAnswer(200) : bytesAnswer(200, html));
  w.sender.hurry();
  await w.pass(10_000);
  assert.equal(w.state("a"), "done");
  const mixed = await world(ready("a"));
  mixed.storage = (url) => (url.startsWith(DIRECT) ? bytesAnswer(404) : bytesAnswer(200, html));
  mixed.sender.pump();
  await mixed.pass(1_000);
  assert.equal(mixed.state("a"), "blocked", "nor does the other way lead anywhere");
  const ours = await world(ready("a"));
  ours.storage = () => bytesAnswer(404, { ...html, marker: true });
  ours.sender.pump();
  await ours.pass(1_000);
  assert.deepEqual([ours.state("a"), ours.shelf.get("a")?.cause], ["waiting", "ours"], "our own page is no filter's");
});

test("bytes that the storage refuses for good can be tried again by hand", async () => {
  const w = await world(ready("a"));
  w.storage = () => bytesAnswer(400);
  w.sender.pump();
  await w.pass(60_000);
  const { state, message, retryable } = /** @type {any} */ (w.shelf.get("a"));
  assert.deepEqual([state, retryable], ["failed", true]);
  assert.match(message, /\w/);
  assert.equal(count(w.log, "put"), 1);
});

test("where a new address is refused as well, pauses grow", async () => {
  const w = await world(ready("a"));
  w.storage = () => bytesAnswer(403);
  w.sender.pump();
  await w.pass(10);
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.attempt], ["waiting", 2], "the first time at once");
  await w.pass(30_000);
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.cause], ["waiting", "ours"]);
  const tries = count(w.log, "renew");
  assert.ok(tries >= 3 && tries < 10, String(tries));
});

test("a photo of four hundred thousand bytes is made smaller, one of a byte less is not, and only if it gets smaller", async () => {
  for (const [size, smaller, becomes] of [[400_000, 250_000, "smaller"], [399_999, 250_000, "device"], [400_000, 400_000, "device"], [400_000, 399_999, "smaller"]]) {
    const w = await world(ready("a", { size: Number(size) }));
    w.smaller = made(Number(smaller));
    w.storage = () => bytesAnswer(0, STALLED);
    w.sender.pump();
    await w.pass(30_000);
    assert.equal(w.shelf.get("a")?.made, becomes, `${size} to ${smaller}`);
    assert.equal(count(w.log, "withdraw id-a-0"), becomes === "smaller" ? 1 : 0);
  }
  const once = await world(ready("a", LARGE));
  once.smaller = made(250_000);
  let stuck = true;
  once.storage = () => { if (!stuck) return bytesAnswer(200); stuck = false; return bytesAnswer(0, STALLED); };
  once.sender.pump();
  await once.pass(30_000);
  assert.deepEqual([once.state("a"), once.shelf.get("a")?.made], ["done", "device"], "once is no habit");
});

test("a photo that is unseen for three minutes is sent again, and not before", async () => {
  const w = await world(ready("a"));
  w.storage = () => { w.known.clear(); return bytesAnswer(200); };
  w.sender.pump();
  await w.pass(170_000);
  assert.deepEqual([w.state("a"), count(w.log, "put")], ["confirming", 1]);
  await w.pass(60_000);
  assert.equal(count(w.log, "put"), 2);
});

test("what the server sees as reserved is not confirmed", async () => {
  const w = await world(ready("a", { id: "id-a-0", state: "confirming", sentAt: 1_000_000 }));
  w.known.set("id-a-0", { id: "id-a-0", ref: "a-0", state: "reserved" });
  w.known.set("id-b-0", { id: "id-b-0", ref: "b-0", state: "published" });
  w.sender.pump();
  await w.pass(20_000);
  assert.equal(w.state("a"), "confirming");
  assert.ok(count(w.log, "own") >= 4, "it is asked for");
  w.known.set("id-a-0", { id: "id-a-0", ref: "a-0", state: "expired" });
  await w.pass(60_000);
  assert.deepEqual([w.shelf.get("a")?.generation, w.state("a")], [1, "done"], "it is registered as a new one");
});

test("the first look comes within a second of the bytes, and nobody looks for nothing", async () => {
  const w = await world(ready("a"));
  w.sender.pump();
  await w.pass(700);
  assert.equal(count(w.log, "own"), 0);
  await w.pass(200);
  assert.equal(count(w.log, "own"), 1);
  await w.pass(3_600_000);
  assert.equal(count(w.log, "own"), 1, "all are confirmed");
});

test("progress is shown in whole hundredths, and only while a photo is sent", async () => {
  const w = await world(ready("a", { size: 100_000 }));
  /** @type {number[]} */
  const levels = [];
  w.shelf.onChange = (one) => { if (one?.state === "sending") levels.push(one.level); };
  let sent = 999;
  w.storage = () => bytesAnswer(0, { sentBytes: sent });
  w.sender.pump();
  await w.pass(10);
  assert.deepEqual(levels.filter((level) => level > 0), [], "less than a hundredth");
  sent = 50_000;
  await w.pass(3_000);
  assert.equal(Math.max(...levels), 0.5);
  sent = 900_000;
  await w.pass(60_000);
  assert.equal(Math.max(...levels), 1, "never more than the whole");
});

test("on a line that is quick again photos go two at a time", async () => {
  const w = await world(...many(9));
  /** @type {number[]} */
  const together = [];
  w.storage = async () => { together.push(w.active); w.now += together.length < 5 ? 30_000 : 1_000; return bytesAnswer(200); };
  w.sender.pump();
  await w.pass(600_000);
  assert.ok(w.shelf.list().every((one) => one.state === "done"));
  assert.deepEqual(together, [2, 1, 1, 1, 1, 2, 2, 2, 1]);
});

test("a photo that the storage has already says nothing about the speed of a line", async () => {
  const w = await world(...many(8));
  /** @type {number[]} */
  const together = [];
  w.storage = async () => {
    together.push(w.active);
    const slow = together.length < 4;
    w.now += slow ? 30_000 : 10;
    return bytesAnswer(slow ? 200 : 412);
  };
  w.sender.pump();
  await w.pass(20_000);
  assert.deepEqual(together.slice(2), Array(together.length - 2).fill(1));
  assert.ok(together.length > 5, String(together.length));
});

test("a photo that is taken away while its bytes go is not sent on by the other way", async () => {
  const w = await world(ready("a"));
  w.storage = () => { w.sender.cancel("a"); return bytesAnswer(404); };
  w.sender.pump();
  await w.pass(10);
  assert.equal(count(w.log, "put"), 1);
  assert.equal(count(w.log, "renew"), 0, "nor is the server asked for another address");
  assert.equal(w.shelf.get("a")?.state, "sending");
});

test("what no further attempt can cure is not offered again, and all else is", async () => {
  for (const [type, retryable] of [["too-large", false], ["unsupported-type", false], ["empty-file", false], ["unknown-edition", false], ["text-too-long", true], ["invalid", true]]) {
    const w = await world(ready("a"));
    w.api.reserve = async (body) => answer(201, { photos: [{ ref: body.photos[0].ref, problem: problem(String(type), 422) }] });
    w.sender.pump();
    await w.pass(1_000);
    assert.deepEqual([w.state("a"), w.shelf.get("a")?.retryable], ["failed", retryable], String(type));
  }
});

test("offline, what is on its way stays on its way, and what waits for something else goes on waiting for that", async () => {
  const later = 5_000_000;
  const w = await world(ready("a"), ready("b", { order: 1, id: "id-b-0", state: "waiting", cause: "busy", retryAt: later, attempt: 2 }), ready("c", { order: 2, id: "id-c-0" }));
  w.storage = () => new Promise(() => {});
  w.sender.pump();
  await w.pass(100);
  assert.deepEqual([w.state("a"), w.state("c")], ["sending", "sending"]);
  w.online = false;
  w.sender.pump();
  await w.pass(60_000);
  assert.deepEqual([w.state("a"), w.state("c")], ["sending", "sending"]);
  const { state, cause, retryAt, attempt } = /** @type {any} */ (w.shelf.get("b"));
  assert.deepEqual([state, cause, retryAt, attempt], ["waiting", "busy", later, 2]);
});

test("offline, photos wait for the connection alone, and it is looked for every five seconds and no more often", async () => {
  const w = await world(ready("a"), ready("b", { order: 1, state: "done" }));
  let looks = 0;
  const { online } = w.sender.world;
  w.sender.world.online = () => { looks += 1; return online(); };
  w.online = false;
  w.sender.pump();
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.cause, w.shelf.get("a")?.retryAt], ["waiting", "connection", 0]);
  await w.pass(60_000);
  assert.ok(looks >= 10 && looks <= 14, `looked ${looks} times in a minute`);
  w.online = true;
  await w.pass(5_100);
  assert.deepEqual([w.state("a"), w.log[0]], ["confirming", "reserve 1"], "within five seconds, although nothing announced it");
});

test("offline, a device with nothing to send looks for no connection", async () => {
  const w = await world(item("held"), ready("b", { order: 1, state: "done" }));
  let looks = 0;
  w.sender.world.online = () => { looks += 1; return false; };
  w.sender.pump();
  const once = looks;
  await w.pass(3_600_000);
  assert.equal(looks, once);
});

test("a new network ends the pauses that were meant for a dead one, and no other", async () => {
  const later = 1_000_000 + 3_600_000;
  const waits = (/** @type {string} */ key, /** @type {Partial<import("../../assets/js/upload/types.js").Item>} */ change) => ready(key, { state: "waiting", retryAt: later, ...change });
  const w = await world(waits("cut", { cause: "connection" }), waits("filtered", { cause: "blocked" }), waits("ours", { cause: "ours" }), ready("page", { state: "blocked", retryAt: later }));
  w.sender.hurry();
  await w.pass(10_000);
  assert.deepEqual(["cut", "filtered", "ours", "page"].map(w.state), ["done", "done", "waiting", "done"]);
  assert.equal(w.shelf.get("ours")?.retryAt, later, "what we asked for is waited out");
});

test("a photo that is no longer due is left as it was by a new network", async () => {
  const w = await world(ready("a", { state: "failed", cause: "connection", retryAt: 77, message: "Too large" }));
  w.sender.hurry();
  await w.pass(10_000);
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.retryAt], ["failed", 77]);
});

test("a photo whose confirmation was under way when the page was closed is looked for within a second", async () => {
  const w = await world(ready("a", { state: "confirming", id: "id-a-0", sentAt: 999_000 }));
  w.known.set("id-a-0", { id: "id-a-0", ref: "a-0", state: "pending" });
  w.sender.pump();
  await w.pass(700);
  assert.deepEqual(w.log, [], "what is just being made ready is not asked for");
  await w.pass(200);
  assert.deepEqual([w.log, w.state("a")], [["own"], "done"]);
});

test("a person who comes back to the page is answered as fast as at first", async () => {
  const w = await world(ready("a"));
  w.storage = () => bytesAnswer(412);
  w.api.own = async () => { w.log.push("own"); return answer(200, { photos: [] }); };
  w.sender.pump();
  await w.pass(170_000);
  const before = w.log.filter((line) => line === "own").length;
  w.sender.hurry();
  await w.pass(10_000);
  const after = w.log.filter((line) => line === "own").length - before;
  const begun = await world(ready("a"));
  begun.storage = () => bytesAnswer(412);
  begun.api.own = async () => { begun.log.push("own"); return answer(200, { photos: [] }); };
  begun.sender.pump();
  await begun.pass(10_800);
  assert.equal(after, begun.log.filter((line) => line === "own").length);
});

test("a photo that is taken back stops at once, and its address is not used for what comes after it", async () => {
  const w = await world(ready("a"));
  /** @type {AbortSignal | null} */
  let signal = null;
  w.sender.world.put = (_way, _headers, _bytes, _sent, given) => { signal = given; return new Promise(() => {}); };
  w.sender.pump();
  await w.pass(100);
  const sending = /** @type {AbortSignal | null} */ (/** @type {unknown} */ (signal));
  assert.equal(sending?.aborted, false);
  await w.sender.forget(/** @type {any} */ (w.shelf.get("a")));
  assert.equal(sending?.aborted, true);

  const again = await world(ready("a", { id: "id-a-0" }));
  again.known.set("id-a-0", { id: "id-a-0", ref: "a-0", state: "reserved" });
  let cut = true;
  again.storage = () => bytesAnswer(cut ? 0 : 200);
  again.sender.pump();
  await again.pass(50);
  assert.deepEqual(again.log.filter((line) => line.startsWith("renew")), ["renew id-a-0"]);
  again.sender.cancel("a");
  cut = false;
  await again.pass(60_000);
  assert.deepEqual([again.state("a"), again.log.filter((line) => line.startsWith("renew")).length], ["done", 2], "an address that was given up is asked for anew");
});

test("a page is opened with nothing, or with nonsense, kept of what was to be withdrawn", async () => {
  for (const kept of [undefined, null, "id-a-0", { 0: "id-a-0" }]) {
    const w = await world(ready("a"));
    if (kept !== undefined) w.keeper.notes.set("withdrawals", kept);
    await w.sender.resume();
    await w.pass(10_000);
    assert.equal(w.state("a"), "done", String(kept));
    assert.ok(!w.log.some((line) => line.startsWith("withdraw")), w.log.join());
  }
  const refused = await world(ready("a"));
  refused.keeper.note = async () => { throw new DOMException("refused", "SecurityError"); };
  await refused.sender.resume();
  await refused.pass(10_000);
  assert.equal(refused.state("a"), "done", "where the browser refuses its storage");
});

test("what is being taken back is asked for once, however often something changes meanwhile", async () => {
  const w = await world();
  w.keeper.notes.set("withdrawals", ["id-a", "id-b"]);
  /** @type {string[]} */
  const asked = [];
  /** @type {(() => void)[]} */
  const open = [];
  w.api.withdraw = async (id) => {
    asked.push(id);
    await new Promise((/** @type {(_: unknown) => void} */ resolve) => open.push(() => resolve(null)));
    return answer(id === "id-a" ? 200 : 0);
  };
  await Promise.race([w.sender.resume(), w.pass(10)]);
  w.sender.pump();
  w.sender.pump();
  await w.pass(10);
  assert.deepEqual(asked, ["id-a"]);
  open.shift()?.();
  await w.pass(10);
  assert.deepEqual([asked, w.keeper.notes.get("withdrawals")], [["id-a", "id-b"], ["id-b"]], "what is not taken back yet is kept");
  open.shift()?.();
  await w.pass(10);
  assert.deepEqual(w.keeper.notes.get("withdrawals"), ["id-b"]);
  await w.pass(29_000);
  assert.equal(asked.length, 2);
  await w.pass(2_000);
  assert.equal(asked.length, 3, "after half a minute it is asked for again");
});

test("however often something changes while photos are being registered, they are registered once", async () => {
  const w = await world(...many(3));
  const works = w.api.reserve;
  /** @type {(() => void)[]} */
  const open = [];
  let asked = 0;
  w.api.reserve = async (body) => {
    asked += 1;
    await new Promise((/** @type {(_: unknown) => void} */ resolve) => open.push(() => resolve(null)));
    return works(body);
  };
  w.sender.pump();
  await w.pass(10);
  w.sender.pump();
  w.sender.hurry();
  await w.pass(10);
  assert.equal(asked, 1);
  open.shift()?.();
  await w.pass(10_000);
  assert.deepEqual([asked, w.shelf.list().map((one) => one.state)], [1, ["done", "done", "done"]]);
});

test("an answer that comes too late changes nothing", async () => {
  for (const meanwhile of ["removed", "done"]) {
    const w = await world(ready("a"));
    /** @type {(() => void)[]} */
    const open = [];
    w.storage = () => new Promise((resolve) => open.push(() => resolve(bytesAnswer(200))));
    w.sender.pump();
    await w.pass(10);
    const sending = /** @type {import("../../assets/js/upload/types.js").Item} */ (w.shelf.get("a"));
    if (meanwhile === "removed") await w.shelf.remove("a");
    else await w.shelf.update(move(sending, "finish", { level: 1, result: { state: "published", page: "/p/a", reason: null } }));
    open.shift()?.();
    await w.pass(10_000);
    assert.equal(w.state("a"), meanwhile === "removed" ? "gone" : "done");
    if (meanwhile === "done") assert.equal(w.shelf.get("a")?.result?.page, "/p/a");
  }
});

test("a batch that is just full waits for no others, and each batch is gathered anew", async () => {
  const full = await world(...many(20));
  full.preparing = true;
  full.sender.pump();
  await full.pass(10);
  assert.equal(full.log[0], "reserve 20");

  const w = await world(ready("a"), item("b", { order: 1 }), item("c", { order: 2 }));
  w.preparing = true;
  w.sender.pump();
  await w.pass(10_000);
  assert.deepEqual(w.log.filter((line) => line.startsWith("reserve")), ["reserve 1"]);
  for (const key of ["b", "c"]) {
    await w.shelf.update(move(/** @type {any} */ (w.shelf.get(key)), "send", { shared }));
    w.sender.pump();
    await w.pass(1_000);
  }
  await w.pass(10_000);
  assert.deepEqual(w.log.filter((line) => line.startsWith("reserve")), ["reserve 1", "reserve 2"]);
});

test("while photos are registered no bytes go: that decides whether they came in time", async () => {
  const w = await world(ready("a", { id: "id-a-0" }), ready("b", { order: 1 }));
  const works = w.api.reserve;
  /** @type {(() => void)[]} */
  const open = [];
  w.api.reserve = async (body) => {
    await new Promise((/** @type {(_: unknown) => void} */ resolve) => open.push(() => resolve(null)));
    return works(body);
  };
  w.sender.pump();
  w.sender.pump();
  await w.pass(1_000);
  assert.deepEqual(w.log, []);
  open.shift()?.();
  await w.pass(10);
  assert.deepEqual(w.log.filter((line) => line.startsWith("put")).length, 2);
});

test("failures before a photo was registered make no pause longer after it", async () => {
  const w = await world(ready("a", { attempt: 6 }));
  w.storage = () => bytesAnswer(0);
  w.sender.pump();
  await w.pass(10);
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.attempt], ["waiting", 1]);
});

test("a photo that arrives is looked for as soon as the first was, however long another has been looked for", async () => {
  const asked = async (/** @type {boolean} */ late) => {
    const w = await world(...(late ? [ready("a"), item("b", { order: 1 })] : [item("a"), ready("b", { order: 1 })]));
    w.storage = () => bytesAnswer(412);
    /** @type {number[]} */
    const at = [];
    w.api.own = async () => { at.push(w.now); return answer(200, { photos: [] }); };
    w.sender.pump();
    await w.pass(late ? 60_000 : 0);
    const begun = w.now;
    if (late) await w.shelf.update(move(/** @type {any} */ (w.shelf.get("b")), "send", { shared }));
    w.sender.pump();
    await w.pass(12_000);
    return at.filter((instant) => instant >= begun).map((instant) => instant - begun);
  };
  const [first, later] = [await asked(false), await asked(true)];
  assert.ok((first[0] ?? Infinity) < 1_000 && first.length > 2, first.join());
  assert.deepEqual(later, first);
});

test("only what got stuck counts as stuck, and the smaller photo goes at once", async () => {
  const w = await world(ready("a", LARGE));
  w.smaller = made(250_000);
  let tries = 0;
  w.storage = (url) => (url.includes("id-a-1") ? bytesAnswer(200) : bytesAnswer(0, (tries += 1) === 3 ? STALLED : { sentBytes: 90_000 }));
  w.sender.pump();
  await w.pass(60_000);
  assert.equal(w.shelf.get("a")?.stalls, 1);
  assert.equal(w.shelf.get("a")?.made, "device");
  w.storage = (url) => (url.includes("id-a-1") ? bytesAnswer(200) : bytesAnswer(0, STALLED));
  /** @type {number | null} */
  let stuck = null;
  w.shelf.onChange = (one) => { if (one?.made === "smaller") stuck ??= w.now; };
  while (stuck === null) await w.pass(1_000);
  await w.pass(1_000);
  assert.ok(w.log.some((line) => line.includes("id-a-1")), w.log.join());
});

test("a photo that is removed while it is stuck is gone", async () => {
  const w = await world(ready("a", { ...LARGE, stalls: 1 }));
  w.smaller = made(250_000);
  w.storage = async () => { await w.shelf.remove("a"); return bytesAnswer(0, STALLED); };
  w.sender.pump();
  await w.pass(60_000);
  assert.equal(w.state("a"), "gone");
});

test("pages that come through while photos do not are asked for from the fourth attempt on, and until then the network is dead", async () => {
  const w = await world(ready("a"));
  w.storage = () => bytesAnswer(0);
  /** @type {[number, string][]} */
  const causes = [];
  w.shelf.onChange = (one) => { if (one?.state === "waiting" && causes.at(-1)?.[0] !== one.attempt) causes.push([one.attempt, String(one.cause)]); };
  w.sender.pump();
  await w.pass(300_000);
  assert.deepEqual(causes.slice(0, 5), [[1, "connection"], [2, "connection"], [3, "connection"], [4, "blocked"], [5, "blocked"]]);
});

test("what cannot be made smaller, or is on its way no longer, is sent as it is", async () => {
  const none = await world(ready("a", { ...LARGE, stalls: 1 }));
  let stuck = 2;
  none.storage = () => (stuck-- > 0 ? bytesAnswer(0, STALLED) : bytesAnswer(200));
  none.sender.pump();
  await none.pass(120_000);
  assert.deepEqual([none.state("a"), none.shelf.get("a")?.made], ["done", "device"], "the browser makes nothing of it");

  const gone = await world(ready("a", { ...LARGE, stalls: 1 }));
  gone.sender.world.smaller = async () => { await gone.shelf.remove("a"); return made(250_000); };
  gone.storage = () => bytesAnswer(0, STALLED);
  gone.sender.pump();
  await gone.pass(120_000);
  assert.equal(gone.state("a"), "gone", "removed while it was made smaller");

  const done = await world(ready("a", { ...LARGE, stalls: 1 }));
  done.sender.world.smaller = async () => {
    await done.shelf.update(move(/** @type {any} */ (done.shelf.get("a")), "finish", { level: 1, result: { state: "published", page: null, reason: null } }));
    return made(250_000);
  };
  done.storage = () => bytesAnswer(0, STALLED);
  done.sender.pump();
  await done.pass(120_000);
  assert.deepEqual([done.state("a"), done.shelf.get("a")?.made], ["done", "device"], "confirmed while it was made smaller");
});

test("photos go two at a time from a hundred thousand bytes a second on", async () => {
  for (const [ms, most] of /** @type {const} */ ([[3_000, 2], [3_001, 1]])) {
    const w = await world(ready("a"), item("b", { order: 1 }), item("c", { order: 2 }));
    w.storage = () => { w.now += ms; return bytesAnswer(200); };
    w.sender.pump();
    await w.pass(10);
    w.storage = () => bytesAnswer(200);
    for (const key of ["b", "c"]) await w.shelf.update(move(/** @type {any} */ (w.shelf.get(key)), "send", { shared }));
    w.sender.pump();
    await w.pass(10_000);
    assert.deepEqual([w.state("b"), w.state("c"), w.most], ["done", "done", most], `300 000 bytes in ${ms} ms`);
  }

  const w = await world(...many(4));
  /** @type {number[]} */
  const begun = [];
  w.storage = () => {
    begun.push(w.now - 1_000_000);
    return new Promise((resolve) => w.sender.world.after(6_000, () => resolve(bytesAnswer(200))));
  };
  w.sender.pump();
  await w.pass(60_000);
  assert.deepEqual(begun, [0, 0, 6_000, 6_000], "two that share the line are as fast together as one alone");
});

test("offline, a photo waits for the connection and for nothing that it waited for before, whatever lies beside it", async () => {
  const w = await world(ready("a", { retryAt: 5_000_000 }), ready("b", { order: 1, state: "failed", message: "Too large" }));
  w.online = false;
  w.sender.pump();
  await w.pass(60_000);
  w.online = true;
  await w.pass(5_100);
  assert.deepEqual([w.state("a"), w.state("b")], ["confirming", "failed"], "nothing announced the connection");
});

test("while the server is asked what became of the photos, it is not asked again, and the device sleeps", async () => {
  const w = await world(ready("a", { state: "confirming", id: "id-a-0", sentAt: 1_000_000 }));
  let [asked, looks] = [0, 0];
  w.api.own = () => { asked += 1; return new Promise(() => {}); };
  w.sender.world.online = () => { looks += 1; return true; };
  w.sender.pump();
  await w.pass(1_000);
  w.sender.pump();
  w.sender.hurry();
  await w.pass(600_000);
  assert.equal(asked, 1);
  assert.ok(looks <= 12, `looked at the connection ${looks} times`);
});

test("a server that never says what became of the photos is asked forty-one times, and again once somebody looks", async () => {
  const w = await world(ready("a", { state: "confirming", id: "id-a-0", sentAt: 1_000_000 }));
  let asked = 0;
  w.api.own = async () => { asked += 1; return answer(0); };
  w.sender.pump();
  await w.pass(3_600_000);
  assert.equal(asked, 41);
  for (let i = 0; i < 5; i += 1) {
    w.sender.pump();
    await w.pass(60_000);
  }
  assert.equal(asked, 41, "whatever else happens on the device");
  w.sender.hurry();
  await w.pass(10);
  assert.equal(asked, 42);
  await w.pass(10_000);
  assert.ok(asked > 45, "as often as at first");
  assert.deepEqual([w.state("a"), w.log], ["confirming", []], "no answer is no news of the photo");
});

test("a photo is unseen after three minutes, to the millisecond", async () => {
  for (const [ago, puts] of [[180_000, 0], [180_001, 1]]) {
    // The first look comes after 800 ms.
    const w = await world(ready("a", { state: "confirming", id: "id-a-0", sentAt: 1_000_800 - Number(ago) }));
    w.sender.pump();
    await w.pass(1_000);
    assert.equal(count(w.log, "put"), puts, `${ago} ms`);
  }
});

test("a photo that is sent again because it was unseen is a second attempt", async () => {
  const w = await world(ready("a", { state: "confirming", id: "id-a-0", sentAt: 1 }));
  w.storage = () => bytesAnswer(403);
  w.sender.pump();
  await w.pass(1_000);
  const { state, cause, attempt, retryAt } = /** @type {any} */ (w.shelf.get("a"));
  assert.deepEqual([state, cause, attempt, retryAt], ["waiting", "ours", 2, 1_001_800]);
  assert.equal(count(w.log, "renew"), 1, "a refused address is not renewed at once for a second time");
});

test("a photo that is further than this device knew is whole, and is given three minutes to be seen", async () => {
  const w = await world(ready("a", { id: "id-a-0" }));
  w.api.renew = async () => answer(409, problem("not-renewable", 409, { state: "processing" }));
  w.sender.pump();
  await w.pass(10_000);
  assert.deepEqual([w.state("a"), w.shelf.get("a")?.level, w.shelf.get("a")?.sentAt], ["confirming", 1, 1_000_000]);
  assert.ok(count(w.log, "own") > 1);
});

test("a photo that the server has already, and one that was withdrawn elsewhere, are at their end", async () => {
  const w = await world(ready("a"), ready("b", { order: 1, id: "id-b-0" }));
  w.api.reserve = async (body) => answer(201, { photos: [{ ref: body.photos[0].ref, id: "id-a-0", state: "pending", upload: null }] });
  w.api.renew = async () => answer(409, problem("not-waiting", 409, { state: "deleted" }));
  w.sender.pump();
  await w.pass(1_000);
  assert.deepEqual(w.shelf.list().map(({ state, level, result }) => [state, level, result?.state]), [["done", 1, "pending"], ["done", 1, "deleted"]]);
});

test("a photo that is removed while the server is asked about it stays removed, whatever the server says", async () => {
  for (const [status, type] of /** @type {const} */ ([[404, "photo-not-found"], [409, "ref-taken"], [409, "not-renewable"], [422, "unusable-files"], [429, "too-many-requests"], [409, "edition-closed"], [422, "consent-outdated"], [0, ""]])) {
    for (const asked of /** @type {const} */ (["renew", "reserve"])) {
      const w = await world(ready("a", { id: asked === "renew" ? "id-a-0" : null }));
      w.api[asked] = async () => {
        await w.shelf.remove("a");
        return status ? answer(status, problem(type, status, { state: "expired" })) : answer(0);
      };
      w.sender.pump();
      await w.pass(60_000);
      assert.deepEqual([w.state("a"), w.log], ["gone", []], `${asked}: ${status} ${type}`);
    }
  }
});

test("an address of a registration that was given up is not used for the next, even if another tab has registered that", async () => {
  const w = await world(ready("a"));
  w.api.reserve = async (body) => answer(201, { photos: [{ ...w.reserved(body.photos[0].ref), state: "expired" }] });
  w.sender.pump();
  await w.pass(10);
  const given = /** @type {import("../../assets/js/upload/types.js").Item} */ (w.shelf.get("a"));
  assert.deepEqual([given.state, given.cause, given.id, given.generation], ["waiting", "ours", null, 1]);
  w.reserved("a-1");
  w.shelf.hear({ type: "item", item: { ...given, state: "ready", id: "id-a-1" } });
  w.sender.pump();
  await w.pass(10_000);
  assert.deepEqual([w.state("a"), w.log.slice(0, 2)], ["done", ["renew id-a-1", `put ${OWN}/originals/id-a-1?sig=1`]]);

  const stuck = await world(ready("a", { ...LARGE, stalls: 1 }));
  stuck.smaller = made(250_000);
  stuck.storage = () => { stuck.online = false; return bytesAnswer(0, STALLED); };
  stuck.sender.pump();
  await stuck.pass(10);
  const smaller = /** @type {import("../../assets/js/upload/types.js").Item} */ (stuck.shelf.get("a"));
  assert.deepEqual([smaller.state, smaller.id, smaller.generation], ["waiting", null, 1]);
  stuck.reserved("a-1");
  stuck.shelf.hear({ type: "item", item: { ...smaller, state: "ready", id: "id-a-1" } });
  stuck.storage = () => bytesAnswer(200);
  stuck.online = true;
  stuck.sender.pump();
  await stuck.pass(10_000);
  assert.deepEqual([stuck.state("a"), count(stuck.log, `put ${OWN}/originals/id-a-0`), count(stuck.log, `put ${OWN}/originals/id-a-1`)], ["done", 1, 1]);
});

test("a hundredth is shown, and nothing of a photo that another tab has ended or removed", async () => {
  const w = await world(ready("a", { size: 100_000 }));
  /** @type {((sent: number) => void)[]} */
  const told = [];
  w.sender.world.put = (_way, _headers, _bytes, sent) => { told.push(sent); return new Promise(() => {}); };
  w.sender.pump();
  await w.pass(10);
  told[0]?.(1_000);
  assert.equal(w.shelf.get("a")?.level, 0.01);
  w.shelf.hear({ type: "item", item: { .../** @type {any} */ (w.shelf.get("a")), state: "failed" } });
  told[0]?.(50_000);
  assert.deepEqual([told.length, w.state("a"), w.shelf.get("a")?.level], [1, "failed", 0.01]);
  w.shelf.hear({ type: "gone", key: "a" });
  told[0]?.(60_000);
  assert.equal(w.state("a"), "gone");
});

test("however often something changes at one instant, the device wakes once for what is due", async () => {
  const w = await world(ready("a"));
  w.online = false;
  let looks = 0;
  w.sender.world.online = () => { looks += 1; return false; };
  for (let i = 0; i < 5; i += 1) w.sender.pump();
  await w.pass(60_000);
  assert.equal(looks, 5 + 12, "every five seconds");
});

test("once three seconds are over, photos are registered with those that there are", async () => {
  const w = await world(ready("a"));
  w.preparing = true;
  w.sender.pump();
  await w.pass(2_999);
  assert.deepEqual(w.log, []);
  await w.pass(1);
  assert.equal(w.log[0], "reserve 1");
});

test("a photo that was made smaller goes at once, and its failures are those of a new one", async () => {
  const w = await world(ready("a", { ...LARGE, id: "id-a-0", stalls: 1, attempt: 6 }));
  w.smaller = made(250_000);
  w.known.set("id-a-0", { id: "id-a-0", ref: "a-0", state: "reserved" });
  w.storage = (url) => (url.includes("id-a-1") ? bytesAnswer(200) : bytesAnswer(0, STALLED));
  /** @type {string[]} */
  const states = [];
  w.shelf.onChange = (one) => { if (one?.made === "smaller" && states.at(-1) !== one.state) states.push(one.state); };
  w.sender.pump();
  await w.pass(10_000);
  assert.deepEqual([states, w.shelf.get("a")?.stalls], [["ready", "sending", "confirming", "done"], 0]);

  const cut = await world(ready("a", { ...LARGE, id: "id-a-0", stalls: 1, attempt: 6 }));
  cut.smaller = made(250_000);
  cut.storage = () => bytesAnswer(0, STALLED);
  cut.api.reserve = async () => answer(0);
  cut.sender.pump();
  await cut.pass(10);
  assert.deepEqual([cut.state("a"), cut.shelf.get("a")?.made, cut.shelf.get("a")?.attempt], ["waiting", "smaller", 1]);
});

test("what is being sent is left alone while the server tells of what was sent", async () => {
  const w = await world(ready("a"), ready("b", { order: 1 }));
  w.storage = (url) => (url.includes("id-b") ? new Promise(() => {}) : bytesAnswer(200));
  w.sender.pump();
  await w.pass(10_000);
  assert.deepEqual([w.state("a"), w.state("b"), w.shelf.get("b")?.attempt], ["done", "sending", 0]);
});

test("nobody is asked about the consent text because of anything else that the server says of all photos", async () => {
  for (const said of [answer(0), blockPage(), answer(429, problem("too-many-requests", 429)), answer(409, problem("edition-closed", 409)), answer(422, problem("invalid", 422))]) {
    const w = await world(...many(2));
    w.api.reserve = async () => said;
    w.sender.pump();
    await w.pass(10);
    assert.equal(w.consentAsked, 0, String(said.status));
    assert.ok(w.shelf.list().every((one) => one.shared !== null));
  }
});
