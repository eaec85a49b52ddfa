// @ts-check
// The whole system on a folder of its own, and a browser that looks at it. Both are gone when the story ends.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const require = createRequire(new URL("../tools/package.json", import.meta.url));
/** @type {typeof import("playwright-core")} */
const { chromium } = require("playwright-core");

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Browser} Browser */
/**
 * @typedef {{site: string, storage: string, organiser: string, data: string, browser: Browser, folder: string,
 *   restart: (more: string[]) => Promise<void>}} System `restart` stops it and starts it again with the same data and address
 */

const target = fileURLToPath(new URL("../../target/", import.meta.url));
const command = join(target, "debug", "techognition");

/** A phone held upright, the narrowest that we promise to serve; and a laptop. */
export const PHONE = { width: 360, height: 780 };
export const DESKTOP = { width: 1440, height: 900 };

export const run = promisify(execFile);

/**
 * Starts the system with more arguments of `techognition run` and a browser, lets `story` run, and stops both.
 * @param {string[]} more
 * @param {(system: System) => Promise<void>} story
 */
export async function withSystem(more, story) {
  assert.ok(existsSync(command), "build everything first: cargo build --workspace");
  const folder = mkdtempSync(join(tmpdir(), "techognition-"));
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let running;
  /** @param {string} listen @param {string[]} more */
  const start = async (listen, more) => {
    // A release's bootstraps behind the emulated Lambda, if a folder of them is named; else the same code in one process.
    const bootstraps = process.env.TECHOGNITION_BOOTSTRAPS ? ["--bootstraps", process.env.TECHOGNITION_BOOTSTRAPS] : [];
    const arguments_ = ["run", "--json", "--listen", listen, "--data", join(folder, "data"), ...bootstraps, ...more];
    const started = spawn(command, arguments_, { stdio: ["ignore", "pipe", "inherit"] });
    running = started;
    const [line] = await once(createInterface({ input: started.stdout }), "line");
    return JSON.parse(line);
  };
  const stop = async () => {
    if (!running || running.exitCode !== null) return;
    const ended = once(running, "exit");
    if (running.kill("SIGINT")) await ended;
  };
  /** @type {Browser | undefined} */
  let browser;
  try {
    const told = await start("127.0.0.1:0", more);
    browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
      chromiumSandbox: process.getuid?.() !== 0,
    });
    const restart = async (/** @type {string[]} */ more) => {
      await stop();
      await start(new URL(told.site).host, more);
    };
    await story({ ...told, browser, folder, restart });
  } catch (error) {
    // What somebody would have seen at that moment.
    const pages = browser?.contexts().flatMap((context) => context.pages()) ?? [];
    for (const [i, page] of pages.entries()) await shoot(page, `failed-${i}`, { fullPage: true }).catch(() => {});
    throw error;
  } finally {
    await browser?.close();
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A new device: no cookies, no storage, nothing seen before. Whatever the pages complain of is collected in `complaints`.
 * @param {System} system
 * @param {import("playwright-core").BrowserContextOptions} options
 */
export async function device(system, options) {
  const context = await system.browser.newContext({ baseURL: system.site, locale: "en-GB", timezoneId: "Europe/London", ...options });
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
 * Keeps a picture of the page in `target/screenshots`, for people to look at.
 * @param {Page} page
 * @param {string} name
 * @param {{fullPage?: boolean}} [how]
 */
export async function shoot(page, name, how = {}) {
  const folder = join(target, "screenshots");
  mkdirSync(folder, { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled", ...how });
}

/**
 * The README's pictures: what the window shows, in `target/screenshots`; with TECHOGNITION_PICTURES set, in place of those
 * that are kept beside this file.
 * @param {Page} page
 * @param {string} name
 */
export async function picture(page, name) {
  const folder = process.env.TECHOGNITION_PICTURES ? fileURLToPath(new URL("pictures/", import.meta.url)) : join(target, "screenshots");
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.jpg`), type: "jpeg", quality: 82, animations: "disabled" });
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
