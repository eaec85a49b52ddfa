// @ts-check
// Runs in a page: films numbered frames by the browser's own encoder, has them made ready, and reads the numbers back. Films are put
// together and read by `films.js`, not by what is tested.

import * as films from "../../shared/tests/js/films.js";

/** @import { MadeFilm, Wish } from "../../shared/assets/js/film/film.js" */
/** @import { FilmPreparer } from "../../shared/assets/js/film/preparer.js" */

/**
 * @typedef {{ width: number, height: number, count: number, fps?: number, keyEvery?: number, turn?: keyof typeof TURNS, sound?: boolean | "mp3", seconds?: number, secret?: string,
 *   beside?: number, hevc?: boolean }} How size in pixels as coded; `beside`: bytes that fill each frame; `hevc`: it says so, and is not
 * @typedef {Partial<Omit<MadeFilm, "blob">> & { bytes?: number, type?: string, done: number[], blocked: number, ms: number, why: string }} Outcome of a
 *   film: `why` it was not made, if it was not; progress as it was told; the page's longest task and the whole time, in ms
 * @typedef {{ time: number, number: number, unlike: number }} SeenFrame in ms; how much its pixels differ from what was filmed, of 255
 */

/** Rows a, b, c, d of the matrix by which a film is turned when it is shown. */
const TURNS = { none: [1, 0, 0, 1], right: [0, 1, -1, 0], over: [-1, 0, 0, -1], left: [0, -1, 1, 0], mirror: [-1, 0, 0, 1] };
const BITS = 12;
/** Frames are compared at this width. */
const SMALL = 160;

export const LIMITS = { max_video_bytes: 25_165_824, max_video_seconds: 60, video_part_bytes: 1_048_576 };
export const FULL = { edge: 1280, bitrate: 2_000_000 };

/** What this browser has. */
export async function codecs() {
  const asked = (/** @type {{ isConfigSupported(config: any): Promise<{ supported?: boolean }> }} */ kind, /** @type {string} */ codec) =>
    kind.isConfigSupported({ codec, width: 1280, height: 720, bitrate: 2_000_000, framerate: 30 }).then(({ supported }) => supported === true, () => false);
  return {
    encodes: await asked(VideoEncoder, "avc1.64001f"), encodesBaseline: await asked(VideoEncoder, "avc1.42e01f"),
    decodes: await asked(VideoDecoder, "avc1.64001f"), decodesHevc: await asked(VideoDecoder, "hvc1.1.6.L93.b0"),
  };
}

/**
 * A film of numbered frames as a phone would write it, its index last.
 * @param {How} how
 * @returns {Promise<File>}
 */
export async function filmed(how) {
  const { width, height, fps = 30, count, secret = "", sound = false, turn = "none", beside = 0, hevc = false } = how;
  const { frames, record } = await coded(how);
  const unit = secret ? films.unit(6, films.joined([5, 16 + secret.length], new Uint8Array(16).fill(7), secret, [0x80])) : new Uint8Array();
  const filler = beside ? films.unit(12, films.joined(new Uint8Array(beside).fill(255), [0x80])) : new Uint8Array();
  for (const one of frames) one.bytes = films.joined(unit, one.bytes, filler);
  const [a = 1, b = 0, c = 0, d = 1] = TURNS[turn];
  const place = "+51.5007-000.1246/";
  const hidden = secret ? [films.box("udta", films.box("\xa9xyz", films.n16(place.length, 0x15c7), place), films.box("\xa9mod", films.n16(secret.length, 0x15c7), secret)), films.box("uuid", new Uint8Array(16).fill(9), secret)] : [];
  const picture = films.pictureTrack(frames, {
    entry: films.pictureEntry([width, height], hevc ? films.joined([1, 1, 0x60, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 93], new Uint8Array(10)) : record, hevc ? { type: "hvc1" } : {}),
    size: [width, height], matrix: [a, b, 0, c, d, 0, 0, 0, 2 ** 30].map((one, i) => (i < 8 ? one * 65_536 : one)), name: secret || "Core Media", more: hidden,
  });
  const heard = Math.ceil(((count / fps) * 48_000) / 1024);
  const tracks = [picture];
  if (sound) tracks.push(films.soundTrack(heard, sound === "mp3" ? { entry: films.soundEntry(48_000, films.esds(films.AAC, 0x6b)) } : {}));
  if (secret) tracks.push({ ...films.pictureTrack([{ bytes: films.joined(secret), time: 0, span: 600 }]), kind: "meta", name: secret });
  const bytes = films.film({ tracks, moreInIndex: hidden, before: [films.box("wide")], after: secret ? [films.box("free", secret)] : [], gap: films.joined(secret) });
  return new File([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)], "IMG_0001.MOV", { type: "video/quicktime" });
}

/** @param {How} how @returns {Promise<{ frames: import("../../shared/tests/js/films.js").MadeFrame[], record: Uint8Array }>} */
async function coded({ width, height, count, fps = 30, keyEvery = 30, turn = "none" }) {
  const [a = 1, b = 0, c = 0, d = 1] = TURNS[turn];
  const [wide, high] = a === 0 ? [height, width] : [width, height];
  const context = contextOf(width, height);
  // As a camera that is held so: turned back.
  context.setTransform(a, c, b, d, width / 2, height / 2);
  const how = { count, fps, keyEvery, scale: 600, bitrate: 6_000_000, codec: width * height > 1280 * 720 ? "avc1.640028" : "avc1.64001f" };
  const { frames, record } = await encoded(context, how, (i) => draw(context, i, -wide / 2, -high / 2, wide, high));
  return { frames: frames.map((frame) => ({ ...frame, span: 600 / fps })), record };
}

/**
 * Paints frames and has this browser encode them.
 * @param {OffscreenCanvasRenderingContext2D} context
 * @param {{ count: number, fps: number, keyEvery: number, scale: number, bitrate: number, codec?: string }} how `scale`: what a frame's `time`
 *   counts, in parts of a second; `bitrate` in bits a second
 * @param {(i: number) => void} paint the frame of this number, from 0
 * @returns {Promise<{ frames: { bytes: Uint8Array<ArrayBuffer>, time: number, key: boolean }[], record: Uint8Array<ArrayBuffer> }>} `record`: what a decoder is configured with
 */
export async function encoded(context, { count, fps, keyEvery, scale, bitrate, codec = "avc1.64001f" }, paint) {
  const { width, height } = context.canvas;
  /** @type {{ bytes: Uint8Array<ArrayBuffer>, time: number, key: boolean }[]} */
  const frames = [];
  let record = new Uint8Array();
  /** @type {unknown} */
  let failed = null;
  const encoder = new VideoEncoder({
    error: (error) => (failed = error),
    output: (chunk, meta) => {
      const description = meta?.decoderConfig?.description;
      if (description) record = new Uint8Array(/** @type {ArrayBuffer} */ (description)).slice();
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      frames.push({ bytes, time: Math.round((chunk.timestamp * scale) / 1e6), key: chunk.type === "key" });
    },
  });
  encoder.configure({ codec, width, height, bitrate, framerate: fps, latencyMode: "quality", avc: { format: "avc" } });
  for (let i = 0; i < count; i += 1) {
    paint(i);
    const frame = new VideoFrame(context.canvas, { timestamp: Math.round((i * 1e6) / fps) });
    encoder.encode(frame, { keyFrame: i % keyEvery === 0 });
    frame.close();
    while (encoder.encodeQueueSize > 8) await new Promise((resolve) => setTimeout(resolve, 4));
  }
  await encoder.flush();
  encoder.close();
  if (failed) throw failed;
  return { frames, record };
}

/** @param {number} width @param {number} height */
function contextOf(width, height) {
  const context = new OffscreenCanvas(width, height).getContext("2d", { alpha: false, willReadFrequently: width <= SMALL });
  if (!context) throw new Error("no canvas");
  return context;
}

/**
 * Draws a number: a colour that says it to people, twelve cells that say it to machines, and four corners that say what is up.
 * @param {OffscreenCanvasRenderingContext2D} context @param {number} number @param {number} x @param {number} y @param {number} width @param {number} height
 */
function draw(context, number, x, y, width, height) {
  context.fillStyle = `hsl(${(number * 37) % 360} 60% 50%)`;
  context.fillRect(x, y, width, height);
  const [cellWidth, cellHeight] = [width / 8, height / 8];
  for (let i = 0; i < BITS; i += 1) {
    context.fillStyle = (number >> i) & 1 ? "#fff" : "#000";
    context.fillRect(x + (2 + (i % 4)) * cellWidth, y + (2.5 + Math.floor(i / 4)) * cellHeight, cellWidth, cellHeight);
  }
  for (const [i, colour] of ["#e02020", "#20c020", "#2040e0", "#e0e020"].entries()) {
    context.fillStyle = colour;
    context.fillRect(x + (i % 2 ? width - cellWidth : 0), y + (i > 1 ? height - cellHeight : 0), cellWidth, cellHeight);
  }
}

/** The number that a picture shows, and how much it differs from it. @param {CanvasImageSource} picture @param {number} width @param {number} height */
export function look(picture, width, height) {
  const high = Math.round((height * SMALL) / width);
  const context = contextOf(SMALL, high);
  context.drawImage(picture, 0, 0, SMALL, high);
  const { data } = context.getImageData(0, 0, SMALL, high);
  let number = 0;
  for (let i = 0; i < BITS; i += 1) {
    const at = (Math.floor(((3 + Math.floor(i / 4)) * high) / 8) * SMALL + Math.floor(((2.5 + (i % 4)) * SMALL) / 8)) * 4;
    if ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0) > 384) number |= 1 << i;
  }
  draw(context, number, 0, 0, SMALL, high);
  const expected = context.getImageData(0, 0, SMALL, high).data;
  return { number, unlike: data.reduce((sum, value, i) => sum + Math.abs(value - (expected[i] ?? 0)), 0) / data.length };
}

/**
 * Every frame of a film that was made, decoded by WebCodecs.
 * @param {Blob} blob
 */
export async function readBack(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const { order, index, tracks } = films.opened(bytes);
  const [picture, sound] = tracks;
  if (!picture) throw new Error("no picture");
  /** @type {SeenFrame[]} */
  const frames = [];
  /** @type {unknown} */
  let failed = null;
  const size = { width: 0, height: 0 };
  const decoder = new VideoDecoder({
    error: (error) => (failed = error),
    output: (frame) => {
      [size.width, size.height] = [frame.displayWidth, frame.displayHeight];
      frames.push({ time: frame.timestamp / 1000, ...look(frame, frame.displayWidth, frame.displayHeight) });
      frame.close();
    },
  });
  const [profile = 0, constraints = 0, level = 0] = picture.record.subarray(1, 4);
  const hex = (/** @type {number} */ byte) => byte.toString(16).padStart(2, "0");
  decoder.configure({ codec: `avc1.${hex(profile)}${hex(constraints)}${hex(level)}`, description: picture.record });
  for (const one of picture.samples) {
    decoder.decode(new EncodedVideoChunk({ type: one.key ? "key" : "delta", timestamp: Math.round((one.shown / picture.scale) * 1e6), data: one.bytes }));
    while (decoder.decodeQueueSize > 8) await new Promise((resolve) => setTimeout(resolve, 4));
  }
  await decoder.flush();
  decoder.close();
  if (failed) throw failed;
  return {
    order, index, frames, ...size, keys: picture.samples.flatMap(({ key }, i) => (key ? [i] : [])), units: [...new Set(picture.samples.flatMap(unitsOf))].sort(),
    sounds: sound?.samples.map(({ bytes: one }) => films.sounds(400).findIndex((other) => other.bytes.every((byte, i) => byte === one[i]))) ?? null, matrix: picture.matrix,
  };
}

/** The types of a frame's units. @param {{ bytes: Uint8Array }} sample */
function unitsOf({ bytes }) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const types = [];
  for (let at = 0; at < bytes.length; at += 4 + view.getUint32(at)) types.push((bytes[at + 4] ?? 0) & 31);
  return types;
}

/**
 * What a player shows of a film at some moments.
 * @param {Blob} blob @param {number[]} moments in seconds
 */
export async function played(blob, moments) {
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  video.src = URL.createObjectURL(blob);
  document.body.append(video);
  await happened(video, "loadeddata");
  const shown = [];
  for (const moment of moments) {
    // A busy machine says that it has sought before it paints; where nothing new is to be painted, nothing says so.
    const painted = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    video.currentTime = moment;
    await happened(video, "seeked");
    await Promise.race([painted, new Promise((resolve) => setTimeout(resolve, 500))]);
    shown.push(look(video, video.videoWidth, video.videoHeight).number);
  }
  video.currentTime = 0;
  await happened(video, "seeked");
  await video.play();
  await happened(video, "ended");
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  const heard = /** @type {{ webkitAudioDecodedByteCount?: number }} */ (/** @type {unknown} */ (video)).webkitAudioDecodedByteCount ?? 0;
  const facts = { shown, duration: video.duration, width: video.videoWidth, height: video.videoHeight, heard: heard > 0, totalVideoFrames, droppedVideoFrames };
  video.remove();
  URL.revokeObjectURL(video.src);
  return facts;
}

/** @param {HTMLVideoElement} video @param {string} event */
function happened(video, event) {
  return new Promise((resolve, reject) => {
    video.addEventListener(event, resolve, { once: true });
    video.addEventListener("error", () => reject(new Error(`${video.error?.code} ${video.error?.message}`)), { once: true });
  });
}

/** What was made last. @type {MadeFilm | null} */
let last = null;
/** @type {Map<string, FilmPreparer>} */
const preparers = new Map();

/** @param {string} root where modules are served @returns {Promise<FilmPreparer>} */
async function preparerOf(root) {
  const known = preparers.get(root);
  if (known) return known;
  const { FilmPreparer } = await import(`${root}film/preparer.js`);
  const made = new FilmPreparer();
  preparers.set(root, made);
  return made;
}

/**
 * Has a film made ready, and says what came of it and what the page went through meanwhile.
 * @param {string} root @param {Blob} file @param {Partial<Wish>} wish
 * @returns {Promise<Outcome>}
 */
export async function make(root, file, wish) {
  const preparer = await preparerOf(root);
  /** @type {number[]} */
  const done = [];
  const tasks = longest();
  const begun = performance.now();
  try {
    const made = await preparer.make(file, { limits: LIMITS, quality: FULL, sound: true, ...wish }, { onProgress: (part) => done.push(part) });
    last = made;
    const { blob, ...facts } = made;
    return { ...facts, bytes: blob.size, type: blob.type, done, blocked: tasks.ms(), ms: Math.round(performance.now() - begun), why: "" };
  } catch (error) {
    const { why = String(error) } = /** @type {{ why?: string }} */ (error);
    return { why, done, blocked: tasks.ms(), ms: Math.round(performance.now() - begun) };
  }
}

/** Watches how long the page does not answer. */
function longest() {
  let most = 0;
  const note = (/** @type {PerformanceEntryList} */ entries) => void (most = Math.max(most, ...entries.map((entry) => entry.duration)));
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ entryTypes: ["longtask"] });
  const ms = () => {
    note(observer.takeRecords());
    observer.disconnect();
    return most;
  };
  return { ms };
}

/** What is measured of a page that does not answer for so long: whoever measures nothing must be found out. @param {number} busyMs */
export async function blockedFor(busyMs) {
  const tasks = longest();
  await new Promise((resolve) => setTimeout(resolve));
  for (const end = performance.now() + busyMs; performance.now() < end;);
  await new Promise((resolve) => setTimeout(resolve, 100));
  return tasks.ms();
}

/** The film that was made last. */
export function lastMade() {
  if (!last) throw new Error("nothing was made");
  return last.blob;
}

/** Stops a film as soon as there is progress. @param {string} root @param {Blob} file */
export async function stopped(root, file) {
  const preparer = await preparerOf(root);
  const stop = new AbortController();
  let asked = 0;
  try {
    await preparer.make(file, { limits: LIMITS, quality: FULL, sound: true }, {
      signal: stop.signal,
      onProgress: (part) => {
        if (part < 0.1 || stop.signal.aborted) return;
        asked = performance.now();
        stop.abort();
      },
    });
    return { name: "", ms: 0 };
  } catch (error) {
    return { name: error instanceof Error ? error.name : "", ms: performance.now() - asked };
  }
}

/** @param {Blob} blob @returns {Promise<string>} */
export function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
