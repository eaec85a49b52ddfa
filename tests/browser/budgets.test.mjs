// @ts-check
// What is measured on every page that the public sees: its bytes, and that nothing moves of what is read.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { publicPages } from "./places.mjs";
import { PHONE, arrived, device, scrollThrough, withSystem } from "./system.mjs";

/**
 * Of markup, style and script of one page, compressed as the edge would; and of its script alone. The sample day has prize draws, whose form is
 * 1,100 bytes of the script of the pages that have it.
 */
const PAGE_BYTES = 60_000;
const SCRIPT_BYTES = 26_850;
/** Of its script with all that it fetches only when somebody needs it: sends a photo or the parts of a video, covers a face, looks for a school. */
const WHOLE_SCRIPT_BYTES = 42_350;
/** Of all that makes a video ready, compressed with Brotli: fetched only when somebody has chosen one. */
const FILM_BYTES = 15_500;
/** Of all that computes a prize draw again, compressed with Brotli. */
const DRAW_BYTES = 6_000;

const folder = fileURLToPath(new URL("../../target/budgets/", import.meta.url));

test("every public page is within its budget of bytes, and nothing on it moves by itself", { timeout: 300_000 }, () => withSystem(["--sample", "30"], async (system) => {
  /** @type {string[]} */
  const table = ["page | markup | style | script | together | script with all that may be fetched later", "---|---|---|---|---|---"];
  for (const [name, path] of await publicPages(system.site)) {
    const { context, page } = await device(system, { viewport: PHONE, isMobile: true, hasTouch: true });
    const bytes = { document: 0, stylesheet: 0, script: 0 };
    /** @type {Promise<void>[]} */
    const waiting = [];
    page.on("response", (response) => {
      const kind = response.request().resourceType();
      if (kind !== "document" && kind !== "stylesheet" && kind !== "script") return;
      waiting.push(response.body().then((body) => void (bytes[kind] += gzipSync(body).length), () => {}));
    });
    await page.addInitScript(() => {
      const shifts = { sum: 0 };
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of /** @type {(PerformanceEntry & {value: number, hadRecentInput: boolean})[]} */ (list.getEntries())) {
          if (!entry.hadRecentInput) shifts.sum += entry.value;
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(path, { waitUntil: "load" });
    await arrived(waiting);
    if (name !== "wall") await scrollThrough(page);
    const shifted = await page.evaluate(() => /** @type {{shifts: {sum: number}}} */ (/** @type {unknown} */ (globalThis)).shifts.sum);
    const whole = bytes.script + (await later(page));
    const sum = bytes.document + bytes.stylesheet + bytes.script;
    table.push(`${name} | ${bytes.document} | ${bytes.stylesheet} | ${bytes.script} | ${sum} | ${whole}`);
    assert.ok(sum <= PAGE_BYTES, `${name}: ${sum} bytes of markup, style and script`);
    assert.ok(bytes.script <= SCRIPT_BYTES, `${name}: ${bytes.script} bytes of script`);
    assert.ok(whole <= WHOLE_SCRIPT_BYTES, `${name}: ${whole} bytes of script with what is fetched later`);
    assert.equal(shifted, 0, `${name} moves while it loads`);
    await context.close();
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "bytes.md"), `${table.join("\n")}\n`);
  console.log(`bytes, compressed with gzip:\n${table.join("\n")}`);
}));

for (const { what, folder: name, modules, most } of [
  { what: "what makes a video ready", folder: "film", modules: 7, most: FILM_BYTES },
  { what: "what checks a prize draw", folder: "draw", modules: 2, most: DRAW_BYTES },
]) {
  test(`${what} is within its own budget`, () => {
    const place = new URL(`../../shared/assets/js/${name}/`, import.meta.url);
    const bytes = readdirSync(place).map((file) => brotliCompressSync(asServed(readFileSync(new URL(file, place), "utf8"))).length);
    const sum = bytes.reduce((all, one) => all + one, 0);
    console.log(`js/${name}/: ${sum} bytes, compressed with Brotli`);
    assert.ok(bytes.length >= modules && sum > 1000, "there is something to weigh");
    assert.ok(sum <= most, `${sum} bytes`);
  });
}

/** A module as the site's `build.rs` embeds it: without comments that have lines of their own, and without indentation. @param {string} module */
function asServed(module) {
  const lines = module.split("\n").map((line) => line.trim());
  let inBlock = false;
  return lines.filter((line) => {
    const comment = inBlock || line.startsWith("/*");
    if (comment) inBlock = !line.endsWith("*/");
    return !comment && line !== "" && !line.startsWith("//");
  }).join("\n");
}

/** Compressed bytes of the modules that the page has not fetched but may. @param {import("playwright-core").Page} page */
async function later(page) {
  const fetched = await page.evaluate(() => performance.getEntriesByType("resource").map((one) => one.name).filter((name) => name.endsWith(".js")));
  const known = new Set(fetched);
  let sum = 0;
  for (const address of known) {
    const text = await (await fetch(address)).text();
    for (const [, path = ""] of text.matchAll(/(?:from|import|import\(|own\()\s*"([^"]+\.js)"/g)) known.add(path.startsWith(".") ? new URL(path, address).href : new URL(path, address.replace(/\/js\/.*/, "/js/")).href);
    if (!fetched.includes(address)) sum += gzipSync(text).length;
  }
  return sum;
}
