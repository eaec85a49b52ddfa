// @ts-check
/**
 * Which parts of a video a moderator has watched. A second counts as seen if the video was played through it, or moved through it by hand in
 * steps of at most a second. A jump sees nothing of what it leaps over.
 */

/** The longest step between two moments, in seconds, through which the video counts as seen. Browsers tell the time four times a second. */
export const STEP_S = 1;
/** How much of the end may be missing, in seconds: the last picture is shown a little before the duration. */
export const END_S = 0.5;

export class Watched {
  /** What was seen, in order and without overlaps: where each stretch begins and ends, in seconds. @type {[number, number][]} */
  #seen = [];
  /** @type {number | null} */
  #last = null;

  /** The video is at this moment now. @param {number} time in seconds */
  at(time) {
    const last = this.#last;
    this.#last = time;
    if (last === null || Math.abs(time - last) > STEP_S) return;
    this.#add(Math.min(last, time), Math.max(last, time));
  }

  /** The first moment that was not seen, in seconds; null if all was. @param {number} duration of the video, in seconds */
  missing(duration) {
    const first = this.#seen[0];
    // Of a video that is shorter than a step, the beginning is enough.
    if (!first || first[0] > END_S) return 0;
    return first[1] >= duration - END_S ? null : first[1];
  }

  /** @param {number} from @param {number} to */
  #add(from, to) {
    /** @type {[number, number][]} */
    const kept = [];
    for (const [begin, end] of this.#seen) {
      // Stretches that nearly touch are one: nothing is told between two moments.
      if (end < from - 0.01 || begin > to + 0.01) kept.push([begin, end]);
      else [from, to] = [Math.min(from, begin), Math.max(to, end)];
    }
    this.#seen = [...kept, /** @type {[number, number]} */ ([from, to])].sort(([one], [other]) => one - other);
  }
}
