// @ts-check
// Browsers as they are at work: some keep nothing, the clocks of some are wrong, and a new version of the site is deployed while a page of the
// old one is open.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, ready } from "./moderator.mjs";
import { pickAndSend, settledPhotos, waitForSent } from "./phone.mjs";
import { manyPhotos } from "./photos.mjs";
import { DESKTOP, PHONE, device, shoot, signIn, withSystem } from "./system.mjs";

/** @typedef {import("./system.mjs").Page} Page */
/** @typedef {import("playwright-core").Route} Route */

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
  await page.locator("#choose").waitFor();
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

test("a page that is open while a new version is deployed loses nothing, and goes on or says what to do", { timeout: 300_000 }, () => withSystem(["--open-window"], async (system) => {
  const gone = (/** @type {Route} */ route) => route.fulfill({ status: 404, headers: { "x-techognition": "1", "cache-control": "no-store" }, contentType: "text/html", body: "<!doctype html><title>There is nothing at this address</title>" });
  const filtered = (/** @type {Route} */ route) => route.fulfill({ status: 404, contentType: "text/html", body: "<!doctype html><title>Blocked by your school</title>" });
  for (const { who, keeps, answer } of [
    { who: "a browser that keeps photos", keeps: true, answer: gone },
    { who: "a browser that keeps nothing", keeps: false, answer: gone },
    { who: "a browser behind a filter", keeps: true, answer: filtered },
  ]) {
    // Without a service worker, which would have kept all files of the page's own version.
    const { context, page } = await device(system, { viewport: PHONE, serviceWorkers: "block" });
    await page.goto("/rules");
    const files = await manyPhotos(page, system.folder, 2);
    if (!keeps) await context.addInitScript(refuse, "cookies");
    await openAdd(page);
    const [old] = /\/assets\/[0-9a-f]{12}\//.exec(await page.content()) ?? [];
    assert.ok(old);
    const ofOld = `${system.site}${old}**`;
    let refused = 0;
    await context.route(ofOld, (route) => {
      if (route.request().url().includes("/upload/sender.js") && route.request().resourceType() === "script") refused += 1;
      return answer(route);
    });
    // A page that is loaded from now on is of the new version, whose files are there.
    let loaded = 0;
    await context.route(`${system.site}/add`, async (route) => {
      loaded += 1;
      await context.unroute(ofOld);
      await route.continue();
    });
    await pickAndSend(page, files);
    const updated = page.getByText("The site was updated while this page was open. Reload the page to go on.");
    if (answer === filtered) {
      // It is asked again, and the page does not believe that it is old.
      await eventually("the module is asked for again and again", async () => refused >= 3);
      assert.equal(loaded, 0, who);
      assert.equal(await updated.count(), 0, who);
      await context.unroute(ofOld);
      await waitForSent(page, 2, LONG_MS);
      assert.equal(loaded, 0, who);
    } else if (keeps) {
      await waitForSent(page, 2, LONG_MS);
      assert.equal(loaded, 1, `${who} goes on by itself, and is not loaded again and again`);
      const secret = await page.evaluate(() => localStorage.getItem("techognition.uploader") ?? "");
      assert.deepEqual((await settledPhotos(system, secret)).map((photo) => photo.state), ["pending", "pending"], who);
    } else {
      await updated.waitFor({ timeout: LONG_MS });
      // The page looks at the day again and again, and what it says stays.
      const looked = page.waitForResponse((one) => one.url().endsWith("/api/v1/event"), { timeout: LONG_MS });
      await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
      await (await looked).finished();
      assert.equal(await updated.isVisible(), true, who);
      assert.equal(loaded, 0, who);
      assert.equal(await page.locator("#cards .card").count(), 2, who);
      await shoot(page, "updated-360", { fullPage: true });
    }
    await context.close();
  }

  // A page whose own version does not come back is loaded once, and then says what to do: nobody is sent round in circles.
  const { context, page } = await device(system, { viewport: PHONE, serviceWorkers: "block" });
  await page.goto("/rules");
  const files = await manyPhotos(page, system.folder, 1);
  await openAdd(page);
  let loaded = 0;
  page.on("framenavigated", (frame) => void (loaded += Number(frame === page.mainFrame())));
  await context.route("**/upload/sender.js*", gone);
  await pickAndSend(page, files);
  await page.getByText("The site was updated while this page was open. Reload the page to go on.").waitFor({ timeout: LONG_MS });
  assert.equal(loaded, 1);
  assert.equal(await page.locator("#cards .card").count(), 1);
  await context.close();

  // A moderator's open queue goes on: everything that it needs came with the page.
  const desk = await device(system, { viewport: DESKTOP });
  await signIn(desk.page, system);
  await desk.page.locator("[data-current]").waitFor();
  await desk.context.route("**/assets/**", gone);
  for (let decisions = 0; decisions < 2; decisions += 1) await publish(desk.page);
}));

/** Publishes the photo that a moderator looks at, by the keyboard. @param {Page} page on the queue */
async function publish(page) {
  await ready(page);
  const decided = page.waitForResponse((one) => one.url().endsWith("/api/v1/moderation/decisions"), { timeout: LONG_MS });
  await page.keyboard.press("p");
  const { decisions } = await (await decided).json();
  assert.deepEqual(decisions.map((/** @type {{state: string}} */ { state }) => state), ["published"]);
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const YEAR_MS = 365 * 24 * HOUR_MS;

/** Runs in the page, before its own scripts: its clock is wrong, and `globalThis.setClock` sets it again. @param {number} wrong milliseconds */
function wrongClock(wrong) {
  const Real = Date;
  // Each page of a device has its clock; a page that is opened later has it as it was set last.
  let ahead = Number(window.name || wrong);
  Object.assign(globalThis, { setClock: (/** @type {number} */ ms) => void (window.name = String((ahead = ms))) });
  // @ts-ignore
  globalThis.Date = class extends Real {
    constructor(/** @type {any[]} */ ...values) {
      // @ts-ignore
      super(...(values.length ? values : [Real.now() + ahead]));
    }
    static now() {
      return Real.now() + ahead;
    }
  };
}

/** Sets the clock of a page's device while the page is open. @param {Page} page @param {number} wrong milliseconds */
const setClock = (page, wrong) => page.evaluate((ms) => /** @type {any} */ (globalThis).setClock(ms), wrong);

/** Minutes of the day by London's clocks. @param {number} at milliseconds since 1970 */
function londonMinutes(at) {
  const [hours = 0, minutes = 0] = new Date(at).toLocaleTimeString("en-GB", { timeStyle: "short", timeZone: "Europe/London" }).split(":").map(Number);
  return hours * 60 + minutes;
}

/**
 * Asserts that a time is that of now, in London. No machine is slower than the half hour by which it may differ, and no wrong clock of the
 * story is nearer to the right one.
 * @param {number} minutes of the day
 * @param {string} what
 */
function isNow(minutes, what) {
  const off = Math.abs(minutes - londonMinutes(Date.now()));
  assert.ok(Math.min(off, 24 * 60 - off) <= 30, `${what}: ${minutes} minutes of the day, and it is ${londonMinutes(Date.now())}`);
}

/** Milliseconds that a page's countdown says are left. @param {Page} page */
async function countedDown(page) {
  const [days = 0, hours = 0, minutes = 0] = await Promise.all(["days", "hours", "minutes"].map(async (unit) => Number(await page.locator(`[data-countdown] [data-unit="${unit}"]`).first().textContent())));
  return ((days * 24 + hours) * 60 + minutes) * MINUTE_MS;
}

test("on a device whose clock is wrong, or is set while a page is open, photos are sent and decided on and all times are London's", { timeout: 500_000 }, () => withSystem(["--open-window"], async (system) => {
  const event = await (await fetch(`${system.site}/api/v1/event`)).json();
  /** @type {string[]} */
  let files = [];
  for (const [what, wrong] of /** @type {const} */ ([
    ["2 years ahead", 2 * YEAR_MS], ["2 years behind", -2 * YEAR_MS], ["1 hour ahead", HOUR_MS], ["1 hour behind", -HOUR_MS],
    ["1 minute ahead", MINUTE_MS], ["1 minute behind", -MINUTE_MS],
  ])) {
    const { context, page, complaints } = await device(system, { viewport: PHONE, timezoneId: "America/New_York" });
    await context.addInitScript(wrongClock, wrong);
    await page.goto("/");
    const left = await countedDown(page);
    assert.ok(Math.abs(left - (Date.parse(event.closes_at) - Date.now())) < 30 * MINUTE_MS, `${what}: the countdown says that ${left} ms are left`);
    if (files.length === 0) files = await manyPhotos(page, system.folder, 6 + 3);
    await openAdd(page);
    assert.equal(await page.locator("#window-notice").isVisible(), false, `${what}: the day is open`);
    const sent = secretSent(page);
    await pickAndSend(page, files.splice(0, 1));
    await waitForSent(page, 1, LONG_MS);
    assert.deepEqual((await settledPhotos(system, await sent)).map((photo) => photo.state), ["pending"], what);
    await page.goto("/mine");
    const line = await page.locator('#own-photos > li[data-state="pending"] .typed-line').innerText();
    const [, hours, minutes] = /(\d\d):(\d\d) on /.exec(line) ?? [];
    isNow(Number(hours) * 60 + Number(minutes), `${what}: ${line}`);
    assert.deepEqual(complaints, [], what);
    await context.close();
  }

  // A clock is set while photos wait: they are sent all the same, and none is thought to be a week old.
  const { context, page } = await device(system, { viewport: PHONE, serviceWorkers: "block" });
  await context.addInitScript(wrongClock, -2 * YEAR_MS);
  await openAdd(page);
  await page.locator("#photos").setInputFiles(files.slice(0, 3));
  await page.locator("#cards .card-state", { hasText: "Not sent yet" }).nth(2).waitFor({ state: "attached", timeout: LONG_MS });
  for (const wrong of [0, 2 * YEAR_MS, 0]) {
    await setClock(page, wrong);
    await openAdd(page);
    assert.equal(await page.locator("#cards .card").count(), 3, `the clock was set to ${wrong} ms from the right time`);
  }
  let refused = 0;
  await page.route("**/api/v1/uploads", (route) => {
    refused += Number(route.request().method() === "POST");
    return route.abort();
  });
  await page.getByLabel("Caption", { exact: true }).fill("Forty seconds between two lessons");
  await page.getByLabel("Nobody").check();
  await page.getByLabel("I agree.").check();
  await page.getByRole("button", { name: /^Send/ }).click();
  await eventually("the network refuses", async () => refused >= 1);
  await setClock(page, -HOUR_MS);
  await page.unroute("**/api/v1/uploads");
  await waitForSent(page, 3, LONG_MS);
  await context.close();

  // An organiser abroad, whose clock is an hour wrong, and a moderator whose clock is set between two decisions.
  const desk = await device(system, { viewport: DESKTOP, timezoneId: "America/New_York" });
  await desk.context.addInitScript(wrongClock, HOUR_MS);
  await signIn(desk.page, system);
  for (const wrong of [2 * YEAR_MS, -2 * YEAR_MS]) {
    await setClock(desk.page, wrong);
    await publish(desk.page);
  }
  await desk.page.goto("/organiser");
  await desk.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  const fresh = desk.page.locator("[data-fresh]", { hasText: "As of" });
  await fresh.waitFor({ timeout: LONG_MS });
  const said = await fresh.innerText();
  const [, hours, minutes] = /^As of (\d\d):(\d\d):\d\d, London time\.$/.exec(said) ?? [];
  isNow(Number(hours) * 60 + Number(minutes), said);
  assert.deepEqual(desk.complaints, []);

  // What invites people to add photos on the wall goes by the server's clock, too.
  const wall = await device(system, { viewport: DESKTOP });
  await wall.context.addInitScript(wrongClock, 2 * YEAR_MS);
  await wall.page.goto("/wall");
  await wall.page.locator("[data-join]").waitFor({ timeout: LONG_MS });
  assert.equal(await wall.page.locator("[data-after]").isVisible(), false);
}));
