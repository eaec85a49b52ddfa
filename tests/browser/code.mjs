// @ts-check
// Reads a QR code from pixels, as a phone's camera does that sees it straight, clean and sharp.
//
// By ISO/IEC 18004. A reader by another hand than the writer: nothing of it knows how the code was made. Errors are not corrected; a
// code with one is not what we want on a screen.

/** Blocks of data of versions 1 to 10 by level: [blocks, bytes of each, blocks with one byte more]; table 9 of the standard. */
const BLOCKS = /** @type {Record<string, [number, number, number][]>} */ ({
  L: [[1, 19, 0], [1, 34, 0], [1, 55, 0], [1, 80, 0], [1, 108, 0], [2, 68, 0], [2, 78, 0], [2, 97, 0], [2, 116, 0], [2, 68, 2]],
  M: [[1, 16, 0], [1, 28, 0], [1, 44, 0], [2, 32, 0], [2, 43, 0], [4, 27, 0], [4, 31, 0], [2, 38, 2], [3, 36, 2], [4, 43, 1]],
  Q: [[1, 13, 0], [1, 22, 0], [2, 17, 0], [2, 24, 0], [2, 15, 2], [4, 19, 0], [2, 14, 4], [4, 18, 2], [4, 16, 4], [6, 19, 2]],
  H: [[1, 9, 0], [1, 16, 0], [2, 13, 0], [4, 9, 0], [2, 11, 2], [4, 15, 0], [4, 13, 1], [4, 14, 2], [4, 12, 4], [6, 15, 2]],
});
/** Middles of the alignment patterns of versions 1 to 10. */
const ALIGNED = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];
/** What is turned round by each mask. @type {((row: number, column: number) => boolean)[]} */
const MASKS = [
  (r, c) => (r + c) % 2 === 0, (r) => r % 2 === 0, (_, c) => c % 3 === 0, (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0, (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0, (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
];

/**
 * The text of the code that an element shows.
 * @param {import("playwright-core").Locator} element as large as the code with its margin, at least
 * @returns {Promise<string>}
 * @throws where its pixels are no code that a reader could read
 */
export async function codeIn(element) {
  await element.evaluate((/** @type {HTMLImageElement} */ image) => image.decode());
  const picture = (await element.screenshot({ animations: "disabled" })).toString("base64");
  const { width, dark } = await element.page().evaluate(pixelsOf, picture);
  return textOf(modulesOf(dark, width));
}

/** In the page: which pixels are dark. @param {string} base64 of a PNG */
async function pixelsOf(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d"));
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  const dark = [];
  for (let i = 0; i < data.length; i += 4) dark.push(Number((data[i] ?? 0) + (data[i + 1] ?? 0) + (data[i + 2] ?? 0) < 384));
  return { width: bitmap.width, dark };
}

/**
 * The modules of a code, by the middle of each. The finder at its upper left says where it begins and how large a module is.
 * @param {number[]} dark @param {number} width
 */
function modulesOf(dark, width) {
  const height = dark.length / width;
  const rows = Array.from({ length: height }, (_, y) => dark.slice(y * width, (y + 1) * width));
  // What frames the code is a line around all of it; within it the code has its quiet margin.
  const inside = rows.slice(2, -2).map((row) => row.slice(2, -2));
  const top = inside.findIndex((row) => row.includes(1));
  const filled = inside.map((row) => [row.indexOf(1), row.lastIndexOf(1)]).filter(([left = -1]) => left >= 0);
  const left = Math.min(...filled.map(([from = 0]) => from));
  const right = Math.max(...filled.map(([, to = 0]) => to));
  const finder = (inside[top] ?? []).indexOf(0, left) - left;
  const size = Math.round(((right - left + 1) * 7) / finder / 4 - 0.25) * 4 + 1;
  const module = (right - left + 1) / size;
  if (top < 3.5 * module || left < 3.5 * module) throw new Error(`a margin of ${top} and ${left} pixels around modules of ${module}`);
  return Array.from({ length: size }, (_, r) => Array.from({ length: size }, (_, c) => inside[Math.floor(top + (r + 0.5) * module)]?.[Math.floor(left + (c + 0.5) * module)] ?? 0));
}

/** @param {number[][]} modules */
function textOf(modules) {
  const size = modules.length;
  const version = (size - 17) / 4;
  const at = (/** @type {number} */ r, /** @type {number} */ c) => modules[r]?.[c] ?? 0;
  if (version < 1 || version > 10) throw new Error(`${size} modules on a side`);
  // Beside the upper left finder stand the level and the mask, themselves turned round by a fixed mask.
  const format = [0, 1, 2, 3, 4].reduce((bits, c) => bits * 2 + at(8, c), 0) ^ 0b10101;
  const level = "MLHQ"[format >> 3] ?? "";
  const mask = MASKS[format & 7];
  const plan = BLOCKS[level]?.[version - 1];
  if (!plan || !mask) throw new Error(`format ${format}`);

  const centres = ALIGNED[version - 1] ?? [];
  const fixed = (/** @type {number} */ r, /** @type {number} */ c) => {
    if (r === 6 || c === 6 || (r < 9 && c < 9) || (r < 9 && c >= size - 8) || (r >= size - 8 && c < 9)) return true;
    if (version >= 7 && ((r < 6 && c >= size - 11) || (c < 6 && r >= size - 11))) return true;
    const near = (/** @type {number} */ x) => centres.find((one) => Math.abs(one - x) <= 2);
    const [row, column] = [near(r), near(c)];
    if (row === undefined || column === undefined) return false;
    // Where a finder is there is no alignment pattern.
    return !((row === 6 && column === 6) || (row === 6 && column === size - 7) || (row === size - 7 && column === 6));
  };
  /** Up and down in pairs of columns, from the right. @type {number[]} */
  const bits = [];
  for (let right = size - 1, upwards = true; right > 0; right -= 2, upwards = !upwards) {
    if (right === 6) right -= 1;
    for (let i = 0; i < size; i += 1) {
      const r = upwards ? size - 1 - i : i;
      for (const c of [right, right - 1]) if (!fixed(r, c)) bits.push(at(r, c) ^ Number(mask(r, c)));
    }
  }
  const bytes = Array.from({ length: Math.floor(bits.length / 8) }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8).join(""), 2));

  const [short, length, long] = plan;
  const lengths = [...Array(short).fill(length), ...Array(long).fill(length + 1)];
  /** @type {number[][]} */
  const blocks = lengths.map(() => []);
  let next = 0;
  for (let i = 0; i <= length; i += 1) for (const [b, block] of blocks.entries()) if (i < lengths[b]) block.push(bytes[next++] ?? 0);
  const stream = blocks.flat().map((byte) => byte.toString(2).padStart(8, "0")).join("");
  let from = 0;
  const read = (/** @type {number} */ n) => Number.parseInt(stream.slice(from, (from += n)), 2);
  const mode = read(4);
  if (mode !== 4) throw new Error(`mode ${mode}: only bytes are read here`);
  const count = read(version < 10 ? 8 : 16);
  return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from({ length: count }, () => read(8)));
}
