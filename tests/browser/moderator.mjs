// @ts-check
// What a moderator at a desk does, for stories and for measuring: proves who it is, has photos to decide on, clears the queue by keys.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";

/** @typedef {import("./system.mjs").System} System */
/** @typedef {import("playwright-core").Page} Page */

/** A device that verifies its user, as a phone with a fingerprint does. @param {Page} page */
export async function authenticator(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return { verified: (/** @type {boolean} */ isUserVerified) => devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }) };
}

/**
 * @typedef {{caption: string, alt: string}} Words
 * @typedef {{upload: {url: string, headers: Record<string, string>}, id: string}} Reserved
 */

/** One device may register 240 photos in a minute, and its list shows a hundred. */
const ONE_DEVICE = 100;

/**
 * Sends photos that differ, numbered in their captions, from as many devices as they need.
 * @param {System} system @param {Page} page any page of the site @param {number} n
 * @returns {Promise<string[]>} the authorization of each device
 */
export async function fill(system, page, n) {
  const words = Array.from({ length: n }, (_, i) => ({ caption: `Sample number ${i}`, alt: "Coloured squares" }));
  const devices = [];
  for (let from = 0; from < n; from += ONE_DEVICE) {
    devices.push((await send(system, page, words.slice(from, from + ONE_DEVICE), { credit: "Sample", school: null }, from)).authorization);
  }
  return devices;
}

/**
 * Sends a photo for each of `words`, as one device.
 * @param {System} system @param {Page} page any page of the site, whose canvas draws them
 * @param {Words[]} words @param {{credit: string, school: {name: string} | null}} shared
 * @param {number} first the number of the first picture: pictures of the same number are the same
 * @returns {Promise<{authorization: string, ids: string[]}>} the ids in the order of `words`
 */
export async function send(system, page, words, shared, first = 0) {
  const { consent } = await (await fetch(`${system.site}/api/v1/event`)).json();
  const authorization = `Uploader ${randomBytes(32).toString("base64url")}`;
  const files = await page.evaluate(async ({ first, count }) => {
    const all = [];
    // Every shape that phones make.
    const shapes = [[480, 320], [320, 480], [400, 400], [640, 240]];
    for (let i = first; i < first + count; i += 1) {
      const [width = 0, height = 0] = shapes[i % shapes.length] ?? [];
      const canvas = new OffscreenCanvas(width, height);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
      for (let k = 0; k < 24; k += 1) {
        context.fillStyle = `hsl(${(i * 47 + k * 31) % 360} 70% ${25 + ((i * 7 + k * 13) % 60)}%)`;
        context.fillRect(((i + 3) * (k + 1) * 53) % width, ((i + 5) * (k + 2) * 37) % height, 90, 70);
      }
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 })).arrayBuffer());
      all.push(btoa(String.fromCharCode(...bytes)));
    }
    return all;
  }, { first, count: words.length });
  /** @type {string[]} */
  const ids = [];
  for (let from = 0; from < files.length; from += 20) {
    const batch = files.slice(from, from + 20).map((file) => Buffer.from(file, "base64"));
    const photos = batch.map((file, i) => ({
      ref: `k${from + i}`, type: "image/jpeg", size_bytes: file.length, sha256: createHash("sha256").update(file).digest("hex"), ...words[from + i], people: "none",
    }));
    const answer = await fetch(`${system.site}/api/v1/uploads`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify({ consent: { version: consent.version, web: true, social: false, press: false }, ...shared, discipline: "science", photos }),
    });
    const reserved = await answer.json();
    assert.equal(answer.status, 201, JSON.stringify(reserved));
    await Promise.all(reserved.photos.map(async (/** @type {Reserved} */ one, /** @type {number} */ i) => {
      const put = await fetch(one.upload.url, { method: "PUT", headers: one.upload.headers, body: new Uint8Array(batch[i] ?? []) });
      assert.equal(put.status, 200);
    }));
    ids.push(...reserved.photos.map((/** @type {Reserved} */ one) => one.id));
  }
  return { authorization, ids };
}

/** How many photos of these devices have this state. @param {System} system @param {string[]} devices their authorizations @param {string} state */
export async function counted(system, devices, state) {
  let n = 0;
  for (const authorization of devices) {
    const answer = await (await fetch(`${system.site}/api/v1/uploads`, { headers: { authorization } })).json();
    n += answer.photos.filter((/** @type {{state: string}} */ photo) => photo.state === state).length;
  }
  return n;
}

/** Makes a passkey for whoever is signed in, which proves who it is. @param {Page} page with an authenticator */
export async function makePasskey(page) {
  await page.goto("/moderation/you");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("listitem").filter({ hasText: "My device" }).waitFor();
}

/** A link that signs another moderator in. @param {System} system @param {Page} page of an owner with a passkey that was just used */
export async function invite(system, page) {
  const link = await page.evaluate(async () => {
    const body = JSON.stringify({ name: "Sample moderator", role: "moderator", duties: [] });
    return (await (await fetch("/api/v1/organiser/people", { method: "POST", headers: { "content-type": "application/json" }, body })).json()).link;
  });
  return new URL(link).pathname + new URL(link).hash;
}

/** @param {string} what @param {() => Promise<boolean>} ask */
export async function eventually(what, ask) {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    if (await ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`not within a minute: ${what}`);
}

/**
 * Decides on `count` photos by single keys as soon as each may be decided about: nine in ten are published, every tenth rejected for the
 * third reason. Answers with the milliseconds from each key to the next photo being painted.
 * @param {Page} page on the queue
 * @param {number} count
 */
export async function clearQueue(page, count) {
  /** @type {number[]} */
  const next = [];
  for (let decided = 0; decided < count; decided += 1) {
    await ready(page);
    const begun = performance.now();
    await page.keyboard.press(decided % 10 === 9 ? "3" : "p");
    if (decided + 1 === count) break;
    await seen(page);
    next.push(performance.now() - begun);
  }
  return { next, rejected: Math.floor(count / 10) };
}

/**
 * Presses until `count` decisions have left, much faster than anybody looks: what comes of the presses in between must be nothing. Nine in
 * ten are meant to publish.
 * @param {Page} page on the queue
 * @param {number} count
 * @param {(n: number) => Promise<void>} press the n-th time
 * @param {() => number} decided how many decisions have left
 */
export async function pressWithoutLooking(page, count, press, decided) {
  let presses = 0;
  const until = Date.now() + 5_000 + count * 5_000;
  while (decided() < count) {
    assert.ok(Date.now() < until, `${decided()} of ${count} decided after ${presses} presses`);
    await press(presses);
    presses += 1;
    await page.waitForTimeout(25 + ((presses * 37) % 120));
  }
  return presses;
}

/** Waits until the current photo may be decided about. @param {Page} page */
export async function ready(page) {
  await page.locator("[data-current][data-ready]").waitFor({ timeout: 15_000 }).catch(async () => {
    const why = await page.evaluate(() => {
      const image = document.querySelector("[data-current] [data-frame] img");
      return JSON.stringify([document.querySelector("[data-queue]")?.getAttribute("data-closed"), image?.getBoundingClientRect(), document.querySelector("[data-undo-text]")?.textContent]);
    });
    assert.fail(`the current photo cannot be decided about: ${why}`);
  });
}

/**
 * Waits until the photo to decide on is decoded and painted. A busy machine may neither decode nor paint for a while: nobody waits for
 * that without an end.
 * @param {Page} page
 */
async function seen(page) {
  await page.locator("[data-current] [data-frame] img").evaluate(async (/** @type {HTMLImageElement} */ image) => {
    const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
    await Promise.race([image.decode(), pause(10_000)]);
    await Promise.race([new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))), pause(500)]);
  });
}
