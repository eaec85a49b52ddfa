// @ts-check
// The whole system on a folder of its own, and a browser that looks at it. Both are gone when the story ends.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { TARGET, deleteAtExit, remove, start } from "./command.mjs";
import { copySampleDay } from "./sample.mjs";

const require = createRequire(new URL("../tools/package.json", import.meta.url));
/** @type {typeof import("playwright-core")} */
const { chromium } = require("playwright-core");

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Browser} Browser */
/** @typedef {import("playwright-core").BrowserContext} Context */
/**
 * @typedef {{
 *   site: string, storage: string, organiser: string, data: string, folder: string, browser: Browser,
 *   newContext: (options: import("playwright-core").BrowserContextOptions) => Promise<Context>, restart: (more: string[]) => Promise<void>,
 * }} System `newContext` is the browser's, but ends with the story; `restart` stops the system and starts it again with the same data
 *   and address
 */

/** A phone held upright, the narrowest that we promise to serve; and a laptop. */
export const PHONE = { width: 360, height: 780 };
export const DESKTOP = { width: 1440, height: 900 };

export const run = promisify(execFile);

/** The browser of this process, while there is one. Each device has a context of its own in it. @type {Promise<Browser> | null} */
let browser = null;

/** Answers with the browser, which is started if need be. @returns {Promise<Browser>} */
async function theBrowser() {
  if (browser && (await browser).isConnected()) return browser;
  browser = launch();
  return browser;
}

async function closeBrowser() {
  const open = browser;
  browser = null;
  await (await open)?.close();
}

/** A file of stories starts one browser for all of them. */
const stories = /\.test\.mjs$/.test(process.argv[1] ?? "");
if (stories) after(closeBrowser);

/**
 * Starts the system and a browser, lets `story` run, and stops the system.
 * @param {string[]} more further arguments of `techognition run`, and `WITHOUT_CACHE`; they may begin with `--sample` and a number, for a copy
 *   of an open sample day
 * @param {(system: System) => Promise<void>} story
 */
export async function withSystem(more, story) {
  const folder = mkdtempSync(join(tmpdir(), "techognition-"));
  deleteAtExit(folder);
  const data = join(folder, "data");
  let stop = async () => {};
  /** @type {Context[]} */
  const contexts = [];
  try {
    const [option, photos, ...others] = more;
    const running = await start(data, option === "--sample" ? [...(await copySampleDay(Number(photos), data)), ...others] : more);
    ({ stop } = running);
    const restart = async (/** @type {string[]} */ more) => {
      await stop();
      ({ stop } = await start(data, more, new URL(running.told.site).host.replace("localhost", "127.0.0.1")));
    };
    const browser = await theBrowser();
    const newContext = async (/** @type {import("playwright-core").BrowserContextOptions} */ options) => {
      const context = await browser.newContext(options);
      contexts.push(context);
      return context;
    };
    await story({ ...running.told, folder, browser, newContext, restart });
  } catch (error) {
    // What somebody would have seen at that moment.
    const pages = contexts.flatMap((context) => context.pages());
    for (const [i, page] of pages.entries()) await shoot(page, `failed-${process.pid}-${i}`, { fullPage: true }).catch(() => {});
    throw error;
  } finally {
    // Those of a browser that has gone are closed.
    await Promise.allSettled(contexts.map((context) => context.close()));
    if (!stories) await closeBrowser();
    await stop();
    remove(folder);
  }
}

/** Chromium, if possible without windows: the same engine in two thirds of the time. */
export const CHROMIUM = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].find((path) => existsSync(path)) ?? "";

/** Starts a browser. @param {string[]} more arguments of its own */
export function launch(...more) {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", ...more],
    chromiumSandbox: process.getuid?.() !== 0,
  });
}

/**
 * A new device: no cookies, no storage, nothing seen before. Whatever the pages complain of is collected in `complaints`.
 * @param {System} system
 * @param {import("playwright-core").BrowserContextOptions} options
 */
export async function device(system, options) {
  const context = await system.newContext({ baseURL: system.site, locale: "en-GB", timezoneId: "Europe/London", ...options });
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  const complain = (/** @type {string} */ text) => {
    // A busy machine skips the fading from one page to the next, and says so: nobody misses anything.
    if (!text.startsWith("Transition was ")) complaints.push(`${page.url()}: ${text}`);
  };
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complain(message.text());
  });
  page.on("pageerror", (error) => complain(error.message));
  return { context, page, complaints };
}

/** Signs somebody in by the link that the command printed. @param {Page} page @param {System} system */
export async function signIn(page, system) {
  await page.goto(system.organiser);
  await page.waitForURL("**/moderation/queue**");
}

/**
 * Keeps a picture of the page in `target/screenshots`, for people to look at: not with CI=true, where nobody does, and some 300 pictures are minutes.
 * @param {Page} page
 * @param {string} name
 * @param {{fullPage?: boolean}} [how]
 */
export async function shoot(page, name, how = {}) {
  if (process.env.CI) return;
  const folder = join(TARGET, "screenshots");
  mkdirSync(folder, { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled", ...how });
}

/**
 * The README's pictures: the page's upper part, so high that photos are in it, in `target/screenshots`; with TECHOGNITION_PICTURES set, in place of those
 * that are kept beside this file.
 * @param {Page} page
 * @param {string} name
 */
export async function picture(page, name) {
  const folder = process.env.TECHOGNITION_PICTURES ? fileURLToPath(new URL("pictures/", import.meta.url)) : join(TARGET, "screenshots");
  mkdirSync(folder, { recursive: true });
  const clip = { x: 0, y: 0, width: page.viewportSize()?.width ?? 0, height: 1_500 };
  await page.screenshot({ path: join(folder, `${name}.jpg`), type: "jpeg", quality: 70, animations: "disabled", fullPage: true, clip });
}

/**
 * Scrolls through the page, so that pictures that wait to be needed are there. What is not there after ten seconds stays missing: whoever
 * looks for it says so, instead of a story that waits for ever.
 * @param {Page} page
 */
export async function scrollThrough(page) {
  await page.evaluate(async () => {
    const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const drawn = () => Promise.race([new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))), pause(500)]);
    for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {
      scrollTo(0, y);
      await drawn();
    }
    scrollTo(0, 0);
    // A picture that is not shown is never fetched, if it may wait; and one that was passed by too fast waits on.
    const shown = [...document.images].filter((image) => image.checkVisibility());
    for (const image of shown) if (!image.complete) image.loading = "eager";
    await Promise.race([Promise.all(shown.map((image) => image.decode().catch(() => {}))), pause(10_000)]);
  });
}

/**
 * The bodies of responses, as far as they come within ten seconds: those of a request that a page has given up never do.
 * @template T
 * @param {Promise<T>[]} bodies
 */
export async function arrived(bodies) {
  await Promise.race([Promise.all(bodies), new Promise((resolve) => setTimeout(resolve, 10_000))]);
}
