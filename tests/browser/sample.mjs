// @ts-check
// Sample days. To make one takes as long as a story, so each is made once by `techognition run --sample`, kept in `target/sample-day`
// and copied for each story.

import assert from "node:assert/strict";
import { constants, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { cp, rename } from "node:fs/promises";
import { join } from "node:path";

import { TARGET, build, deleteAtExit, remove, settingsWith, start } from "./command.mjs";

/** For how long a sample day may be copied: it ends when it was made, and stories look at a day that goes on. */
const FRESH_MS = 30 * 60_000;
/** Within this time a sample day is made, on any machine. */
const MAKING_MS = 120_000;

/** In it are sample days as `<photos>-<build>-<time>`, those being made as `making-<process>`, and locks. */
export const FOLDER = join(TARGET, "sample-day");

/**
 * Copies a sample day of so many photos into a folder that is not there yet.
 * @param {number} photos
 * @param {string} data
 * @returns {Promise<string[]>} arguments of `techognition run` by which the copy is open
 */
export async function copySampleDay(photos, data) {
  const made = await sampleDay(photos);
  await cp(join(made, "data"), data, { recursive: true, preserveTimestamps: true, mode: constants.COPYFILE_FICLONE });
  const event = `${data}.toml`;
  await cp(join(made, "event.toml"), event);
  return ["--open-window", "--event", event];
}

/** A sample day's folder. It is made if there is none, by one process for all that want it. @param {number} photos @returns {Promise<string>} */
async function sampleDay(photos) {
  mkdirSync(FOLDER, { recursive: true });
  const name = `${photos}-${build().slice(0, 16)}`;
  const lock = join(FOLDER, `${name}.lock`);
  for (const until = Date.now() + MAKING_MS; ; ) {
    const mine = take(lock);
    try {
      const made = fresh(name);
      if (made) return made;
      if (mine) return await make(name, photos);
    } finally {
      if (mine) rmSync(lock);
    }
    assert.ok(Date.now() < until, `another process has not made a sample day within ${MAKING_MS} ms: ${lock}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @param {string} name @param {number} photos @returns {Promise<string>} its folder */
async function make(name, photos) {
  const making = join(FOLDER, `making-${process.pid}`);
  deleteAtExit(making);
  try {
    mkdirSync(making);
    const { told, stop } = await start(join(making, "data"), ["--sample", String(photos)]);
    const answer = await fetch(`${told.site}/api/v1/event`);
    assert.equal(answer.status, 200);
    const { opens_at: opensAt } = await answer.json();
    await stop();
    writeFileSync(join(making, "event.toml"), settingsFrom(new Date(opensAt)));
    const made = join(FOLDER, `${name}-${Date.now()}`);
    await rename(making, made);
    return made;
  } finally {
    remove(making);
  }
}

/** The newest that is not too old. Deletes those of other builds, those that nobody copies any more, and what dead processes left. @param {string} name */
function fresh(name) {
  const [photos, ofBuild] = name.split("-");
  let newest = 0;
  for (const entry of readdirSync(FOLDER)) {
    const path = join(FOLDER, entry);
    const [first, second, time] = entry.split("-");
    if (entry.endsWith(".lock")) continue;
    if (first === "making") {
      if (!alive(Number(second))) rmSync(path, { recursive: true, force: true });
    } else if (second !== ofBuild || Date.now() - Number(time) > 2 * FRESH_MS) {
      rmSync(path, { recursive: true, force: true });
    } else if (first === photos) {
      newest = Math.max(newest, Number(time));
    }
  }
  return Date.now() - newest < FRESH_MS ? join(FOLDER, `${name}-${newest}`) : null;
}

/** Takes a lock, which says whose it is, if nobody has it. That of a process which has died is given back for the next time. @param {string} lock */
function take(lock) {
  try {
    symlinkSync(String(process.pid), lock);
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  try {
    if (!alive(Number(readlinkSync(lock)))) rmSync(lock);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  return false;
}

/** @param {number} pid */
function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be asked.
    return codeOf(error) === "EPERM";
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code;
}

/** The settings of a day that has opened at that minute; the command keeps it open. @param {Date} opens */
function settingsFrom(opens) {
  const timezone = "Europe/London";
  // Swedes write dates as TOML does.
  const [date = "", time = ""] = opens.toLocaleString("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "short" }).split(" ");
  // A day closes on its own date, after it has opened.
  return settingsWith({ date, opens: time === "23:59" ? "23:58" : time, closes: "23:59", timezone });
}
