// @ts-check
// All browser stories, or those of some files: `node tests/browser/run.mjs [FILE…]`, such as `pages` or `pages.test.mjs`. Up to three at a
// time, since stories wait more than they work; those in which something is measured come afterwards, alone. Ends with the slowest
// stories, and exits with 1 if one failed or time ran out.

import { setMaxListeners } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));

/** What is measured in these depends on what else the machine does. */
const MEASURED = ["budgets", "film", "lighthouse"];
/** The longest first, so that none of them runs alone at the end. One that needs no sample day works while the first makes one. */
const LONGEST = ["buttons", "queue", "bad-network", "gallery", "accessible", "pages", "console"];
/** All together take a few minutes; a page that hangs must not hang the run. */
const LIMIT_MINUTES = 35;
const SLOWEST = 12;

/** @typedef {{name: string, file: string, seconds: number}} Story */

const known = readdirSync(folder).flatMap((name) => (name.endsWith(".test.mjs") ? [name.replace(".test.mjs", "")] : []));
const asked = process.argv.slice(2).map((name) => basename(name).replace(/(\.test)?\.mjs$/, ""));
const unknown = [...asked, ...MEASURED, ...LONGEST].filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`there are no stories in ${unknown.join(", ")}: name some of ${known.join(", ")}`);
  process.exit(2);
}
const wanted = asked.length > 0 ? known.filter((name) => asked.includes(name)) : known;
const rank = (/** @type {string} */ name) => (LONGEST.includes(name) ? LONGEST.indexOf(name) : LONGEST.length);
const together = wanted.filter((name) => !MEASURED.includes(name)).sort((a, b) => rank(a) - rank(b));
const alone = wanted.filter((name) => MEASURED.includes(name));

const ended = new AbortController();
// Each file listens to it.
setMaxListeners(0, ended.signal);
const limit = setTimeout(() => end(`not within ${LIMIT_MINUTES} minutes`), LIMIT_MINUTES * 60_000);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => end(signal));

const begun = performance.now();
/** @type {Story[]} */
const stories = [];
for (const [names, atOnce] of /** @type {const} */ ([[together, Math.min(3, availableParallelism())], [alone, 1]])) {
  if (names.length > 0 && !ended.signal.aborted) await all(names, atOnce);
}
clearTimeout(limit);

if (stories.length === 0) process.exitCode = 1;
const row = (/** @type {number} */ seconds, /** @type {string} */ words) => console.log(`${seconds.toFixed(1).padStart(7)}  ${words}`);
const sum = (/** @type {Story[]} */ some) => some.reduce((total, one) => total + one.seconds, 0);
const slowest = stories.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
console.log("\nseconds  slowest stories");
for (const { name, file, seconds } of slowest) row(seconds, `${file}: ${name}`);
console.log("seconds  files");
for (const file of [...together, ...alone]) row(sum(stories.filter((one) => one.file === file)), file);
row((performance.now() - begun) / 1000, `all: ${stories.length} stories in ${wanted.length} files`);

/**
 * Runs the stories of some files, says what comes of them, and notes how long each took.
 * @param {readonly string[]} names
 * @param {number} atOnce how many files
 */
async function all(names, atOnce) {
  const events = run({ files: names.map((name) => join(folder, `${name}.test.mjs`)), concurrency: atOnce, signal: ended.signal });
  const note = (/** @type {{name: string, file?: string, details: {duration_ms: number}}} */ { name, file = "", details }) => {
    // What is called as its file is the file's process.
    if (!existsSync(name)) stories.push({ name, file: basename(file).replace(".test.mjs", ""), seconds: details.duration_ms / 1000 });
  };
  events.on("test:pass", note);
  events.on("test:fail", (failed) => {
    note(failed);
    process.exitCode = 1;
  });
  for await (const text of events.compose(new spec())) process.stdout.write(text);
}

/** Ends all that runs, as failed. @param {string} why */
function end(why) {
  console.error(`browser stories: ${why}`);
  process.exitCode = 1;
  ended.abort();
}
