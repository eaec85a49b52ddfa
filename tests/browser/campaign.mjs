// @ts-check
// How many of the photos that somebody began to send on a bad line arrive with no more help than opening the page again.
//
//   node tests/browser/campaign.mjs [RUNS] [PHOTOS] [AT ONCE]
//
// Each run is another phone and another seed: 5 % loss, 300 ms there and back, 256 kbit/s, three cuts, the tab killed at 40 %. A small
// one of these runs is a story of the suite.

import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Network, chance } from "./network.mjs";
import { killTab, openAdd, phoneBehind, pickAndSend, secretOf, settledPhotos, sentCount, waitForAll, waitForSent } from "./phone.mjs";
import { manyPhotos } from "./photos.mjs";
import { withSystem } from "./system.mjs";

/** @typedef {{ photos?: number, bytesPerSecond?: number, cutMs?: number, seed?: number, patienceMs?: number }} Run */

/**
 * One run.
 * @param {import("./system.mjs").System} system
 * @param {Run} run
 */
export async function lostAndFound(system, { photos = 60, bytesPerSecond = 32_000, cutMs = 6_000, seed = 1, patienceMs = 600_000 }) {
  const network = new Network({ latencyMs: 150, bytesPerSecond, loss: 0.05, seed });
  const context = await phoneBehind(system, await network.open());
  const begun = performance.now();
  let cutting = true;
  try {
    let page = await openAdd(context);
    const folder = mkdtempSync(join(system.folder, "photos-"));
    const files = await manyPhotos(page, folder, photos, { width: 480, height: 360 });
    await pickAndSend(page, files);
    const secret = await secretOf(page);
    const cuts = cutNowAndThen(network, seed, cutMs, () => cutting);
    await waitForSent(page, Math.floor(photos * 0.4), patienceMs);
    const before = await sentCount(page);
    await killTab(page);
    page = await openAdd(context);
    // What was sent and confirmed before is not counted again.
    await waitForAll(page, patienceMs);
    await cuts;
    const own = await settledPhotos(system, secret);
    const arrived = own.filter((photo) => photo.state !== "reserved" && photo.state !== "expired").length;
    return { photos, arrived, onServer: own.length, before, reopened: 1, cuts: network.cuts, seconds: Math.round((performance.now() - begun) / 1000), bytes: network.bytes.up };
  } finally {
    cutting = false;
    await context.close();
    await network.close();
  }
}

/** Three times the line breaks, each time for a while. @param {Network} network @param {number} seed @param {number} ms @param {() => boolean} going */
async function cutNowAndThen(network, seed, ms, going) {
  const random = chance(seed + 1000);
  for (let cut = 0; cut < 3 && going(); cut += 1) {
    await pause(1000 + random() * ms * 2);
    network.cut();
    await pause(ms * (0.5 + random()));
    network.mend();
  }
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function campaign(runs = 10, photos = 60, atOnce = 2) {
  let finished = 0;
  let done = 0;
  const began = performance.now();
  await withSystem(["--open-window"], async (system) => {
    let next = 1;
    const worker = async () => {
      for (let seed = next++; seed <= runs; seed = next++) {
        const outcome = await lostAndFound(system, { photos, seed }).catch((error) => ({ error: String(error).split("\n")[0] }));
        done += 1;
        const whole = "arrived" in outcome && outcome.arrived === photos && outcome.onServer === photos;
        finished += Number(whole);
        console.log(JSON.stringify({ run: seed, whole, ...outcome }));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  });
  console.log(JSON.stringify({ runs: done, finished, share: finished / done, photos: done * photos, minutes: Math.round((performance.now() - began) / 6000) / 10 }));
  if (finished < done) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await campaign(...process.argv.slice(2).map(Number));
