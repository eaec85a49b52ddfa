// @ts-check
// Makes what is below a cover unrecognisable: large cells, each of one colour that is the average of its pixels, and a little noise. Unlike
// a blur, this cannot be reversed, and a face keeps at most six cells across.

/**
 * @import { Box } from "./boxes.js"
 * @typedef {{ width: number, height: number, data: Uint8ClampedArray }} Pixels four bytes each: red, green, blue, alpha
 * @typedef {{ x: number, y: number, width: number, height: number }} Area in pixels
 * @typedef {Pick<CanvasRenderingContext2D, "getImageData" | "putImageData" | "resetTransform">} Context
 */

/** Shortest side of a cell, in pixels. */
const LEAST_CELL = 12;
/** Largest number of cells along the shorter side of a cover. */
const MOST_CELLS = 6;
/** Largest change of a colour by noise, up or down, of 255. */
const NOISE = 8;

/**
 * Covers boxes of a canvas, irreversibly.
 * @param {Context} context
 * @param {number} width of the canvas
 * @param {number} height
 * @param {readonly Box[]} boxes
 * @param {() => number} random 0 up to, not including, 1
 */
export function cover(context, width, height, boxes, random) {
  context.resetTransform();
  for (const box of boxes) {
    const area = pixelsOf(box, width, height);
    const pixels = context.getImageData(area.x, area.y, area.width, area.height);
    average(pixels, random);
    context.putImageData(pixels, area.x, area.y);
  }
}

/**
 * Returns all pixels that a box touches.
 * @param {Box} box
 * @param {number} width of the picture, in pixels
 * @param {number} height
 * @returns {Area}
 */
export function pixelsOf(box, width, height) {
  const [left, top] = [Math.floor(box.x * width), Math.floor(box.y * height)];
  const right = Math.min(Math.ceil((box.x + box.width) * width), width);
  const bottom = Math.min(Math.ceil((box.y + box.height) * height), height);
  return { x: left, y: top, width: Math.max(right - left, 1), height: Math.max(bottom - top, 1) };
}

/**
 * Replaces pixels by cells of their average colour. Cells differ by at most a pixel in size: a narrow one at the end would reveal too much.
 * @param {Pixels} pixels changed in place
 * @param {() => number} random
 */
export function average({ width, height, data }, random) {
  const cell = Math.max(LEAST_CELL, Math.ceil(Math.min(width, height) / MOST_CELLS));
  const columns = Math.max(1, Math.floor(width / cell));
  const rows = Math.max(1, Math.floor(height / cell));
  for (let row = 0; row < rows; row += 1) {
    const [top, bottom] = [Math.round((row * height) / rows), Math.round(((row + 1) * height) / rows)];
    for (let column = 0; column < columns; column += 1) {
      const [left, right] = [Math.round((column * width) / columns), Math.round(((column + 1) * width) / columns)];
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0;
        for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) sum += data[(y * width + x) * 4 + channel] ?? 0;
        const colour = sum / ((bottom - top) * (right - left)) + (random() * 2 - 1) * NOISE;
        for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) data[(y * width + x) * 4 + channel] = colour;
      }
    }
  }
}
