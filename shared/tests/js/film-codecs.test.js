// @ts-check
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { Unfit } from "../../assets/js/film/boxes.js";
import { ParameterSets, codecOf, fitted } from "../../assets/js/film/codecs.js";
import { FULL, make } from "../../assets/js/film/film.js";
import { PPS, SPS, avcC, film, joined, n16, numberIn, opened, pictureEntry, pictureTrack, slices, soundTrack, unit } from "./films.js";

/** @import { Wish } from "../../assets/js/film/film.js" */

/** @type {Wish} */
const wish = { limits: { max_video_bytes: 25_165_824, max_video_seconds: 60, video_part_bytes: 1_048_576 }, quality: FULL, sound: true, ways: ["encode"] };
const world = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (globalThis));
const NAMES = ["VideoDecoder", "VideoEncoder", "VideoFrame", "EncodedVideoChunk", "OffscreenCanvas"];

afterEach(() => NAMES.forEach((name) => delete world[name]));

/**
 * Codecs as browsers have them, as far as they can be told apart from outside: they answer later, a decoder gives frames in the order in
 * which they are shown, an encoder may look ahead, and both take more than is good for a phone's memory.
 * @param {{ ahead?: boolean, doubled?: boolean, inBand?: boolean, changing?: boolean, throwing?: string[], failing?: string, refused?: RegExp, losing?: boolean }} [how] `ahead`: the encoder makes
 *   B-frames; `doubled`: its record doubles the first byte of each set, as Firefox does; `inBand`: sets stand in key frames; `changing`: and
 *   change; `throwing`: which codecs throw when they are asked what they can, as on iOS; `failing`: which one fails in the middle; `refused`:
 *   which codecs are not there; `losing`: the encoder drops a frame without a word
 */
function codecs({ ahead = false, doubled = false, inBand = false, changing = false, throwing = [], failing = "", refused = /^$/, losing = false } = {}) {
  const seen = { open: 0, most: 0, waiting: 0, closed: 0, drawn: /** @type {unknown[][]} */ ([]), transform: /** @type {number[]} */ ([]), decoding: /** @type {any} */ (null), encoding: /** @type {any} */ (null), asked: /** @type {string[]} */ ([]) };
  class Frame {
    /** @param {any} source @param {{ timestamp: number }} how */
    constructor(source, { timestamp }) {
      this.content = source.content;
      this.timestamp = timestamp;
      seen.most = Math.max(seen.most, (seen.open += 1));
    }
    close() {
      seen.open -= 1;
    }
  }
  class Chunk {
    /** @param {any} init */
    constructor(init) {
      Object.assign(this, init);
    }
  }
  class Codec {
    state = "unconfigured";
    /** @type {any[]} */
    queue = [];
    /** @type {Promise<void>} */
    running = Promise.resolve();
    count = 0;
    /** @param {{ output: (...some: any[]) => void, error: (error: Error) => void }} on */
    constructor(on) {
      this.on = on;
    }
    /** @param {any} config */
    configure(config) {
      this.state = "configured";
      seen[this.constructor === Decoder ? "decoding" : "encoding"] = config;
    }
    /** @param {any} one */
    put(one) {
      if (this.state !== "configured") throw new DOMException("not configured", "InvalidStateError");
      this.queue.push(one);
      seen.waiting = Math.max(seen.waiting, this.queue.length);
      this.running = this.running.then(() => new Promise((resolve) => setImmediate(resolve))).then(() => {
        if (this.state === "closed") return;
        if (failing === this.constructor.name && this.count === 20) {
          this.state = "closed";
          this.forget();
          return this.on.error(new DOMException("the hardware is needed elsewhere", "EncodingError"));
        }
        this.count += 1;
        this.work(this.queue.shift());
      });
    }
    /** @param {any} _ */
    work(_) {}
    rest() {}
    async flush() {
      await this.running;
      if (this.state === "closed") throw new DOMException("closed", "AbortError");
      this.rest();
    }
    close() {
      if (this.state === "closed") throw new DOMException("closed", "InvalidStateError");
      this.state = "closed";
      this.forget();
      seen.closed += 1;
    }
    /** What a codec holds itself it gives back itself. */
    forget() {}
  }
  const can = async (/** @type {string} */ name, /** @type {{ codec: string }} */ { codec }) => {
    seen.asked.push(codec);
    if (throwing.includes(name)) throw new TypeError("invalid configuration");
    return { supported: !refused.test(codec) };
  };
  class Decoder extends Codec {
    /** @type {any[]} */
    held = [];
    static isConfigSupported = (/** @type {any} */ config) => can("Decoder", config);
    get decodeQueueSize() {
      return this.queue.length;
    }
    /** @param {any} chunk */
    decode(chunk) {
      if (this.count + this.queue.length === 0 && chunk.type !== "key") throw new DOMException("a key frame is wanted", "DataError");
      this.put(chunk);
    }
    /** @param {any} chunk */
    work({ data, timestamp, duration }) {
      const frame = new Frame({ content: numberIn(new Uint8Array(data)) }, { timestamp });
      this.held.push(Object.assign(frame, { duration }));
      this.held.sort((a, b) => a.timestamp - b.timestamp);
      if (this.held.length > 3) this.on.output(this.held.shift());
    }
    rest() {
      for (const frame of this.held.splice(0)) this.on.output(frame);
    }
    forget() {
      for (const frame of this.held.splice(0)) frame.close();
    }
  }
  const sps = SPS;
  const twice = (/** @type {Uint8Array} */ set) => (doubled ? joined(set.subarray(0, 1), set) : set);
  class Encoder extends Codec {
    /** @type {any[]} */
    held = [];
    keys = 0;
    static isConfigSupported = (/** @type {any} */ config) => can("Encoder", config);
    get encodeQueueSize() {
      return this.queue.length;
    }
    /** @param {Frame} frame @param {{ keyFrame: boolean }} how */
    encode({ content, timestamp }, { keyFrame }) {
      this.put({ content, timestamp, keyFrame: keyFrame || this.count + this.queue.length === 0 });
    }
    /** @param {any} one */
    work(one) {
      this.held.push(one);
      if (!ahead || one.keyFrame) return this.rest();
      if (this.held.length === 2) this.held.reverse();
      if (this.held.length === 2) this.rest();
    }
    rest() {
      // A key frame ends what came before it.
      this.held.sort((a, b) => Number(a.keyFrame) - Number(b.keyFrame));
      for (const { content, timestamp, keyFrame } of this.held.splice(0)) {
        if (losing && content === 7) continue;
        if (keyFrame) this.keys += 1;
        const own = changing && this.keys > 1 ? joined(SPS, "!") : sps;
        const sets = inBand && keyFrame ? joined(unit(7, own.subarray(1)), unit(8, PPS.subarray(1)), unit(6, "an encoder's name")) : new Uint8Array();
        const bytes = joined(sets, unit(keyFrame ? 5 : 1, joined(n16(content), new Uint8Array(20))));
        const description = avcC(twice(sps), twice(PPS));
        this.on.output({ timestamp, type: keyFrame ? "key" : "delta", byteLength: bytes.length, copyTo: (/** @type {Uint8Array} */ into) => into.set(bytes) }, keyFrame ? { decoderConfig: { description } } : {});
      }
    }
  }
  class Canvas {
    content = -1;
    /** @param {number} width @param {number} height */
    constructor(width, height) {
      this.width = width;
      this.height = height;
    }
    getContext() {
      return {
        setTransform: (/** @type {number[]} */ ...some) => void (seen.transform = some),
        drawImage: (/** @type {any} */ frame, /** @type {number[]} */ ...place) => {
          this.content = frame.content;
          seen.drawn.push(place);
        },
      };
    }
  }
  Object.assign(world, { VideoDecoder: Decoder, VideoEncoder: Encoder, VideoFrame: Frame, EncodedVideoChunk: Chunk, OffscreenCanvas: Canvas });
  // What they are called is what tests name.
  for (const [name, kind] of /** @type {const} */ ([["VideoDecoder", Decoder], ["VideoEncoder", Encoder]])) Object.defineProperty(kind, "name", { value: name });
  return seen;
}

/** @param {import("./films.js").MadeTrack[]} tracks @param {Partial<Wish>} [more] */
async function encodedFilm(tracks, more = {}) {
  const made = await make(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (film({ tracks }))]), { ...wish, ...more }, () => {});
  const [picture, sound] = opened(new Uint8Array(await made.blob.arrayBuffer())).tracks;
  if (!picture) throw new Error("no picture");
  const shown = [...picture.samples].sort((a, b) => a.shown - b.shown);
  return { made, picture, sound, shown: shown.map((one) => [one.shown / 3000, numberIn(one.bytes)]), keys: picture.samples.filter(({ key }) => key).map(({ bytes }) => numberIn(bytes)) };
}

/** @param {Promise<unknown>} making @param {string} why */
const refused = (making, why) => assert.rejects(making, (error) => error instanceof Unfit && error.why === why);

/** @param {number} count @param {number} [every] */
const each = (count, every = 1) => Array.from({ length: count }, (_, i) => [i, i * every]);

test("every frame is encoded once, at its time, with a key frame every two seconds, and all of them are given back", async () => {
  const seen = codecs();
  const { made, shown, keys } = await encodedFilm([pictureTrack(slices(150, { order: "B", keyEvery: 50 }), { delay: 20, edits: [[3000, 20]] }), soundTrack(235)]);
  assert.deepEqual(shown, each(150));
  assert.deepEqual(keys, [0, 60, 120]);
  assert.deepEqual([made.way, made.width, made.height, made.duration_ms, made.sound], ["encode", 640, 360, 5000, true]);
  assert.deepEqual([seen.open, seen.closed], [0, 2]);
  assert.ok(seen.most < 40 && seen.waiting <= 12, `${seen.most} frames at once, ${seen.waiting} waiting`);
});

test("an encoder that looks ahead, doubles bytes of its record and writes its name is understood", async () => {
  for (const ahead of [false, true]) {
    codecs({ ahead, doubled: true, inBand: true });
    const { picture, shown } = await encodedFilm([pictureTrack(slices(151))]);
    assert.deepEqual(shown, each(151));
    assert.deepEqual(picture.record, joined(avcC(), [0xfd, 0xf8, 0xf8, 0]));
    assert.ok(picture.samples.every(({ bytes }) => [1, 5].includes((bytes[4] ?? 0) & 31)), "slices alone");
    assert.deepEqual(picture.edits.map(({ skips }) => skips), ahead ? [3000] : []);
    if (ahead) assert.equal(picture.edits[0]?.lasts, 151 * 3000);
  }
  codecs({ inBand: true, changing: true });
  await refused(encodedFilm([pictureTrack(slices(151))]), "parameter-sets");
});

test("at most 30 frames a second are sent, evenly, and of a film that is not even none is lost", async () => {
  codecs();
  const sixty = slices(121, { span: 10, keyEvery: 60 });
  assert.deepEqual((await encodedFilm([pictureTrack(sixty)])).shown, each(61, 2));
  const cinema = await encodedFilm([pictureTrack(slices(48, { span: 25 }))]);
  assert.deepEqual(cinema.shown, Array.from({ length: 48 }, (_, i) => [i * 1.25, i]));
  let time = 0;
  const uneven = slices(90).map((one, i) => {
    const span = [20, 17, 23, 20, 18, 22][i % 6] ?? 20;
    const now = { ...one, time, span };
    time += span;
    return now;
  });
  const { shown, made } = await encodedFilm([pictureTrack(uneven)]);
  assert.deepEqual(shown, uneven.map((one, i) => [Math.round(one.time / 600 * 90_000) / 3000, i]));
  assert.equal(made.duration_ms, 3000);
  assert.equal((await encodedFilm([pictureTrack(sixty)])).made.duration_ms, 2017);
});

test("a part has exactly its frames, and its sound begins with the first of them", async () => {
  codecs();
  const { shown, sound } = await encodedFilm([pictureTrack(slices(300)), soundTrack(469)], { from: 2.5, to: 4.1 });
  assert.deepEqual(shown, Array.from({ length: 48 }, (_, i) => [i, 75 + i]));
  assert.deepEqual([sound?.edits[0]?.skips, sound?.samples.length], [120_000 - 116 * 1024, 77]);
  const hidden = await encodedFilm([pictureTrack(slices(120), { edits: [[1800, 400]] })]);
  assert.deepEqual(hidden.shown, Array.from({ length: 90 }, (_, i) => [i, 20 + i]));
});

test("a film is turned upright and made smaller, and encoded at a level that holds it", async () => {
  const seen = codecs();
  const big = (/** @type {[number, number]} */ size, /** @type {number[]} */ [a = 1, b = 0, c = 0, d = 1] = []) => [pictureTrack(slices(9), { entry: pictureEntry(size, avcC()), size, matrix: [a, b, 0, c, d, 0, 0, 0, 2 ** 30].map((one, i) => (i < 8 ? one * 65_536 : one)) })];
  const upright = await encodedFilm(big([1920, 1080], [0, 1, -1, 0]));
  assert.deepEqual([upright.made.width, upright.made.height, upright.picture.matrix], [720, 1280, [1, 0, 0, 1]]);
  assert.deepEqual([seen.transform, seen.drawn.at(-1)], [[0, 1, -1, 0, 360, 640], [-640, -360, 1280, 720]]);
  assert.deepEqual([seen.encoding.codec, seen.encoding.width, seen.encoding.height, seen.encoding.bitrate], ["avc1.64001f", 720, 1280, 2_000_000]);
  await encodedFilm(big([1440, 1080]), { quality: { edge: 960, bitrate: 1_000_000 } });
  assert.deepEqual([seen.encoding.width, seen.encoding.height, seen.encoding.bitrate], [960, 720, 1_000_000]);
  await encodedFilm(big([1920, 1440]));
  assert.equal(seen.encoding.codec, "avc1.640028");
  assert.deepEqual(fitted(1921, 3, 1280), { width: 1280, height: 2 });
  assert.deepEqual(fitted(321, 241, 1280), { width: 320, height: 240 });
});

test("the best profile that is there is used; without any, or where asking throws, there is none", async () => {
  // So large a picture is encoded at another level than it was filmed at.
  const large = [pictureTrack(slices(9), { entry: pictureEntry([1280, 960], avcC()), size: [1280, 960] })];
  for (const [missing, codec] of /** @type {const} */ ([[/^$/, "avc1.640028"], [/^avc1\.640028$/, "avc1.4d0028"], [/^avc1\.(64|4d)0028$/, "avc1.42e028"]])) {
    const seen = codecs({ refused: missing });
    await encodedFilm(large);
    assert.equal(seen.encoding.codec, codec);
  }
  codecs({ refused: /28$/ });
  await refused(encodedFilm(large), "encoder");
  codecs({ refused: /^avc1\.64001f$/ });
  await refused(encodedFilm([pictureTrack(slices(9))]), "decoder");
  codecs({ throwing: ["Decoder"] });
  await refused(encodedFilm([pictureTrack(slices(9))]), "decoder");
  codecs({ throwing: ["Encoder"] });
  await refused(encodedFilm([pictureTrack(slices(9))]), "encoder");
  codecs();
  delete world["VideoEncoder"];
  await refused(encodedFilm([pictureTrack(slices(9))]), "encoder");
  delete world["VideoDecoder"];
  await refused(encodedFilm([pictureTrack(slices(9))]), "decoder");
});

test("a codec that fails in the middle leaves no frame behind, and the film is copied", async () => {
  for (const failing of ["VideoDecoder", "VideoEncoder"]) {
    const seen = codecs({ failing });
    const { made, shown } = await encodedFilm([pictureTrack(slices(90))], { ways: ["encode", "copy"] });
    assert.deepEqual([made.way, shown.length, seen.open, seen.closed], ["copy", 90, 0, 1], failing);
  }
  const seen = codecs({ losing: true });
  await refused(encodedFilm([pictureTrack(slices(90))]), "encoder");
  assert.deepEqual([seen.open, seen.closed], [0, 2]);
  codecs({ throwing: ["Encoder"] });
  assert.equal((await encodedFilm([pictureTrack(slices(90))], { ways: ["encode", "copy"] })).made.way, "copy");
});

test("codecs have the names by which browsers ask for them", () => {
  const hevc = joined([1, 0x01, 0x60, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 93], new Uint8Array(10));
  assert.equal(codecOf({ type: "avc1", record: /** @type {Uint8Array<ArrayBuffer>} */ (avcC()) }), "avc1.64001f");
  assert.equal(codecOf({ type: "hvc1", record: /** @type {Uint8Array<ArrayBuffer>} */ (hevc) }), "hvc1.1.6.L93.b0");
  const main10 = joined([1, 0x22, 0x20, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 153]);
  assert.equal(codecOf({ type: "hev1", record: /** @type {Uint8Array<ArrayBuffer>} */ (main10) }), "hev1.2.4.H153.90");
  for (const type of ["av01", "dvh1", "mp4v"]) assert.throws(() => codecOf({ type, record: new Uint8Array(30) }), Unfit);
  assert.throws(() => codecOf({ type: "hvc1", record: new Uint8Array(5) }), Unfit);
});

/** @param {Uint8Array} record */
function setsOf(record) {
  const sets = new ParameterSets();
  sets.read(record);
  return sets;
}

test("units of any length of their lengths are taken, and sets that come again must be the same", () => {
  const slice = unit(5, "slice");
  const short = joined([1, 100, 0, 31, 0xfd, 0xe1], n16(SPS.length), SPS, [1], n16(PPS.length), PPS);
  assert.deepEqual(setsOf(short).take(joined([0, 6, 0x65], "slice")), slice);
  const sets = setsOf(avcC());
  const own = [unit(7, SPS.subarray(1)), unit(8, PPS.subarray(1))];
  assert.deepEqual(sets.take(joined(...own, slice)), slice);
  assert.deepEqual(sets.take(joined(...own, ...own, slice, slice)), joined(slice, slice));
  assert.deepEqual(sets.record(), joined(avcC(), [0xfd, 0xf8, 0xf8, 0]));
  assert.throws(() => sets.take(joined(unit(8, "other"), slice)), /parameter-sets/);
  for (const frame of [new Uint8Array(), new Uint8Array(3), slice.subarray(0, -1), joined(slice, [1]), new Uint8Array(8), unit(6, "SEI")]) assert.throws(() => sets.take(frame), /damaged/);
  assert.throws(() => new ParameterSets().record(), /parameter-sets/);
  assert.throws(() => setsOf(new Uint8Array([1, 2, 3])).record(), /parameter-sets/);
  const baseline = joined([0x67, 66, 0xe0, 31], "base");
  assert.deepEqual(setsOf(avcC(baseline)).record(), avcC(baseline));
});
