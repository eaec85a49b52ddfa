// @ts-check
// The built command as a process. None outlives the process that started it, whatever ends that.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** @typedef {{site: string, storage: string, organiser: string, data: string}} Told what the command says once the site answers */

/** Where builds and what tests leave behind are. */
export const TARGET = fileURLToPath(new URL("../../target/", import.meta.url));

const command = join(TARGET, "debug", "techognition");
const settings = fileURLToPath(new URL("../../infra/event.toml", import.meta.url));

/** A release's bootstraps behind the emulated Lambda, if a folder of them is named; else the same code runs in one process. */
const bootstraps = process.env.TECHOGNITION_BOOTSTRAPS;

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
/** Folders that are deleted when this process ends, at the latest. @type {Set<string>} */
const temporary = new Set();

process.on("exit", () => {
  for (const one of running) one.kill("SIGKILL");
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
});
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, () => process.exit(128 + constants.signals[signal]));

/** An argument of a story's system: its edge keeps no answers. A story that has it says why. */
export const WITHOUT_CACHE = "without the edge's cache";

/**
 * Starts the whole system on a folder of data. Its edge keeps answers as the cloud's does, so that a story sees it if a page shows what is old.
 * @param {string} data
 * @param {string[]} more further arguments of `techognition run`, and `WITHOUT_CACHE`
 * @param {string} [listen] an address and a port; by default a free port
 * @returns {Promise<{told: Told, stop: () => Promise<void>}>}
 * @throws if the command ends before the site answers
 */
export async function start(data, more, listen = "127.0.0.1:0") {
  assert.ok(existsSync(command), "build everything first: cargo build --workspace");
  const own = more.includes(WITHOUT_CACHE) ? more.filter((one) => one !== WITHOUT_CACHE) : ["--cache", ...more];
  const started = spawn(command, ["run", "--json", "--listen", listen, "--data", data, ...(bootstraps ? ["--bootstraps", bootstraps] : []), ...own], { stdio: ["ignore", "pipe", "inherit"] });
  running.add(started);
  const ended = once(started, "exit").finally(() => running.delete(started));
  const [line] = await Promise.race([
    once(createInterface({ input: started.stdout }), "line"),
    ended.then(([status, signal]) => assert.fail(`techognition run ${more.join(" ")} ended with ${signal ?? status} before the site answered`)),
  ]);
  const stop = async () => {
    started.kill("SIGINT");
    await ended;
  };
  return { told: JSON.parse(line), stop };
}

/**
 * A hash of all that decides what the command does with the same arguments: its build, the bootstraps and the settings of the day.
 * @returns {string}
 */
export function build() {
  assert.ok(existsSync(command), "build everything first: cargo build --workspace");
  const files = [command, ...(bootstraps ? readdirSync(bootstraps).sort().map((name) => join(bootstraps, name)) : [])];
  const facts = files.map((path) => {
    const { size, mtimeMs } = statSync(path);
    return `${path} ${size} ${mtimeMs}\n`;
  });
  return createHash("sha256").update(facts.join("")).update(readFileSync(settings)).digest("hex");
}

/** Has a folder deleted when this process ends, at the latest. @param {string} folder */
export function deleteAtExit(folder) {
  temporary.add(folder);
}

/** Deletes a folder now. @param {string} folder */
export function remove(folder) {
  rmSync(folder, { recursive: true, force: true });
  temporary.delete(folder);
}

/**
 * The settings of the day, `infra/event.toml`, with other values.
 * @param {Record<string, string | number>} values by key, as strings and numbers of TOML
 * @returns {string}
 * @throws if the file has no such key
 */
export function settingsWith(values) {
  let text = readFileSync(settings, "utf8");
  for (const [key, value] of Object.entries(values)) {
    const line = new RegExp(`^${key} = .*$`, "m");
    assert.match(text, line, `infra/event.toml has no line "${key} = "`);
    text = text.replace(line, () => `${key} = ${JSON.stringify(value)}`);
  }
  return text;
}
