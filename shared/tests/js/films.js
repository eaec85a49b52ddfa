// @ts-check
// Films made in code, as phones write them and as nobody should; and a reader of films by another hand than the one that is tested. Used
// by the browser's stories too.

/**
 * @typedef {Uint8Array | number[] | string} Piece
 * @typedef {{ bytes: Uint8Array, time: number, key?: boolean, span?: number }} MadeFrame `time` at which it is shown and `span`, both in ticks
 * @typedef {{
 *   frames: MadeFrame[], scale: number, kind?: string, entry: Uint8Array, edits?: [number, number, number?][], matrix?: number[], size?: [number, number],
 *   enabled?: boolean, name?: string, delay?: number, each?: number, change?: (tables: Record<string, Uint8Array>) => void, more?: Uint8Array[],
 * }} MadeTrack frames in the order in which they are decoded, one every `span`; `edits` as rows of duration, time and rate; `delay` is added to
 *   every composition time; `each` frames in a chunk; `change` may spoil the tables; `more` boxes of the track
 * @typedef {{ tracks: MadeTrack[], movieScale?: number, indexLast?: boolean, wide?: boolean, moreInIndex?: Uint8Array[], before?: Uint8Array[], after?: Uint8Array[],
 *   gap?: Uint8Array }} Making `wide`: addresses and lengths of 64 bits; `gap`: bytes among the frames that are in no table
 */

export const MOVIE_SCALE = 600;
export const UPRIGHT = [65_536, 0, 0, 0, 65_536, 0, 0, 0, 2 ** 30];

/** @param {Piece} piece */
function bytesOf(piece) {
  if (piece instanceof Uint8Array) return piece;
  return typeof piece === "string" ? Uint8Array.from(piece, (letter) => letter.charCodeAt(0)) : Uint8Array.from(piece);
}

/** @param {...Piece} pieces */
export function joined(...pieces) {
  const all = pieces.map(bytesOf);
  const bytes = new Uint8Array(all.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of all) {
    bytes.set(one, at);
    at += one.length;
  }
  return bytes;
}

/** Numbers of four bytes. @param {...number} numbers */
export function n32(...numbers) {
  return numbers.flatMap((number) => [24, 16, 8, 0].map((shift) => Math.floor((number < 0 ? number + 2 ** 32 : number) / 2 ** shift) % 256));
}

/** Numbers of two bytes. @param {...number} numbers */
export function n16(...numbers) {
  return numbers.flatMap((number) => [(number >> 8) & 255, number & 255]);
}

/** Numbers of eight bytes. @param {...number} numbers */
export function n64(...numbers) {
  return numbers.flatMap((number) => n32(Math.floor(number / 2 ** 32), number % 2 ** 32));
}

/** @param {string} type @param {...Piece} pieces */
export function box(type, ...pieces) {
  const inner = joined(...pieces);
  return joined(n32(inner.length + 8), type, inner);
}

/**
 * A film as a file.
 * @param {Making} making
 */
export function film({ tracks, movieScale = MOVIE_SCALE, indexLast = true, wide = false, moreInIndex = [], before = [], after = [], gap = new Uint8Array() }) {
  const type = box("ftyp", "qt  ", n32(512), "qt  isom");
  const head = wide ? 16 : 8;
  // A first attempt tells how long the index is.
  const draft = indexed(tracks, movieScale, moreInIndex, 0, wide).bytes;
  const front = [type, ...before];
  const start = joined(...front).length + (indexLast ? 0 : draft.length) + head;
  const { bytes: moov, data } = indexed(tracks, movieScale, moreInIndex, start + gap.length, wide);
  const content = joined(gap, data);
  const mdat = wide ? joined(n32(1), "mdat", n64(content.length + 16), content) : box("mdat", content);
  return joined(...front, ...(indexLast ? [mdat, moov] : [moov, mdat]), ...after);
}

/** @param {MadeTrack[]} tracks @param {number} movieScale @param {Uint8Array[]} more @param {number} start @param {boolean} wide */
function indexed(tracks, movieScale, more, start, wide) {
  /** @type {{ track: number, begins: number, frames: MadeFrame[], at: number }[]} */
  const chunks = [];
  for (const [track, { frames, scale, each = 5 }] of tracks.entries()) {
    let begins = 0;
    for (let i = 0; i < frames.length; i += each) {
      const some = frames.slice(i, i + each);
      chunks.push({ track, begins, frames: some, at: 0 });
      for (const one of some) begins += (one.span ?? 1) / scale;
    }
  }
  chunks.sort((a, b) => a.begins - b.begins);
  /** @type {Uint8Array[]} */
  const pieces = [];
  let at = start;
  for (const chunk of chunks) {
    chunk.at = at;
    const data = joined(...chunk.frames.map(({ bytes }) => bytes));
    pieces.push(data);
    at += data.length;
  }
  const longest = Math.max(...tracks.map(({ frames, scale }) => lasting(frames) / scale));
  const bytes = box("moov",
    box("mvhd", n32(0, 0xe0000000, 0xe0000000, movieScale, Math.round(longest * movieScale), 65_536), n16(256, 0), n32(0, 0), n32(...UPRIGHT), n32(0, 0, 0, 0, 0, 0, tracks.length + 1)),
    ...tracks.map((track, i) => trackBox(track, i + 1, movieScale, chunks.filter((chunk) => chunk.track === i), wide)), ...more);
  return { bytes, data: joined(...pieces) };
}

/** @param {readonly MadeFrame[]} frames */
const lasting = (frames) => frames.reduce((sum, { span = 1 }) => sum + span, 0);

/** @param {MadeTrack} track @param {number} id @param {number} movieScale @param {{ frames: MadeFrame[], at: number }[]} chunks @param {boolean} wide */
function trackBox(track, id, movieScale, chunks, wide) {
  const { frames, scale, kind = "vide", entry, edits, matrix = UPRIGHT, size = [0, 0], enabled = true, name = "Core Media", delay = 0, change, more = [] } = track;
  const lasts = Math.round((lasting(frames) / scale) * movieScale);
  let decoded = 0;
  const shifts = frames.map(({ time, span = 1 }) => {
    const shift = time + delay - decoded;
    decoded += span;
    return shift;
  });
  const keys = frames.flatMap(({ key = true }, i) => (key ? [i + 1] : []));
  /** @type {Record<string, Uint8Array>} */
  const tables = {
    stsd: box("stsd", n32(0, 1), entry),
    stts: box("stts", n32(0, frames.length), frames.flatMap(({ span = 1 }) => n32(1, span))),
    stsc: box("stsc", n32(0, chunks.length), chunks.flatMap((chunk, i) => n32(i + 1, chunk.frames.length, 1))),
    stsz: box("stsz", n32(0, 0, frames.length), frames.flatMap(({ bytes }) => n32(bytes.length))),
    stco: wide ? box("co64", n32(0, chunks.length), chunks.flatMap(({ at }) => n64(at))) : box("stco", n32(0, chunks.length), chunks.flatMap(({ at }) => n32(at))),
  };
  if (shifts.some((shift) => shift !== 0)) tables["ctts"] = box("ctts", n32(1 << 24, frames.length), shifts.flatMap((shift) => n32(1, shift)));
  if (keys.length < frames.length) tables["stss"] = box("stss", n32(0, keys.length), keys.flatMap((key) => n32(key)));
  change?.(tables);
  return box("trak",
    box("tkhd", n32(enabled ? 15 : 14, 0xe0000000, 0xe0000000, id, 0, lasts, 0, 0), n16(0, 0, kind === "soun" ? 256 : 0, 0), n32(...matrix), n32(size[0] * 65_536, size[1] * 65_536)),
    ...(edits ? [box("edts", box("elst", n32(0, edits.length), edits.flatMap(([duration, time, rate = 65_536]) => n32(duration, time, rate))))] : []),
    box("mdia",
      box("mdhd", n32(0, 0xe0000000, 0xe0000000, scale, lasting(frames)), n16(0x55c4, 0)),
      box("hdlr", n32(0), "mhlr", kind, n32(0, 0, 0), [name.length], name),
      box("minf", box(kind === "soun" ? "smhd" : "vmhd", n32(1, 0, 0)), box("stbl", ...Object.values(tables)))),
    ...more);
}

/** The sample entry of a picture. @param {[number, number]} size @param {Piece} record @param {{ type?: string, more?: Uint8Array[] }} [how] */
export function pictureEntry([width, height], record, { type = "avc1", more = [] } = {}) {
  return box(type, new Uint8Array(6), n16(1), new Uint8Array(16), n16(width, height), n32(72 << 16, 72 << 16, 0), n16(1), new Uint8Array(32), n16(24, -1), box(type.startsWith("h") ? "hvcC" : "avcC", record), ...more);
}

/** The `esds` of AAC with this configuration, whose lengths have four bytes as Apple writes them. @param {Piece} config @param {number} [object] */
export function esds(config, object = 0x40) {
  const tagged = (/** @type {number} */ tag, /** @type {Piece[]} */ ...pieces) => {
    const inner = joined(...pieces);
    return joined([tag, 0x80, 0x80, 0x80, inner.length], inner);
  };
  return box("esds", n32(0), tagged(3, n16(1), [0], tagged(4, [object, 0x15, 0, 0, 0], n32(128_000, 128_000), tagged(5, config)), tagged(6, [2])));
}

/** The sample entry of sound. @param {number} rate @param {Uint8Array} described an `esds` @param {number} [version] of QuickTime */
export function soundEntry(rate, described, version = 0) {
  const more = [new Uint8Array(0), new Uint8Array(16), new Uint8Array(36)][version] ?? new Uint8Array(0);
  const inner = version ? box("wave", box("frma", "mp4a"), described) : described;
  return box("mp4a", new Uint8Array(6), n16(1), n16(version, 0), n32(0), n16(2, 16, 0, 0, rate, 0), more, inner);
}

/** A unit of H.264 behind four bytes of its length. @param {number} type @param {Piece} content */
export function unit(type, content) {
  const bytes = bytesOf(content);
  return joined(n32(bytes.length + 1), [0x60 | type], bytes);
}

export const SPS = joined([0x67, 100, 0, 31], "sequence");
export const PPS = joined([0x68], "picture");

/** An `avcC`. @param {Uint8Array} [sps] @param {Uint8Array} [pps] @param {Piece} [more] */
export function avcC(sps = SPS, pps = PPS, more = []) {
  return joined([1, ...sps.subarray(1, 4), 0xff, 0xe1], n16(sps.length), sps, [1], n16(pps.length), pps, more);
}

/** The number in a slice that [`slices`] made. @param {Uint8Array} bytes */
export function numberIn(bytes) {
  return ((bytes[5] ?? 0) << 8) | (bytes[6] ?? 0);
}

/**
 * Frames with one slice each that has a number, and whatever a camera writes beside it.
 * @param {number} count
 * @param {{ span?: number, keyEvery?: number, order?: "plain" | "B", beside?: Uint8Array, bytes?: number }} [how] `order` with B-frames: I, then P
 *   before the B that is shown before it
 * @returns {MadeFrame[]}
 */
export function slices(count, { span = 20, keyEvery = 30, order = "plain", beside = new Uint8Array(), bytes = 40 } = {}) {
  const shown = Array.from({ length: count }, (_, i) => {
    const key = i % keyEvery === 0;
    return { bytes: joined(beside, unit(key ? 5 : 1, joined(n16(i), new Uint8Array(bytes).fill(i)))), time: i * span, key, span };
  });
  if (order === "plain") return shown;
  for (let i = 0; i + 1 < count; i += 1) {
    const [one, next] = [shown[i], shown[i + 1]];
    if (one && next && !one.key && !next.key && (i % keyEvery) % 2 === 1) [shown[i], shown[i + 1]] = [next, one];
  }
  return shown;
}

/**
 * Frames of AAC-LC in mono in which nothing is heard, each with a number that nobody hears either.
 * @param {number} count
 * @returns {MadeFrame[]}
 */
export function sounds(count) {
  return Array.from({ length: count }, (_, i) => {
    // A channel without bands, then five bytes that fill (their kind is 0), then the end.
    const bits = `${"0".repeat(29)}1100101${"0".repeat(8)}${i.toString(2).padStart(32, "0")}111`;
    return { bytes: Uint8Array.from(bits.match(/.{1,8}/g) ?? [], (byte) => Number.parseInt(byte.padEnd(8, "0"), 2)), time: i * 1024, span: 1024 };
  });
}

/** AAC-LC, 48 kHz, mono. */
export const AAC = [0x11, 0x88];

/** A track of sound at 48 kHz. @param {number} count @param {Partial<MadeTrack>} [how] @returns {MadeTrack} */
export function soundTrack(count, how = {}) {
  return { kind: "soun", frames: sounds(count), scale: 48_000, entry: soundEntry(48_000, esds(AAC)), each: 10, ...how };
}

/** A track of picture. @param {MadeFrame[]} frames @param {Partial<MadeTrack>} [how] @returns {MadeTrack} */
export function pictureTrack(frames, how = {}) {
  return { frames, scale: 600, entry: pictureEntry([640, 360], avcC()), size: [640, 360], ...how };
}

/**
 * What is in a film, read without any care: of films that are known to be good.
 * @typedef {{ type: string, at: number, end: number, boxes: Node[] }} Node
 * @typedef {{ at: number, size: number, decoded: number, shown: number, key: boolean, bytes: Uint8Array }} Read in ticks, `shown` with the edit list
 * @typedef {{ kind: string, scale: number, samples: Read[], edits: { lasts: number, skips: number }[], types: string[], matrix: number[], size: number[], record: Uint8Array }} ReadTrack
 */
const CONTAINERS = new Set(["moov", "trak", "edts", "mdia", "minf", "dinf", "stbl"]);

/** The boxes of a film. @param {Uint8Array} bytes @param {number} [from] @param {number} [to] @returns {Node[]} */
export function boxesOf(bytes, from = 0, to = bytes.length) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = [];
  for (let at = from; at < to;) {
    const size = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (size < 8 || at + size > to) throw new RangeError(`${type} of ${size} bytes at ${at}`);
    found.push({ type, at: at + 8, end: at + size, boxes: CONTAINERS.has(type) ? boxesOf(bytes, at + 8, at + size) : [] });
    at += size;
  }
  return found;
}

/** The tracks of a film with all their samples. @param {Uint8Array} bytes */
export function opened(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const top = boxesOf(bytes);
  const moov = top.find(({ type }) => type === "moov");
  if (!moov) throw new Error("no index");
  const traks = moov.boxes.filter(({ type }) => type === "trak");
  return { order: top.map(({ type }) => type), index: moov.boxes.map(({ type }) => type), tracks: traks.map((trak) => trackIn(bytes, view, trak)) };
}

/** A box and all that are in it. @param {Node} node @returns {Node[]} */
export function everyBox(node) {
  return [node, ...node.boxes.flatMap(everyBox)];
}

/** @param {Uint8Array} bytes @param {DataView} view @param {Node} trak @returns {ReadTrack} */
function trackIn(bytes, view, trak) {
  const all = everyBox(trak);
  const at = (/** @type {string} */ type) => all.find((one) => one.type === type)?.at ?? 0;
  const table = (/** @type {string} */ type, /** @type {number} */ columns) => {
    const begin = at(type);
    if (!begin) return [];
    return Array.from({ length: view.getUint32(begin + 4) }, (_, row) => Array.from({ length: columns }, (_, i) => view.getInt32(begin + 8 + 4 * (row * columns + i))));
  };
  const spread = (/** @type {number[][]} */ runs) => runs.flatMap(([length = 0, value = 0]) => /** @type {number[]} */ (Array(length).fill(value)));
  const sizes = Array.from({ length: view.getUint32(at("stsz") + 8) }, (_, i) => view.getUint32(at("stsz") + 12 + 4 * i));
  const spans = spread(table("stts", 2));
  const shifts = spread(table("ctts", 2));
  const keys = new Set(table("stss", 1).flat());
  const chunks = table("stco", 1).flat();
  const rows = table("stsc", 3);
  const edits = table("elst", 3).map(([lasts = 0, skips = 0]) => ({ lasts, skips }));
  const samples = [];
  let [next, decoded] = [0, 0];
  for (const [i, place] of chunks.entries()) {
    let from = place;
    const per = rows.findLast(([first = 0]) => first <= i + 1)?.[1] ?? 0;
    for (let k = 0; k < per; k += 1, next += 1) {
      const size = sizes[next] ?? 0;
      samples.push({ at: from, size, decoded, shown: decoded + (shifts[next] ?? 0) - (edits[0]?.skips ?? 0), key: keys.size === 0 || keys.has(next + 1), bytes: bytes.slice(from, from + size) });
      from += size;
      decoded += spans[next] ?? 0;
    }
  }
  if (next !== sizes.length || spans.length !== sizes.length) throw new Error(`${next} samples in chunks, ${sizes.length} sizes, ${spans.length} spans`);
  const header = at("tkhd");
  const entry = at("stsd") + 16;
  const type = String.fromCharCode(...bytes.subarray(entry - 4, entry));
  const avc = type === "avc1" ? entry + 78 : 0;
  return {
    kind: String.fromCharCode(...bytes.subarray(at("hdlr") + 8, at("hdlr") + 12)), scale: view.getUint32(at("mdhd") + 12), samples, edits, types: all.map((one) => one.type),
    matrix: [40, 44, 52, 56].map((offset) => view.getInt32(header + offset) / 65_536), size: [76, 80].map((offset) => view.getUint32(header + offset) / 65_536),
    record: avc ? bytes.slice(avc + 8, avc + view.getUint32(avc)) : new Uint8Array(),
  };
}
