// @ts-check
// Uses the browser's own codecs: a picture track is decoded, turned upright, scaled down, and encoded again as H.264. It includes what must
// be known of H.264 for that: parameter sets, and what may stand beside the slices of a picture (ISO/IEC 14496-15 and ITU-T H.264, 7.4.1).

import { TICKS, Unfit } from "./boxes.js";

/**
 * @import { Frame, NewPicture, Picture } from "./boxes.js"
 * @typedef {{ edge: number, bitrate: number }} Quality the longest edge in pixels at most; bits a second
 * @typedef {{ from: number, to: number }} Range of a film, in seconds of its own time
 * @typedef {{ isConfigSupported(config: any): Promise<{ supported?: boolean }> }} Codec
 */

const FRAMES_PER_SECOND = 30;
const FRAME_US = 1e6 / FRAMES_PER_SECOND;
/** A frame that arrives by less than this before the next one is due, in microseconds, counts as that one: phones do not film evenly. */
const EARLY_US = 10_000;
const KEY_FRAME_EVERY_US = 2_000_000;
/** Largest number of frames that may wait at a codec: each is as large as an uncompressed picture. */
const WAITING = 8;
const LOOK_MS = 4;
/** Longest time by which a frame may be shown later than others that are decoded after it, in seconds. */
const REORDERED_S = 1;
/** High, Main and Baseline, best first; and the levels that hold 1280 × 720 and 1280 × 1280 at 30 frames per second. */
const PROFILES = ["6400", "4d00", "42e0"];
const LEVELS = /** @type {const} */ ([[3600, "1f"], [Infinity, "28"]]);

/**
 * Encodes a range of a picture track: upright, at most 30 frames per second, with a key frame every 2 seconds, and nothing of the old file
 * except what is seen.
 * @param {Blob} file
 * @param {Picture} picture
 * @param {Range} range
 * @param {Quality} quality
 * @param {(done: number) => void} onProgress from 0 to 1
 * @returns {Promise<{ picture: NewPicture, begins: number }>} `begins` is the first frame's time in the film, in seconds
 * @throws {Unfit} if this browser has no decoder for it, or no encoder; or the error of a codec
 */
export async function encoded(file, picture, range, quality, onProgress) {
  const inner = fitted(picture.width, picture.height, quality.edge);
  const outer = picture.matrix[0] === 0 ? { width: inner.height, height: inner.width } : inner;
  const decoding = { codec: codecOf(picture), codedWidth: picture.codedWidth, codedHeight: picture.codedHeight, description: picture.record };
  if (typeof VideoDecoder !== "function" || !(await supports(VideoDecoder, decoding))) throw new Unfit("decoder");
  const encoding = await encodingFor(outer, quality.bitrate);
  const upright = turning(picture.matrix, inner, outer);
  const failure = new Failure();
  const cadence = new Cadence(range);
  /** @type {Frame[]} */
  const frames = [];
  const sets = new ParameterSets();
  const encoder = new VideoEncoder({
    error: failure.keep,
    output: (chunk, meta) => failure.guard(() => {
      const description = meta?.decoderConfig?.description;
      if (description && frames.length === 0) sets.read(bytesOf(description));
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      frames.push({ bytes: sets.take(bytes), time: ticks(chunk.timestamp), key: chunk.type === "key" });
    }),
  });
  const decoder = new VideoDecoder({
    error: failure.keep,
    output: (frame) => {
      failure.guard(() => {
        const kind = cadence.take(frame.timestamp, frame.duration ?? FRAME_US);
        if (kind === "left-out") return;
        const drawn = upright(frame, frame.timestamp - cadence.origin);
        encoder.encode(drawn, { keyFrame: kind === "key" });
        drawn.close();
      });
      frame.close();
    },
  });
  try {
    encoder.configure(encoding);
    decoder.configure(decoding);
    await fed(file, picture, range, onProgress, async (chunk) => {
      decoder.decode(chunk);
      for (failure.check(); decoder.decodeQueueSize > WAITING || encoder.encodeQueueSize > WAITING; failure.check()) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    });
    for (const codec of [decoder, encoder]) {
      await codec.flush();
      failure.check();
    }
  } finally {
    for (const codec of [decoder, encoder]) if (codec.state !== "closed") codec.close();
  }
  if (cadence.count === 0) throw new Unfit("decoder");
  if (frames.length !== cadence.count) throw new Unfit("encoder", { drawn: cadence.count, frames: frames.length });
  return {
    picture: { codedWidth: outer.width, codedHeight: outer.height, ...outer, matrix: [1, 0, 0, 1], colour: null, record: sets.record(), frames, lastSpan: ticks(cadence.lastSpan) },
    begins: cadence.origin / 1e6,
  };
}

/** Collects the errors of codecs: they report them in callbacks, and an exception thrown in a callback would be lost. */
class Failure {
  /** @type {{ error: unknown } | null} */
  #kept = null;
  /** @param {unknown} error */
  keep = (error) => void (this.#kept ??= { error });

  /** Runs work in a callback, unless something has failed already. @param {() => void} work */
  guard(work) {
    try {
      if (!this.#kept) work();
    } catch (error) {
      this.keep(error);
    }
  }

  check() {
    if (this.#kept) throw this.#kept.error;
  }
}

/** Chooses the frames of a range: at most 30 per second, and a key frame every two seconds. All times are in microseconds. */
class Cadence {
  count = 0;
  /** When the first frame is shown. */
  origin = 0;
  /** How long the last frame is shown, including those after it that were left out. */
  lastSpan = 0;
  #last = 0;
  #due = -Infinity;
  #keyDue = -Infinity;

  /** @param {Range} range */
  constructor({ from, to }) {
    this.from = from * 1e6;
    this.to = to * 1e6;
  }

  /** @param {number} time @param {number} span @returns {"left-out" | "key" | "delta"} */
  take(time, span) {
    const middle = time + span / 2;
    if (middle < this.from || middle >= this.to) return "left-out";
    if (time < this.#due - EARLY_US) {
      this.lastSpan = Math.max(time + span - this.#last, 0);
      return "left-out";
    }
    if (this.count === 0) this.origin = time;
    this.count += 1;
    this.#due = Math.max(this.#due, time) + FRAME_US;
    [this.#last, this.lastSpan] = [time, span];
    if (time < this.#keyDue) return "delta";
    this.#keyDue = time + KEY_FRAME_EVERY_US;
    return "key";
  }
}

/**
 * Returns a function that draws frames upright and scaled down.
 * @param {Picture["matrix"]} matrix @param {{ width: number, height: number }} inner before it turns them @param {{ width: number, height: number }} outer
 * @returns {(frame: VideoFrame, timestamp: number) => VideoFrame}
 */
function turning([a, b, c, d], inner, outer) {
  const canvas = new OffscreenCanvas(outer.width, outer.height);
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Unfit("encoder");
  context.setTransform(a, b, c, d, outer.width / 2, outer.height / 2);
  return (frame, timestamp) => {
    context.drawImage(frame, -inner.width / 2, -inner.height / 2, inner.width, inner.height);
    return new VideoFrame(canvas, { timestamp });
  };
}

/**
 * Reads what must be decoded for a range, one sample after another, from the key frame before it.
 * @param {Blob} file @param {Picture} picture @param {Range} range @param {(done: number) => void} onProgress
 * @param {(chunk: EncodedVideoChunk) => Promise<void>} decode resolves when the next one may come
 */
async function fed(file, { samples, scale }, { from, to }, onProgress, decode) {
  const first = samples.findIndex((one) => one.key);
  if (first < 0) throw new Unfit("no-key-frame");
  const begin = samples.findLastIndex((one) => one.key && one.time / scale <= from);
  for (const one of samples.slice(Math.max(begin, first))) {
    const seconds = one.time / scale;
    if (seconds > to + REORDERED_S) return;
    const [timestamp, duration] = [Math.round(seconds * 1e6), Math.round((one.span / scale) * 1e6)];
    await decode(new EncodedVideoChunk({ type: one.key ? "key" : "delta", timestamp, duration, data: await slice(file, one) }));
    onProgress(Math.min(Math.max((seconds - from) / (to - from), 0), 1));
  }
}

/** Converts microseconds to ticks. @param {number} us */
function ticks(us) {
  return Math.round((us * TICKS) / 1e6);
}

/**
 * Reads the bytes of a sample.
 * @param {Blob} file
 * @param {{ at: number, size: number }} sample
 * @throws {DOMException} `NotReadableError` if the file has changed
 */
export async function slice(file, { at, size }) {
  const bytes = await file.slice(at, at + size).arrayBuffer();
  if (bytes.byteLength !== size) throw new DOMException("cut short", "NotReadableError");
  return bytes;
}

/**
 * Returns a size of the same shape whose longest edge is at most `edge`: never enlarged, and even, because chroma has half the pixels.
 * @param {number} width
 * @param {number} height
 * @param {number} edge
 */
export function fitted(width, height, edge) {
  const scale = Math.min(1, edge / Math.max(width, height));
  const even = (/** @type {number} */ pixels) => Math.max(2, Math.floor(Math.round(pixels * scale) / 2) * 2);
  return { width: even(width), height: even(height) };
}

/** Whether a configuration is supported. iOS throws an error instead of returning false. @param {Codec} codec @param {object} config */
async function supports(codec, config) {
  try {
    return (await codec.isConfigSupported(config)).supported === true;
  } catch {
    return false;
  }
}

/** @param {{ width: number, height: number }} size @param {number} bitrate @returns {Promise<VideoEncoderConfig>} */
async function encodingFor({ width, height }, bitrate) {
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  const level = LEVELS.find(([most]) => blocks <= most)?.[1];
  for (const profile of typeof VideoEncoder === "function" ? PROFILES : []) {
    /** @type {VideoEncoderConfig} */
    const config = { codec: `avc1.${profile}${level}`, width, height, bitrate, framerate: FRAMES_PER_SECOND, latencyMode: "quality", avc: { format: "avc" } };
    if (await supports(VideoEncoder, config)) return config;
  }
  throw new Unfit("encoder");
}

/**
 * Returns the name of a picture's codec as browsers expect it: RFC 6381, and ISO/IEC 14496-15, annex E, for HEVC.
 * @param {Pick<Picture, "type" | "record">} picture
 * @throws {Unfit} for any but H.264 and HEVC
 */
export function codecOf({ type, record }) {
  const hex = (/** @type {number | undefined} */ byte = 0) => byte.toString(16).padStart(2, "0");
  if (type === "avc1" || type === "avc3") return `${type}.${hex(record[1])}${hex(record[2])}${hex(record[3])}`;
  if ((type !== "hvc1" && type !== "hev1") || record.length < 13) throw new Unfit("codec");
  const [profile = 0, level = 0] = [record[1], record[12]];
  // The compatibility flags are written in reverse order.
  const flags = [...record.subarray(2, 6)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const compatible = Number.parseInt([...flags].reverse().join(""), 2).toString(16);
  const constraints = [...record.subarray(6, 12)];
  while (constraints.at(-1) === 0) constraints.pop();
  const space = ["", "A", "B", "C"][profile >> 6];
  return [type, `${space}${profile & 31}`, compatible, `${profile & 32 ? "H" : "L"}${level}`, ...constraints.map((byte) => byte.toString(16))].join(".");
}

/** @param {AllowSharedBufferSource} source */
function bytesOf(source) {
  return ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice() : new Uint8Array(source).slice();
}

const SPS = 7;
const PPS = 8;
/** Largest type number of a slice; all other units have larger numbers. */
const LAST_SLICE = 5;

/**
 * The parameter sets of an H.264 stream, and its frames with nothing but slices: what cameras and encoders write beside them (places,
 * settings, their names) is removed.
 *
 * Sets in the first frame count, and not those of the record: Firefox doubles the first byte of each in its record
 * (https://bugzilla.mozilla.org/show_bug.cgi?id=2031056), and programs other than browsers cannot play such a film. Without that bug, the
 * record alone would be enough if it has sets.
 */
export class ParameterSets {
  /** @type {Uint8Array[]} */
  #sps = [];
  /** @type {Uint8Array[]} */
  #pps = [];
  #lengthBytes = 4;
  #first = true;

  /** Takes the sets of a record, an `avcC`. @param {Uint8Array} record */
  read(record) {
    this.#lengthBytes = ((record[4] ?? 3) & 3) + 1;
    let at = 5;
    const listed = (/** @type {number} */ count) => {
      const sets = [];
      for (let i = 0; i < count; i += 1) {
        const length = ((record[at] ?? 0) << 8) | (record[at + 1] ?? 0);
        const set = record.slice(at + 2, at + 2 + length);
        if (length > 0 && set.length === length) sets.push(set);
        at += 2 + length;
      }
      return sets;
    };
    this.#sps = listed((record[at++] ?? 0) & 31);
    this.#pps = listed(record[at++] ?? 0);
  }

  /** Returns the profile's number, such as 100 for High; 0 if there is no set. */
  get profile() {
    return this.#sps[0]?.[1] ?? 0;
  }

  /**
   * Takes one frame. Returns its slices alone, each after a length of four bytes.
   * @param {Uint8Array} frame
   * @returns {Uint8Array<ArrayBuffer>}
   * @throws {Unfit} if its units do not fill it, if none is a slice, or if it has other sets than the first one had
   */
  take(frame) {
    /** @type {Uint8Array[]} */
    const slices = [];
    /** @type {Uint8Array[]} */
    const sps = [];
    /** @type {Uint8Array[]} */
    const pps = [];
    for (let at = 0; at < frame.length;) {
      let length = 0;
      for (let i = 0; i < this.#lengthBytes; i += 1) length = length * 256 + (frame[at + i] ?? 0);
      at += this.#lengthBytes;
      if (at + length > frame.length) throw new Unfit("damaged");
      const unit = frame.subarray(at, at + length);
      at += length;
      if (length === 0) continue;
      const type = (unit[0] ?? 0) & 31;
      if (type === SPS) sps.push(unit.slice());
      else if (type === PPS) pps.push(unit.slice());
      else if (type >= 1 && type <= LAST_SLICE) slices.push(unit);
    }
    if (slices.length === 0) throw new Unfit("damaged");
    if (this.#first && sps.length > 0 && pps.length > 0) [this.#sps, this.#pps] = [unique(sps), unique(pps)];
    this.#first = false;
    for (const [some, known] of /** @type {const} */ ([[sps, this.#sps], [pps, this.#pps]])) {
      if (!some.every((one) => known.some((other) => equal(one, other)))) throw new Unfit("parameter-sets");
    }
    return joined(slices);
  }

  /**
   * Returns the `avcC` of all frames taken: the sets, and nothing else.
   * @throws {Unfit} if there are none
   */
  record() {
    const [first] = this.#sps;
    if (!first || first.length < 4 || this.#pps.length === 0) throw new Unfit("parameter-sets");
    const listed = (/** @type {Uint8Array[]} */ sets) => sets.flatMap((set) => [set.length >> 8, set.length & 255, ...set]);
    const head = [1, ...first.subarray(1, 4), 0xff, 0xe0 | this.#sps.length];
    // High profile: 4:2:0, eight bits, no extension of the sequence set.
    const high = this.profile === 100 ? [0xfd, 0xf8, 0xf8, 0] : [];
    return new Uint8Array([...head, ...listed(this.#sps), this.#pps.length, ...listed(this.#pps), ...high]);
  }
}

/** @param {Uint8Array[]} units */
function joined(units) {
  const bytes = new Uint8Array(units.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const unit of units) {
    view.setUint32(at, unit.length);
    bytes.set(unit, at + 4);
    at += 4 + unit.length;
  }
  return bytes;
}

/** @param {Uint8Array[]} sets */
function unique(sets) {
  return sets.filter((one, i) => sets.findIndex((other) => equal(one, other)) === i);
}

/** @param {Uint8Array} a @param {Uint8Array} b */
function equal(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
