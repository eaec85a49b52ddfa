// @ts-check
// What 60 photos of 12 megapixels cost a phone: memory of the page's process, and how long the page does not answer.
//
//   node tests/browser/memory.mjs [PHOTOS]

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { openAdd } from "./phone.mjs";
import { manyPhotos } from "./photos.mjs";
import { renderers } from "./processes.mjs";
import { PHONE, withSystem } from "./system.mjs";

/** How much slower than this machine the phone is. */
const SLOWER = 4;

await withSystem(["--open-window"], async (system) => {
  const count = Number(process.argv[2] ?? 60);
  const context = await system.newContext({ baseURL: system.site, viewport: PHONE, isMobile: true, hasTouch: true });
  const page = await openAdd(context);
  const files = await large(page, mkdtempSync(join(system.folder, "large-")), count);
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.evaluate(() => {
    const longest = { ms: 0 };
    Object.assign(globalThis, { longest });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) longest.ms = Math.max(longest.ms, entry.duration);
    }).observe({ entryTypes: ["longtask"] });
  });
  const browser = await system.browser.newBrowserCDPSession();
  const before = await renderers(browser);
  let most = before;
  const watch = setInterval(() => void renderers(browser).then((now) => void (most = Math.max(most, now))), 200);
  const begun = performance.now();
  await page.locator("#photos").setInputFiles(files);
  await page.locator("#dock-status", { hasText: /Getting \d+ photos ready/ }).waitFor();
  const answered = performance.now() - begun;
  await page.waitForFunction((all) => document.getElementById("dock-status")?.textContent === `${all} photos not sent yet.`, count, { timeout: 900_000, polling: 500 });
  const ready = performance.now() - begun;
  clearInterval(watch);
  const after = await renderers(browser);
  const kept = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  const longest = await page.evaluate(() => /** @type {any} */ (globalThis).longest.ms);
  console.log(JSON.stringify({
    photos: count, original_bytes: files.reduce((sum, file) => sum + readFileSync(file).length, 0), kept_bytes: kept, slower: SLOWER,
    answered_ms: Math.round(answered), ready_ms_each: Math.round(ready / count), longest_task_ms: Math.round(longest),
    memory_before_mb: mb(before), memory_most_mb: mb(most), memory_after_mb: mb(after),
  }));
  await context.close();
});

/**
 * So many files of 12 megapixels. Few are drawn: the others differ from them in what follows the picture.
 * @param {import("playwright-core").Page} page @param {string} folder @param {number} count
 */
async function large(page, folder, count) {
  const drawn = await manyPhotos(page, folder, Math.min(count, 6), { width: 4032, height: 3024 });
  return Array.from({ length: count }, (_, i) => {
    const path = join(folder, `large ${i}.jpg`);
    writeFileSync(path, Buffer.concat([readFileSync(drawn[i % drawn.length] ?? ""), Buffer.from(`photo ${i}`)]));
    return path;
  });
}

/** @param {number} bytes */
function mb(bytes) {
  return Math.round(bytes / 1e5) / 10;
}
