// @ts-check
// Lighthouse finds nothing to improve on the pages that most people see. What it says of their speed is kept beside it, in
// target/budgets, and decides nothing: that is the machine's as much as the page's.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { HEAD, LEAST, compressed, judge } from "./lighthouse.mjs";
import { withSystem } from "./system.mjs";

const folder = fileURLToPath(new URL("../../target/budgets/", import.meta.url));

test("Lighthouse finds the pages that most people see accessible, well made and fit to be found", { timeout: 300_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const feed = await (await fetch(`${system.site}/api/v1/photos?limit=2`)).json();
  const table = [HEAD];
  await compressed(system.site, async (site) => {
    for (const path of ["/", "/gallery", feed.photos[1].page, "/add", "/cy/s/sample-academy"]) {
      const { scores, row, failed } = await judge(site, path);
      table.push(row);
      for (const name of /** @type {const} */ (["accessibility", "best-practices", "seo"])) assert.ok(scores[name] >= LEAST, `${path}: ${scores[name]} for ${name}\n${failed.join("\n")}`);
    }
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "lighthouse.md"), `${table.join("\n")}\n`);
  console.log(table.join("\n"));
}));
