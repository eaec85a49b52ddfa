// @ts-check
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { Unfit } from "../../assets/js/film/boxes.js";
import { FULL, SMALLER, make, parted, rangeOf, qualityFor, silence } from "../../assets/js/film/film.js";
import { AAC, PPS, SPS, avcC, box, esds, film, joined, numberIn, opened, pictureEntry, pictureTrack, slices, soundEntry, soundTrack, sounds, unit } from "./films.js";

/** @import { Making } from "./films.js" */
/** @import { Wish } from "../../assets/js/film/film.js" */

const limits = { max_video_bytes: 25_165_824, max_video_seconds: 60, video_part_bytes: 1_048_576 };
/** Node has no codec, so that films are copied here. The browser's stories encode them. @type {Wish} */
const wish = { limits, quality: FULL, sound: true };
const SECRET = "PLANTED 51.5007 N 0.1246 W";

/** @param {Making} making @param {Partial<Wish>} [more] */
async function copied(making, more = {}) {
  const made = await make(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (film(making))]), { ...wish, ...more }, () => {});
  const bytes = new Uint8Array(await made.blob.arrayBuffer());
  const [picture, sound] = opened(bytes).tracks;
  if (!picture) throw new Error("no picture");
  return { made, bytes, picture, sound, numbers: picture.samples.map((one) => numberIn(one.bytes)), heard: sound?.samples.map(numberOf) };
}

/** The number of a frame of sound; null of silence. @param {{ bytes: Uint8Array }} sample */
function numberOf({ bytes }) {
  return sounds(400).findIndex((one) => Buffer.from(one.bytes).equals(bytes));
}

/** @param {Making} making @param {Partial<Wish>} [more] */
async function whyNot(making, more) {
  return copied(making, more).then(() => assert.fail("it was made"), (error) => {
    assert.ok(error instanceof Unfit, String(error));
    return error.why;
  });
}

/** @param {number} from @param {number} to up to, not including */
const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);

test("without a codec a film is copied: each frame at its time, and its sound", async () => {
  for (const order of /** @type {const} */ (["plain", "B"])) {
    const frames = slices(90, { order });
    /** @type {number[]} */
    const done = [];
    const file = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (film({ tracks: [pictureTrack(frames, { delay: 20, edits: [[1800, 20]] }), soundTrack(141)] }))]);
    const made = await make(file, wish, (part) => done.push(part));
    const { tracks } = opened(new Uint8Array(await made.blob.arrayBuffer()));
    assert.deepEqual(tracks[0]?.samples.map(({ shown, key, bytes }) => [shown, key, numberIn(bytes)]), frames.map(({ time, key, bytes }) => [time * 150, key, numberIn(bytes)]));
    assert.deepEqual(tracks[1]?.samples.map(numberOf), range(0, 141));
    assert.deepEqual([made.way, made.sound, made.soundLost, made.width, made.height, made.duration_ms, made.blob.size], ["copy", true, false, 640, 360, 3000, made.blob.size]);
    assert.deepEqual([done.length, done.at(-1)], [90, 1]);
  }
});

test("a film that was held upright is so still", async () => {
  const { made, picture } = await copied({ tracks: [pictureTrack(slices(9), { matrix: [0, 65_536, 0, -65_536, 0, 0, 640 * 65_536, 0, 2 ** 30] })] });
  assert.deepEqual([made.width, made.height, picture.matrix], [360, 640, [0, 1, -1, 0]]);
});

test("nothing of the file goes along but what is seen and heard", async () => {
  const secret = new TextEncoder().encode(SECRET);
  const place = box("udta", box("\xa9xyz", [0, 16, 0x15, 0xc7], SECRET), box("loci", SECRET));
  const frames = slices(60, { beside: joined(unit(6, SECRET), unit(9, [16]), unit(12, SECRET), unit(24, SECRET)) });
  const { bytes, picture } = await copied({
    tracks: [
      pictureTrack(frames, { name: SECRET, more: [place, box("meta", SECRET)], entry: pictureEntry([640, 360], avcC(SPS, PPS, secret), { more: [box("colr", "prof", SECRET), box("uuid", SECRET)] }) }),
      soundTrack(94, { name: SECRET, entry: soundEntry(48_000, esds([...AAC, ...secret.slice(0, 30)])) }),
      { ...pictureTrack([{ bytes: secret, time: 0, span: 1200 }]), kind: "meta" },
      { ...pictureTrack(slices(60, { beside: unit(6, SECRET) })), enabled: false },
    ],
    moreInIndex: [place, box("meta", SECRET)], before: [box("uuid", SECRET)], after: [box("free", SECRET), secret], gap: secret,
  });
  assert.equal(Buffer.from(bytes).includes(SECRET), false);
  assert.equal(Buffer.from(bytes).includes("PLANTED"), false);
  assert.deepEqual(picture.samples.map((one) => (one.bytes[4] ?? 0) & 31), slices(60).map(({ key }) => (key ? 5 : 1)));
  assert.deepEqual(picture.record, joined(avcC(), [0xfd, 0xf8, 0xf8, 0]));
});

test("a part is copied from its first key frame on, and nothing of what was not chosen", async () => {
  for (const order of /** @type {const} */ (["plain", "B"])) {
    const tracks = [pictureTrack(slices(300, { order }), { delay: 20, edits: /** @type {[number, number][]} */ ([[6000, 20]]) }), soundTrack(469)];
    const { numbers, picture, heard, sound, made } = await copied({ tracks }, { from: 1.5, to: 7.05 });
    // A key frame each second; the frame that is shown from 7.033 s on has its middle behind the end.
    const last = order === "plain" ? 210 : 210;
    assert.deepEqual([...numbers].sort((a, b) => a - b), range(60, last + 1));
    assert.deepEqual([...picture.samples].sort((a, b) => a.shown - b.shown).map(({ shown }) => shown), range(0, last + 1 - 60).map((i) => i * 3000));
    assert.ok(picture.samples[0]?.key);
    assert.equal(made.duration_ms, Math.round(((last + 1 - 60) / 30) * 1000));
    // Sound begins two seconds into the film, in frame 93, with the one before it; both are left out as far as they came earlier.
    assert.deepEqual([heard?.[0], heard?.[1], sound?.edits[0]?.skips], [92, 93, 96_000 - 92 * 1024]);
    const end = (heard?.at(-1) ?? 0) * 1024 / 48_000;
    assert.ok(end < (last + 1) / 30 && end > (last + 1) / 30 - 0.05, `${end}`);
  }
});

test("a frame that is shown first but decoded late is not torn from those that it is made of", async () => {
  // The end falls between a B-frame and the frame behind it, which is decoded before it.
  const { numbers } = await copied({ tracks: [pictureTrack(slices(60, { order: "B" }), { delay: 20, edits: [[1200, 20]] })] }, { to: 40 / 30 });
  assert.deepEqual([...numbers].sort((a, b) => a - b), range(0, 39));
  assert.equal(numbers.includes(40), false, "what was not chosen");
});

test("what an edit list hides at the beginning is not copied", async () => {
  const { numbers } = await copied({ tracks: [pictureTrack(slices(120), { edits: [[1800, 400]] })] });
  assert.deepEqual(numbers, range(30, 110));
  const { heard, sound } = await copied({ tracks: [pictureTrack(slices(90)), soundTrack(200, { edits: [[1800, 4096]] })] });
  assert.deepEqual([heard?.[0], sound?.edits[0]?.skips], [3, 1024]);
});

test("sound that begins later than the picture waits for it in silence", async () => {
  const { heard, sound, made } = await copied({ tracks: [pictureTrack(slices(90)), soundTrack(100, { edits: [[60, -1], [1600, 0]] })] });
  // A tenth of a second: five frames of silence, of which 320 samples are left out.
  assert.deepEqual(heard?.slice(0, 7), [-1, -1, -1, -1, -1, 0, 1]);
  assert.deepEqual([sound?.edits[0]?.skips, made.sound], [5 * 1024 - 4800, true]);
  for (const [channels, bytes] of /** @type {const} */ ([[1, [0, 0, 0, 7]], [2, [0x20, 0, 0, 0, 0, 0, 0x0e]]])) assert.deepEqual([...silence(channels)], bytes);
});

test("sound is left out if nobody asked for it, and it is said if it cannot be kept", async () => {
  const tracks = [pictureTrack(slices(30)), soundTrack(47)];
  const silent = await copied({ tracks }, { sound: false });
  assert.deepEqual([silent.sound, silent.made.sound, silent.made.soundLost], [undefined, false, false]);
  const mp3 = await copied({ tracks: [pictureTrack(slices(30)), soundTrack(47, { entry: soundEntry(48_000, esds(AAC, 0x6b)) })] });
  assert.deepEqual([mp3.sound, mp3.made.sound, mp3.made.soundLost], [undefined, false, true]);
  const none = await copied({ tracks: [pictureTrack(slices(30))] });
  assert.deepEqual([none.made.sound, none.made.soundLost], [false, false]);
  const over = await copied({ tracks: [pictureTrack(slices(90)), soundTrack(47)] }, { from: 2, to: 3 });
  assert.deepEqual([over.made.sound, over.made.soundLost], [false, true]);
  const huge = await copied({ tracks: [pictureTrack(slices(30)), soundTrack(0, { frames: [{ bytes: new Uint8Array(9000), time: 0, span: 1024 }] })] });
  assert.equal(huge.made.sound, false);
});

test("only what the server takes is copied", async () => {
  const frames = slices(30);
  const sized = (/** @type {[number, number]} */ size) => ({ tracks: [pictureTrack(frames, { entry: pictureEntry(size, avcC()), size })] });
  assert.equal(await whyNot(sized([1922, 1080])), "codec");
  assert.equal((await copied(sized([1080, 1920]))).made.height, 1920);
  assert.equal(await whyNot({ tracks: [pictureTrack(frames, { entry: pictureEntry([640, 360], new Uint8Array(23), { type: "hvc1" }) })] }), "codec");
  assert.equal(await whyNot({ tracks: [pictureTrack(frames, { entry: pictureEntry([640, 360], avcC(joined([0x67, 110, 0, 31], "ten bits"))) })] }), "codec");
  assert.equal(await whyNot({ tracks: [pictureTrack(frames, { entry: pictureEntry([640, 360], [1, 100, 0, 31]) })] }), "codec");
  assert.equal(await whyNot({ tracks: [pictureTrack(slices(30, { bytes: 40_000 }))] }, { limits: { ...limits, max_video_bytes: 1_000_000 } }), "too-large");
  assert.equal(await whyNot({ tracks: [pictureTrack(frames)] }, { from: 0.5, to: 0.9 }), "no-key-frame");
  assert.equal(await whyNot({ tracks: [pictureTrack(frames.map((one) => ({ ...one, key: false })), { change: (tables) => (tables["stss"] = box("stss", [0, 0, 0, 0, 0, 0, 0, 0])) })] }), "no-key-frame");
  assert.equal(await whyNot({ tracks: [pictureTrack(frames.map((one) => ({ ...one, bytes: one.bytes.slice(0, -1) })))] }), "damaged");
  assert.equal(await whyNot({ tracks: [pictureTrack(frames.map((one) => ({ ...one, bytes: unit(6, "no slice") })))] }), "damaged");
});

test("without any way there is a reason, and it is that of the last way", async () => {
  const tracks = [pictureTrack(slices(30))];
  assert.equal(await whyNot({ tracks }, { ways: ["encode"] }), "decoder");
  assert.equal(await whyNot({ tracks }, { ways: [] }), "browser");
  assert.equal(await whyNot({ tracks: [pictureTrack(slices(30), { entry: pictureEntry([3840, 2160], avcC()) })] }), "codec");
});

test("a file that is gone is not a film that cannot be made ready", async () => {
  const bytes = /** @type {Uint8Array<ArrayBuffer>} */ (film({ tracks: [pictureTrack(slices(60))] }));
  const file = new Blob([bytes]);
  let reads = 0;
  // The index comes after the frames: it is read, and then the card is taken out.
  const gone = /** @type {Blob} */ ({ size: file.size, slice: (from, to) => ((reads += 1) > 8 ? /** @type {Blob} */ (/** @type {unknown} */ ({ arrayBuffer: () => Promise.reject(new DOMException("gone", "NotReadableError")) })) : file.slice(from, to)) });
  await assert.rejects(make(gone, wish, () => {}), { name: "NotReadableError" });
  reads = 0;
  const cut = /** @type {Blob} */ ({ size: file.size, slice: (from, to) => ((reads += 1) > 8 ? new Blob() : file.slice(from, to)) });
  await assert.rejects(make(cut, wish, () => {}), { name: "NotReadableError" });
});

test("a range is at most as long as the day allows", () => {
  const range = (/** @type {number} */ seconds, /** @type {number} */ from, /** @type {number} */ to) => rangeOf(seconds, { limits, from, to });
  assert.deepEqual(rangeOf(60.4, { limits }), { from: 0, to: 60.4 });
  assert.deepEqual(range(100, 20, 80), { from: 20, to: 80 });
  assert.deepEqual(range(10, -3, 99), { from: 0, to: 10 });
  assert.throws(() => rangeOf(100, { limits }), (error) => error instanceof Unfit && error.why === "too-long" && error.facts["seconds"] === 100 && error.facts["limit"] === 60);
  assert.throws(() => range(100, 10, 71), /too-long/);
  for (const [from, to] of /** @type {const} */ ([[5, 5], [7, 6], [20, 30], [NaN, 3]])) assert.throws(() => range(10, from, to), Unfit);
});

test("a film goes in parts of one MiB, each with its digest, and the whole with that of all digests", async () => {
  const bytes = Uint8Array.from({ length: 2 * 1_048_576 + 5 }, (_, i) => (i * 31) % 251);
  const sha256 = (/** @type {Uint8Array} */ some) => createHash("sha256").update(some).digest();
  const pieces = [bytes.subarray(0, 1_048_576), bytes.subarray(1_048_576, 2_097_152), bytes.subarray(2_097_152)];
  assert.deepEqual(await parted(new Blob([bytes]), 1_048_576), {
    parts: pieces.map((one) => ({ size_bytes: one.length, sha256: sha256(one).toString("hex") })),
    sha256: sha256(Buffer.concat(pieces.map(sha256))).toString("hex"),
  });
  assert.deepEqual((await parted(new Blob([bytes.slice(0, 1_048_576)]), 1_048_576)).parts.map((one) => one.size_bytes), [1_048_576]);
  const { made } = await copied({ tracks: [pictureTrack(slices(60, { bytes: 40_000 }))] });
  assert.equal(made.parts.reduce((sum, { size_bytes }) => sum + size_bytes, 0), made.blob.size);
  assert.equal(made.parts.length, 3);
});

test("over a slow connection less is sent; over one that was not measured yet, as usual", () => {
  assert.deepEqual([0, 99_999, 100_000, 5_000_000].map(qualityFor), [FULL, SMALLER, FULL, FULL]);
});
