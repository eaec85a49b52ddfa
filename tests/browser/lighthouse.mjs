// @ts-check
// Lighthouse on phone settings, over pages of a sample day: `node tests/browser/lighthouse.mjs [path…]`. Beside the suite, since its
// performance figures are this machine's as much as the page's. It installs Lighthouse in target/tools/lighthouse when it is not there.
// Exits with 1 where a page is below 95 in anything.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { run, withSystem } from "./system.mjs";

const VERSION = "12.8.2";
const LEAST = 95;
// Flags that begin with dashes are taken for Lighthouse's own unless they are one word with the option.
const CHROMIUM = "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

const folder = fileURLToPath(new URL("../../target/tools/lighthouse/", import.meta.url));
const tool = join(folder, "node_modules", ".bin", "lighthouse");
if (!existsSync(tool)) {
  mkdirSync(folder, { recursive: true });
  execFileSync("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", `lighthouse@${VERSION}`], { stdio: "inherit" });
}

await withSystem(["--sample", "40"], async (system) => {
  const feed = await (await fetch(`${system.site}/api/v1/photos?limit=2`)).json();
  const asked = process.argv.slice(2);
  const paths = asked.length > 0 ? asked : ["/", "/gallery", feed.photos[1].page, "/add", "/s/sample-academy", "/day", "/stats", "/schools", "/take-part", "/rules", "/privacy", "/cy/"];
  console.log("page | performance | accessibility | best practices | SEO | LCP | CLS | TBT\n---|---|---|---|---|---|---|---");
  for (const path of paths) {
    const { stdout } = await run(tool, [`${system.site}${path}`, "--quiet", "--output=json", CHROMIUM], {
      maxBuffer: 64 * 1024 * 1024, env: { ...process.env, CHROME_PATH: "/usr/bin/chromium" },
    });
    const report = JSON.parse(stdout);
    const scores = ["performance", "accessibility", "best-practices", "seo"].map((name) => Math.round(report.categories[name].score * 100));
    const figures = ["largest-contentful-paint", "cumulative-layout-shift", "total-blocking-time"].map((name) => report.audits[name].displayValue);
    console.log([path, ...scores, ...figures].join(" | "));
    if (scores.some((score) => score < LEAST)) process.exitCode = 1;
    const failed = Object.values(report.audits).filter((one) => one.score !== null && one.score < 0.9 && one.scoreDisplayMode !== "informative" && one.scoreDisplayMode !== "notApplicable");
    for (const one of failed) console.log(`    ${one.id}: ${one.displayValue ?? one.title}`);
  }
});
