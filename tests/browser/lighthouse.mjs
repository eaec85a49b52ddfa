// @ts-check
// Lighthouse on phone settings, over pages of a sample day: `node tests/browser/lighthouse.mjs [path…]`. The suite runs it over some of
// them; beside it, since its figures for performance are this machine's as much as the page's, over all. Exits with 1 where a page is
// below 95 in anything.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { run, withSystem } from "./system.mjs";

export const LEAST = 95;
const CATEGORIES = /** @type {const} */ (["performance", "accessibility", "best-practices", "seo"]);
// Flags that begin with dashes are taken for Lighthouse's own unless they are one word with the option.
const CHROMIUM = "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

const tool = fileURLToPath(new URL("../tools/node_modules/.bin/lighthouse", import.meta.url));

export const HEAD = "page | performance | accessibility | best practices | SEO | LCP | CLS | TBT\n---|---|---|---|---|---|---|---";

/**
 * What Lighthouse says of a page.
 * @param {string} site
 * @param {string} path
 * @returns {Promise<{scores: Record<(typeof CATEGORIES)[number], number>, row: string, failed: string[]}>} scores of 0 to 100; a line of the
 *   table under `HEAD`; what each audit says that was not passed
 */
export async function judge(site, path) {
  const folder = mkdtempSync(join(tmpdir(), "lighthouse-"));
  try {
    const { stdout } = await run(tool, [`${site}${path}`, "--quiet", "--output=json", CHROMIUM], {
      maxBuffer: 64 * 1024 * 1024, env: { ...process.env, CHROME_PATH: "/usr/bin/chromium", TMPDIR: folder },
    });
    const report = JSON.parse(stdout);
    const scores = /** @type {Record<(typeof CATEGORIES)[number], number>} */ (Object.fromEntries(CATEGORIES.map((name) => [name, Math.round(report.categories[name].score * 100)])));
    const figures = ["largest-contentful-paint", "cumulative-layout-shift", "total-blocking-time"].map((name) => report.audits[name].displayValue);
    /** @type {{id: string, score: number | null, scoreDisplayMode: string, displayValue?: string, title: string}[]} */
    const audits = Object.values(report.audits);
    const failed = audits.filter((one) => one.score !== null && one.score < 0.9 && one.scoreDisplayMode !== "informative" && one.scoreDisplayMode !== "notApplicable");
    return { scores, row: [path, ...CATEGORIES.map((name) => scores[name]), ...figures].join(" | "), failed: failed.map((one) => `${one.id}: ${one.displayValue ?? one.title}`) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function all() {
  await withSystem(["--sample", "40"], async (system) => {
    const feed = await (await fetch(`${system.site}/api/v1/photos?limit=2`)).json();
    const photo = feed.photos[1].page;
    const asked = process.argv.slice(2);
    const pages = ["/", "/gallery", "/gallery?discipline=science", photo, "/add", "/s/sample-academy", "/s/sample-academy/thanks", "/s/sample-academy/certificate", "/day", "/stats", "/schools",
      "/transparency", "/take-part", "/poster", "/rules", "/safety", "/privacy", "/accessibility", "/wall", "/cy/", `/cy${photo}`, "/cy/add", "/cy/s/sample-academy"];
    console.log(HEAD);
    for (const path of asked.length > 0 ? asked : pages) {
      const { scores, row, failed } = await judge(system.site, path);
      console.log(row);
      for (const one of failed) console.log(`    ${one}`);
      if (Object.values(scores).some((score) => score < LEAST)) process.exitCode = 1;
    }
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await all();
