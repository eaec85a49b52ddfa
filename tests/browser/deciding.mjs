// @ts-check
// How many photos a minute a moderator can decide on by keyboard, as far as the system is concerned: a script presses the next key
// as soon as the next photo is painted. It says what the machine adds to the time that a person looks.
//
//   node tests/browser/deciding.mjs [PHOTOS]

import { clearQueue, counted, eventually, fill, named } from "./moderator.mjs";
import { DESKTOP, device, withSystem } from "./system.mjs";

const photos = Number(process.argv[2] ?? 200);

await withSystem(["--open-window"], async (plain) => {
  const system = named(plain);
  const { page } = await device(system, { viewport: DESKTOP });
  await page.goto("/");
  const authorization = await fill(system, page, photos);
  await eventually("all photos wait", async () => (await counted(system, authorization, "pending")) === photos);
  await page.goto(system.organiser);
  await page.waitForURL("**/moderation/queue**");
  await page.locator("[data-current]").waitFor();
  const begun = performance.now();
  const { next, pages, rejected } = await clearQueue(page, photos);
  await page.keyboard.press("n");
  const seconds = (performance.now() - begun) / 1000;
  await eventually("every decision is carried out", async () => (await counted(system, authorization, "published")) === photos - rejected && (await counted(system, authorization, "rejected")) === rejected);
  console.log(JSON.stringify({
    photos, published: photos - rejected, rejected, seconds: Number(seconds.toFixed(1)), a_minute: Math.round((photos * 60) / seconds),
    key_to_next_photo_ms: quantiles(next), key_to_next_page_ms: quantiles(pages),
  }));
});

/** @param {number[]} all */
function quantiles(all) {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (/** @type {number} */ share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) };
}
