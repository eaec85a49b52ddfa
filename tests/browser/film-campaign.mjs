// @ts-check
// How many videos that somebody began to send on a bad line arrive with no more help than opening the page again.
//
//   node tests/browser/film-campaign.mjs [RUNS] [SECONDS] [AT_ONCE]
//
// Each run is another phone and another seed: a clip of 1080p that says where it was filmed, 5 % loss, 300 ms there and back, 256 kbit/s, three
// cuts, and the tab killed when a third of it has arrived. Every other run kills the tab once before that, while the video is made ready, and
// chooses it again; its outcome says whether the page asked for that.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { deleteAtExit, settingsWith } from "./command.mjs";
import { browser, withLab } from "./lab.mjs";
import { Network, chance } from "./network.mjs";
import { killTab, openAdd, ownPhotos, phoneBehind, secretOf, settledPhotos } from "./phone.mjs";
import { withSystem } from "./system.mjs";

/** @typedef {import("playwright-core").Page} Page */

const SECRET = "PLANTED-SECRET-40s";
const PATIENCE_MS = 1_800_000;
const [runs = 3, seconds = 40, atOnce = 1] = process.argv.slice(2).map(Number);

const folder = mkdtempSync(join(tmpdir(), "techognition-films-"));
deleteAtExit(folder);

/** Picks the clip, says what is asked for, and presses Send: it is made ready then. @param {Page} page @param {string} clip */
async function send(page, clip) {
  await page.locator("#photos").setInputFiles(clip);
  await page.getByRole("status").filter({ hasText: "From 0:00 to" }).waitFor();
  await page.getByLabel("Caption", { exact: true }).first().fill("Forty seconds of a pump");
  await page.getByLabel("Nobody").first().check();
  await page.getByLabel("I agree.").check();
  await page.locator("#cards .card textarea[id^=alt]").fill("Numbers on coloured squares");
  await page.getByRole("button", { name: /^Send/ }).click();
  await page.getByText(/^Making your video ready, \d+ %/).waitFor();
}

/** @param {import("./system.mjs").System} system @param {string} clip @param {number} seed */
async function lostAndFound(system, clip, seed) {
  const network = new Network({ latencyMs: 150, bytesPerSecond: 32_000, loss: 0.05, seed });
  network.kept = [];
  const context = await phoneBehind(system, await network.open());
  const begun = performance.now();
  let cutting = true;
  try {
    let page = await openAdd(context);
    let toldToChooseAgain = null;
    if (seed % 2 === 0) {
      await send(page, clip);
      await killTab(page);
      page = await openAdd(context);
      toldToChooseAgain = await page.getByText(/[Cc]hoose (it|the video) again/).first().waitFor({ timeout: 10_000 }).then(() => true, () => false);
      // As the page says: take it off, and choose it again.
      for (const card of await page.locator("#cards .card").all()) await card.getByRole("button", { name: /^Remove/ }).first().click().catch(() => {});
    }
    await send(page, clip);
    const ready = await page.getByText(/^Ready: /).innerText({ timeout: PATIENCE_MS });
    const secondsToMake = Math.round((performance.now() - begun) / 1000);
    const secret = await secretOf(page);
    const before = network.bytes.up;
    const cuts = cutNowAndThen(network, seed, () => cutting);
    await page.waitForFunction(() => Number(/(\d+) %/.exec(document.querySelector("#cards .card")?.textContent ?? "")?.[1] ?? 0) >= 33, undefined, { timeout: PATIENCE_MS, polling: 500 });
    await killTab(page);
    page = await openAdd(context);
    await page.locator('#cards .card[data-state="done"], #cards .card[data-state="confirming"]').waitFor({ timeout: PATIENCE_MS, state: "attached" });
    await cuts;
    await settledPhotos(system, secret);
    const own = await ownPhotos(system, secret);
    const leaked = Buffer.concat(network.kept).includes(SECRET);
    const states = own.map((photo) => photo.state);
    return { states, whole: states.length === 1 && states[0] === "pending" && !leaked, leaked, toldToChooseAgain, cuts: network.cuts, secondsToMake, seconds: Math.round((performance.now() - begun) / 1000), ready, sentBytes: network.bytes.up - before };
  } finally {
    cutting = false;
    await context.close();
    await network.close();
  }
}

/** Three times the line breaks, each time for a while. @param {Network} network @param {number} seed @param {() => boolean} going */
async function cutNowAndThen(network, seed, going) {
  const random = chance(seed + 1000);
  for (let cut = 0; cut < 3 && going(); cut += 1) {
    await pause(20_000 + random() * 60_000);
    network.cut();
    await pause(3_000 + random() * 9_000);
    network.mend();
  }
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const clip = join(folder, "IMG_0042.MOV");
await withLab(async (lab) => {
  const file = await lab.evaluate(async (lab, { secret, count }) => lab.base64(await lab.filmed({ width: 1920, height: 1080, count, sound: true, secret })), { secret: SECRET, count: seconds * 30 });
  writeFileSync(clip, Buffer.from(file, "base64"));
});
console.log(JSON.stringify({ clip: readFileSync(clip).length, seconds }));
const event = join(folder, "event.toml");
writeFileSync(event, settingsWith({ video_seconds: 60 }));
let whole = 0;
await withSystem(["--open-window", "--event", event], async (system) => {
  let next = 1;
  const worker = async () => {
    for (let seed = next++; seed <= runs; seed = next++) {
      const outcome = await lostAndFound(system, clip, seed).catch((error) => ({ whole: false, error: String(error).split("\n")[0] }));
      whole += Number(outcome.whole);
      console.log(JSON.stringify({ run: seed, ...outcome }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
});
console.log(JSON.stringify({ runs, whole }));
await browser.close();
process.exit(whole === runs ? 0 : 1);
