// @ts-check
// Lets the user choose what of a video is sent: its start and end, whether its sound is kept, or a picture from it instead. It also
// explains why a video cannot be sent.
//
//   const trimmer = new Trimmer(file, film, { longest: limits.max_video_seconds, onPicture: (photo) => … });
//   place.append(trimmer.element);
//   …trimmer.choice…
//   trimmer.end();
//
// The preview needs `media-src blob:` in the page's policy.

import { el, say } from "../dom.js";
import { size } from "../upload/text.js";
import { phrase } from "../words.js";
import { clockOf } from "./clock.js";

/**
 * @import { Unfit } from "./boxes.js"
 * @typedef {{ from: number, to: number }} Range in seconds
 * @typedef {Range & { sound: boolean }} Choice
 */

/** Shortest duration that can be sent, and the step of the sliders, in seconds. */
export const SHORTEST = 1;
const STEP = 0.1;
/** Size and quality of a picture from a film, equal to `FULL` for photos. */
const STILL = { edge: 2560, quality: 0.85 };

let trimmers = 0;

export class Trimmer {
  #range;
  #address;

  /**
   * @param {Blob} file
   * @param {{ seconds: number, sound: object | null, hasSound: boolean }} film as `read` in `boxes.js` has it
   * @param {{ longest: number, name?: string, onChange?: (choice: Choice) => void, onPicture?: (photo: File) => void }} how `longest` in
   *   seconds; `name` of the file; a picture from the video comes to `onPicture` as a photo
   */
  constructor(file, film, { longest, name = "", onChange = () => {}, onPicture = () => {} }) {
    this.film = film;
    this.longest = longest;
    this.name = name;
    this.onChange = onChange;
    this.onPicture = onPicture;
    this.#range = whole(film.seconds, longest);
    this.#address = URL.createObjectURL(file);
    const hint = `film-hint-${(trimmers += 1)}`;
    this.video = el("video", { controls: true, playsinline: true, preload: "metadata", "aria-label": phrase("film_preview") });
    this.video.muted = true;
    this.start = this.#slider("from");
    this.finish = this.#slider("to");
    this.keep = el("input", { type: "checkbox" });
    this.still = el("button", { type: "button", class: "button button-quiet", disabled: true }, phrase("film_picture"));
    this.status = el("p", { class: "field-hint", role: "status", id: hint });
    this.note = el("p", { class: "field-error", role: "status" });
    const sound = film.sound
      ? [el("label", { class: "check" }, this.keep, el("span", {}, phrase("film_keep_sound")))]
      : film.hasSound ? [el("p", { class: "field-hint" }, phrase("film_sound_lost"))] : [];
    this.element = el("div", { class: "film-trimmer", role: "group", "aria-describedby": hint },
      this.video,
      el("label", { class: "field" }, el("span", {}, phrase("film_start")), this.start),
      el("label", { class: "field" }, el("span", {}, phrase("film_end")), this.finish),
      this.status, ...sound, this.still, this.note);
    this.keep.addEventListener("change", () => this.onChange(this.choice));
    this.still.addEventListener("click", () => void this.#picture());
    this.video.addEventListener("loadeddata", () => (this.still.disabled = false));
    this.video.addEventListener("error", () => this.#blind());
    this.video.addEventListener("play", () => this.#within());
    this.video.addEventListener("timeupdate", () => {
      if (!this.video.paused && this.video.currentTime >= this.#range.to) this.video.pause();
    });
    this.video.src = this.#address;
    this.#show();
  }

  /** Returns what is sent. @returns {Choice} */
  get choice() {
    return { ...this.#range, sound: this.keep.checked };
  }

  /** Frees the preview's memory. The trimmer cannot be used afterwards. */
  end() {
    this.video.removeAttribute("src");
    this.video.load();
    URL.revokeObjectURL(this.#address);
    this.element.remove();
  }

  /** @param {"from" | "to"} which */
  #slider(which) {
    const slider = el("input", { type: "range", min: "0", max: (Math.ceil(this.film.seconds / STEP) * STEP).toFixed(1), step: String(STEP) });
    slider.addEventListener("input", () => {
      this.#range = moved(this.#range, which, slider.valueAsNumber, this.film.seconds, this.longest);
      this.video.pause();
      this.video.currentTime = this.#range[which];
      this.#show();
      this.onChange(this.choice);
    });
    return slider;
  }

  #show() {
    for (const [slider, seconds] of /** @type {const} */ ([[this.start, this.#range.from], [this.finish, this.#range.to]])) {
      slider.value = String(seconds);
      slider.setAttribute("aria-valuetext", clockOf(seconds));
    }
    const { from, to } = this.#range;
    say(this.status, phrase("film_chosen", { from: clockOf(from), to: clockOf(to), length: lengthOf(to - from), whole: lengthOf(this.film.seconds) }));
  }

  /** Playback begins within the chosen range. */
  #within() {
    const { from, to } = this.#range;
    if (this.video.currentTime < from - STEP || this.video.currentTime >= to - STEP) this.video.currentTime = from;
  }

  /** A video that this browser cannot show may still be one that others can. */
  #blind() {
    this.video.hidden = true;
    this.still.disabled = true;
    say(this.note, phrase("film_no_preview"));
  }

  async #picture() {
    this.still.disabled = true;
    this.video.pause();
    try {
      this.onPicture(await still(this.video, this.name));
      say(this.note, "");
    } catch {
      say(this.note, phrase("film_no_picture"));
    } finally {
      this.still.disabled = false;
    }
  }
}

/**
 * Returns the initial choice: all of the film, or as much from its start as may be sent.
 * @param {number} seconds
 * @param {number} longest
 * @returns {Range}
 */
export function whole(seconds, longest) {
  return { from: 0, to: Math.min(seconds, longest) };
}

/**
 * Returns a range after one of its ends was moved: the other end follows if the range would be too long or too short.
 * @param {Range} range
 * @param {"from" | "to"} which
 * @param {number} value
 * @param {number} seconds of the whole film
 * @param {number} longest
 * @returns {Range}
 */
export function moved({ from, to }, which, value, seconds, longest) {
  const shortest = Math.min(SHORTEST, seconds);
  const within = (/** @type {number} */ x, /** @type {number} */ least, /** @type {number} */ most) => Math.min(Math.max(x, least), most);
  if (which === "from") {
    const begin = within(value, 0, seconds - shortest);
    return { from: begin, to: within(to, begin + shortest, Math.min(begin + longest, seconds)) };
  }
  const end = within(value, shortest, seconds);
  return { from: within(from, Math.max(end - longest, 0), end - shortest), to: end };
}

/** Formats `5 s`, `1 min 40 s`. @param {number} seconds */
export function lengthOf(seconds) {
  const whole = Math.round(seconds);
  const facts = { minutes: Math.floor(whole / 60), seconds: whole % 60 };
  if (facts.minutes === 0) return phrase("film_seconds", facts);
  return facts.seconds ? phrase("film_minutes_seconds", facts) : phrase("film_minutes", facts);
}

/**
 * Explains why a video cannot be sent, and what to do about it.
 * @param {Pick<Unfit, "why" | "facts">} unfit
 * @returns {string}
 */
export function told({ why, facts }) {
  const { bytes = 0, limit = 0, seconds = 0 } = facts;
  switch (why) {
    case "too-long":
      return phrase("film_too_long", { length: lengthOf(seconds), max: lengthOf(limit) });
    case "too-large":
      return phrase("film_too_large", { size: size(bytes), limit: size(limit) });
    case "file-size":
      return phrase("film_file_size", { size: size(bytes), limit: size(limit) });
    case "source-length":
      return phrase("film_source_length");
    case "damaged":
      return phrase("film_damaged");
    case "fragments":
    case "no-picture":
    case "edited":
    case "shape":
      return phrase("film_kind");
    case "no-key-frame":
      return phrase("film_no_key_frame");
    case "decoder":
    case "encoder":
    case "codec":
    case "parameter-sets":
    case "browser":
      return phrase("film_browser");
  }
}

/**
 * Returns the picture that a video shows at this moment, as a photo.
 * @param {HTMLVideoElement} video
 * @param {string} name of the video's file
 * @returns {Promise<File>}
 * @throws if there is nothing to see yet, or what was drawn cannot be trusted
 */
export async function still(video, name) {
  if (video.seeking) await new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
  if (!video.videoWidth || video.readyState < 2) throw new Error("nothing to be seen yet");
  /** @type {typeof import("../picture/picture.js")} */
  const { drawn } = await import("../picture/picture.js");
  const { blob } = await drawn(video, video.videoWidth, video.videoHeight, STILL);
  return new File([blob], `${name.replace(/\.[^.]*$/, "")} ${clockOf(video.currentTime).replace(":", ".")}.jpg`.trim(), { type: blob.type });
}
