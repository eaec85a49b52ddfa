// @ts-check
// Prepares a film for sending, on the device: takes as much of it as may be sent, and encodes its pictures with the browser's own codecs
// or, if there are none, copies them as they are into a clean file. Runs in a worker.
//
// Decision: a film is prepared by the browser that sends it, with the browser's codecs and our own file writer, and not by a transcoder on
// the server: what a camera hides never leaves the device, a minute has 15 MB instead of 130, and no large codec of ours reads what
// strangers send. Given up: what a browser cannot decode cannot be sent.
//
// Decision: sound is copied or left out, and never encoded. Firefox, and every browser on Linux, has no encoder for AAC, and some versions
// of Safari wrote files that others could not play. Given up: sound that is not AAC-LC.

import { AAC_SAMPLES, FREQUENCIES, TICKS, Unfit, read, write } from "./boxes.js";
import { ParameterSets, encoded, slice } from "./codecs.js";

/**
 * @import { Film, NewPicture, NewSound, Picture, Sound } from "./boxes.js"
 * @import { Quality, Range } from "./codecs.js"
 * @typedef {"encode" | "copy"} Way
 * @typedef {{ max_video_bytes: number, max_video_seconds: number, video_part_bytes: number }} FilmLimits as the API tells them
 * @typedef {{ limits: FilmLimits, quality: Quality, sound: boolean, from?: number, to?: number, ways?: readonly Way[] }} Wish `sound`: keep it;
 *   `from` and `to`: a range, in seconds; `ways`: those that may be tried, in this order
 * @typedef {{ size_bytes: number, sha256: string }} FilmPart
 * @typedef {{ blob: Blob, parts: FilmPart[], sha256: string, way: Way, width: number, height: number, duration_ms: number, sound: boolean,
 *   soundLost: boolean }} MadeFilm `blob` is an MP4; `sha256` of the parts' digests one after another; hashes in hexadecimal; size in pixels
 *   as seen; `sound` is in it; `soundLost`: it was wished for and is there, but cannot be copied
 */

/** The quality of films: about 15 MB per minute. @type {Quality} */
export const FULL = { edge: 1280, bitrate: 2_000_000 };
/** The quality of films over a slow connection. @type {Quality} */
export const SMALLER = { edge: 960, bitrate: 1_000_000 };
/** Bytes per second below which a connection is slow. */
const SLOW = 100_000;
/** @type {readonly Way[]} */
export const WAYS = ["encode", "copy"];

/** By how much a film may exceed the longest duration: cameras stop at the next frame. */
const SPARE_S = 0.5;
/** The H.264 profiles that the server accepts as they are, Baseline, Main and High; and the longest edge. */
const COPIED_PROFILES = [66, 77, 100];
const COPIED_EDGE = 1920;
/** More ticks per second than any sound has. */
const SOUND_TICKS = 200_000;
/** Largest frame of AAC: 768 bytes for each channel, by ISO/IEC 14496-3, 4.5.3. */
const SOUND_FRAME_BYTES = 8_000;

/**
 * Returns the quality for a connection whose speed was measured.
 * @param {number} bytesPerSecond 0 if it was not measured
 * @returns {Quality}
 */
export function qualityFor(bytesPerSecond) {
  return bytesPerSecond > 0 && bytesPerSecond < SLOW ? SMALLER : FULL;
}

/**
 * Prepares a film for sending.
 * @param {Blob} file
 * @param {Wish} wish
 * @param {(done: number) => void} onProgress from 0 to 1
 * @returns {Promise<MadeFilm>}
 * @throws {Unfit} with the reason of the way that was tried last
 * @throws {DOMException} if the file cannot be read any more
 */
export async function make(file, wish, onProgress) {
  const film = await read(file);
  const range = rangeOf(film.seconds, wish);
  /** @type {unknown} */
  let failure = new Unfit("browser");
  for (const way of wish.ways ?? WAYS) {
    try {
      return await madeBy(way, file, film, range, wish, onProgress);
    } catch (error) {
      if (error instanceof DOMException && (error.name === "NotReadableError" || error.name === "NotFoundError")) throw error;
      failure = error instanceof Unfit ? error : new Unfit("browser");
    }
  }
  throw failure;
}

/**
 * Returns the requested range, within the film.
 * @param {number} seconds of the whole film
 * @param {Pick<Wish, "from" | "to" | "limits">} wish
 * @returns {Range}
 * @throws {Unfit} if it is too long, or empty
 */
export function rangeOf(seconds, { from = 0, to = seconds, limits }) {
  const range = { from: Math.max(from, 0), to: Math.min(to, seconds) };
  const length = range.to - range.from;
  if (!(length > 0)) throw new Unfit("damaged");
  if (length > limits.max_video_seconds + SPARE_S) throw new Unfit("too-long", { seconds: length, limit: limits.max_video_seconds });
  return range;
}

/** @param {Way} way @param {Blob} file @param {Film} film @param {Range} range @param {Wish} wish @param {(done: number) => void} onProgress @returns {Promise<MadeFilm>} */
async function madeBy(way, file, film, range, { quality, sound, limits }, onProgress) {
  const most = limits.max_video_bytes;
  const { picture, begins } = way === "encode"
    ? await encoded(file, film.picture, range, quality, onProgress)
    : await copied(file, film.picture, range, most, onProgress);
  const heard = sound && film.sound ? await soundOf(file, film.sound, { from: begins, to: begins + secondsOf(picture) }) : null;
  const blob = write(picture, heard);
  if (blob.size > most) throw tooLarge(blob.size, most);
  const turned = picture.matrix[0] === 0;
  return {
    blob, ...(await parted(blob, limits.video_part_bytes)), way,
    width: turned ? picture.height : picture.width, height: turned ? picture.width : picture.height, duration_ms: Math.round(secondsOf(picture) * 1000),
    sound: heard !== null, soundLost: sound && film.hasSound && heard === null,
  };
}

/** @param {number} bytes @param {number} limit */
function tooLarge(bytes, limit) {
  return new Unfit("too-large", { bytes, limit });
}

/** @param {NewPicture} picture */
function secondsOf({ frames, lastSpan }) {
  const last = frames.reduce((latest, { time }) => Math.max(latest, time), 0);
  return (last + lastSpan) / TICKS;
}

/**
 * Copies the pictures of a range: from the first key frame in it, so that nothing from before it is sent; and up to where the first frame
 * after it is decoded, so that no frame lacks another one.
 * @param {Blob} file @param {Picture} picture @param {Range} range @param {number} mostBytes @param {(done: number) => void} onProgress
 * @returns {Promise<{ picture: NewPicture, begins: number }>}
 */
async function copied(file, picture, { from, to }, mostBytes, onProgress) {
  const { samples, scale, type, record, codedWidth, codedHeight } = picture;
  if ((type !== "avc1" && type !== "avc3") || Math.max(codedWidth, codedHeight) > COPIED_EDGE) throw new Unfit("codec");
  const middle = (/** @type {{ time: number, span: number }} */ { time, span }) => (time + span / 2) / scale;
  const begin = samples.findIndex((one) => one.key && middle(one) >= from);
  const beyond = samples.findIndex((one, i) => i >= begin && middle(one) >= to);
  const chosen = begin < 0 ? [] : samples.slice(begin, beyond < 0 ? samples.length : beyond);
  const [first] = chosen;
  if (!first) throw new Unfit("no-key-frame");
  const bytes = chosen.reduce((sum, { size }) => sum + size, 0);
  if (bytes > mostBytes) throw tooLarge(bytes, mostBytes);
  const sets = new ParameterSets();
  sets.read(record);
  const frames = [];
  for (const [i, one] of chosen.entries()) {
    const time = Math.round(((one.time - first.time) / scale) * TICKS);
    frames.push({ bytes: sets.take(new Uint8Array(await slice(file, one))), time, key: one.key });
    onProgress((i + 1) / chosen.length);
  }
  if (!COPIED_PROFILES.includes(sets.profile)) throw new Unfit("codec");
  const last = chosen.reduce((latest, one) => (one.time > latest.time ? one : latest));
  return { picture: { ...picture, record: sets.record(), frames, lastSpan: Math.round((last.span / scale) * TICKS) }, begins: first.time / scale };
}

/**
 * Copies the sound of a range. The frame before it comes first and is not heard, because each frame is mixed into the next; if the sound
 * begins later than the picture, silence comes first.
 * @param {Blob} file @param {Sound} sound @param {Range} range
 * @returns {Promise<NewSound | null>} null if there is none in the range, or if it is malformed
 */
async function soundOf(file, { samples, scale, ends, frequency, channels }, { from, to }) {
  const span = Math.round((AAC_SAMPLES * scale) / (FREQUENCIES[frequency] ?? scale));
  const [begins, stops] = [Math.round(from * scale), Math.min(to * scale, ends)];
  const heard = samples.findLastIndex(({ time }) => time <= begins);
  const chosen = samples.slice(Math.max(heard - 1, 0)).filter(({ time }) => time < stops);
  const [first] = chosen;
  const last = chosen.at(-1);
  if (!first || !last || last.time + span <= begins || scale > SOUND_TICKS || span < 1 || chosen.some(({ size }) => size > SOUND_FRAME_BYTES)) return null;
  const gap = Math.max(Math.round(first.time) - begins, 0);
  const frames = Array.from({ length: Math.ceil(gap / span) }, () => ({ bytes: silence(channels), span }));
  const skip = gap > 0 ? frames.length * span - gap : begins - Math.round(first.time);
  for (const [i, one] of chosen.entries()) {
    const next = chosen[i + 1];
    frames.push({ bytes: new Uint8Array(await slice(file, one)), span: next ? Math.round(next.time - one.time) : span });
  }
  return { frequency, channels, scale, skip, frames };
}

/**
 * Returns a silent frame of AAC-LC: one element of one or two channels without any band, and its end.
 *
 * By ISO/IEC 14496-3, 4.4.2: an element has 3 bits for its kind, 4 for its number, and with two channels one that says that they share
 * nothing. Each channel has 8 bits of gain, 11 of windows with no band, and three flags. Three bits end the frame.
 * @param {number} channels 1 or 2
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function silence(channels) {
  const bits = `${channels === 2 ? "00100000" : "0000000"}${"0".repeat(22 * channels)}111`;
  return Uint8Array.from(bits.match(/.{1,8}/g) ?? [], (byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
}

/**
 * Splits a film into the parts in which it is sent, and hashes them. A browser's SHA-256 cannot take a film piece by piece, so the hash of
 * the whole is that of its parts' digests.
 * @param {Blob} blob
 * @param {number} partBytes of each part but the last
 * @returns {Promise<{ parts: FilmPart[], sha256: string }>}
 */
export async function parted(blob, partBytes) {
  const parts = [];
  const digests = [];
  for (let at = 0; at < blob.size; at += partBytes) {
    const bytes = await blob.slice(at, at + partBytes).arrayBuffer();
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    digests.push(digest);
    parts.push({ size_bytes: bytes.byteLength, sha256: hex(digest) });
  }
  return { parts, sha256: hex(await crypto.subtle.digest("SHA-256", await new Blob(digests).arrayBuffer())) };
}

/** @param {ArrayBuffer} bytes */
function hex(bytes) {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
