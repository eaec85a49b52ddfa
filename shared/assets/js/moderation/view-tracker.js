// @ts-check
/**
 * Decides whether a moderator has looked at a photo: it is loaded, and has been whole on the screen for a moment with nothing over it.
 * Nothing is decided before. Pure except for `obstacle` and `arrives`, which examine the page.
 */

/**
 * Milliseconds for which a photo must be whole on the screen before a decision: the promised 300, and a few frames more, because a busy
 * machine paints later than the page measures.
 */
export const LOOK_MS = 350;
/** Zoomed by more than this, a part of the page is off the screen; browsers round the scale of a page that is not zoomed. */
export const ZOOMED = 1.02;

/** What prevents a photo from being seen. @typedef {"loading" | "missing" | "zoomed" | "off"} Obstacle */

export class ViewTracker {
  /** Number of successive frames that showed the whole photo. */
  #frames = 0;
  /** When the first of them was on the screen, in milliseconds. */
  #since = 0;
  /** @type {Obstacle | null} */
  #obstacle = "loading";

  /** Begins again: another photo has come, or the page was not visible. */
  begin() {
    this.#frames = 0;
    this.#obstacle = "loading";
  }

  /**
   * Records what the next frame shows. Time counts from the second one on: the first is measured before it is painted.
   * @param {number} at milliseconds, by a clock that only goes forward
   * @param {Obstacle | null} obstacle null if the whole photo is there
   */
  frame(at, obstacle) {
    this.#obstacle = obstacle;
    this.#frames = obstacle ? 0 : this.#frames + 1;
    if (this.#frames <= 2) this.#since = at;
  }

  /**
   * Returns why nothing can be decided at `at`; null if a decision is possible.
   * @param {number} at
   * @param {Obstacle | null} obstacle what applies right now, between two frames
   * @returns {Obstacle | "looking" | null}
   */
  closed(at, obstacle) {
    const why = obstacle ?? this.#obstacle;
    if (obstacle) this.frame(at, obstacle);
    if (why) return why;
    return this.#frames >= 2 && at - this.#since >= LOOK_MS ? null : "looking";
  }
}

/** Why a decision was not accepted, and what to do. @type {Record<Obstacle | "looking", string>} */
export const WHY = {
  loading: "Wait: the photo is still loading.",
  missing: "The photo did not load, so nothing was decided. Try again, or leave it for now.",
  zoomed: "Zoom out first: the whole photo must be on the screen.",
  off: "Look at the photo first. It is on the screen now.",
  looking: "That was too quick. Look at the photo, then decide.",
};

/**
 * Whether the loaded image is the expected one, by its shape: a filter may send an image of its own instead.
 * @param {{width: number, height: number}} came in pixels
 * @param {{width: number, height: number}} expected in pixels
 */
export function isOfShape(came, expected) {
  if (came.width < 2 || came.height < 2) return false;
  // Each side of a smaller rendition is rounded to whole pixels.
  const tolerance = 0.01 + 1 / Math.min(came.width, came.height);
  return Math.abs((came.width / came.height) * (expected.height / expected.width) - 1) <= tolerance;
}

/** Resolves to whether an image has loaded and is the photo. @param {HTMLImageElement} image with its photo's width and height */
export async function arrives(image) {
  image.loading = "eager";
  try {
    await image.decode();
  } catch {
    return false;
  }
  const expected = { width: Number(image.getAttribute("width")), height: Number(image.getAttribute("height")) };
  return isOfShape({ width: image.naturalWidth, height: image.naturalHeight }, expected);
}

/**
 * Returns what prevents the image from being seen whole at the present scroll position.
 * @param {HTMLImageElement} image which is decoded already
 * @param {Element[]} over what may lie over it
 * @returns {Obstacle | null}
 */
export function obstacle(image, over) {
  if ((visualViewport?.scale ?? 1) > ZOOMED) return "zoomed";
  const box = image.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  // Half a pixel of rounding does not matter.
  const whole = box.width > 0 && box.height > 0 && box.top >= -1 && box.left >= -1 && box.bottom <= clientHeight + 1 && box.right <= clientWidth + 1;
  return whole && !over.some((one) => overlap(one.getBoundingClientRect(), box)) && isOnTop(image, box) ? null : "off";
}

/**
 * Whether nothing is painted over an image, not even the previous page, which fades out while this one appears.
 * @param {HTMLImageElement} image @param {DOMRect} box where it is
 */
function isOnTop(image, box) {
  // The very edges are left out, because corners may be rounded.
  const parts = [0.1, 0.5, 0.9];
  return parts.every((x) => parts.every((y) => document.elementFromPoint(box.left + x * box.width, box.top + y * box.height) === image));
}

/** Whether two boxes overlap by more than an edge. @param {DOMRect} one @param {DOMRect} other */
function overlap(one, other) {
  return one.width > 0 && one.height > 0 && one.left < other.right - 1 && one.right > other.left + 1 && one.top < other.bottom - 1 && one.bottom > other.top + 1;
}
