// @ts-check
// What a technician with a phone does, for stories and for the campaign: picks, says, sends, loses the tab, comes back.

import assert from "node:assert/strict";

import { PHONE } from "./system.mjs";

/** @typedef {import("playwright-core").BrowserContext} Context */
/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./system.mjs").System} System */

/**
 * A phone behind a network.
 * @param {System} system
 * @param {string} proxy the network's address
 */
export function phoneBehind(system, proxy) {
  return system.newContext({
    baseURL: system.site, locale: "en-GB", timezoneId: "Europe/London", viewport: PHONE, hasTouch: true, isMobile: true,
    // Without the last two words the browser goes round a proxy to its own machine.
    proxy: { server: proxy, bypass: "<-loopback>" },
  });
}

/** Opens the page that adds photos, however often the line breaks within a minute and a half. @param {Context} context @returns {Promise<Page>} */
export async function openAdd(context) {
  const page = await context.newPage();
  for (const until = Date.now() + 90_000; ; ) {
    try {
      await page.goto("/add", { timeout: 60_000 });
      await page.locator("#choose").waitFor({ timeout: 60_000 });
      return page;
    } catch (error) {
      // A person whose page does not come up presses reload. While the line is cut that fails at once.
      if (Date.now() > until) throw error;
      await page.waitForTimeout(200);
    }
  }
}

/** Picks photos, says what is asked for, and presses Send. @param {Page} page @param {string[]} files */
export async function pickAndSend(page, files) {
  await page.locator("#photos").setInputFiles(files);
  await page.locator("#cards .card").nth(files.length - 1).waitFor({ state: "attached" });
  await page.getByLabel("Caption", { exact: true }).fill("Forty seconds between two lessons");
  await page.getByLabel("Nobody").check();
  await page.getByLabel("I agree.").check();
  await page.getByRole("button", { name: /^Send/ }).click();
}

/** Opens the card of a photo that is not sent yet, as a finger on its picture does. @param {Page} page @param {string} [name] the file's; if none, the only one */
export async function openCard(page, name = "") {
  const card = page.locator('#cards .card[data-state="held"]', { hasText: name });
  await card.locator("img").waitFor();
  await card.locator(".card-picture").press("Enter");
  return card;
}

/** How many photos the page says were sent. @param {Page} page */
export async function sentCount(page) {
  const words = await page.locator("#dock-status").innerText();
  return Number(/(\d+) of \d+ sent/.exec(words)?.[1] ?? 0);
}

/** Waits until so many are sent. @param {Page} page @param {number} count @param {number} ms */
export async function waitForSent(page, count, ms) {
  const reached = (/** @type {number} */ wanted) => Number(/(\d+) of \d+ sent/.exec(document.getElementById("dock-status")?.textContent ?? "")?.[1] ?? 0) >= wanted;
  await page.waitForFunction(reached, count, { timeout: ms, polling: 200 });
}

/** Waits until all that is on the page and was begun is sent. @param {Page} page @param {number} ms */
export async function waitForAll(page, ms) {
  const all = () => /(\d+) of \1 sent/.test(document.getElementById("dock-status")?.textContent ?? "");
  await page.waitForFunction(all, undefined, { timeout: ms, polling: 200 });
}

/** Kills the tab as a phone does that needs the memory: nothing of it runs any more. @param {Page} page */
export async function killTab(page) {
  const crashed = page.waitForEvent("crash");
  await page.goto("chrome://crash").catch(() => {});
  await crashed;
  await page.close();
}

/**
 * What the server has of this device, asked for past the bad network.
 * @param {Pick<System, "site">} system
 * @param {string} secret
 * @returns {Promise<{id: string, state: string, sha256: string}[]>}
 */
export async function ownPhotos(system, secret) {
  const answer = await fetch(`${system.site}/api/v1/uploads`, { headers: { authorization: `Uploader ${secret}` } });
  assert.equal(answer.status, 200);
  return (await answer.json()).photos;
}

/**
 * The same once the server has looked at all that came: that takes a moment after the last byte.
 * @param {System} system
 * @param {string} secret
 */
export async function settledPhotos(system, secret) {
  for (let tries = 0; ; tries += 1) {
    const own = await ownPhotos(system, secret);
    if (tries === 150 || own.every((photo) => photo.state !== "reserved")) return own;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The device's secret, as soon as it has one. @param {Page} page @returns {Promise<string>} */
export async function secretOf(page) {
  const found = await page.waitForFunction(() => localStorage.getItem("techognition.uploader"));
  return (await found.jsonValue()) ?? "";
}
