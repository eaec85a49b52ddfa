// @ts-check
// The covers of a picture: where they are, what changes them, and how that is undone. Pure: the editor without the page.
//
// A cover is a box in fractions of the picture as it is seen, after its orientation was applied, from its left and its upper edge. So it
// means the same on a screen of any size, on the device's own copy, and on the original.

import { phrase } from "../words.js";

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Box each 0 to 1, inside the picture
 * @typedef {{ x: number, y: number }} Point in fractions of the picture; may be outside of it
 * @typedef {"n" | "ne" | "e" | "se" | "s" | "sw" | "w" | "nw"} Edge what is held when a box is sized
 */

/** Smallest width and height of a cover. Smaller boxes are slips of a finger. */
export const LEAST = 0.02;
/** Largest number of covers of one picture. */
export const MOST = 40;

/** Number of parts to which fractions are rounded: a tenth of a pixel in a picture 1000 px wide. */
const PARTS = 10_000;

/** @param {number} value @param {number} low @param {number} high */
const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

/** @param {number} value */
const rounded = (value) => Math.round(value * PARTS) / PARTS;

/**
 * Returns the box with at least the smallest size, wholly inside the picture.
 * @param {Box} box
 * @returns {Box}
 */
export function fitted(box) {
  const width = rounded(clamp(box.width, LEAST, 1));
  const height = rounded(clamp(box.height, LEAST, 1));
  return { x: rounded(clamp(box.x, 0, 1 - width)), y: rounded(clamp(box.y, 0, 1 - height)), width, height };
}

/**
 * Returns the box between two points, as a pointer draws it. Null if it is too small to be meant.
 * @param {Point} from
 * @param {Point} to
 * @returns {Box | null}
 */
export function drawn(from, to) {
  const [left, right] = [clamp(Math.min(from.x, to.x), 0, 1), clamp(Math.max(from.x, to.x), 0, 1)];
  const [top, bottom] = [clamp(Math.min(from.y, to.y), 0, 1), clamp(Math.max(from.y, to.y), 0, 1)];
  if (right - left < LEAST || bottom - top < LEAST) return null;
  return fitted({ x: left, y: top, width: right - left, height: bottom - top });
}

/**
 * Returns the box at another place; it stops at the picture's edges.
 * @param {Box} box
 * @param {number} dx
 * @param {number} dy
 */
export function moved(box, dx, dy) {
  return fitted({ ...box, x: box.x + dx, y: box.y + dy });
}

/**
 * Returns the box with one edge or corner moved; the opposite one stays where it is.
 * @param {Box} box
 * @param {Edge} edge
 * @param {number} dx
 * @param {number} dy
 */
export function sized(box, edge, dx, dy) {
  let [left, top, right, bottom] = [box.x, box.y, box.x + box.width, box.y + box.height];
  if (edge.includes("w")) left = clamp(left + dx, 0, right - LEAST);
  if (edge.includes("e")) right = clamp(right + dx, left + LEAST, 1);
  if (edge.includes("n")) top = clamp(top + dy, 0, bottom - LEAST);
  if (edge.includes("s")) bottom = clamp(bottom + dy, top + LEAST, 1);
  return fitted({ x: left, y: top, width: right - left, height: bottom - top });
}

/**
 * Describes where a box is and how large, for people who do not see it: `in the middle, 20 % wide, 25 % high`.
 * @param {Box} box
 */
export function place(box) {
  const across = third(box.x + box.width / 2, phrase("place_left"), phrase("place_right"));
  const down = third(box.y + box.height / 2, phrase("place_top"), phrase("place_bottom"));
  const where = across && down ? phrase("place_both", { down, across }) : across || down || phrase("place_middle");
  return phrase("cover_place", { where, width: percent(box.width), height: percent(box.height) });
}

/** @param {number} at @param {string} before @param {string} behind */
function third(at, before, behind) {
  return at < 1 / 3 ? before : at > 2 / 3 ? behind : "";
}

/** @param {number} fraction */
function percent(fraction) {
  return Math.round(fraction * 100);
}

/** The covers of one picture with their history. Every change makes new arrays, so that arrays handed out earlier stay as they were. */
export class Covers {
  /** @type {readonly Box[]} */
  #boxes;
  /** @type {(readonly Box[])[]} */
  #past = [];
  /** What the last step changed. Successive steps that change the same are undone as one. */
  #last = "";

  /** @param {readonly Box[]} [boxes] those that exist already */
  constructor(boxes = []) {
    this.#boxes = boxes.map(fitted);
  }

  /** Returns the covers in the order in which they were made. @returns {readonly Box[]} */
  get boxes() {
    return this.#boxes;
  }

  /** Whether there is anything to undo. */
  get undoable() {
    return this.#past.length > 0;
  }

  /**
   * Adds a cover.
   * @param {Box} [box] where; without it, beside the middle, so that a second one does not hide the first
   * @returns {number} its index; -1 if there are [`MOST`] already
   */
  add(box) {
    if (this.#boxes.length >= MOST) return -1;
    const step = (this.#boxes.length % 5) * 0.04;
    this.#set([...this.#boxes, fitted(box ?? { x: 0.4 + step, y: 0.35 + step, width: 0.2, height: 0.25 })], "");
    return this.#boxes.length - 1;
  }

  /**
   * Changes a cover. Successive changes with the same `step`, such as those of one drag, are undone as one.
   * @param {number} index
   * @param {Box} box
   * @param {string} step
   */
  change(index, box, step) {
    const before = this.#boxes[index];
    const after = fitted(box);
    if (!before || same(before, after)) return;
    this.#set(this.#boxes.map((one, i) => (i === index ? after : one)), `${index} ${step}`);
  }

  /** @param {number} index */
  remove(index) {
    if (this.#boxes[index]) this.#set(this.#boxes.filter((_, i) => i !== index), "");
  }

  /** Undoes the last step. @returns {boolean} whether there was a step to undo */
  undo() {
    const before = this.#past.pop();
    this.#last = "";
    if (!before) return false;
    this.#boxes = before;
    return true;
  }

  /** @param {readonly Box[]} boxes @param {string} step */
  #set(boxes, step) {
    if (!step || step !== this.#last) this.#past.push(this.#boxes);
    this.#last = step;
    this.#boxes = boxes;
  }
}

/** @param {Box} a @param {Box} b */
function same(a, b) {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}
