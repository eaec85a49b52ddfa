// @ts-check
// Videos in the engines of iPhones and of Firefox: one is made ready and sent, and published ones are played, and moved through, from an edge that
// answers parts of files.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { deleteAtExit, settingsWith, start } from "../browser/command.mjs";
import { withLab } from "../browser/lab.mjs";
import { eventually } from "../browser/moderator.mjs";
import { Network } from "../browser/network.mjs";
import { ownPhotos } from "../browser/phone.mjs";
import { ENGINES, Window } from "./engine.mjs";

const SECRET = "PLANTED-SECRET-engines";
const SECONDS = 8;
/** Longest that a step over a bad line takes, in milliseconds. */
const LONG_MS = 480_000;

for (const [engine, { there }] of Object.entries(ENGINES)) {
  test(`${engine}: a video is played, and moved through`, { timeout: 300_000, skip: !there && `${engine} is not on this machine` }, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "techognition-films-"));
    deleteAtExit(folder);
    const event = join(folder, "event.toml");
    writeFileSync(event, settingsWith({ video_seconds: 60 }));
    const { told, stop } = await start(join(folder, "data"), ["--sample", "13", "--event", event]);
    try {
      const { photos } = await (await fetch(`${told.site}/api/v1/photos?limit=48`)).json();
      const films = photos.filter((/** @type {{ kind: string }} */ photo) => photo.kind === "video");
      assert.equal(films.length, 2);
      await Window.with(engine, 1280, 900, async (window) => {
        for (const { page } of films) {
          await window.goto(new URL(page, told.site).href);
          await window.until("there is a player", () => document.querySelector("video") !== null);
          // Without a decoder of H.264, as some builds are, there is nothing to be seen here.
          if (!(await window.ask(() => document.createElement("video").canPlayType('video/mp4; codecs="avc1.64001f"')))) return context.skip(`${engine} has no decoder of H.264 on this machine`);
          await window.ask(() => {
            const film = /** @type {HTMLVideoElement} */ (document.querySelector("video"));
            film.muted = true;
            void film.play();
          });
          await window.until("it plays", () => /** @type {HTMLVideoElement} */ (document.querySelector("video")).currentTime > 0.5);
          await window.ask(() => void (/** @type {HTMLVideoElement} */ (document.querySelector("video")).currentTime = 5));
          await window.until("it goes on from where it was moved to, to its end", () => {
            const film = /** @type {HTMLVideoElement} */ (document.querySelector("video"));
            return film.ended && film.error === null && Math.round(film.duration) === 6 && film.videoWidth > 0;
          });
          await window.picture("film");
        }
      });
    } finally {
      await stop();
    }
  });
}

for (const [engine, { there }] of Object.entries(ENGINES)) {
  test(`${engine}: a video that says where it was filmed is chosen, and arrives without that`, { timeout: 400_000, skip: !there && `${engine} is not on this machine` }, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "techognition-films-"));
    deleteAtExit(folder);
    const clip = await filmed(folder, { width: 1280, height: 720, seconds: SECONDS });
    const event = join(folder, "event.toml");
    writeFileSync(event, settingsWith({ video_seconds: 60 }));
    const { told, stop } = await start(join(folder, "data"), ["--open-window", "--event", event]);
    try {
      await Window.with(engine, 360, 780, async (phone) => {
        await phone.goto(new URL("/add", told.site).href);
        await phone.until("the form can be seen", () => !(/** @type {HTMLElement} */ (document.querySelector("#upload")).hidden));
        await phone.choose("#photos", [clip]);
        await phone.says("From 0:00 to");
        await phone.picture("film-chosen");
        await send(phone, "Eight seconds of a pump");
        // Firefox makes a smaller file of it; WebKit on Linux, which has no encoder, sends its pictures as they are.
        await phone.until("it is ready", () => /^Ready: 8 s, /m.test(document.body.innerText));
        context.diagnostic(String(await phone.ask(() => /^Ready: .*/m.exec(document.body.innerText))));
        await phone.says("1 of 1 sent");
        const secret = await phone.ask(() => localStorage.getItem("techognition.uploader"));
        await eventually("it waits for a moderator", async () => (await ownPhotos(told, secret ?? ""))[0]?.state === "pending");
        await phone.picture("film-sent");
      });
    } finally {
      await stop();
    }
    // All that the system has kept: rows, and each object of the storage.
    const kept = readdirSync(join(folder, "data"), { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    assert.ok(kept.length > 5, "the folder holds what was sent");
    for (const one of kept) assert.ok(!readFileSync(join(one.parentPath, one.name)).includes(SECRET), `the place is in ${one.name}`);
  });
}

test("Firefox: a video arrives over a bad line though the browser is killed, and nobody chooses it again", { timeout: 1_500_000, skip: !ENGINES.Firefox?.there && "Firefox is not on this machine" }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "techognition-films-"));
  deleteAtExit(folder);
  const clip = await filmed(folder, { width: 1920, height: 1080, seconds: 40 });
  const event = join(folder, "event.toml");
  writeFileSync(event, settingsWith({ video_seconds: 60 }));
  const { told, stop } = await start(join(folder, "data"), ["--open-window", "--event", event]);
  const network = new Network({ latencyMs: 150, bytesPerSecond: 32_000, loss: 0.05, seed: 1 });
  network.kept = [];
  const how = { proxy: await network.open(), profile: join(folder, "profile") };
  const add = new URL("/add", told.site).href;
  /** @type {string | null} */
  let secret = null;
  try {
    await Window.with("Firefox", 360, 780, async (phone) => {
      await phone.goto(add);
      await phone.until("the form can be seen", () => !(/** @type {HTMLElement} */ (document.querySelector("#upload")).hidden));
      await phone.choose("#photos", [clip]);
      await phone.says("From 0:00 to");
      await send(phone, "Forty seconds of a pump");
      await phone.until("it is ready", () => /^Ready: /m.test(document.body.innerText), null, LONG_MS);
      context.diagnostic(String(await phone.ask(() => /^Ready: .*/m.exec(document.body.innerText))));
      secret = await phone.ask(() => localStorage.getItem("techognition.uploader"));
      // As Firefox counts it: what the network has taken, not what has arrived.
      const third = () => Number(/(\d+) %/.exec(document.querySelector("#cards .card")?.textContent ?? "")?.[1] ?? 0) >= 33;
      await phone.until("a third is on its way", third, null, LONG_MS);
      await phone.kill();
    }, how);
    const before = network.bytes.up;
    await Window.with("Firefox", 360, 780, async (phone) => {
      await phone.goto(add);
      for (let cut = 0; cut < 3; cut += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20_000));
        network.cut();
        await new Promise((resolve) => setTimeout(resolve, 5_000));
        network.mend();
      }
      // Firefox writes localStorage so late that the kill has lost it.
      assert.equal(await phone.ask(() => localStorage.getItem("techognition.uploader")), secret);
      await phone.until("it is sent", () => document.querySelector('#cards .card[data-state="done"], #cards .card[data-state="confirming"]') !== null, null, LONG_MS);
    }, how);
    await eventually("it waits for a moderator", async () => (await ownPhotos(told, secret ?? ""))[0]?.state === "pending");
    assert.equal((await ownPhotos(told, secret ?? "")).length, 1);
    assert.ok(!Buffer.concat(network.kept).includes(SECRET), "the place was sent");
    context.diagnostic(`${network.bytes.up} bytes sent, ${network.bytes.up - before} of them after the kill; ${network.cuts} cuts`);
  } finally {
    await network.close();
    await stop();
  }
});

/**
 * Films a clip that says where it was filmed.
 * @param {string} folder @param {{ width: number, height: number, seconds: number }} size
 * @returns {Promise<string>} its path
 */
async function filmed(folder, { width, height, seconds }) {
  const clip = join(folder, "IMG_0042.MOV");
  await withLab(async (lab) => {
    const file = await lab.evaluate(async (lab, { secret, ...how }) => lab.base64(await lab.filmed({ ...how, sound: true, secret })), { width, height, secret: SECRET, count: seconds * 30 });
    writeFileSync(clip, Buffer.from(file, "base64"));
  });
  assert.ok(readFileSync(clip).includes(SECRET), "the place is in the clip");
  return clip;
}

/** Says what is asked for, and presses Send. @param {Window} phone @param {string} caption */
async function send(phone, caption) {
  await phone.type("Caption", caption);
  await phone.click("Nobody");
  await phone.type("What is seen", "Numbers on coloured squares");
  await phone.click("I agree.");
  await phone.click("Send 1 video");
}
