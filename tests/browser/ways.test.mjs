// @ts-check
// The less trodden ways: how else photos come to the page, out of another app's browser, by a code from one screen to the next, and what
// a phone is asked for while it sends.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { codeIn } from "./code.mjs";
import { eventually } from "./moderator.mjs";
import { killTab, pickAndSend, waitForSent } from "./phone.mjs";
import { manyPhotos } from "./photos.mjs";
import { DESKTOP, PHONE, device, shoot, withSystem } from "./system.mjs";

/** @typedef {import("./system.mjs").Page} Page */

const CLIPBOARD = ["clipboard-read", "clipboard-write"];

test("photos are dropped, come in folders, are pasted and taken with the camera", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, complaints } = await device(system, { viewport: DESKTOP, permissions: CLIPBOARD });
  await page.goto("/add");
  await page.locator("#upload").waitFor();
  const files = await manyPhotos(page, system.folder, 8);
  const at = (/** @type {number} */ n) => files[n] ?? "";
  /** @param {(number | string)[]} wanted names, or numbers of photos */
  const cards = async (...wanted) => {
    const names = wanted.map((one) => (typeof one === "string" ? one : `photo 0${one + 1}.jpg`));
    await page.waitForFunction((n) => document.querySelectorAll("#cards .card-picture img").length === n, names.length);
    // A folder's files come in the order in which its disk has them.
    assert.deepEqual((await page.locator("#cards .card-name bdi").allInnerTexts()).sort(), names.sort());
  };

  // Two files are dragged over the page, which says where they may fall, and dropped.
  const border = () => page.locator(".choose").evaluate((one) => getComputedStyle(one).borderTopStyle);
  const hand = await dragging(page);
  assert.equal(await border(), "dashed");
  await hand("dragEnter", [at(0), at(1)]);
  assert.equal(await border(), "solid");
  await shoot(page, "dropping-1440");
  await hand("drop", [at(0), at(1)]);
  await cards(0, 1);
  assert.equal(await border(), "dashed");

  // A folder with a folder in it, and with what only computers need.
  const folder = foldersOf(system.folder, "From the camera", { ".": [at(2)], "second card": [at(3)] });
  await hand("dragEnter", [folder]);
  await hand("drop", [folder]);
  await cards(0, 1, 2, 3);
  const bare = foldersOf(system.folder, "Without photos", {});
  await hand("dragEnter", [bare]);
  await hand("drop", [bare]);
  await page.locator("#photos-error", { hasText: "There are no photos in it." }).waitFor();

  // A whole folder by its button. One of its photos is here already.
  const chosen = foldersOf(system.folder, "Chosen", { ".": [at(0), at(4)], deeper: [at(5)] });
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "A whole folder" }).click()]);
  await chooser.setFiles(chosen);
  await cards(0, 1, 2, 3, 4, 5);
  await page.locator("#dock-news", { hasText: "photo 01.jpg is here already" }).waitFor();
  assert.equal(await page.locator("#photos-error").isVisible(), false, "what was said of the folder before is gone");

  // A picture is pasted; and a text, with which office programs put a picture of it, stays a text.
  await copy(page, "");
  await page.keyboard.press("Control+v");
  await cards(0, 1, 2, 3, 4, 5, "image.png");
  await copy(page, "Crystals, after a week");
  await page.getByLabel("Caption", { exact: true }).focus();
  await page.keyboard.press("Control+v");
  await page.waitForFunction(() => /** @type {HTMLTextAreaElement} */ (document.getElementById("caption")).value === "Crystals, after a week");
  await cards(0, 1, 2, 3, 4, 5, "image.png");
  assert.equal(await page.getByRole("button", { name: "Take a photo" }).isVisible(), false, "a computer has no camera to point");

  // A phone has one instead of folders, and what it takes is a photo like any other.
  const phone = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true });
  await phone.page.goto("/add");
  await phone.page.locator("#upload").waitFor();
  assert.equal(await phone.page.getByRole("button", { name: "A whole folder" }).isVisible(), false);
  const [camera] = await Promise.all([phone.page.waitForEvent("filechooser"), phone.page.getByRole("button", { name: "Take a photo" }).tap()]);
  // A browser reads there that the camera behind the phone is meant, and that pictures are.
  assert.deepEqual(await camera.element().evaluate((/** @type {HTMLInputElement} */ input) => [input.getAttribute("capture"), input.multiple, input.accept.split(",")]),
    ["environment", false, ["image/jpeg", "image/png", "image/webp"]]);
  await camera.setFiles(at(6));
  await phone.page.locator("#cards .card img").waitFor();
  await pickAndSend(phone.page, [at(7)]);
  await waitForSent(phone.page, 2, 30_000);
  assert.deepEqual([...complaints, ...phone.complaints], []);
}));

/** What browsers inside of apps call themselves. */
const INSIDE = /** @type {const} */ ([
  ["Instagram", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22D63 Instagram 365.0.0.33.101 (iPhone15,2; iOS 18_3; en_GB; scale=3.00)"],
  ["Instagram", "Mozilla/5.0 (Linux; Android 15; Pixel 8 Build/AP4A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/132.0.0.0 Mobile Safari/537.36 Instagram 365.0.0.33.101 Android (35/15; 420dpi)"],
  ["Facebook", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22D63 [FBAN/FBIOS;FBAV/498.0.0.53.105;FBDV/iPhone15,2]"],
  ["Facebook", "Mozilla/5.0 (Linux; Android 15; Pixel 8 Build/AP4A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/132.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/497.0.0.44.69;]"],
]);

test("inside another app the page says how to leave it, and what was typed outlives the page that the app kills", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  for (const [app, userAgent] of INSIDE) {
    const { context, page, complaints } = await device(system, { userAgent, viewport: PHONE, hasTouch: true, isMobile: true, permissions: CLIPBOARD });
    await page.goto("/add");
    const banner = page.locator("#inside");
    await banner.getByText(`This page is open inside ${app}.`).waitFor();
    assert.match(await banner.innerText(), /Open it in your own browser: use the app's menu, or copy the address\./);
    await banner.getByRole("button", { name: "Copy the address" }).tap();
    await banner.getByText("Copied. Paste it into your browser.").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${system.site}/add`);
    await shoot(page, `inside-${app}-360`);

    // All clocks of the page stand still, as in an app that needs every bit of memory for its own picker: nothing is put off.
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 3_600_000);
    await page.getByLabel("Caption", { exact: true }).fill(`Typed inside ${app}`);
    await page.getByLabel("Adults who agree").check();
    await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "Choose photos" }).tap()]);
    // Nobody is quicker than the device's storage.
    const beside = await context.newPage();
    await beside.goto("/rules");
    await eventually("what was typed is kept", async () => (await beside.evaluate(keptCaption)) === `Typed inside ${app}`);
    await killTab(page);
    const again = await context.newPage();
    await again.goto("/add");
    await again.locator("#upload").waitFor();
    assert.equal(await again.getByLabel("Caption", { exact: true }).inputValue(), `Typed inside ${app}`);
    assert.equal(await again.getByLabel("Adults who agree").isChecked(), true);
    assert.deepEqual(complaints, []);
    await context.close();
  }
  const { page } = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true });
  await page.goto("/add");
  await page.locator("#upload").waitFor();
  assert.equal(await page.locator("#inside").isVisible(), false, "a browser is not taken for an app");
}));

test("a code leads from a screen to a phone, and from a phone to its photos", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const desk = await device(system, { viewport: DESKTOP });
  for (const [path, words] of /** @type {const} */ ([["/add", "Are the photos on your phone?"], ["/cy/add", "Ydy'r lluniau ar eich ffôn?"]])) {
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      await desk.page.emulateMedia({ colorScheme });
      await desk.page.goto(path);
      await desk.page.getByText(words).click();
      assert.equal(await codeIn(desk.page.locator(".continue img")), system.site + path, colorScheme);
    }
  }

  const phone = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true, colorScheme: "dark" });
  const { page } = phone;
  await page.goto("/add");
  await page.locator("#upload").waitFor();
  await pickAndSend(page, await manyPhotos(page, system.folder, 2));
  await waitForSent(page, 2, 30_000);
  await page.goto("/mine");
  await page.getByRole("button", { name: "Show my link" }).tap();
  const link = await codeIn(page.getByAltText("QR code of the link"));
  assert.equal(link, await page.getByLabel("Your link").inputValue());
  assert.match(link, /\/mine#key=[\w-]{43}$/);
  assert.ok(link.startsWith(system.site));

  // Who points another phone at it sees the photos there, and can take one back.
  const other = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true });
  await other.page.goto(link);
  await other.page.getByText("The photos of your link are shown on this phone from now on.").waitFor();
  const own = other.page.locator('#own-photos > li[data-state="pending"]');
  await own.nth(1).waitFor();
  await own.first().getByRole("button", { name: /^Withdraw/ }).tap();
  await other.page.getByRole("button", { name: "Withdraw it" }).tap();
  await other.page.locator('#own-photos > li[data-state="deleted"]').waitFor();
  await page.getByRole("button", { name: "Refresh" }).tap();
  await page.waitForFunction(() => document.querySelectorAll("#own-photos > li").length === 1);
  assert.deepEqual([...desk.complaints, ...phone.complaints, ...other.complaints], []);
}));

test("a phone is kept awake while photos are sent and not longer, and asked to keep them once something is sent", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { context, page, complaints } = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true });
  await context.addInitScript(() => {
    /** What was asked of the phone: to keep what is stored, and locks on its screen. @type {{kept: number, locks: {released: boolean}[]}} */
    const asked = { kept: 0, locks: [] };
    Object.assign(globalThis, { asked });
    navigator.wakeLock.request = async (type) => {
      const lock = { type, released: false, release: async () => void Object.assign(lock, { released: true }) };
      asked.locks.push(lock);
      return /** @type {any} */ (lock);
    };
    navigator.storage.persist = async () => Boolean((asked.kept += 1));
  });
  /** Waits until its screen is held as often as is said. @param {number} times */
  const awake = (times) => page.waitForFunction((n) => /** @type {any} */ (globalThis).asked.locks.filter((/** @type {{released: boolean}} */ lock) => !lock.released).length === n, times);
  const kept = () => page.evaluate(() => /** @type {any} */ (globalThis).asked.kept);
  await page.goto("/add");
  await page.locator("#upload").waitFor();
  const [first = "", second = ""] = await manyPhotos(page, system.folder, 2);
  await page.locator("#photos").setInputFiles(first);
  await page.locator("#cards .card-state", { hasText: "Not sent yet" }).waitFor();
  await awake(0);
  assert.equal(await kept(), 0, "nobody has decided to send anything yet");
  // The site does not answer for now, so that it is seen what happens meanwhile.
  let free = () => {};
  const held = new Promise((resolve) => (free = () => resolve(undefined)));
  await page.route("**/api/v1/uploads", async (route) => {
    await held;
    await route.continue();
  });
  await pickAndSend(page, [second]);
  await page.locator("#dock-status", { hasText: "0 of 2 sent" }).waitFor();
  await awake(1);
  assert.equal(await kept(), 1);
  // A phone that was locked all the same has taken it away, and gives it again to who comes back.
  await page.evaluate(() => {
    for (const lock of /** @type {any} */ (globalThis).asked.locks) lock.released = true;
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await awake(1);
  free();
  await waitForSent(page, 2, 30_000);
  await awake(0);
  assert.deepEqual(await page.evaluate(() => [...new Set(/** @type {any} */ (globalThis).asked.locks.map((/** @type {{type: string}} */ lock) => lock.type))]), ["screen"]);
  assert.equal(await kept(), 1);
  assert.deepEqual(complaints, []);
}));

test("a school that is typed before its list has come over a slow line is found, and has its own number", { timeout: 120_000 }, () => withSystem(["--sample", "12"], async (system) => {
  // A service worker would have brought the list beforehand.
  const { page, complaints } = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true, serviceWorkers: "block" });
  let come = () => {};
  const line = new Promise((resolve) => (come = () => resolve(undefined)));
  await page.route("**/upload/school.js", async (route) => {
    await line;
    await route.continue();
  });
  await page.goto("/add");
  await page.locator("#upload").waitFor();
  // The school of the photos before is remembered, with its number.
  const number = page.locator("#urn");
  await number.evaluate((/** @type {HTMLInputElement} */ one) => void (one.value = "900002"));
  await page.getByLabel("School or college").fill("Sample Academy");
  come();
  await page.getByRole("option", { name: "Sample Academy" }).waitFor();
  assert.equal(await number.inputValue(), "", "what was typed is not the school that was remembered");
  await page.getByRole("option", { name: "Sample Academy" }).tap();
  assert.equal(await number.inputValue(), "900001");
  // Who writes the whole name and goes on means the same school.
  await page.getByLabel("School or college").fill("sample academy");
  await page.getByRole("option", { name: "Sample Academy" }).waitFor();
  assert.equal(await number.inputValue(), "");
  await page.getByLabel("School or college").blur();
  assert.equal(await number.inputValue(), "900001");
  assert.equal(await page.getByLabel("School or college").inputValue(), "Sample Academy");
  assert.deepEqual(complaints.filter((words) => !words.includes("Service Worker registration blocked")), []);
}));

/** In a page of the same device: the caption that it keeps. @returns {Promise<string | undefined>} */
function keptCaption() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("techognition-uploads");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asking = opening.result.transaction("notes").objectStore("notes").get("form");
      asking.onsuccess = () => (opening.result.close(), resolve(asking.result?.caption));
      asking.onerror = () => reject(asking.error);
    };
  });
}

/** Files that hang on a mouse in the middle of the page. @param {Page} page */
async function dragging(page) {
  const devtools = await page.context().newCDPSession(page);
  return (/** @type {"dragEnter" | "drop"} */ type, /** @type {string[]} */ files) =>
    devtools.send("Input.dispatchDragEvent", { type, x: 700, y: 300, data: { items: [], files, dragOperationsMask: 1 } });
}

/**
 * A folder with copies of files in folders of it, and beside them what no photo is.
 * @param {string} place @param {string} name @param {Record<string, string[]>} folders
 * @returns {string} its path
 */
function foldersOf(place, name, folders) {
  const path = join(place, name);
  mkdirSync(path);
  for (const noise of ["Thumbs.db", "notes.txt", "._photo 03.jpg"]) writeFileSync(join(path, noise), "not a photo");
  for (const [inside, files] of Object.entries(folders)) {
    mkdirSync(join(path, inside), { recursive: true });
    for (const file of files) copyFileSync(file, join(path, inside, file.replace(/^.*\//, "")));
  }
  return path;
}

/** Copies a picture, and a text with it where there is one. @param {Page} page @param {string} text */
async function copy(page, text) {
  await page.evaluate(async (text) => {
    const canvas = new OffscreenCanvas(320, 240);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
    for (let i = 0; i < 40; i += 1) {
      context.fillStyle = `hsl(${i * 9 + text.length * 20} 70% 50%)`;
      context.fillRect((i * 37) % 320, (i * 53) % 240, 40, 40);
    }
    const picture = await canvas.convertToBlob({ type: "image/png" });
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture, ...(text && { "text/plain": new Blob([text], { type: "text/plain" }) }) })]);
  }, text);
}
