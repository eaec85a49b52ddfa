// @ts-check
// Photos that were begun arrive: over a line that loses and breaks, past filters, with addresses that died, after the day has closed.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { lostAndFound } from "./campaign.mjs";
import { settingsWith } from "./command.mjs";
import { Network } from "./network.mjs";
import { openAdd, openCard, ownPhotos, phoneBehind, pickAndSend, secretOf, sentCount, settledPhotos, waitForSent } from "./phone.mjs";
import { SECRETS, manyPhotos, photos } from "./photos.mjs";
import { device, shoot, withSystem } from "./system.mjs";

/** @typedef {import("./system.mjs").System} System */

/**
 * A phone behind a network that a story can spoil, and files to send.
 * @param {System} system
 * @param {number} count
 */
async function ready(system, count) {
  const network = new Network();
  const context = await phoneBehind(system, await network.open());
  const page = await openAdd(context);
  const files = await manyPhotos(page, system.folder, count);
  return { network, context, page, files, end: () => Promise.all([context.close(), network.close()]) };
}

test("photos begun on a bad line arrive though the tab is killed and the line cut, and none twice", { timeout: 180_000 }, () => withSystem(["--open-window"], async (system) => {
  const outcome = await lostAndFound(system, { photos: 12, bytesPerSecond: 64_000, cutMs: 1_500, seed: 7 });
  console.log(JSON.stringify(outcome));
  assert.deepEqual([outcome.arrived, outcome.onServer, outcome.reopened, outcome.cuts], [12, 12, 1, 3]);
}));

test("past a filter that blocks the storage's host photos go by our own, and one that blocks all is named", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { network, page, files, end } = await ready(system, 3);
  network.block(system.storage, "page");
  await pickAndSend(page, files.slice(0, 2));
  await waitForSent(page, 2, 30_000);
  assert.equal(network.asked.get(new URL(system.storage).host) ?? 0, 0);

  // Now the school's filter answers for our own host too.
  network.block(system.site, "page");
  await page.locator("#photos").setInputFiles(files.slice(2));
  await page.locator("#cards .card").nth(2).waitFor();
  await page.getByLabel("Caption", { exact: true }).fill("Behind the filter");
  await page.getByLabel("Nobody").check();
  await page.getByRole("button", { name: /^Send/ }).click();
  await page.getByText(/This network blocks our site/).waitFor();
  await shoot(page, "blocked-360", { fullPage: true });
  assert.equal((await ownPhotos(system, await secretOf(page))).length, 2, "nothing of it left the phone");

  // At home there is none, and nobody has to press anything or to open the page again.
  network.block(system.site, "open");
  // The page tries again by itself, half a minute after the last time.
  await waitForSent(page, 3, 75_000);
  assert.equal((await ownPhotos(system, await secretOf(page))).length, 3);
  await end();
}));

test("where our own host leads to no storage, the storage's own is used", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { network, page, files, end } = await ready(system, 2);
  network.block(`${system.site}/techognition-originals/`, "page");
  await pickAndSend(page, files);
  await waitForSent(page, 2, 30_000);
  assert.ok((network.asked.get(new URL(system.storage).host) ?? 0) >= 2);
  await end();
}));

test("addresses that died on the way are renewed, and nobody is told of it", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, files, end } = await ready(system, 4);
  let renewed = 0;
  page.on("request", (request) => void (renewed += Number(request.url().endsWith("/renew"))));
  // Half of the first addresses are over by the clock, the signatures of the others are refused by the storage, as those are whose
  // session has ended.
  await page.route("**/api/v1/uploads", async (route) => {
    const request = route.request();
    if (request.method() !== "POST") return route.continue();
    const answer = await fetch(request.url(), { method: "POST", headers: { authorization: request.headers()["authorization"] ?? "", "content-type": "application/json" }, body: request.postData() });
    const body = await answer.json();
    for (const [i, { upload }] of body.photos.entries()) {
      if (i % 2) upload.expires_at = "2026-01-01T00:00:00.000Z";
      else upload.url = upload.url.replace(/(X-Amz-Signature=)[0-9a-f]{8}/, "$100000000");
    }
    await route.fulfill({ status: answer.status, headers: { "x-techognition": "1" }, json: body });
  });
  await pickAndSend(page, files);
  await waitForSent(page, 4, 30_000);
  assert.equal(renewed, 4);
  await end();
}));

test("a photo whose bytes have arrived though the answer was lost counts as sent, and is there once", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { network, page, files, end } = await ready(system, 2);
  /** @type {number[]} */
  const answers = [];
  page.on("response", (response) => void (response.request().method() === "PUT" && answers.push(response.status())));
  const originals = `${system.site}/techognition-originals/`;
  network.block(originals, "unanswered");
  await pickAndSend(page, files);
  await page.locator("#dock-status", { hasText: "Waiting for a connection." }).waitFor();
  assert.deepEqual(answers, [], "nobody has told the phone");
  network.block(originals, "open");
  await waitForSent(page, 2, 30_000);
  assert.deepEqual(answers, [412, 412]);
  await page.locator("#cards .card-state", { hasText: "Sent. A person checks every photo before it appears." }).nth(1).waitFor();
  assert.deepEqual((await settledPhotos(system, await secretOf(page))).map((photo) => photo.state), ["pending", "pending"]);
  await end();
}));

test("a photo that gets stuck twice is sent smaller, says so, and arrives whole", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { network, page, end } = await ready(system, 0);
  const file = await finePhoto(page, system.folder);
  await page.addInitScript(() => {
    const send = XMLHttpRequest.prototype.send;
    /** Requests of which the browser has told some progress. @type {Set<XMLHttpRequest>} */
    const moving = new Set();
    Object.assign(globalThis, { moving });
    XMLHttpRequest.prototype.send = function (body) {
      this.upload.addEventListener("progress", () => moving.add(this));
      return send.call(this, body);
    };
  });
  // From here on a minute passes when the story says so.
  await page.clock.install();
  await page.reload();
  await page.locator("#upload").waitFor();
  const originals = `${system.site}/techognition-originals/`;
  network.block(originals, "silent");
  await pickAndSend(page, [file]);
  const card = page.locator("#cards .card");
  for (const times of [1, 2]) {
    // Some of it is on its way: else it is not stuck, but goes another way.
    await page.waitForFunction((n) => /** @type {any} */ (globalThis).moving.size === n, times);
    await card.locator(".card-state", { hasText: "Sending" }).waitFor();
    assert.equal(await page.getByText("Made smaller").isVisible(), false);
    // Longer than anybody may take for the last of so many bytes, and than the pause after that.
    await page.clock.fastForward("05:00");
  }
  await page.getByText("Made smaller, since the connection is weak.").waitFor();
  await shoot(page, "smaller-360", { fullPage: true });
  network.kept = [];
  network.block(originals, "open");
  // A try that began before the network was back is given up and made once more, after a pause.
  for (let tries = 0; (await sentCount(page)) < 1; tries += 1) {
    assert.ok(tries < 10, "it is sent");
    await page.clock.fastForward("05:00");
    await waitForSent(page, 1, 10_000).catch(() => {});
  }
  await card.locator(".card-state", { hasText: "Sent. A person checks every photo before it appears." }).waitFor();
  assert.equal(await page.getByText("Made smaller, since the connection is weak.").isVisible(), true);

  // What arrived is that copy to the last byte, however often it took; and of the larger one nothing is waited for.
  const [sent = Buffer.of()] = network.kept;
  const { width, height } = await page.evaluate(look, { base64: sent.toString("base64"), box: [0, 0, 1, 1] });
  assert.deepEqual([width, height], [1600, 1067]);
  const hashes = new Set(network.kept.map((bytes) => createHash("sha256").update(bytes).digest("hex")));
  assert.deepEqual((await settledPhotos(system, await secretOf(page))).map((photo) => [photo.state, photo.sha256]), [...hashes].map((sha256) => ["pending", sha256]));
  assert.equal(hashes.size, 1);
  await end();
}));

test("what was registered in time is taken after closing, and what was not is kept on the phone", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { network, page, files, end } = await ready(system, 4);
  network.block(`${system.site}/techognition-originals/`, "refused");
  network.block(system.storage, "refused");
  await pickAndSend(page, files.slice(0, 3));
  const secret = await secretOf(page);
  for (let tries = 0; (await ownPhotos(system, secret)).length < 3; tries += 1) {
    assert.ok(tries < 100, "all three are registered");
    await page.waitForTimeout(100);
  }
  // One more is chosen, and nobody presses Send for it before the day is over.
  await page.locator("#photos").setInputFiles(files.slice(3));
  await page.getByText("Not sent yet", { exact: true }).waitFor();
  await system.restart(["--event", closing(system.folder, -60_000)]);
  network.block(`${system.site}/techognition-originals/`, "open");
  network.block(system.storage, "open");
  await page.reload();
  await waitForSent(page, 3, 30_000);
  assert.deepEqual((await settledPhotos(system, secret)).map((photo) => photo.state), ["pending", "pending", "pending"]);
  await page.getByText(/^Not sent: adding photos ended at .* The photo is still on this phone\.$/).waitFor();
  assert.deepEqual(await page.locator("#choose, #send, #caption").evaluateAll((all) => all.filter((one) => one.checkVisibility()).map((one) => one.id)), [], "there is nothing to add any more");
  await shoot(page, "closing-360", { fullPage: true });
  await page.getByRole("link", { name: "See the gallery" }).click();
  await page.getByRole("heading", { name: "No photo was published." }).waitFor();
  assert.equal(await page.getByText("still to send").count(), 0, "nobody is reminded of what cannot be sent");
  await end();
}));

test("what Send is pressed for in the last minute is registered in time, though it is not made ready", { timeout: 120_000 }, async () => {
  await withSystem([], async (system) => {
    const network = new Network();
    const context = await phoneBehind(system, await network.open());
    const page = await context.newPage();
    const files = await manyPhotos(page, system.folder, 16, { width: 3000, height: 2000 });
    await system.restart(["--event", closing(system.folder, 110_000)]);
    await page.goto("/add");
    const slow = await context.newCDPSession(page);
    await slow.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await pickAndSend(page, files);
    const begun = Date.now();
    const secret = await secretOf(page);
    await waitForSent(page, files.length, 80_000);
    console.log(`${files.length} photos of 6 megapixels sent ${Math.round((Date.now() - begun) / 100) / 10} s after Send, just before closing`);
    assert.equal((await settledPhotos(system, secret)).filter((photo) => photo.state === "pending").length, files.length);
    const hasty = await page.getByText("Sent as it is, to be in time: we remove what it hides.").count();
    assert.ok(hasty > 0 && hasty < files.length, `${hasty} of ${files.length} went as they are: not those that were ready`);
    await context.close();
    await network.close();
  });
});

test("what leaves the phone is upright, small, hides nothing, and shows nothing that was covered", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { network, page, end } = await ready(system, 0);
  const files = await photos(page, system.folder);
  network.kept = [];
  await page.locator("#photos").setInputFiles(files);
  await page.locator("#cards .card img").nth(files.length - 1).waitFor();
  // By keyboard: a cover in the middle, a little further left, and larger.
  await openCard(page, "P3 on its side.jpg");
  await page.getByRole("button", { name: "Cover faces or names on P3 on its side.jpg" }).press("Enter");
  await page.getByRole("button", { name: "Add a cover" }).press("Enter");
  await page.keyboard.press("ArrowLeft");
  for (let i = 0; i < 3; i += 1) await page.keyboard.press("Shift+ArrowDown");
  const [box] = await page.locator(".cover-mark").evaluateAll((marks) => marks.map((mark) =>
    ["--x", "--y", "--width", "--height"].map((name) => Number.parseFloat(/** @type {HTMLElement} */ (mark).style.getPropertyValue(name)) / 100)));
  assert.deepEqual(box, [0.38, 0.35, 0.2, 0.31]);
  await shoot(page, "cover-360");
  await page.getByRole("button", { name: "Done" }).press("Enter");
  await page.getByText("Covered in one place.").waitFor();
  await page.getByLabel("Caption", { exact: true }).fill("What was covered stays covered");
  await page.getByLabel("Nobody").check();
  await page.getByLabel("I agree.").check();
  await page.getByRole("button", { name: /^Send/ }).click();
  await waitForSent(page, files.length, 30_000);

  assert.equal(network.kept.length, files.length);
  const sizes = [];
  for (const bytes of network.kept) {
    for (const secret of [...SECRETS, "Exif", "http://ns.adobe.com"]) assert.ok(!bytes.includes(secret), secret);
    const seen = await page.evaluate(look, { base64: bytes.toString("base64"), box: box ?? [] });
    sizes.push(`${seen.width}×${seen.height}`);
    if (seen.height > seen.width) assert.ok(seen.colours <= 12, `below the cover ${seen.colours} colours along a line are left`);
  }
  assert.deepEqual(sizes.sort(), ["1600×2400", "2400×1600", "2400×1600"]);
  await end();
}));

test("the page opens without a network, takes what another app shares, and sends it when there is one", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { context, page } = await device(system, {});
  await page.goto("/add");
  await page.getByRole("button", { name: "Choose photos" }).waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const [file] = await manyPhotos(page, system.folder, 1);
  await context.setOffline(true);
  // As a share menu does it: a form with a file, answered on this device.
  await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const input = document.createElement("input");
    Object.assign(input, { type: "file", name: "photos" });
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], "Shared from the gallery.jpg", { type: "image/jpeg" }));
    input.files = transfer.files;
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: "/share", enctype: "multipart/form-data" });
    form.append(input);
    document.body.append(form);
    form.submit();
  }, readFileSync(file ?? "").toString("base64"));
  await page.waitForURL("**/add");
  await page.getByText("Shared from the gallery.jpg").waitFor();
  await page.getByText("Not sent yet", { exact: true }).waitFor();
  await page.getByLabel("Caption", { exact: true }).fill("Shared from the gallery");
  await page.getByLabel("Nobody").check();
  await page.getByLabel("I agree.").check();
  await page.getByRole("button", { name: /^Send/ }).click();
  await page.locator("#dock-status", { hasText: "Waiting for a connection" }).waitFor();
  await context.setOffline(false);
  await waitForSent(page, 1, 30_000);
  await page.goto("/mine");
  await page.locator(".own-picture img").waitFor();

  // The way back: another phone comes by the link, and sees the photo.
  await page.getByRole("button", { name: "Show my link" }).click();
  await page.getByAltText("QR code of the link").waitFor();
  const link = await page.getByLabel("Your link").inputValue();
  await shoot(page, "mine-way-back", { fullPage: true });
  const other = await device(system, {});
  await other.page.goto(link);
  await other.page.getByText("The photos of your link are shown").waitFor();
  await other.page.locator("#own-photos > li").waitFor();
  assert.equal(new URL(other.page.url()).hash, "", "the secret does not stay in the address");
  assert.deepEqual(other.complaints, []);
}));

/**
 * A photo of so many small things that it stays large however it is saved.
 * @param {import("./system.mjs").Page} page any page, whose canvas draws it
 * @param {string} folder
 * @returns {Promise<string>} its path
 */
async function finePhoto(page, folder) {
  const path = join(folder, "bench top.jpg");
  const base64 = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(3000, 2000);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
    for (let i = 0, seed = 1; i < 60_000; i += 1) {
      seed = (seed * 16_807) % 2_147_483_647;
      context.fillStyle = `hsl(${seed % 360} ${40 + (i % 50)}% ${20 + (i % 60)}%)`;
      context.fillRect(seed % 3000, (seed >> 8) % 2000, 6 + (i % 19), 6 + (i % 13));
    }
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 })).arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
    return btoa(text);
  });
  writeFileSync(path, Buffer.from(base64, "base64"));
  return path;
}

/**
 * What a sent photo shows: its size, and how many colours there are along a line through the middle of a box.
 * @param {{base64: string, box: number[]}} sent
 */
async function look({ base64, box: [x = 0, y = 0, width = 0, height = 0] }) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }), { imageOrientation: "none" });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(bitmap, 0, 0);
  const line = context.getImageData(Math.ceil(x * bitmap.width), Math.round((y + height / 2) * bitmap.height), Math.floor(width * bitmap.width), 1).data;
  // JPEG blurs the edges of cells: only steps that are seen are counted.
  let colours = 1;
  for (let i = 4; i < line.length; i += 4) {
    const step = [0, 1, 2].reduce((sum, channel) => sum + Math.abs((line[i + channel] ?? 0) - (line[i + channel - 4] ?? 0)), 0);
    if (step > 24) colours += 1;
  }
  return { width: bitmap.width, height: bitmap.height, colours };
}

/** Settings of a day that closes in so many milliseconds, to the minute, by the clocks of a place where it is about noon. @param {string} folder @param {number} ms */
function closing(folder, ms) {
  const now = new Date();
  const hours = 12 - now.getUTCHours();
  const there = new Date(now.getTime() + hours * 3_600_000 + ms);
  const path = join(folder, "closing.toml");
  writeFileSync(path, settingsWith({
    date: there.toISOString().slice(0, 10), closes: there.toISOString().slice(11, 16), timezone: `Etc/GMT${hours > 0 ? "-" : "+"}${Math.abs(hours)}`, grace_minutes: 240,
  }));
  return path;
}
