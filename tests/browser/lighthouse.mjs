// @ts-check
// Lighthouse on phone settings, over pages of a sample day: `node tests/browser/lighthouse.mjs [path…]`. The suite runs it over some of
// them; beside it, since its figures for performance are this machine's as much as the page's, over all. Exits with 1 where a page is
// below 95 in anything. Not among them: what search engines shall not list, and the wall, which is no page for a phone.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { CHROMIUM, run, withSystem } from "./system.mjs";

export const LEAST = 95;
const CATEGORIES = /** @type {const} */ (["performance", "accessibility", "best-practices", "seo"]);
// Flags that begin with dashes are taken for Lighthouse's own unless they are one word with the option.
const FLAGS = "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

const tool = fileURLToPath(new URL("../tools/node_modules/.bin/lighthouse", import.meta.url));

export const HEAD = "page | performance | accessibility | best practices | SEO | LCP | CLS | TBT\n---|---|---|---|---|---|---|---";

/**
 * The site as people get it: the edge compresses what is text, a laptop does not.
 * @param {string} site
 * @param {(site: string) => Promise<void>} look
 */
export async function compressed(site, look) {
  const edge = createServer(async (request, response) => {
    const answer = await fetch(site + request.url, { redirect: "manual" });
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => !["content-length", "connection", "keep-alive", "transfer-encoding"].includes(name)));
    let body = Buffer.from(await answer.arrayBuffer());
    if (/text|javascript|json|svg/.test(headers["content-type"] ?? "")) {
      body = gzipSync(body);
      headers["content-encoding"] = "gzip";
    }
    response.writeHead(answer.status, headers).end(body);
  });
  await new Promise((resolve) => edge.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (edge.address());
  try {
    await look(`http://127.0.0.1:${port}`);
  } finally {
    edge.closeAllConnections();
    edge.close();
  }
}

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
    const report = await measured(`${site}${path}`, folder);
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

/**
 * Now and then Lighthouse loses the record of a page's loading, says so, and asks to be run again.
 * @param {string} address
 * @param {string} folder for what it keeps
 */
async function measured(address, folder, tries = 3) {
  try {
    const { stdout } = await run(tool, [address, "--quiet", "--output=json", FLAGS], {
      maxBuffer: 64 * 1024 * 1024, env: { ...process.env, CHROME_PATH: CHROMIUM, TMPDIR: folder },
    });
    return JSON.parse(stdout);
  } catch (error) {
    if (tries === 1 || !/Please run Lighthouse again/.test(String(error))) throw error;
    return measured(address, folder, tries - 1);
  }
}

async function all() {
  await withSystem(["--sample", "30"], async (system) => {
    const feed = await (await fetch(`${system.site}/api/v1/photos?limit=2`)).json();
    const photo = feed.photos[1].page;
    const asked = process.argv.slice(2);
    const pages = ["/", "/gallery", "/gallery?discipline=science", photo, "/add", "/s/sample-academy", "/day", "/stats", "/schools",
      "/transparency", "/take-part", "/poster", "/rules", "/safety", "/privacy", "/accessibility", "/cy/", `/cy${photo}`, "/cy/add", "/cy/s/sample-academy"];
    console.log(HEAD);
    await compressed(system.site, async (site) => {
      for (const path of asked.length > 0 ? asked : pages) {
        const { scores, row, failed } = await judge(site, path);
        console.log(row);
        for (const one of failed) console.log(`    ${one}`);
        if (Object.values(scores).some((score) => score < LEAST)) process.exitCode = 1;
      }
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await all();
