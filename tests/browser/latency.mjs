// @ts-check
// What a slow phone feels: how long a press takes until the screen answers, with the processor slowed to a quarter, and how long a page
// takes to be usable at 400 kbit/s. `node tests/browser/latency.mjs [ROUNDS]`. Beside the suite, since the figures are this machine's too;
// each press is made in several rounds, each on a page just opened, and its figure is the middle one of them. Exits with 1 where one is
// over its limit.

import { PHONE, device, withSystem } from "./system.mjs";
import { manyPhotos, photos } from "./photos.mjs";

/** Milliseconds from a press to the next picture of the screen; and from an address to a page that can be used. */
const ANSWER_MS = 100;
const USABLE_MS = 5_000;
const SLOWER = 4;
const ROUNDS = Number(process.argv[2] ?? 5);
/** A whole day's photos, chosen at once. */
const MANY = 60;
/** A mobile line of 400 kbit/s with 150 ms there and back. */
const LINE = { offline: false, latency: 150, downloadThroughput: 50_000, uploadThroughput: 50_000 };

/** @typedef {import("playwright-core").Page} Page */

await withSystem(["--sample", "30"], async (system) => {
  const feed = await (await fetch(`${system.site}/api/v1/photos?limit=2`)).json();
  const photo = feed.photos[1].page;

  console.log(`press | longest answer in ms, processor ${SLOWER} times slower: middle of ${ROUNDS} rounds | slowest round | longest task in ms\n---|---|---|---`);
  const { page, context } = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true });
  const drawing = await context.newPage();
  await drawing.goto("/rules");
  const files = await photos(drawing, system.folder);
  const many = await manyPhotos(drawing, system.folder, MANY, { width: 2048, height: 1536 });
  await drawing.close();
  /** Writes and presses while photos are made ready. @param {Page} page @param {string[]} files */
  const writeWhile = async (page, files) => {
    await page.locator("#photos").setInputFiles(files);
    await page.getByLabel("Caption", { exact: true }).pressSequentially("Forty seconds between two lessons");
    await page.locator("#cards .card").nth(files.length - 1).waitFor({ state: "attached" });
    await page.getByLabel("Nobody").tap();
  };
  await page.addInitScript(() => {
    const seen = { answers: /** @type {number[]} */ ([]), tasks: /** @type {number[]} */ ([]) };
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => {
      for (const entry of /** @type {(PerformanceEntry & {interactionId: number})[]} */ (list.getEntries())) if (entry.interactionId) seen.answers.push(entry.duration);
    }).observe(/** @type {PerformanceObserverInit} */ ({ type: "event", durationThreshold: 16, buffered: true }));
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.tasks.push(entry.duration);
    }).observe({ type: "longtask", buffered: true });
  });
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });

  /** @type {[string, string, (page: Page) => Promise<unknown>][]} */
  const presses = [
    ["home: nothing but scrolling", "/", async () => page.mouse.wheel(0, 3_000)],
    ["gallery: open nation and time", "/gallery", async () => page.locator("summary", { hasText: "Nation, school and time" }).tap()],
    ["gallery: show older photos", "/gallery", async () => {
      const before = await page.locator("[data-tiles] > li").count();
      await page.locator("a[data-older]").tap();
      await page.waitForFunction((n) => document.querySelectorAll("[data-tiles] > li").length > n, before);
    }],
    ["photo: whole screen and back", photo, async () => {
      await page.locator("[data-whole]").tap();
      await page.locator("dialog[open] [data-close]").tap();
    }],
    ["photo: code for another site", photo, async () => page.locator("summary").last().tap()],
    ["day: next half hour", "/day", async () => page.locator("input[type=range]").press("ArrowRight")],
    ["add: write a caption", "/add", async () => page.getByLabel("Caption", { exact: true }).pressSequentially("Forty seconds between two lessons")],
    ["add: who is in the photos", "/add", async () => page.getByLabel("Nobody").tap()],
    ["add: write a school", "/add", async () => page.getByLabel("School or college").pressSequentially("sample")],
    [`add: write while ${files.length} photos are made ready`, "/add", (page) => writeWhile(page, files)],
    [`add: write while ${MANY} photos are made ready`, "/add", (page) => writeWhile(page, many)],
  ];
  for (const [name, path, press] of presses) {
    /** @type {{longest: number, task: number}[]} */
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await page.goto(path, { waitUntil: "load" });
      await page.evaluate(() => new Promise((resolve) => requestIdleCallback(() => resolve(undefined), { timeout: 3_000 })));
      await press(page);
      // Two pictures later everything that was pressed has been answered and noted.
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 200)))));
      const { answers, tasks } = await page.evaluate(() => /** @type {{seen: {answers: number[], tasks: number[]}}} */ (/** @type {unknown} */ (globalThis)).seen);
      rounds.push({ longest: Math.max(0, ...answers), task: Math.max(0, ...tasks) });
      // What was kept on this device would come back.
      await page.goto("about:blank");
      await session.send("Storage.clearDataForOrigin", { origin: system.site, storageTypes: "indexeddb,local_storage" });
    }
    const longest = rounds.map((round) => round.longest).sort((a, b) => a - b);
    const middle = longest[Math.floor(ROUNDS / 2)] ?? 0;
    console.log(`${name} | ${middle || "under 16"} | ${longest.at(-1) || "under 16"} | ${Math.round(Math.max(...rounds.map((round) => round.task))) || "under 50"}`);
    if (middle >= ANSWER_MS) process.exitCode = 1;
  }
  await context.close();

  console.log("\npage | first words in ms at 400 kbit/s | usable in ms | kilobytes, uncompressed as on a laptop\n---|---|---|---");
  /** @type {[string, string, string][]} what must be there and alive */
  const pages = [["home", "/", "h1"], ["gallery", "/gallery", "[data-tiles] img"], ["photo", photo, ".photo-frame img"], ["add", "/add", "#photos"], ["school", "/s/sample-academy", "h1"]];
  for (const [name, path, sign] of pages) {
    const phone = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true, serviceWorkers: "block" });
    const line = await phone.context.newCDPSession(phone.page);
    await line.send("Network.enable");
    await line.send("Network.emulateNetworkConditions", LINE);
    await line.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    const begun = Date.now();
    await phone.page.goto(path, { waitUntil: "domcontentloaded" });
    await phone.page.locator(sign).first().waitFor({ state: "attached" });
    // Modules run before DOMContentLoaded ends: what they bring to life is alive.
    const usable = Date.now() - begun;
    const { first, bytes } = await phone.page.evaluate(() => ({
      first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
      bytes: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].reduce((sum, one) => sum + /** @type {PerformanceResourceTiming} */ (one).transferSize, 0),
    }));
    console.log(`${name} | ${Math.round(first)} | ${usable} | ${Math.round(bytes / 1000)}`);
    if (usable >= USABLE_MS) process.exitCode = 1;
    await phone.context.close();
  }
});
