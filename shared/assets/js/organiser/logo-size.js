// @ts-check
/** The size of a sponsor's logo, in pixels. */

/** The widest and the highest logo, as `domain/logo.rs` has them. */
const WIDEST = 600;
const HIGHEST = 300;

/** @typedef {{width: number, height: number}} Size */

/** Returns the largest size of this shape within the limits, and never a larger one than it has. @param {number} width @param {number} height @returns {Size} */
export function within(width, height) {
  return scaled({ width, height }, Math.min(1, WIDEST / width, HIGHEST / height));
}

/** Returns the size with half the area. @param {Size} size */
export const smaller = (size) => scaled(size, Math.SQRT1_2);

/** @param {Size} size @param {number} factor @returns {Size} */
function scaled({ width, height }, factor) {
  return { width: Math.max(1, Math.floor(width * factor)), height: Math.max(1, Math.floor(height * factor)) };
}
