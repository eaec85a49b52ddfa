// @ts-check
// Videos made ready on the device, in a real browser: filmed by its own encoder, made by the modules under the policy of our pages, and read
// back by its decoder and its player.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { violations } from "./axe.mjs";
import { JS, WITHOUT_ENCODER, browser, folder, withLab } from "./lab.mjs";
import { renderers } from "./processes.mjs";
import { run } from "./system.mjs";

/** @typedef {import("./lab.mjs").Lab} Lab */
/** @typedef {import("./filming.mjs").How} How */
/** @typedef {import("../../shared/assets/js/film/film.js").Wish} Wish */

const SECRET = "PLANTED-SECRET-7f3a";
/** Longest that the page may not answer, in ms. */
const BLOCKED_MS = 100;
/** What a frame may differ from what was filmed, of 255, on average. */
const UNLIKE = 6;

/** Films, and has it made ready. @param {import("playwright-core").JSHandle<Lab>} lab @param {How} how @param {Partial<Wish>} [wish] @param {string} [root] */
function made(lab, how, wish = {}, root = JS) {
  return lab.evaluate(async (lab, { how, wish, root }) => lab.make(root, await lab.filmed(how), wish), { how, wish, root });
}

/** @param {import("playwright-core").JSHandle<Lab>} lab */
const readBack = (lab) => lab.evaluate((lab) => lab.readBack(lab.lastMade()));

/** @param {{ frames: { number: number, time: number, unlike: number }[] }} read @param {number[]} numbers @param {number} [ms] between frames */
function assertFrames({ frames }, numbers, ms = 1000 / 30) {
  assert.deepEqual(frames.map(({ number }) => number), numbers);
  for (const [i, { time, number, unlike }] of frames.entries()) {
    assert.ok(Math.abs(time - i * ms) < 0.1, `frame ${number} at ${time} ms`);
    assert.ok(unlike < UNLIKE, `frame ${number} differs by ${unlike.toFixed(1)} of 255`);
  }
}

/** @param {number} from @param {number} to up to, not including @param {number} [step] */
const range = (from, to, step = 1) => Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);

test("this browser has the codecs that these stories need", { timeout: 60_000 }, () => withLab(async (lab) => {
  const has = await lab.evaluate((lab) => lab.codecs());
  console.log(`${browser.version()}: ${JSON.stringify(has)}`);
  assert.ok(has.encodes && has.encodesBaseline && has.decodes, "H.264");
}));

test("a video is encoded anew: every frame, upright, its index first, its sound kept, and nothing that it hid", { timeout: 180_000 }, () => withLab(async (lab, page) => {
  const how = /** @type {How} */ ({ width: 1280, height: 720, count: 75, turn: "right", sound: true, secret: SECRET });
  const source = join(folder, "source.mov");
  writeFileSync(source, Buffer.from(await lab.evaluate(async (lab, how) => lab.base64(await lab.filmed(how)), how), "base64"));
  // Whoever looks for it finds it before.
  const before = JSON.stringify(JSON.parse((await run("exiftool", ["-j", "-G", "-a", "-u", "-ee", source])).stdout));
  assert.match(before, /GPSCoordinates/);
  assert.ok(before.includes(SECRET) && readFileSync(source).includes(SECRET));

  assert.ok((await lab.evaluate((lab, ms) => lab.blockedFor(ms), 2 * BLOCKED_MS)) > BLOCKED_MS, "what does not answer is noticed");
  /** @type {string[]} */
  const workers = [];
  page.on("worker", (worker) => void workers.push(new URL(worker.url()).pathname));
  const facts = await made(lab, how);
  assert.deepEqual(workers, [`${JS}film/worker.js`]);
  assert.deepEqual([facts.why, facts.way, facts.width, facts.height, facts.duration_ms, facts.sound, facts.type], ["", "encode", 720, 1280, 2500, true, "video/mp4"]);
  assert.equal(facts.parts?.reduce((sum, { size_bytes }) => sum + size_bytes, 0), facts.bytes);
  assert.deepEqual(facts.done, [...facts.done].sort((a, b) => a - b));
  assert.ok(facts.done.length > 20 && (facts.done.at(-1) ?? 0) > 0.97, `${facts.done}`);
  assert.ok(facts.blocked <= BLOCKED_MS, `the page did not answer for ${facts.blocked} ms`);
  const read = await readBack(lab);
  assertFrames(read, range(0, 75));
  assert.deepEqual([read.order, read.index, read.width, read.height, read.matrix, read.keys, read.units], [["ftyp", "moov", "mdat"], ["mvhd", "trak", "trak"], 720, 1280, [1, 0, 0, 1], [0, 60], [1, 5]]);
  assert.deepEqual(read.sounds, range(0, 118));
  const played = await lab.evaluate((lab) => lab.played(lab.lastMade(), [0.01, 0.5, 1.25, 2.01, 2.48]));
  assert.deepEqual([played.shown, played.width, played.height, played.heard], [[0, 15, 37, 60, 74], 720, 1280, true]);
  assert.ok(Math.abs(played.duration - 2.5) < 0.03, `${played.duration} s`);

  const path = join(folder, "made.mp4");
  writeFileSync(path, Buffer.from(await lab.evaluate((lab) => lab.base64(lab.lastMade())), "base64"));
  assert.equal(readFileSync(path).includes(SECRET), false);
  assert.equal(readFileSync(path).includes("+51.5007"), false);
  const [found = {}] = JSON.parse((await run("exiftool", ["-j", "-G", "-a", "-u", "-ee", path])).stdout);
  const told = Object.entries(found).filter(([key, value]) => /gps|location|model|make|author|software|encoder|comment|title|xmp/i.test(key) || (/date/i.test(key) && key.startsWith("QuickTime") && value !== "0000:00:00 00:00:00"));
  assert.deepEqual(told, []);
  console.log(`encoded 2.5 s of 720p in ${facts.ms} ms; ${facts.bytes} bytes; the page's longest task ${Math.round(facts.blocked)} ms; frames differ by at most ${Math.max(...read.frames.map(({ unlike }) => unlike)).toFixed(1)} of 255`);
}));

test("a video is no larger than it may be, however it was held, and has at most 30 frames a second", { timeout: 180_000 }, () => withLab(async (lab) => {
  const large = await made(lab, { width: 1920, height: 1080, count: 12 });
  assert.deepEqual([large.way, large.width, large.height], ["encode", 1280, 720]);
  assertFrames(await readBack(lab), range(0, 12));
  const slow = await made(lab, { width: 1280, height: 960, count: 6 }, { quality: { edge: 960, bitrate: 1_000_000 } });
  assert.deepEqual([slow.width, slow.height], [960, 720]);
  for (const turn of /** @type {const} */ (["over", "left", "mirror"])) {
    const { width, height } = await made(lab, { width: 320, height: 192, count: 5, turn });
    assert.deepEqual([width, height], turn === "left" ? [192, 320] : [320, 192]);
    assertFrames(await readBack(lab), range(0, 5));
  }
  await made(lab, { width: 320, height: 192, count: 121, fps: 60, keyEvery: 60 });
  assertFrames(await readBack(lab), range(0, 121, 2));
}));

test("a part has exactly its frames and its sound", { timeout: 120_000 }, () => withLab(async (lab) => {
  const how = /** @type {How} */ ({ width: 320, height: 192, count: 180, sound: true });
  const facts = await made(lab, how, { from: 1.5, to: 4.2 });
  assert.equal(facts.duration_ms, 2700);
  const read = await readBack(lab);
  assertFrames(read, range(45, 126));
  // 1.5 s into the sound is frame 70; the one before it is needed to hear it.
  assert.deepEqual(read.sounds, range(69, 197));
  const played = await lab.evaluate((lab) => lab.played(lab.lastMade(), [0.01, 1, 2.68]));
  assert.deepEqual(played.shown, [45, 75, 125]);
  assert.ok(Math.abs(played.duration - 2.7) < 0.03, `${played.duration} s`);
  const copy = await made(lab, how, { from: 1.5, to: 4.2, ways: ["copy"] });
  assert.deepEqual([copy.way, copy.duration_ms], ["copy", 2200]);
  assertFrames(await readBack(lab), range(60, 126));
}));

test("sound goes only if somebody wants it, and what cannot be kept is said", { timeout: 120_000 }, () => withLab(async (lab) => {
  const silent = await made(lab, { width: 320, height: 192, count: 30, sound: true }, { sound: false });
  assert.deepEqual([silent.sound, silent.soundLost, (await readBack(lab)).sounds], [false, false, null]);
  assert.equal((await lab.evaluate((lab) => lab.played(lab.lastMade(), [0.5]))).heard, false);
  const mp3 = await made(lab, { width: 320, height: 192, count: 30, sound: "mp3" });
  assert.deepEqual([mp3.sound, mp3.soundLost, (await readBack(lab)).sounds], [false, true, null]);
}));

test("without an encoder the same pictures go in a clean file", { timeout: 120_000 }, () => withLab(async (lab) => {
  const how = /** @type {How} */ ({ width: 1280, height: 720, count: 60, turn: "left", sound: true, secret: SECRET });
  const facts = await made(lab, how, {}, WITHOUT_ENCODER);
  assert.deepEqual([facts.why, facts.way, facts.width, facts.height, facts.duration_ms, facts.sound], ["", "copy", 720, 1280, 2000, true]);
  const read = await readBack(lab);
  assert.deepEqual([read.frames.map(({ number }) => number).length, read.matrix, read.units, read.order], [60, [0, -1, 1, 0], [1, 5], ["ftyp", "moov", "mdat"]]);
  const played = await lab.evaluate((lab) => lab.played(lab.lastMade(), [0.01, 1, 1.98]));
  assert.deepEqual([played.shown, played.width, played.height, played.heard], [[0, 30, 59], 720, 1280, true]);
  const bytes = Buffer.from(await lab.evaluate((lab) => lab.base64(lab.lastMade())), "base64");
  assert.equal(bytes.includes(SECRET), false);
  const tooLarge = await made(lab, { width: 320, height: 192, count: 30, beside: 40_000 }, { limits: { max_video_bytes: 1_000_000, max_video_seconds: 60, video_part_bytes: 1_048_576 } }, WITHOUT_ENCODER);
  assert.equal(tooLarge.why, "too-large");
}));

test("what this browser cannot decode it refuses soon, in words", { timeout: 60_000 }, () => withLab(async (lab) => {
  const { decodesHevc } = await lab.evaluate((lab) => lab.codecs());
  const facts = await made(lab, { width: 320, height: 192, count: 5, hevc: true });
  // Where there is a decoder it finds no HEVC in it.
  assert.equal(facts.why, "codec", `HEVC: ${decodesHevc}`);
  assert.ok(facts.ms < 10_000, `${facts.ms} ms`);
  assert.equal((await made(lab, { width: 320, height: 192, count: 40, fps: 0.5 })).why, "too-long");
}));

test("Stop stops at once, and the next film is made", { timeout: 120_000 }, () => withLab(async (lab, page) => {
  const { name, ms } = await lab.evaluate(async (lab, root) => lab.stopped(root, await lab.filmed({ width: 1280, height: 720, count: 60 })), JS);
  assert.equal(name, "AbortError");
  assert.ok(ms < 500, `${ms} ms`);
  await assert.doesNotReject(async () => {
    for (let i = 0; page.workers().length > 0; i += 1) {
      if (i === 100) throw new Error("the worker is still there");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  assert.equal((await made(lab, { width: 320, height: 192, count: 5 })).way, "encode");
}));

test("a large file is read piece by piece", { timeout: 180_000 }, () => withLab(async (lab, page) => {
  // 200 frames of 1.5 MB, most of it filler, as a camera writes that keeps its rate: more than what is read and done with may take.
  const path = join(folder, "large.mov");
  const small = await lab.evaluate(async (lab) => lab.base64(await lab.filmed({ width: 320, height: 192, count: 200 })));
  writeFileSync(path, await grown(Buffer.from(small, "base64"), 1_500_000));
  await page.evaluate(() => document.body.append(Object.assign(document.createElement("input"), { type: "file", id: "file" })));
  await page.locator("#file").setInputFiles(path);
  const session = await browser.newBrowserCDPSession();
  const idle = await renderers(session);
  let most = idle;
  const watch = setInterval(() => void renderers(session).then((now) => void (most = Math.max(most, now)), () => {}), 50);
  const facts = await lab.evaluate(async (lab, root) => {
    const [file] = /** @type {HTMLInputElement} */ (document.getElementById("file")).files ?? [];
    if (!file) throw new Error("no file");
    return lab.make(root, file, {});
  }, JS);
  clearInterval(watch);
  assert.deepEqual([facts.why, facts.way], ["", "encode"]);
  assertFrames(await readBack(lab), range(0, 200));
  const megabytes = (most - idle) / 1e6;
  console.log(`300 MB read: the page's processes held ${megabytes.toFixed(0)} MB more than idle; the page's longest task ${Math.round(facts.blocked)} ms`);
  assert.ok(megabytes < 250, `${megabytes} MB`);
  assert.ok(facts.blocked <= BLOCKED_MS, `the page did not answer for ${facts.blocked} ms`);
}));

/** The same film with so many bytes of filler behind each frame. @param {Buffer} small @param {number} bytes */
async function grown(small, bytes) {
  const films = await import("../../shared/tests/js/films.js");
  const [picture] = films.opened(small).tracks;
  assert.ok(picture);
  const filler = films.unit(12, films.joined(new Uint8Array(bytes).fill(255), [0x80]));
  const frames = picture.samples.map(({ bytes: one, shown, key }) => ({ bytes: films.joined(one, filler), time: shown, key, span: 20 }));
  return Buffer.from(films.film({ tracks: [films.pictureTrack(frames, { entry: films.pictureEntry([320, 192], picture.record), size: [320, 192] })] }));
}

test("a part is chosen, by pointer or keyboard, and a picture from it is a photo", { timeout: 120_000 }, () => withLab(async (lab, page) => {
  await lab.evaluate(async (lab, root) => {
    const file = await lab.filmed({ width: 320, height: 192, count: 150, sound: true });
    const { Trimmer } = await import(`${root}film/trimmer.js`);
    const { read } = await import(`${root}film/boxes.js`);
    const kept = { choices: /** @type {object[]} */ ([]), photo: /** @type {File | null} */ (null) };
    const trimmer = new Trimmer(file, await read(file), { longest: 3, name: file.name, onChange: (/** @type {object} */ choice) => kept.choices.push(choice), onPicture: (/** @type {File} */ photo) => (kept.photo = photo) });
    Object.assign(globalThis, { kept, trimmer });
    document.querySelector("main")?.append(trimmer.element);
  }, JS);
  const choice = () => page.evaluate(() => /** @type {any} */ (globalThis).trimmer.choice);
  await page.getByRole("status").filter({ hasText: "From 0:00 to 0:03: 3 s of 5 s." }).waitFor();
  assert.deepEqual(await choice(), { from: 0, to: 3, sound: false });
  await page.getByRole("slider", { name: "End" }).fill("4.5");
  await page.getByText("From 0:01 to 0:04: 3 s of 5 s.").waitFor();
  await page.getByRole("slider", { name: "Start" }).press("ArrowRight");
  await page.getByRole("checkbox", { name: "Keep the sound" }).check();
  const { from, to, sound } = await choice();
  assert.deepEqual([from.toFixed(1), to.toFixed(1), sound], ["1.6", "4.5", true]);
  assert.equal(await page.getByRole("slider", { name: "Start" }).getAttribute("aria-valuetext"), "0:01");
  assert.deepEqual(await violations(page), []);

  await page.getByRole("button", { name: "Use a picture from it" }).click();
  await page.waitForFunction(() => /** @type {any} */ (globalThis).kept.photo !== null);
  const photo = await lab.evaluate(async (lab) => {
    const file = /** @type {File} */ (/** @type {any} */ (globalThis).kept.photo);
    const bitmap = await createImageBitmap(file);
    return { name: file.name, type: file.type, width: bitmap.width, height: bitmap.height, ...lab.look(bitmap, bitmap.width, bitmap.height) };
  });
  assert.deepEqual([photo.name, photo.type, photo.width, photo.height], ["IMG_0001 0.01.jpg", "image/jpeg", 320, 192]);
  assert.ok(Math.abs(photo.number - 48) <= 1 && photo.unlike < UNLIKE, JSON.stringify(photo));
  await page.evaluate(() => /** @type {any} */ (globalThis).trimmer.end());
  assert.equal(await page.getByRole("slider").count(), 0);
}));

test("a video that this browser cannot show can still be cut by its times", { timeout: 60_000 }, () => withLab(async (lab, page) => {
  await lab.evaluate(async (lab, root) => {
    const { Trimmer } = await import(`${root}film/trimmer.js`);
    const trimmer = new Trimmer(new Blob(["no film"], { type: "video/mp4" }), { seconds: 80, sound: null, hasSound: true }, { longest: 60 });
    document.querySelector("main")?.append(trimmer.element);
  }, JS);
  await page.getByText("This browser can't show this video.").waitFor();
  await page.getByText("The sound can't be kept. The video goes without it.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Use a picture from it" }).isDisabled(), true);
  await page.getByText("From 0:00 to 1:00: 1 min of 1 min 20 s.").waitFor();
  assert.deepEqual(await violations(page), []);
}));
