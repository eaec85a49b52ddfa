// @ts-check
// Firefox and WebKit as Debian has them, behind the few verbs that the stories of this folder need. Clicks, keys and files go through the
// browser's own automation; what stands on a page is asked for in the page.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import puppeteer from "puppeteer-core";
import { Builder, By, Capabilities } from "selenium-webdriver";

const PICTURES = fileURLToPath(new URL("../../target/screenshots/engines/", import.meta.url));
const FIREFOX = "/usr/bin/firefox-esr";
const WEBKIT_DRIVER = "/usr/bin/WebKitWebDriver";
/** Longest that a story waits for something on a page, in milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * What one engine does its own way.
 * @typedef {{
 *   goto: (address: string) => Promise<void>, run: (source: string) => Promise<any>, click: (selector: string) => Promise<void>,
 *   type: (selector: string, text: string) => Promise<void>, files: (selector: string, paths: string[]) => Promise<void>,
 *   press: (key: string) => Promise<void>, picture: () => Promise<Buffer>, end: () => Promise<void>,
 *   kill?: () => Promise<void>,
 * }} Driver
 * @typedef {{ proxy?: string, profile?: string }} How the address of a proxy that all requests go through; and the folder in which the browser keeps
 *   what pages store, if another window is to find it. Only Firefox takes them.
 */

/** The browsers that this machine has, and how each is started. @type {Record<string, {there: boolean, start: (width: number, height: number, how?: How) => Promise<Driver>}>} */
export const ENGINES = {
  Firefox: { there: existsSync(FIREFOX), start: firefox },
  WebKit: { there: existsSync(WEBKIT_DRIVER) && existsSync("/usr/bin/Xvfb"), start: webkit },
};

/** A window of a browser, with nobody signed in and nothing seen before. */
export class Window {
  #driver;
  #name;
  #marks = 0;
  #killed = false;

  /** @param {string} name the engine's, for pictures @param {Driver} driver */
  constructor(name, driver) {
    this.#name = name;
    this.#driver = driver;
  }

  /** Opens a window, gives it to `story`, and closes it. @param {string} engine @param {number} width in pixels @param {number} height @param {(window: Window) => Promise<void>} story @param {How} [how] */
  static async with(engine, width, height, story, how) {
    const driver = await /** @type {typeof ENGINES[string]} */ (ENGINES[engine]).start(width, height, how);
    const window = new Window(engine, driver);
    try {
      await story(window);
    } catch (error) {
      await window.picture("failed").catch(() => {});
      throw error;
    } finally {
      if (!window.#killed) await driver.end();
    }
  }

  /** @param {string} address */
  goto(address) {
    return this.#driver.goto(address);
  }

  /**
   * Answers with what a function says in the page. It is given there as text, so it sees nothing from here but its argument.
   * @template A, T
   * @param {(argument: A) => T} ask @param {A} [argument]
   * @returns {Promise<Awaited<T>>}
   */
  ask(ask, argument) {
    return this.#driver.run(`return (${ask})(${JSON.stringify(argument ?? null)})`);
  }

  /**
   * Waits until a function says yes in the page.
   * @template A
   * @param {string} what is waited for, in words @param {(argument: A) => unknown} ask @param {A} [argument] @param {number} [patienceMs]
   */
  async until(what, ask, argument, patienceMs = PATIENCE_MS) {
    const until = Date.now() + patienceMs;
    while (Date.now() < until) {
      // Between two pages there is nobody to ask.
      if (await this.ask(ask, argument).catch(() => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail(`${this.#name}: ${what}; the page says: ${await this.ask(() => document.body.innerText.slice(0, 600)).catch(String)}`);
  }

  /** Waits until the page says these words. @param {string} words */
  says(words) {
    return this.until(`the page says “${words}”`, (words) => document.body.innerText.includes(words), words);
  }

  /** Clicks the first thing with this name that can be seen: a button, a link or a label. @param {string} name */
  async click(name) {
    await this.#driver.click(await this.#mark("button, a, label, summary", name));
  }

  /** Types into the field with this label. @param {string} label @param {string} text */
  async type(label, text) {
    await this.#driver.type(await this.#mark("input, textarea", label), text);
  }

  /** Chooses files, as a file dialog would. @param {string} selector of the input @param {string[]} paths */
  choose(selector, paths) {
    return this.#driver.files(selector, paths);
  }

  /** Kills the browser, as a phone does that needs its memory. */
  async kill() {
    assert.ok(this.#driver.kill, `${this.#name} cannot be killed here`);
    await this.#driver.kill();
    this.#killed = true;
  }

  /** @param {string} key one character */
  press(key) {
    return this.#driver.press(key);
  }

  /** Keeps a picture of the window, to be looked at. @param {string} name */
  async picture(name) {
    mkdirSync(PICTURES, { recursive: true });
    writeFileSync(join(PICTURES, `${name}-${this.#name.toLowerCase()}.png`), await this.#driver.picture());
  }

  /** Marks what has this name, so that every driver finds it; answers with its selector. @param {string} kinds @param {string} name */
  async #mark(kinds, name) {
    this.#marks += 1;
    const mark = { kinds, name, mark: String(this.#marks) };
    await this.until(`there is “${name}”`, ({ kinds, name, mark }) => {
      const nameOf = (/** @type {any} */ one) => (one.labels?.[0] ?? one).innerText?.trim() ?? "";
      const seen = [...document.querySelectorAll(kinds)].filter((one) => /** @type {HTMLElement} */ (one).offsetParent !== null);
      // Exactly so, or at the beginning: keys and counts stand behind names.
      const found = seen.find((one) => nameOf(one) === name) ?? seen.find((one) => nameOf(one).startsWith(name));
      found?.setAttribute("data-mark", mark);
      found?.scrollIntoView({ block: "center" });
      return found !== undefined;
    }, mark);
    return `[data-mark="${mark.mark}"]`;
  }
}

/** @param {number} width @param {number} height @param {How} [how] @returns {Promise<Driver>} */
async function firefox(width, height, { proxy, profile } = {}) {
  const { hostname = "", port = "" } = proxy ? new URL(proxy) : {};
  // Firefox goes round a proxy to its own machine, unless it is told not to.
  const through = { "network.proxy.type": 1, "network.proxy.http": hostname, "network.proxy.http_port": Number(port), "network.proxy.allow_hijacking_localhost": true };
  const browser = await puppeteer.launch({
    browser: "firefox", executablePath: FIREFOX, headless: true, ...(profile ? { userDataDir: profile } : {}), ...(proxy ? { extraPrefsFirefox: through } : {}),
  });
  const page = await browser.newPage();
  await page.setViewport({ width, height });
  return {
    goto: async (address) => void (await page.goto(address)),
    run: (source) => page.evaluate(`(() => { ${source} })()`),
    click: (selector) => page.click(selector),
    type: async (selector, text) => {
      await page.focus(selector);
      await page.keyboard.type(text);
    },
    files: async (selector, paths) => {
      const input = /** @type {import("puppeteer-core").ElementHandle<HTMLInputElement>} */ (await page.waitForSelector(selector));
      await input.uploadFile(...paths);
    },
    press: (key) => page.keyboard.press(/** @type {import("puppeteer-core").KeyInput} */ (key)),
    picture: async () => Buffer.from(await page.screenshot()),
    end: () => browser.close(),
    kill: async () => {
      const gone = new Promise((resolve) => browser.process()?.once("exit", resolve));
      browser.process()?.kill("SIGKILL");
      await gone;
    },
  };
}

/** @param {number} width @param {number} height @returns {Promise<Driver>} */
async function webkit(width, height) {
  const home = mkdtempSync(join(tmpdir(), "techognition-webkit-"));
  // A screen that nobody sees; the server says which number it has taken.
  const screen = spawn("Xvfb", ["-displayfd", "1", "-screen", "0", "2000x1400x24", "-nolisten", "tcp"], { stdio: ["ignore", "pipe", "ignore"] });
  const number = await new Promise((resolve, reject) => {
    screen.stdout.once("data", (data) => resolve(String(data).trim()));
    screen.once("error", reject);
    screen.once("exit", () => reject(new Error("the screen did not start")));
  });
  const port = await freePort();
  const env = { ...process.env, DISPLAY: `:${number}`, HOME: home, XDG_DATA_HOME: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home };
  const server = spawn(WEBKIT_DRIVER, [`--port=${port}`], { env, stdio: "ignore" });
  const end = async () => {
    for (const one of [server, screen]) {
      if (one.exitCode !== null || one.signalCode !== null) continue;
      const gone = new Promise((resolve) => one.once("exit", resolve));
      one.kill();
      await gone;
    }
    // What the browser has begun may still write there.
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  try {
    await listening(port);
    const binary = browserOf("/usr/lib");
    const capabilities = new Capabilities({ browserName: "MiniBrowser", "webkitgtk:browserOptions": { binary, args: ["--automation"] } });
    const browser = await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build();
    await browser.manage().window().setRect({ width, height });
    const found = (/** @type {string} */ selector) => browser.findElement(By.css(selector));
    return {
      goto: (address) => browser.get(address),
      run: (source) => browser.executeScript(source),
      // Its driver finds no point of some labels that it could press.
      click: (selector) => found(selector).click().catch(() => browser.executeScript("document.querySelector(arguments[0]).click()", selector)),
      type: (selector, text) => found(selector).sendKeys(text),
      files: (selector, paths) => found(selector).sendKeys(paths.join("\n")),
      press: (key) => browser.actions().sendKeys(key).perform(),
      picture: async () => Buffer.from(await browser.takeScreenshot(), "base64"),
      end: async () => {
        await browser.quit().catch(() => {});
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The browser that comes with the driver: in a folder of the machine's architecture. @param {string} folder */
function browserOf(folder) {
  for (const machine of readdirSync(folder)) {
    for (const version of ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"]) {
      const path = join(folder, machine, version, "MiniBrowser");
      if (existsSync(path)) return path;
    }
  }
  throw new Error("WebKitWebDriver is here, and its MiniBrowser is not: install webkit2gtk-driver with what it recommends");
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** Waits until something answers there. @param {number} port */
async function listening(port) {
  for (let tries = 0; tries < 100; tries += 1) {
    const status = await fetch(`http://127.0.0.1:${port}/status`).then((answer) => answer.ok, () => false);
    if (status) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("WebKitWebDriver does not answer");
}
