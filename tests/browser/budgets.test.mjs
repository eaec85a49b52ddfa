// @ts-check
// What holds of every page that the public sees, and of every sample of one: its bytes, no shift of what is read, no violation that
// axe knows, no text lost at 320 pixels with the widest spacing, no complaint of the browser about its policy.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { SPACING, violations } from "./axe.mjs";
import { DESKTOP, PHONE, arrived, device, scrollThrough, withSystem } from "./system.mjs";

/** Of markup, style and script of one page, compressed as the edge would; and of its script alone. */
const PAGE_BYTES = 60_000;
const SCRIPT_BYTES = 25_000;
/** Of its script with all that it fetches only when somebody needs it: sends a photo, covers a face, looks for a school. */
const WHOLE_SCRIPT_BYTES = 40_000;

const folder = fileURLToPath(new URL("../../target/budgets/", import.meta.url));

/** The public pages of a sample day. @param {string} site @returns {Promise<[string, string][]>} */
async function publicPages(site) {
  const feed = await (await fetch(`${site}/api/v1/photos?limit=48`)).json();
  const photo = feed.photos.find((/** @type {{school: object | null}} */ one) => one.school) ?? feed.photos[0];
  const gallery = await (await fetch(`${site}/s/sample-academy`)).text();
  assert.match(gallery, /Sample Academy/);
  return [
    ["home", "/"], ["gallery", "/gallery"], ["discipline", "/gallery?discipline=science"], ["search", "/gallery?q=the"], ["nothing found", "/gallery?q=zzzz"],
    ["photo", photo.page], ["photo in Welsh", `/cy${photo.page}`], ["taking part in Welsh", "/cy/take-part"], ["home in Welsh", "/cy/"], ["rules in Welsh", "/cy/rules"], ["safety in Welsh", "/cy/safety"],
    ["report in Welsh", `/cy${photo.page}/report`], ["schools in Welsh", "/cy/schools"], ["school in Welsh", "/cy/s/sample-academy"], ["thanks in Welsh", "/cy/s/sample-academy/thanks"], ["day in Welsh", "/cy/day"], ["poster in Welsh", "/cy/poster"],
    ["school", "/s/sample-academy"], ["certificate", "/s/sample-academy/certificate"], ["sheet", "/s/sample-academy/sheet"], ["thanks", "/s/sample-academy/thanks"],
    ["schools", "/schools"], ["day", "/day"], ["stats", "/stats"], ["wall", "/wall"], ["embedded photo", `/embed${photo.page}`], ["embedded gallery", "/embed/gallery"],
    ["add", "/add"], ["add in Welsh", "/cy/add"], ["mine", "/mine"], ["mine in Welsh", "/cy/mine"], ["take part", "/take-part"], ["rules", "/rules"], ["privacy", "/privacy"], ["accessibility", "/accessibility"],
    ["safety", "/safety"], ["poster", "/poster"], ["problems", "/problems/"], ["not found", "/nothing/here"],
  ];
}

test("every public page is within its budget of bytes, and nothing on it moves by itself", { timeout: 300_000 }, () => withSystem(["--sample", "30"], async (system) => {
  /** @type {string[]} */
  const table = ["page | markup | style | script | together | script with all that may be fetched later", "---|---|---|---|---|---"];
  for (const [name, path] of await publicPages(system.site)) {
    const { context, page } = await device(system, { viewport: PHONE, isMobile: true, hasTouch: true });
    const bytes = { document: 0, stylesheet: 0, script: 0 };
    /** @type {Promise<void>[]} */
    const waiting = [];
    page.on("response", (response) => {
      const kind = response.request().resourceType();
      if (kind !== "document" && kind !== "stylesheet" && kind !== "script") return;
      waiting.push(response.body().then((body) => void (bytes[kind] += gzipSync(body).length), () => {}));
    });
    await page.addInitScript(() => {
      const shifts = { sum: 0 };
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of /** @type {(PerformanceEntry & {value: number, hadRecentInput: boolean})[]} */ (list.getEntries())) {
          if (!entry.hadRecentInput) shifts.sum += entry.value;
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(path, { waitUntil: "load" });
    await arrived(waiting);
    if (name !== "wall") await scrollThrough(page);
    const shifted = await page.evaluate(() => /** @type {{shifts: {sum: number}}} */ (/** @type {unknown} */ (globalThis)).shifts.sum);
    const whole = bytes.script + (await later(page));
    const sum = bytes.document + bytes.stylesheet + bytes.script;
    table.push(`${name} | ${bytes.document} | ${bytes.stylesheet} | ${bytes.script} | ${sum} | ${whole}`);
    assert.ok(sum <= PAGE_BYTES, `${name}: ${sum} bytes of markup, style and script`);
    assert.ok(bytes.script <= SCRIPT_BYTES, `${name}: ${bytes.script} bytes of script`);
    assert.ok(whole <= WHOLE_SCRIPT_BYTES, `${name}: ${whole} bytes of script with what is fetched later`);
    assert.equal(shifted, 0, `${name} moves while it loads`);
    await context.close();
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "bytes.md"), `${table.join("\n")}\n`);
  console.log(`bytes, compressed with gzip:\n${table.join("\n")}`);
}));

/** Compressed bytes of the modules that the page has not fetched but may. @param {import("playwright-core").Page} page */
async function later(page) {
  const fetched = await page.evaluate(() => performance.getEntriesByType("resource").map((one) => one.name).filter((name) => name.endsWith(".js")));
  const known = new Set(fetched);
  let sum = 0;
  for (const address of known) {
    const text = await (await fetch(address)).text();
    for (const [, path = ""] of text.matchAll(/(?:from|import|import\(|own\()\s*"([^"]+\.js)"/g)) known.add(path.startsWith(".") ? new URL(path, address).href : new URL(path, address.replace(/\/js\/.*/, "/js/")).href);
    if (!fetched.includes(address)) sum += gzipSync(text).length;
  }
  return sum;
}

test("axe finds nothing on any public page, by day and by night", { timeout: 300_000 }, () => withSystem(["--sample", "30"], async (system) => {
  let checked = 0;
  for (const [scheme, viewport] of /** @type {const} */ ([["light", PHONE], ["dark", DESKTOP]])) {
    const { context, page } = await device(system, { viewport, colorScheme: scheme, reducedMotion: "reduce" });
    for (const [name, path] of await publicPages(system.site)) {
      await page.goto(path, { waitUntil: "load" });
      assert.deepEqual(await violations(page), [], `${name}, ${scheme}`);
      checked += 1;
    }
    await context.close();
  }
  console.log(`axe: ${checked} pages, no violation`);
}));

test("axe finds nothing on any sample of a page", { timeout: 300_000 }, () => withSystem([], async (system) => {
  const { page } = await device(system, { viewport: DESKTOP, reducedMotion: "reduce" });
  await page.goto("/styleguide");
  const samples = await page.locator("main a[href^='/styleguide/']").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  assert.ok(samples.length > 20, `${samples.length} samples`);
  for (const path of samples) {
    await page.goto(path, { waitUntil: "domcontentloaded" });
    assert.deepEqual(await violations(page), [], path);
  }
  console.log(`axe: ${samples.length} samples, no violation`);
}));

test("no page is wider than 320 pixels with the widest spacing of text, nor without JavaScript", { timeout: 300_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const { page } = await device(system, { viewport: { width: 320, height: 640 } });
  const bare = await device(system, { viewport: { width: 320, height: 640 }, javaScriptEnabled: false });
  for (const [name, path] of await publicPages(system.site)) {
    await page.goto(path, { waitUntil: "load" });
    // By the browser's own tools: the page's policy would refuse a style of ours.
    const session = await page.context().newCDPSession(page);
    await session.send("Page.setBypassCSP", { enabled: true });
    await page.reload({ waitUntil: "load" });
    await page.addStyleTag({ content: SPACING });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${name}: ${wide} pixels too wide`);
    await session.detach();
    const answer = await bare.page.goto(path, { waitUntil: "load" });
    assert.equal(answer?.status(), name === "not found" ? 404 : 200, path);
    assert.match(await bare.page.locator("h1").first().innerText(), /\S/, `${name} without JavaScript`);
  }
}));
