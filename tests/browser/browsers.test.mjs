// @ts-check
// Browsers as they are at work: some keep nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { pickAndSend, settledPhotos, waitForSent } from "./phone.mjs";
import { manyPhotos } from "./photos.mjs";
import { PHONE, device, shoot, withSystem } from "./system.mjs";

/** @typedef {import("./system.mjs").Page} Page */

/** Longer than any machine needs: no story is judged by its speed. */
const LONG_MS = 120_000;

/** What a browser may refuse, each as it refuses it. Runs in the page, before its own scripts. @param {string} what */
function refuse(what) {
  const denied = () => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  };
  if (what === "cookies") {
    // As Chromium does if its user blocks all cookies.
    for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) Object.defineProperty(globalThis, name, { get: denied, configurable: true });
  }
  if (what === "database") {
    // As Firefox did in private windows: there is a database, and it cannot be opened.
    IDBFactory.prototype.open = () => {
      const request = /** @type {any} */ (new EventTarget());
      request.error = new DOMException("A mutation operation was attempted on a database that did not allow mutations.", "InvalidStateError");
      setTimeout(() => {
        request.onerror?.(new Event("error"));
        request.dispatchEvent(new Event("error"));
      });
      return request;
    };
  }
  if (what === "room") {
    // A full phone: everything opens, and nothing can be written. A database tells so later, and takes back the whole transaction, as it does
    // here for a key that is there already.
    const { put, add } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...given) {
      put.apply(this, given);
      return add.apply(this, given);
    };
    Storage.prototype.setItem = () => {
      throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
    };
  }
}

/** The secret that a page sends, which its storage may not have. @param {Page} page @returns {Promise<string>} */
async function secretSent(page) {
  const request = await page.waitForRequest((one) => one.url().endsWith("/api/v1/uploads") && one.method() === "POST", { timeout: LONG_MS });
  return (request.headers()["authorization"] ?? "").replace("Uploader ", "");
}

/** Opens the page that adds photos, and waits until it can be used. @param {Page} page */
async function openAdd(page) {
  await page.goto("/add");
  await page.getByRole("button", { name: "Choose photos" }).waitFor();
}

test("photos are sent from a browser that keeps nothing, and every page is there", { timeout: 300_000 }, () => withSystem(["--open-window"], async (system) => {
  for (const what of ["cookies", "database", "room"]) {
    const { context, page, complaints } = await device(system, { viewport: PHONE, serviceWorkers: "block" });
    await page.goto("/rules");
    const files = await manyPhotos(page, system.folder, 3);
    await context.addInitScript(refuse, what);
    await openAdd(page);
    const sent = secretSent(page);
    await pickAndSend(page, files);
    await waitForSent(page, 3, LONG_MS);
    assert.deepEqual((await settledPhotos(system, await sent)).map((photo) => photo.state), ["pending", "pending", "pending"], what);
    await shoot(page, `refused-${what}-360`, { fullPage: true });
    for (const path of ["/", "/mine", "/gallery", "/day", "/wall", "/schools", "/take-part", "/moderation/sign-in", "/nothing/here"]) {
      await page.goto(path);
      await page.locator("h1").first().waitFor({ state: "attached" });
    }
    // The browser itself complains of a page that is not there.
    assert.deepEqual(complaints.filter((one) => !one.includes("/nothing/here") && !one.includes("Service Worker registration blocked")), [], what);
    await context.close();
  }
}));
