// @ts-check
// Prepares a photo for sending, on the device: upright, no larger than the site shows it, and with nothing but pixels, so that what the
// file contains invisibly (the place, the camera, its owner) does not leave the device. Runs in a worker, or on the page if there is none.

import { cover } from "../cover/pixels.js";

/**
 * @import { Box } from "../cover/boxes.js"
 * @typedef {{ edge: number, quality: number, boxes?: readonly Box[] }} How longest edge in pixels; quality of the JPEG, 0 to 1
 * @typedef {{ blob: Blob, thumbnail: Blob, width: number, height: number }} Made both JPEG; the size of the larger one in pixels
 * @typedef {OffscreenCanvas | HTMLCanvasElement} Canvas
 * @typedef {OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D} Context
 */

const THUMBNAIL_EDGE = 240;
const TYPE = "image/jpeg";
/** The bytes at the end of a file in which its format's end is looked for. */
const TAIL = 65_536;

/**
 * Returns the size of a picture whose longest edge is at most `edge`: never enlarged, at least one pixel.
 * @param {number} width
 * @param {number} height
 * @param {number} edge
 */
export function fit(width, height, edge) {
  const scale = Math.min(1, edge / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * Decodes a photo and prepares it.
 * @param {Blob} file
 * @param {How} how
 * @returns {Promise<Made>}
 * @throws if this browser cannot decode it, or its result cannot be trusted
 */
export async function prepare(file, how) {
  const bitmap = await decoded(file, how.edge);
  try {
    return await drawn(bitmap, bitmap.width, bitmap.height, how);
  } finally {
    bitmap.close();
  }
}

/**
 * Draws a decoded picture at the size for sending.
 * @param {CanvasImageSource} source upright
 * @param {number} width its own
 * @param {number} height
 * @param {How} how
 * @returns {Promise<Made>}
 */
export async function drawn(source, width, height, { edge, quality, boxes = [] }) {
  if (!faithful()) throw new Error("this browser changes what is drawn");
  const size = fit(width, height, edge);
  const [canvas, context] = canvasOf(size.width, size.height);
  // Transparent pixels would turn black.
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, size.width, size.height);
  context.drawImage(source, 0, 0, size.width, size.height);
  cover(context, size.width, size.height, boxes, Math.random);
  const small = fit(size.width, size.height, THUMBNAIL_EDGE);
  const [smallCanvas, smallContext] = canvasOf(small.width, small.height);
  smallContext.drawImage(canvas, 0, 0, small.width, small.height);
  if (isBlank(smallContext.getImageData(0, 0, small.width, small.height).data)) throw new Error("nothing was drawn");
  try {
    return { blob: await encoded(canvas, quality), thumbnail: await encoded(smallCanvas, 0.75), ...size };
  } finally {
    // A canvas keeps its pixels in memory until it is resized: those of a day's photos together are more than a phone has.
    for (const one of [canvas, smallCanvas]) one.width = one.height = 0;
  }
}

/**
 * Whether a JPEG or PNG lacks its end, as a file that was copied by half does. What follows the end, such as the film of a moving photo, may
 * hide it, so this is asked only of files that the browser could not decode as a bitmap: an `<img>` shows such a file with grey below.
 * @param {Blob} file
 */
export async function endsEarly(file) {
  const read = async (/** @type {Blob} */ part) => [...new Uint8Array(await part.arrayBuffer())].map((byte) => String.fromCharCode(byte)).join("");
  const [head, tail] = await Promise.all([read(file.slice(0, 2)), read(file.slice(-TAIL))]);
  return (head === "\xff\xd8" && !tail.includes("\xff\xd9")) || (head === "\x89P" && !tail.includes("IEND"));
}

/**
 * Whether all pixels are equal: phones that are short of memory draw nothing at all, without an error.
 * @param {Uint8ClampedArray} data four bytes each
 */
export function isBlank(data) {
  return data.every((value, i) => value === data[i % 4]);
}

/** @param {Blob} file @param {number} edge */
async function decoded(file, edge) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    // Some phones cannot hold a large picture whole, but can hold a smaller one.
    return createImageBitmap(file, { imageOrientation: "from-image", resizeWidth: edge, resizeQuality: "high" });
  }
}

/**
 * Whether this browser returns what was drawn. Some change pixels, or return noise, as a protection against fingerprinting: a photo must
 * not suffer from that.
 */
function faithful() {
  const [, context] = canvasOf(8, 8);
  for (let i = 0; i < 8; i += 1) {
    context.fillStyle = `rgb(${i * 36} ${255 - i * 30} ${(i * 97) % 256})`;
    context.fillRect(i, 0, 1, 8);
  }
  const { data } = context.getImageData(0, 0, 8, 8);
  return data.every((value, at) => {
    const i = (at / 4 | 0) % 8;
    return value === [i * 36, 255 - i * 30, (i * 97) % 256, 255][at % 4];
  });
}

/** @param {number} width @param {number} height @returns {[Canvas, Context]} */
function canvasOf(width, height) {
  const canvas = typeof OffscreenCanvas === "function" ? new OffscreenCanvas(width, height) : Object.assign(document.createElement("canvas"), { width, height });
  const context = /** @type {Context | null} */ (canvas.getContext("2d", { willReadFrequently: true }));
  if (!context) throw new Error("no canvas");
  context.imageSmoothingQuality = "high";
  return [canvas, context];
}

/** @param {Canvas} canvas @param {number} quality @returns {Promise<Blob>} */
async function encoded(canvas, quality) {
  const made = "convertToBlob" in canvas
    ? await canvas.convertToBlob({ type: TYPE, quality })
    : await new Promise((/** @type {(made: Blob | null) => void} */ resolve) => canvas.toBlob(resolve, TYPE, quality));
  // Some browsers encode to another type than requested, and some to nothing.
  if (!made || made.type !== TYPE || made.size < 100) throw new Error("nothing was encoded");
  return made;
}
