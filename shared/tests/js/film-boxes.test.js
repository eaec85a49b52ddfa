// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { LIMITS, TICKS, Unfit, aacOf, read, timed, write } from "../../assets/js/film/boxes.js";
import { AAC, avcC, box, boxesOf, esds, everyBox, film, joined, n16, n32, n64, opened, pictureEntry, pictureTrack, slices, soundEntry, soundTrack, sounds } from "./films.js";

/** @import { Making, MadeTrack } from "./films.js" */

/** @param {...Uint8Array} bytes */
const file = (...bytes) => new Blob(/** @type {BlobPart[]} */ (bytes));
/** @param {Making} making */
const reading = (making) => read(file(film(making)));
/** @param {(tables: Record<string, Uint8Array>) => void} change @param {Partial<MadeTrack>} [how] */
const spoiled = (change, how = {}) => reading({ tracks: [pictureTrack(slices(60), { change, ...how })] });
/** @param {Promise<unknown>} reading @param {string} why */
const refused = (reading, why) => assert.rejects(reading, (error) => {
  assert.ok(error instanceof Unfit, String(error));
  assert.equal(error.why, why);
  return true;
});

test("a film of a phone is read, wherever its index stands and however wide its addresses are", async () => {
  const frames = slices(60);
  for (const [indexLast, wide] of /** @type {const} */ ([[true, false], [false, false], [true, true], [false, true]])) {
    const bytes = film({ tracks: [pictureTrack(frames), soundTrack(94)], indexLast, wide, before: [box("wide"), box("free", "nothing")] });
    const { picture, sound, seconds, hasSound } = await read(file(bytes));
    assert.deepEqual([seconds, hasSound, picture.width, picture.height, picture.codedWidth, picture.type], [2, true, 640, 360, 640, "avc1"]);
    assert.deepEqual(picture.samples.map(({ time, span, key }) => [time, span, key]), frames.map(({ time, span, key }) => [time, span, key]));
    assert.deepEqual(picture.samples.map(({ at, size }) => bytes.slice(at, at + size)), frames.map((one) => one.bytes));
    assert.deepEqual(sound?.samples.map(({ at, size }) => bytes.slice(at, at + size)), sounds(94).map((one) => one.bytes));
    assert.deepEqual([sound?.channels, sound?.frequency, sound?.scale], [1, 3, 48_000]);
  }
});

test("of several tracks the one that is meant to be shown is taken, and of none there is no film", async () => {
  const shown = pictureTrack(slices(30, { keyEvery: 7 }));
  const other = pictureTrack(slices(60), { enabled: false });
  const { picture } = await reading({ tracks: [{ ...pictureTrack(slices(9)), kind: "meta" }, other, shown] });
  assert.equal(picture.samples.length, 30);
  assert.equal((await reading({ tracks: [other] })).picture.samples.length, 60);
  await refused(reading({ tracks: [soundTrack(10)] }), "no-picture");
});

test("frames are shown when their composition and the edit list say so", async () => {
  const frames = slices(60, { order: "B" });
  const { picture, seconds } = await reading({ tracks: [pictureTrack(frames, { delay: 20, edits: [[1200, 20]] })] });
  assert.deepEqual(picture.samples.map(({ time }) => time), frames.map(({ time }) => time));
  assert.equal(seconds, 2);
  const late = await reading({ tracks: [pictureTrack(slices(60), { edits: [[300, -1], [1200, 0]] })] });
  assert.deepEqual([late.picture.samples[0]?.time, late.seconds], [300, 2.5]);
  const cut = await reading({ tracks: [pictureTrack(slices(60), { edits: [[600, 200]] })] });
  assert.deepEqual([cut.picture.samples[0]?.time, cut.picture.ends, cut.seconds], [-200, 600, 1]);
});

test("what was cut out of a film in its middle does not come back", async () => {
  await refused(reading({ tracks: [pictureTrack(slices(60), { edits: [[300, 0], [300, 800]] })] }), "edited");
  await refused(reading({ tracks: [pictureTrack(slices(60), { edits: [[300, 0, 32_768]] })] }), "edited");
  await refused(reading({ tracks: [pictureTrack(slices(60), { edits: [[300, 0], [300, -1]] })] }), "edited");
  await refused(spoiled((tables) => (tables["stsd"] = box("stsd", n32(0, 2), pictureEntry([640, 360], avcC()), pictureEntry([640, 360], avcC())))), "edited");
});

test("quarter turns and mirror images are understood, and nothing else", async () => {
  const turned = async (/** @type {number[]} */ ...[a = 0, b = 0, c = 0, d = 0]) => (await reading({
    tracks: [pictureTrack(slices(3), { matrix: [a, b, 0, c, d, 0, 0, 0, 2 ** 30].map((one, i) => (i < 8 ? one * 65_536 : one)) })],
  })).picture.matrix;
  for (const matrix of [[1, 0, 0, 1], [0, 1, -1, 0], [-1, 0, 0, -1], [0, -1, 1, 0], [-1, 0, 0, 1], [0, 1, 1, 0]]) assert.deepEqual(await turned(...matrix), matrix);
  for (const matrix of [[0, 0, 0, 0], [2, 0, 0, 1], [0.7, 0.7, -0.7, 0.7], [1, 1, 0, 1], [1, 1, 1, 1]]) await refused(turned(...matrix), "shape");
});

test("sound that cannot be copied does not cost the picture", async () => {
  const sound = async (/** @type {Partial<MadeTrack>} */ how) => {
    const { hasSound, sound, picture } = await reading({ tracks: [pictureTrack(slices(30)), soundTrack(40, how)] });
    assert.deepEqual([hasSound, picture.samples.length], [true, 30]);
    return sound;
  };
  assert.ok(await sound({}));
  for (const version of [1, 2]) assert.ok(await sound({ entry: soundEntry(48_000, esds(AAC), version) }), `version ${version} of QuickTime`);
  const [config = 0, more = 0] = AAC;
  assert.equal(await sound({ entry: soundEntry(48_000, esds([0x29, more])) }), null, "HE-AAC");
  assert.equal(await sound({ entry: soundEntry(48_000, esds([config, (more & 0x87) | (6 << 3)])) }), null, "5.1");
  assert.equal(await sound({ entry: soundEntry(48_000, esds([config, more | 4])) }), null, "short frames");
  assert.equal(await sound({ entry: soundEntry(48_000, esds(AAC, 0x6b)) }), null, "MP3");
  assert.equal(await sound({ entry: box("lpcm", new Uint8Array(28)) }), null, "PCM");
  assert.equal(await sound({ entry: soundEntry(48_000, box("free")) }), null, "no configuration");
  assert.equal(await sound({ edits: [[100, 0], [100, 48_000]] }), null, "edited");
  assert.equal(await sound({ change: (tables) => delete tables["stts"] }), null, "no times");
  // A table of a row for each of 48,000 samples a second is usual for sound that is not compressed.
  const pcm = await reading({ tracks: [pictureTrack(slices(30)), soundTrack(40, { entry: box("sowt", new Uint8Array(28)), change: (tables) => (tables["stsz"] = box("stsz", n32(0, 2, 3_000_000))) })] });
  assert.deepEqual([pcm.sound, pcm.hasSound], [null, true]);
});

test("the description of AAC is read with every field that may stand in it", () => {
  const described = (/** @type {number} */ flags, /** @type {number[]} */ ...more) => joined(n32(0), [3, 40, 0, 1, flags], more, [4, 17, 0x40, 0x15, 0, 0, 0], n32(0, 0), [5, 2], AAC);
  const expected = { frequency: 3, channels: 1 };
  assert.deepEqual(aacOf(described(0)), expected);
  assert.deepEqual(aacOf(described(0x80, 0, 7)), expected);
  assert.deepEqual(aacOf(described(0x40, 3, 1, 2, 3)), expected);
  assert.deepEqual(aacOf(described(0xe0, 0, 7, 2, 1, 2, 0, 9)), expected);
  assert.equal(aacOf(described(0).subarray(0, -1)), null, "cut short");
  assert.equal(aacOf(new Uint8Array(3)), null);
});

test("every mistake of an index is refused, and at once", async () => {
  const begun = performance.now();
  const good = film({ tracks: [pictureTrack(slices(60))] });
  const [, mdat] = boxesOf(good);
  await refused(read(file()), "damaged");
  await refused(read(file(good.slice(0, 5))), "damaged");
  await refused(read(file(good.slice(0, -100))), "damaged");
  await refused(read(file(good.slice(0, mdat?.end))), "damaged");
  for (const [type, size] of /** @type {const} */ ([["moov", 7], ["moov", 2 ** 31], ["free", 1]])) await refused(read(file(joined(n32(size), type, new Uint8Array(40)))), "damaged");
  await refused(read(file(joined(n32(1), "free", n64(2 ** 60), new Uint8Array(40)))), "damaged");
  await refused(read(file(joined(n32(1), "free", n64(15), new Uint8Array(40)))), "damaged");
  await refused(read(file(joined(n32(0), "mdat", good))), "damaged");
  await refused(read(file(...Array.from({ length: LIMITS.topBoxes }, () => box("free")), good)), "damaged");
  await refused(read(file(box("moof"), good)), "fragments");
  await refused(reading({ tracks: [pictureTrack(slices(60))], moreInIndex: [box("mvex", box("trex"))] }), "fragments");
  await refused(read(file(box("moov"))), "no-picture");
  await refused(read(file(box("moov", box("trak")))), "damaged");
  await refused(read(file(box("moov", box("trak", n32(1 << 20), "mdia")))), "damaged");
  await refused(reading({ tracks: [pictureTrack(slices(60))], moreInIndex: Array.from({ length: LIMITS.tracks }, () => box("trak")) }), "damaged");
  await refused(reading({ tracks: [pictureTrack(slices(60))], moreInIndex: Array.from({ length: LIMITS.boxes }, () => box("free")) }), "damaged");
  await refused(read(file(joined(n32(LIMITS.indexBytes + 1), "moov", new Uint8Array(LIMITS.indexBytes)))), "source-length");
  // Boxes in boxes: nothing here follows them down.
  let deep = box("trak");
  for (let i = 0; i < 20_000; i += 1) deep = i < 2000 ? box("trak", deep) : deep;
  await refused(read(file(box("moov", deep))), "damaged");

  await refused(spoiled((tables) => delete tables["stsz"]), "damaged");
  await refused(spoiled((tables) => delete tables["stco"]), "damaged");
  await refused(spoiled((tables) => delete tables["stsc"]), "damaged");
  await refused(spoiled((tables) => delete tables["stts"]), "damaged");
  for (const [name, ...numbers] of /** @type {[string, ...number[]][]} */ ([
    ["stsz", 0, 0, 61], ["stsz", 0, 0, 0], ["stsz", 0, 17_000_000, 60], ["stsz", 0, 5_000, 60],
    ["stco", 0, 1, 2 ** 31], ["stco", 0, 13], ["stts", 0, 1, 59, 20], ["stts", 0, 2, 60, 20], ["stsc", 0, 0], ["stsc", 0, 1, 2, 5, 1], ["stsc", 0, 1, 1, 0, 1],
    ["stsc", 0, 2, 1, 5, 1, 1, 5, 1], ["stsc", 0, 2, 1, 5, 1, 99, 5, 1], ["stss", 0, 1, 61], ["stss", 0, 1, 0], ["ctts", 0, 1, 59, 0],
  ])) await refused(spoiled((tables) => (tables[name] = box(name, n32(...numbers)))), "damaged");
  for (const [name, ...numbers] of /** @type {[string, ...number[]][]} */ ([
    ["stsz", 0, 0, 2 ** 32 - 1], ["stsz", 0, 1, 2 ** 32 - 1], ["stts", 0, 2 ** 32 - 1], ["stsc", 0, 2 ** 31], ["stco", 0, LIMITS.samples + 1], ["ctts", 0, 2 ** 30], ["stss", 0, 2 ** 29],
  ])) await refused(spoiled((tables) => (tables[name] = box(name, n32(...numbers)))), "source-length");
  // Rows of chunks without a sample would be walked again and again.
  const rows = Array.from({ length: LIMITS.samples }, () => [1, 0, 1]).flat();
  await refused(spoiled((tables) => (tables["stsc"] = box("stsc", n32(0, LIMITS.samples, ...rows)))), "damaged");
  await refused(spoiled((tables) => (tables["stsd"] = box("stsd", n32(0, 1)))), "edited");
  await refused(spoiled((tables) => (tables["stsd"] = box("stsd", n32(0, 1), box("avc1", new Uint8Array(20))))), "damaged");
  await refused(reading({ tracks: [pictureTrack(slices(60), { entry: pictureEntry([640, 360], avcC()).slice(0, 86) })] }), "damaged");
  await refused(reading({ tracks: [pictureTrack(slices(60), { entry: box("avc1", pictureEntry([640, 360], avcC()).slice(8, 86)) })] }), "codec");
  await refused(reading({ tracks: [pictureTrack(slices(60), { entry: pictureEntry([0, 360], avcC()), size: [0, 0] })] }), "shape");
  await refused(reading({ tracks: [pictureTrack(slices(60), { entry: pictureEntry([640, 9000], avcC()) })] }), "shape");
  await refused(reading({ tracks: [pictureTrack(slices(60), { scale: 2 ** 32 - 1, edits: [[0, 1200]] })] }), "damaged");
  assert.ok(performance.now() - begun < 5000, `${performance.now() - begun} ms`);
});

test("no file at all makes the reader fail in another way, or wait", async () => {
  const good = film({ tracks: [pictureTrack(slices(60, { order: "B" }), { delay: 20, edits: [[1200, 20]] }), soundTrack(94, { edits: [[1200, 1024]] })], indexLast: false });
  const index = boxesOf(good).find(({ type }) => type === "moov");
  let state = 7;
  const random = (/** @type {number} */ most) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % most;
  const outcomes = { read: 0, refused: 0 };
  let slowest = 0;
  for (let round = 0; round < 3000; round += 1) {
    const bytes = good.slice();
    for (let i = 0; i <= random(4); i += 1) {
      const at = (index?.at ?? 0) + random((index?.end ?? 0) - (index?.at ?? 0));
      const value = [0, 1, 255, 127, random(256)][random(5)] ?? 0;
      bytes.fill(value, at, at + 1 + random(4));
    }
    const begun = performance.now();
    try {
      await read(file(bytes));
      outcomes.read += 1;
    } catch (error) {
      assert.ok(error instanceof Unfit, `round ${round}: ${error}`);
      outcomes.refused += 1;
    }
    slowest = Math.max(slowest, performance.now() - begun);
  }
  assert.ok(outcomes.read > 100 && outcomes.refused > 100, JSON.stringify(outcomes));
  assert.ok(slowest < 500, `${slowest} ms`);
});

test("only heads and the index are read, however large the file is", async () => {
  const bytes = film({ tracks: [pictureTrack(slices(60))], gap: new Uint8Array(5_000_000) });
  let taken = 0;
  const watched = /** @type {Blob} */ ({
    size: bytes.length,
    slice(from = 0, to = bytes.length) {
      taken += Math.min(to, bytes.length) - from;
      return new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes).slice(from, to)]);
    },
  });
  await read(watched);
  const moov = boxesOf(bytes).find(({ type }) => type === "moov");
  assert.ok(taken <= (moov?.end ?? 0) - (moov?.at ?? 0) + 3 * 16, `${taken} bytes`);
  await refused(read(/** @type {Blob} */ ({ size: LIMITS.fileBytes + 1 })), "file-size");
});

test("each frame is shown when it was, whatever order an encoder chose, and none is decoded too late", () => {
  for (const times of [[0, 3000, 6000, 9000], [0, 6000, 3000, 12_000, 9000], [0, 12_000, 6000, 3000, 9000, 15_000], [0, 3003, 6006, 20_000, 9009]]) {
    const { spans, shifts, skip, total } = timed(times, 3000);
    let decoded = 0;
    for (const [i, time] of times.entries()) {
      assert.ok((shifts[i] ?? -1) >= 0, "no frame is shown before it is decoded");
      assert.equal(decoded + (shifts[i] ?? 0) - skip, time);
      decoded += spans[i] ?? 0;
    }
    assert.equal(total, Math.max(...times) + 3000);
    assert.equal(decoded, total);
  }
  assert.equal(timed([0, 3000], 3000).skip, 0);
});

/** A film that is written, as bytes. @param {number} count @param {"plain" | "B"} order @param {number} heard */
async function written(count, order, heard) {
  const frames = slices(count, { order, span: 3000 }).map(({ bytes, time, key = false }) => ({ bytes: /** @type {Uint8Array<ArrayBuffer>} */ (bytes), time, key }));
  const sound = { frequency: 3, channels: 1, scale: 48_000, skip: 1088, frames: sounds(heard).map(({ bytes }) => ({ bytes: /** @type {Uint8Array<ArrayBuffer>} */ (bytes), span: 1024 })) };
  const picture = { record: /** @type {Uint8Array<ArrayBuffer>} */ (avcC()), codedWidth: 640, codedHeight: 360, width: 640, height: 360, matrix: /** @type {[number, number, number, number]} */ ([0, 1, -1, 0]), colour: { primaries: 1, transfer: 1, matrix: 1, full: true }, frames, lastSpan: 3000 };
  const blob = write(picture, heard ? sound : null);
  assert.equal(blob.type, "video/mp4");
  return { bytes: new Uint8Array(await blob.arrayBuffer()), frames, sound };
}

test("a film that is written has every frame, its index first, and by turns half a second of each track", async () => {
  for (const [order, heard] of /** @type {const} */ ([["plain", 0], ["B", 188]])) {
    const { bytes, frames, sound } = await written(121, order, heard);
    const { order: top, index, tracks } = opened(bytes);
    assert.deepEqual(top, ["ftyp", "moov", "mdat"]);
    assert.deepEqual(index, heard ? ["mvhd", "trak", "trak"] : ["mvhd", "trak"]);
    const [picture, heardTrack] = tracks;
    assert.deepEqual(picture?.samples.map(({ shown, key, bytes }) => [shown, key, bytes]), frames.map(({ time, key, bytes }) => [time, key, bytes]));
    assert.deepEqual([picture?.kind, picture?.scale, picture?.matrix, picture?.size], ["vide", TICKS, [0, 1, -1, 0], [640, 360]]);
    assert.deepEqual(picture?.record, avcC());
    // What the edit list shows is as long as all frames together: a shorter one costs the last frames.
    if (order === "B") assert.deepEqual(picture?.edits, [{ lasts: 121 * 3000, skips: 3000 }]);
    else assert.deepEqual(picture?.edits, []);
    if (heard) {
      assert.deepEqual(heardTrack?.samples.map((one) => one.bytes), sound.frames.map((one) => one.bytes));
      assert.deepEqual(heardTrack?.edits, [{ lasts: ((188 * 1024 - 1088) / 48_000) * TICKS, skips: 1088 }]);
      const turns = tracks.flatMap((track, t) => track.samples.map(({ at, decoded }) => ({ t, at, seconds: decoded / track.scale }))).sort((a, b) => a.at - b.at);
      for (const [i, one] of turns.entries()) {
        const other = turns.slice(0, i).findLast(({ t }) => t !== one.t);
        if (other) assert.ok(Math.abs(other.seconds - one.seconds) <= 1.1, `at ${one.seconds} s the other track is at ${other.seconds} s`);
      }
    }
  }
});

test("a film that is written can be read again, and says the same", async () => {
  const { bytes, frames } = await written(121, "B", 188);
  const { picture, sound, seconds } = await read(file(bytes));
  assert.deepEqual(picture.samples.map(({ time, key }) => [time, key]), frames.map(({ time, key }) => [time, key]));
  assert.deepEqual([picture.colour, picture.matrix, sound?.channels, sound?.frequency], [{ primaries: 1, transfer: 1, matrix: 1, full: true }, [0, 1, -1, 0], 1, 3]);
  assert.ok(Math.abs(seconds - 121 / 30) < 1e-9);
});

test("a written film tells no time, no name and no language", async () => {
  const { bytes } = await written(30, "plain", 40);
  const all = boxesOf(bytes).flatMap(everyBox);
  const known = ["ftyp", "moov", "mvhd", "trak", "tkhd", "edts", "elst", "mdia", "mdhd", "hdlr", "minf", "vmhd", "smhd", "dinf", "dref", "stbl", "stsd", "stts", "stss", "stsc", "stsz", "stco", "mdat"];
  assert.deepEqual(all.map(({ type }) => type).filter((type) => !known.includes(type)), []);
  for (const { type, at, end } of all) {
    if (["mvhd", "tkhd", "mdhd"].includes(type)) assert.deepEqual([...bytes.slice(at + 4, at + 12)], Array(8).fill(0), type);
    if (type === "hdlr") assert.deepEqual([...bytes.slice(at + 12, end)], Array(13).fill(0));
    if (type === "mdhd") assert.deepEqual([...bytes.slice(at + 20, at + 22)], n16(0x55c4), "no language");
  }
});
