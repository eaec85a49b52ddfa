// @ts-check
// What other stories take for a sample day is one: a copy says what the command's own says, and is made once for all who want it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { deleteAtExit, remove, start } from "./command.mjs";
import { eventually } from "./moderator.mjs";
import { FOLDER, copySampleDay } from "./sample.mjs";
import { run } from "./system.mjs";

/** So many photos no other story asks for. */
const PHOTOS = 3;

/** What everybody reads of a day but for times, and of which the order is that of times. @param {string} site */
async function said(site) {
  const json = async (/** @type {string} */ path) => (await fetch(`${site}/api/v1/${path}`)).json();
  const [event, feed, schools] = await Promise.all(["event", "photos?limit=48", "schools?q=sample"].map(json));
  return { phase: event.phase, timezone: event.timezone, photos: feed.photos.map((/** @type {{caption: string}} */ { caption }) => caption), schools };
}

/** Starts the system for as long as `ask` takes. @template T @param {string} data @param {string[]} more @param {(site: string) => Promise<T>} ask */
async function during(data, more, ask) {
  const { told, stop } = await start(data, more);
  try {
    return await ask(told.site);
  } finally {
    await stop();
  }
}

test("a copied sample day is what the command makes, and what happens to it does not happen to the next copy", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "techognition-"));
  deleteAtExit(folder);
  const at = (/** @type {string} */ name) => join(folder, name);
  const own = await during(at("own"), ["--sample", String(PHOTOS)], said);
  assert.equal(own.photos.length, PHOTOS);
  await during(at("first"), await copySampleDay(PHOTOS, at("first")), async (site) => {
    assert.deepEqual(await said(site), own);
    const { photos: [{ id }] } = await (await fetch(`${site}/api/v1/photos?limit=1`)).json();
    const report = await fetch(`${site}/api/v1/photos/${id}/reports`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ reason: "me" }) });
    assert.equal(report.status, 202);
    await eventually("it is hidden, at the edge too", async () => (await said(site)).photos.length === PHOTOS - 1);
  });
  assert.deepEqual(await during(at("second"), await copySampleDay(PHOTOS, at("second")), said), own);
  remove(folder);
});

test("processes that want the same sample day at the same time get one, and none of a process that was killed while it made it", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "techognition-"));
  deleteAtExit(folder);
  const made = () => readdirSync(FOLDER).filter((name) => name.startsWith(`${PHOTOS}-`));
  for (const old of made()) rmSync(join(FOLDER, old), { recursive: true });
  const copy = (/** @type {string} */ name) => [
    "--input-type=module", "--eval", `import { copySampleDay } from ${JSON.stringify(new URL("sample.mjs", import.meta.url))}; await copySampleDay(${PHOTOS}, ${JSON.stringify(join(folder, name))});`,
  ];
  // Killed with all that it has started.
  const killed = spawn(process.execPath, copy("killed"), { detached: true, stdio: "inherit" });
  const pid = killed.pid ?? 0;
  await eventually("it has begun", async () => readdirSync(FOLDER).includes(`making-${pid}`));
  process.kill(-pid, "SIGKILL");
  await once(killed, "exit");
  await Promise.all(["a", "b", "c"].map((name) => run(process.execPath, copy(name))));
  assert.equal(made().length, 1, "and no lock is left");
  assert.deepEqual(readdirSync(folder).sort(), ["a", "a.toml", "b", "b.toml", "c", "c.toml"]);
  assert.deepEqual(readdirSync(FOLDER).filter((name) => name === `making-${pid}`), []);
  remove(folder);
});
