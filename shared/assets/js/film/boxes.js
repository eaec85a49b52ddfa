// @ts-check
// MP4 and MOV: reads the index of a film within limits, and writes a new file with one picture track, at most one sound track, and nothing
// else of the old file: no place, no camera, no name, no second track.
//
// ISO/IEC 14496-12 has the boxes, 14496-14 the `esds`, 14496-15 the `avcC`, and 14496-3 the AAC; Apple's QuickTime File Format has the
// sound entries of versions 1 and 2.

/**
 * @typedef {"file-size" | "damaged" | "fragments" | "no-picture" | "edited" | "shape" | "source-length" | "too-long" | "decoder" | "encoder"
 *   | "codec" | "parameter-sets" | "no-key-frame" | "too-large" | "browser"} Why
 * @typedef {{ at: number, size: number, time: number, span: number, key: boolean }} Sample one coded frame: its first byte in the file and
 *   its bytes; when it is shown, counted from the film's beginning, and for how long, both in ticks of its track. Negative times are
 *   hidden by the edit list
 * @typedef {{ scale: number, ends: number, samples: Sample[] }} Timeline ticks a second; the tick at which the edit list ends the track, or
 *   Infinity; samples in the order in which they are decoded
 * @typedef {[number, number, number, number]} Matrix a, b, c and d of a turn or a mirror image: x' = ax + cy, y' = bx + dy; each -1, 0 or 1
 * @typedef {{ primaries: number, transfer: number, matrix: number, full: boolean }} Colour by ISO/IEC 23091-2
 * @typedef {{ type: string, record: Uint8Array<ArrayBuffer>, codedWidth: number, codedHeight: number, width: number, height: number, matrix: Matrix,
 *   colour: Colour | null }} Shape of a picture track: the type of its sample entry, its `avcC` or `hvcC`, and its size in pixels, as coded
 *   and with square pixels, both before the matrix turns it
 * @typedef {Timeline & Shape} Picture
 * @typedef {{ frequency: number, channels: number }} Aac the index of the sampling frequency, and 1 or 2 channels; AAC-LC
 * @typedef {Timeline & Aac} Sound
 * @typedef {{ picture: Picture, sound: Sound | null, hasSound: boolean, seconds: number }} Film `sound` is null if there is none, or none
 *   that can be copied
 * @typedef {{ bytes: Uint8Array<ArrayBuffer>, time: number, key: boolean }} Frame one coded picture; when it is shown, in ticks of `TICKS`
 * @typedef {Omit<Shape, "type"> & { frames: Frame[], lastSpan: number }} NewPicture H.264; frames in the order in which they are decoded;
 *   how long the one that is shown last is shown, in ticks of `TICKS`
 * @typedef {Aac & { scale: number, skip: number, frames: { bytes: Uint8Array<ArrayBuffer>, span: number }[] }} NewSound `skip` is what is
 *   not heard of its beginning, in ticks of `scale`
 */

/** Ticks per second of a picture track that is written. */
export const TICKS = 90_000;
/** Samples in a frame of AAC-LC. */
export const AAC_SAMPLES = 1024;
/** Sampling frequencies by their index; ISO/IEC 14496-3, table 1.18. */
export const FREQUENCIES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/** Limits of a file. A phone's film stays far below each of them except the first. */
export const LIMITS = { fileBytes: 600_000_000, topBoxes: 64, indexBytes: 4_000_000, boxes: 4096, tracks: 16, samples: 20_000, sampleBytes: 16_000_000, edge: 8192 };

/** The reason why a film cannot be used. `told` in `trimmer.js` has the words. */
export class Unfit extends Error {
  /**
   * @param {Why} why
   * @param {Record<string, number>} [facts] the limit, and what was got
   */
  constructor(why, facts = {}) {
    super(why);
    this.name = "Unfit";
    this.why = why;
    this.facts = facts;
  }
}

/** @returns {never} */
function damaged() {
  throw new Unfit("damaged");
}

/**
 * Reads the index of a film. Of the file itself, only the headers of its outermost boxes and the index are read.
 * @param {Blob} file
 * @returns {Promise<Film>}
 * @throws {Unfit}
 */
export async function read(file) {
  if (file.size > LIMITS.fileBytes) throw new Unfit("file-size", { bytes: file.size, limit: LIMITS.fileBytes });
  const index = new Box("moov", new DataView(await indexOf(file)), { left: LIMITS.boxes });
  return bounded(() => filmOf(index, file.size));
}

/**
 * Runs a read of an index. Reading beyond the end of a box means that the file is damaged.
 * @template T @param {() => T} reading @returns {T}
 */
function bounded(reading) {
  try {
    return reading();
  } catch (error) {
    throw error instanceof RangeError ? new Unfit("damaged") : error;
  }
}

/** Returns the content of a file's `moov`. @param {Blob} file @returns {Promise<ArrayBuffer>} */
async function indexOf(file) {
  let at = 0;
  for (let n = 0; n < LIMITS.topBoxes && at + 8 <= file.size; n += 1) {
    const head = await file.slice(at, at + 16).arrayBuffer();
    const { type, length, size } = bounded(() => headOf(new DataView(head), 0, file.size - at));
    if (type === "moof") throw new Unfit("fragments");
    if (type === "moov") {
      if (size > LIMITS.indexBytes) throw new Unfit("source-length", { bytes: size, limit: LIMITS.indexBytes });
      return file.slice(at + length, at + size).arrayBuffer();
    }
    at += size;
  }
  return damaged();
}

/** Reads the header of a box. @param {DataView} view @param {number} at @param {number} room bytes until the end of the surrounding box */
function headOf(view, at, room) {
  let size = view.getUint32(at);
  let length = 8;
  if (size === 1) {
    size = Number(view.getBigUint64(at + 8));
    length = 16;
  } else if (size === 0) {
    size = room;
  }
  if (size < length || size > room) damaged();
  return { type: letters(view, at + 4), length, size };
}

/** @param {DataView} view @param {number} at */
function letters(view, at) {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}

/** A box of an index. Reads outside of it fail, and the boxes visited are counted. */
class Box {
  #count;

  /**
   * @param {string} type
   * @param {DataView<ArrayBuffer>} view its content
   * @param {{ left: number }} count how many more may be visited in the whole index
   */
  constructor(type, view, count) {
    this.type = type;
    this.view = view;
    this.#count = count;
  }

  /** Iterates over the boxes in it. @param {number} [skip] bytes before the first @returns {Generator<Box>} */
  *inside(skip = 0) {
    const { buffer, byteOffset, byteLength } = this.view;
    // In QuickTime's files, four zero bytes may follow the last box.
    for (let at = skip; at + 8 <= byteLength;) {
      if ((this.#count.left -= 1) < 0) damaged();
      const { type, length, size } = headOf(this.view, at, byteLength - at);
      yield new Box(type, new DataView(buffer, byteOffset + at + length, size - length), this.#count);
      at += size;
    }
  }

  /** Returns the first box on a path of types. @param {...string} path @returns {Box | undefined} */
  find(...path) {
    /** @type {Box | undefined} */
    let found = this;
    for (const type of path) found = found?.first(type);
    return found;
  }

  /** @param {string} type @param {number} [skip] @returns {Box | undefined} */
  first(type, skip) {
    for (const one of this.inside(skip)) if (one.type === type) return one;
    return undefined;
  }

  /** @param {...string} path @returns {Box} */
  need(...path) {
    return this.find(...path) ?? damaged();
  }

  /** Returns a copy of its content. @returns {Uint8Array<ArrayBuffer>} */
  bytes() {
    return new Uint8Array(this.view.buffer, this.view.byteOffset, this.view.byteLength).slice();
  }

  /** Returns the number of rows in a table, all of which must be in the box. @param {number} bytes of a row */
  rows(bytes) {
    const count = this.view.getUint32(4);
    few(count);
    return 8 + count * bytes <= this.view.byteLength ? count : damaged();
  }
}

/** @param {number} samples */
function few(samples) {
  if (samples > LIMITS.samples) throw new Unfit("source-length", { samples, limit: LIMITS.samples });
}

/** @param {Box} index @param {number} fileBytes @returns {Film} */
function filmOf(index, fileBytes) {
  /** @type {Box[]} */
  const tracks = [];
  for (const box of index.inside()) {
    if (box.type === "mvex") throw new Unfit("fragments");
    if (box.type === "trak" && tracks.push(box) > LIMITS.tracks) damaged();
  }
  const kinds = tracks.map((track) => letters(track.need("mdia", "hdlr").view, 8));
  // If there are several, the one with the flag that it is to be shown.
  const wanted = (/** @type {string} */ kind) => {
    const some = tracks.filter((_, i) => kinds[i] === kind);
    return some.find((track) => track.need("tkhd").view.getUint32(0) & 1) ?? some[0];
  };
  const [seen, heard] = [wanted("vide"), wanted("soun")];
  if (!seen) throw new Unfit("no-picture");
  const movieScale = scaleOf(index.need("mvhd"));
  const picture = pictureOf(seen, movieScale, fileBytes);
  const shown = picture.samples.reduce((last, one) => Math.max(last, one.time + one.span), 0);
  const seconds = Math.min(shown, picture.ends) / picture.scale;
  if (!(seconds > 0)) damaged();
  return { picture, sound: heard ? soundOf(heard, movieScale, fileBytes) : null, hasSound: !!heard, seconds };
}

/** Returns the ticks per second in an `mvhd` or an `mdhd`. @param {Box} header */
function scaleOf({ view }) {
  return view.getUint32(view.getUint8(0) === 1 ? 20 : 12) || damaged();
}

/** @param {Box} track @param {number} movieScale @param {number} fileBytes @returns {Picture} */
function pictureOf(track, movieScale, fileBytes) {
  const entry = entryOf(track);
  const header = track.need("tkhd").view;
  const wide = header.getUint8(0) === 1 ? 12 : 0;
  const [codedWidth, codedHeight] = [entry.view.getUint16(24), entry.view.getUint16(26)];
  const [width, height] = [header.getUint32(76 + wide) >>> 16 || codedWidth, header.getUint32(80 + wide) >>> 16 || codedHeight];
  for (const edge of [codedWidth, codedHeight, width, height]) if (edge < 2 || edge > LIMITS.edge) throw new Unfit("shape");
  const record = entry.first("avcC", 78) ?? entry.first("hvcC", 78);
  if (!record) throw new Unfit("codec");
  const [a = 0, b = 0, c = 0, d = 0] = [40, 44, 52, 56].map((at) => header.getInt32(at + wide) / 65_536);
  const turn = [a, b, c, d].every((one) => one === 0 || Math.abs(one) === 1) && Math.abs(a * d - b * c) === 1 && a * c + b * d === 0;
  if (!turn) throw new Unfit("shape");
  return {
    type: entry.type, record: record.bytes(), codedWidth, codedHeight, width, height, matrix: [a, b, c, d], colour: colourOf(entry.first("colr", 78)),
    ...timelineOf(track, movieScale, fileBytes),
  };
}

/** Reads a `colr` of type `nclx` or QuickTime's `nclc`; null for a profile. @param {Box | undefined} box @returns {Colour | null} */
function colourOf(box) {
  const kind = box && letters(box.view, 0);
  if (kind !== "nclx" && kind !== "nclc") return null;
  const [primaries = 0, transfer = 0, matrix = 0] = [4, 6, 8].map((at) => box?.view.getUint16(at));
  return { primaries, transfer, matrix, full: kind === "nclx" && (box?.view.getUint8(10) ?? 0) > 127 };
}

/**
 * Reads sound that can be copied; null for any other. Broken sound does not affect the picture.
 * @param {Box} track @param {number} movieScale @param {number} fileBytes
 * @returns {Sound | null}
 */
function soundOf(track, movieScale, fileBytes) {
  try {
    const entry = entryOf(track);
    if (entry.type !== "mp4a") return null;
    // The length depends on QuickTime's version of the entry.
    const skip = [28, 44, 64][entry.view.getUint16(8)];
    const described = entry.first("esds", skip) ?? entry.first("wave", skip)?.first("esds");
    const aac = described && aacOf(described.bytes());
    return aac ? { ...aac, ...timelineOf(track, movieScale, fileBytes) } : null;
  } catch (error) {
    if (error instanceof Unfit || error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * Reads AAC-LC in mono or stereo from an `esds`; null for anything else.
 * @param {Uint8Array} esds
 * @returns {Aac | null}
 */
export function aacOf(esds) {
  let at = 4;
  const byte = () => esds[at++] ?? 0;
  const tag = () => {
    const found = byte();
    for (let i = 0; i < 4 && byte() > 127; i += 1);
    return found;
  };
  if (tag() !== 3) return null;
  at += 2;
  const flags = byte();
  if (flags & 128) at += 2;
  // A URL, after its length. (`at += byte()` would add to the old `at`.)
  if (flags & 64) at = byte() + at;
  if (flags & 32) at += 2;
  if (tag() !== 4 || byte() !== 0x40) return null;
  at += 12;
  if (tag() !== 5 || at + 2 > esds.length) return null;
  // Five bits for the object type, four for the frequency, four for the channels; then a flag for short frames, and one for a core coder.
  const bits = (byte() << 8) | byte();
  const [frequency, channels] = [(bits >> 7) & 15, (bits >> 3) & 15];
  const usual = bits >> 11 === 2 && frequency < FREQUENCIES.length && (channels === 1 || channels === 2) && (bits & 6) === 0;
  return usual ? { frequency, channels } : null;
}

/** Returns the only sample entry of a track. @param {Box} track */
function entryOf(track) {
  const descriptions = track.need("mdia", "minf", "stbl", "stsd");
  const entry = descriptions.inside(8).next().value;
  if (descriptions.view.getUint32(4) !== 1 || !entry) throw new Unfit("edited");
  return entry;
}

/** @param {Box} track @param {number} movieScale @param {number} fileBytes @returns {Timeline} */
function timelineOf(track, movieScale, fileBytes) {
  const scale = scaleOf(track.need("mdia", "mdhd"));
  const { begins, skips, lasts } = editOf(track);
  const start = (begins / movieScale) * scale - skips;
  const samples = samplesOf(track.need("mdia", "minf", "stbl"), fileBytes);
  for (const one of samples) one.time += start;
  return { scale, ends: lasts ? ((begins + lasts) / movieScale) * scale : Infinity, samples };
}

/**
 * Reads a track's edit list: at most one empty edit, then at most one edit. What was cut out of the middle of a film must not come back, so
 * anything else is refused.
 * @param {Box} track
 * @returns {{ begins: number, skips: number, lasts: number }} when the track begins, and how long it lasts (0: to its end), in ticks of the
 *   movie; what it leaves out of its beginning, in its own ticks
 */
function editOf(track) {
  const list = track.find("edts", "elst");
  const edit = { begins: 0, skips: -1, lasts: 0 };
  const wide = list?.view.getUint8(0) === 1;
  const bytes = wide ? 20 : 12;
  for (let row = 0, at = 8; list && row < list.rows(bytes); row += 1, at += bytes) {
    const { view } = list;
    const lasts = wide ? Number(view.getBigUint64(at)) : view.getUint32(at);
    const skips = wide ? Number(view.getBigInt64(at + 8)) : view.getInt32(at + 4);
    if (skips === -1 && row === 0) edit.begins = lasts;
    else if (edit.skips < 0 && skips >= 0 && view.getUint32(at + bytes - 4) === 65_536) Object.assign(edit, { skips, lasts });
    else throw new Unfit("edited");
  }
  return { ...edit, skips: Math.max(edit.skips, 0) };
}

/** @param {Box} table @param {number} fileBytes @returns {Sample[]} */
function samplesOf(table, fileBytes) {
  const samples = sized(table.need("stsz"), fileBytes);
  placed(table, samples, fileBytes);
  let time = 0;
  runs(table.need("stts"), samples, (one, span) => {
    one.time = time;
    one.span = span;
    time += span;
  });
  const shifts = table.find("ctts");
  if (shifts) runs(shifts, samples, (one, shift) => void (one.time += shift | 0));
  const keys = table.find("stss");
  if (!keys) for (const one of samples) one.key = true;
  for (let row = 0; keys && row < keys.rows(4); row += 1) (samples[keys.view.getUint32(8 + 4 * row) - 1] ?? damaged()).key = true;
  return samples;
}

/** Returns samples of which only the size is known. @param {Box} box @param {number} fileBytes @returns {Sample[]} */
function sized({ view }, fileBytes) {
  const [same, count] = [view.getUint32(4), view.getUint32(8)];
  few(count);
  if (count === 0) damaged();
  let sum = 0;
  const samples = Array.from({ length: count }, (_, i) => {
    const size = same || view.getUint32(12 + 4 * i);
    if (size > LIMITS.sampleBytes) damaged();
    sum += size;
    return { at: 0, size, time: 0, span: 0, key: false };
  });
  // More bytes than the file has mean that samples overlap: a small file would become a large one.
  return sum <= fileBytes ? samples : damaged();
}

/** Sets the places of samples in the file. @param {Box} table @param {Sample[]} samples @param {number} fileBytes */
function placed(table, samples, fileBytes) {
  const narrow = table.find("stco");
  const chunks = narrow ?? table.need("co64");
  const count = chunks.rows(narrow ? 4 : 8);
  const perChunk = table.need("stsc");
  const rows = perChunk.rows(12);
  let next = 0;
  for (let row = 0, at = 8; row < rows; row += 1, at += 12) {
    const [first, each] = [perChunk.view.getUint32(at), perChunk.view.getUint32(at + 4)];
    const last = row + 1 < rows ? perChunk.view.getUint32(at + 12) - 1 : count;
    if (first < 1 || (row === 0 && first !== 1) || last < first || last > count || each < 1) damaged();
    for (let chunk = first - 1; chunk < last && next < samples.length; chunk += 1) {
      let place = narrow ? chunks.view.getUint32(8 + 4 * chunk) : Number(chunks.view.getBigUint64(8 + 8 * chunk));
      for (const one of samples.slice(next, next + each)) {
        one.at = place;
        place += one.size;
        next += 1;
      }
      if (place > fileBytes) damaged();
    }
  }
  if (next < samples.length) damaged();
}

/**
 * Gives each sample its value from a table of runs.
 * @param {Box} box @param {readonly Sample[]} samples @param {(one: Sample, value: number) => void} give
 */
function runs(box, samples, give) {
  let next = 0;
  for (let row = 0, at = 8; row < box.rows(8); row += 1, at += 8) {
    const value = box.view.getUint32(at + 4);
    for (const one of samples.slice(next, (next += box.view.getUint32(at)))) give(one, value);
  }
  if (next < samples.length) damaged();
}

/** Longest stretch of one track in the file before the other one's follows, in seconds. */
const CHUNK_S = 0.5;
const UPRIGHT = /** @type {const} */ ([1, 0, 0, 1]);

/**
 * Writes a film: its index first, then picture and sound in turns.
 *
 * Frames keep their order, because some encoders look ahead even if asked not to: when a frame is shown is stored beside it (`ctts`), and
 * the edit list leaves out the delay that this causes.
 * @param {NewPicture} picture
 * @param {NewSound | null} sound
 * @returns {Blob} of type video/mp4
 */
export function write(picture, sound) {
  const { spans, shifts, skip, total } = timed(picture.frames.map(({ time }) => time), picture.lastSpan);
  /** @type {Track[]} */
  const tracks = [{
    kind: "vide", scale: TICKS, spans, shifts, skip, total, lasts: total, matrix: picture.matrix, width: picture.width, height: picture.height,
    keys: picture.frames.map(({ key }) => key), bytes: picture.frames.map(({ bytes }) => bytes), entry: pictureEntry(picture),
  }];
  if (sound) {
    const heard = sound.frames.reduce((sum, { span }) => sum + span, 0);
    tracks.push({
      kind: "soun", scale: sound.scale, spans: sound.frames.map(({ span }) => span), shifts: [], skip: sound.skip, total: heard,
      lasts: heard - sound.skip, matrix: UPRIGHT, width: 0, height: 0, keys: [], bytes: sound.frames.map(({ bytes }) => bytes), entry: soundEntry(sound),
    });
  }
  const { order, chunks } = interleaved(tracks);
  const kind = box("ftyp", text("isom"), u32(512), text("isomiso2avc1mp41"));
  // The length of the index does not depend on the places of the chunks.
  let at = kind.length + indexBox(tracks, chunks).length + 8;
  const begin = at;
  for (const chunk of chunks) {
    chunk.at = at;
    at += chunk.size;
  }
  return new Blob([kind, indexBox(tracks, chunks), u32(at - begin + 8), text("mdat"), ...order], { type: "video/mp4" });
}

/**
 * @typedef {{ kind: "vide" | "soun", scale: number, spans: number[], shifts: number[], skip: number, total: number, lasts: number,
 *   matrix: readonly [number, number, number, number], width: number, height: number, keys: boolean[], bytes: Uint8Array<ArrayBuffer>[],
 *   entry: Uint8Array<ArrayBuffer> }} Track all in its own ticks; `total` of its samples, `lasts` what is shown of it
 * @typedef {{ track: Track, count: number, size: number, begins: number, at: number }} Chunk
 */

/**
 * Computes when frames are decoded, so that none is shown before it is decoded.
 * @param {readonly number[]} times when each is shown, in the order in which they are decoded
 * @param {number} lastSpan how long the one that is shown last is shown
 * @returns {{ spans: number[], shifts: number[], skip: number, total: number }} from one decoding to the next; from decoding to showing;
 *   the wait before the first is shown; the sum of `spans`. All in the ticks of `times`
 */
export function timed(times, lastSpan) {
  const turns = [...times].sort((a, b) => a - b);
  const skip = Math.max(0, ...turns.map((turn, i) => turn - /** @type {number} */ (times[i])));
  const spans = turns.map((turn, i) => (turns[i + 1] ?? turn + lastSpan) - turn);
  const shifts = turns.map((turn, i) => /** @type {number} */ (times[i]) - turn + skip);
  return { spans, shifts, skip, total: spans.reduce((sum, span) => sum + span, 0) };
}

/** Returns samples in the order in which they are written, and the chunks that they form. @param {readonly Track[]} tracks */
function interleaved(tracks) {
  const rows = tracks.flatMap((track) => {
    let time = 0;
    return track.bytes.map((bytes, i) => {
      const row = { track, bytes, begins: time / track.scale };
      time += track.spans[i] ?? 0;
      return row;
    });
  }).sort((a, b) => Math.floor(a.begins / CHUNK_S) - Math.floor(b.begins / CHUNK_S) || tracks.indexOf(a.track) - tracks.indexOf(b.track) || a.begins - b.begins);
  /** @type {Chunk[]} */
  const chunks = [];
  for (const { track, bytes, begins } of rows) {
    const last = chunks.at(-1);
    if (last?.track === track && begins - last.begins < CHUNK_S) {
      last.count += 1;
      last.size += bytes.length;
    } else {
      chunks.push({ track, count: 1, size: bytes.length, begins, at: 0 });
    }
  }
  return { order: rows.map(({ bytes }) => bytes), chunks };
}

/** @param {readonly Track[]} tracks @param {readonly Chunk[]} chunks */
function indexBox(tracks, chunks) {
  // The movie has the ticks of its picture.
  const lasting = (/** @type {Track} */ { lasts, scale }) => Math.ceil((lasts / scale) * TICKS);
  const whole = Math.max(...tracks.map(lasting));
  return box("moov",
    box("mvhd", u32(0, 0, 0, TICKS, whole, 65_536), u16(256, 0), u32(0, 0), turn(UPRIGHT), u32(0, 0, 0, 0, 0, 0, tracks.length + 1)),
    ...tracks.map((track, i) => box("trak",
      box("tkhd", u32(3, 0, 0, i + 1, 0, lasting(track), 0, 0), u16(0, 0, track.kind === "soun" ? 256 : 0, 0), turn(track.matrix), u32(track.width << 16, track.height << 16)),
      ...(track.skip ? [box("edts", box("elst", u32(0, 1, lasting(track), track.skip, 65_536)))] : []),
      box("mdia",
        // "und", an undetermined language.
        box("mdhd", u32(0, 0, 0, track.scale, track.total), u16(0x55c4, 0)),
        box("hdlr", u32(0, 0), text(track.kind), u32(0, 0, 0), new Uint8Array(1)),
        box("minf",
          track.kind === "vide" ? box("vmhd", u32(1), u16(0, 0, 0, 0)) : box("smhd", u32(0), u16(0, 0)),
          box("dinf", box("dref", u32(0, 1), box("url ", u32(1)))),
          table(track, chunks.filter((chunk) => chunk.track === track)))))));
}

/** @param {Track} track @param {readonly Chunk[]} chunks */
function table({ spans, shifts, keys, bytes, entry }, chunks) {
  const keyed = keys.flatMap((key, i) => (key ? [i + 1] : []));
  const shifted = shifts.some((shift) => shift !== 0);
  let first = 1;
  const perChunk = runsOf(chunks.map(({ count }) => count)).flatMap(([length = 0, count = 0]) => {
    const row = [first, count, 1];
    first += length;
    return row;
  });
  return box("stbl",
    box("stsd", u32(0, 1), entry),
    rows("stts", 2, runsOf(spans).flat()),
    ...(shifted ? [rows("ctts", 2, runsOf(shifts).flat())] : []),
    ...(keyed.length < keys.length ? [rows("stss", 1, keyed)] : []),
    rows("stsc", 3, perChunk),
    box("stsz", u32(0, 0, bytes.length, ...bytes.map(({ length }) => length))),
    rows("stco", 1, chunks.map(({ at }) => at)));
}

/** @param {NewPicture} picture */
function pictureEntry({ codedWidth, codedHeight, record, colour }) {
  return box("avc1", new Uint8Array(6), u16(1), new Uint8Array(16), u16(codedWidth, codedHeight), u32(72 << 16, 72 << 16, 0), u16(1), new Uint8Array(32), u16(24, 0xffff),
    box("avcC", record),
    ...(colour ? [box("colr", text("nclx"), u16(colour.primaries, colour.transfer, colour.matrix), new Uint8Array([colour.full ? 128 : 0]))] : []));
}

/** @param {NewSound} sound */
function soundEntry({ frequency, channels }) {
  const rate = FREQUENCIES[frequency] ?? 0;
  const config = u16((2 << 11) | (frequency << 7) | (channels << 3));
  // An ES_Descriptor with its DecoderConfigDescriptor (AAC, a sound stream), its DecoderSpecificInfo and its SLConfigDescriptor.
  const esds = box("esds", u32(0), new Uint8Array([3, 25, 0, 0, 0, 4, 17, 0x40, 0x15, 0, 0, 0]), u32(0, 0), new Uint8Array([5, 2]), config, new Uint8Array([6, 1, 2]));
  return box("mp4a", new Uint8Array(6), u16(1), new Uint8Array(8), u16(channels, 16, 0, 0, rate < 65_536 ? rate : 0, 0), esds);
}

/** Returns runs of equal values, as length and value. @param {readonly number[]} values */
function runsOf(values) {
  /** @type {[number, number][]} */
  const found = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last?.[1] === value) last[0] += 1;
    else found.push([1, value]);
  }
  return found;
}

/** Builds a box that is a table. @param {string} type @param {number} columns @param {readonly number[]} numbers */
function rows(type, columns, numbers) {
  return box(type, u32(0, numbers.length / columns, ...numbers));
}

/** @param {string} type @param {...Uint8Array} parts */
function box(type, ...parts) {
  const size = parts.reduce((sum, { length }) => sum + length, 8);
  const bytes = new Uint8Array(size);
  bytes.set(u32(size));
  bytes.set(text(type), 4);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** @param {readonly [number, number, number, number]} matrix */
function turn([a, b, c, d]) {
  return u32(a * 65_536, b * 65_536, 0, c * 65_536, d * 65_536, 0, 0, 0, 2 ** 30);
}

/** @param {...number} numbers */
function u32(...numbers) {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  for (const [i, number] of numbers.entries()) view.setUint32(4 * i, number);
  return new Uint8Array(view.buffer);
}

/** @param {...number} numbers */
function u16(...numbers) {
  const view = new DataView(new ArrayBuffer(2 * numbers.length));
  for (const [i, number] of numbers.entries()) view.setUint16(2 * i, number);
  return new Uint8Array(view.buffer);
}

/** @param {string} letters of ASCII */
function text(letters) {
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}
