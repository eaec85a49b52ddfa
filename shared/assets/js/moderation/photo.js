// @ts-check
/**
 * A photo's page for moderators: a decision that publishes it counts only after the moderator has looked at it. A video must have been watched
 * to its end, and heard if its sound is published. Without scripts the form works.
 */

import { clockOf } from "../film/clock.js";
import { ViewTracker, WHY, arrives, obstacle } from "./view-tracker.js";
import { Watched } from "./watched.js";

const image = /** @type {HTMLImageElement | null} */ (document.querySelector("[data-frame] img"));
const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-decide-here]"));
const film = /** @type {HTMLVideoElement | null} */ (document.querySelector("[data-film]"));
if (place && film) watches(film, place);
else if (image && place) run(image, place);

/** @param {HTMLVideoElement} film @param {HTMLElement} place */
function watches(film, place) {
  const watched = new Watched();
  const problem = /** @type {HTMLElement} */ (place.querySelector("[data-problem]"));
  const listened = /** @type {HTMLInputElement | null} */ (place.querySelector("[data-listened]"));
  film.addEventListener("timeupdate", () => watched.at(film.currentTime));
  film.addEventListener("seeked", () => watched.at(film.currentTime));
  film.addEventListener("ended", () => watched.at(film.duration));

  place.addEventListener("submit", (event) => {
    const shows = event.submitter?.hasAttribute("data-shows");
    if (!shows) return;
    const from = Number.isFinite(film.duration) ? watched.missing(film.duration) : 0;
    const unheard = !!listened && !listened.checked && !event.submitter?.hasAttribute("data-silent");
    if (from === null && !unheard) return;
    event.preventDefault();
    problem.textContent = from !== null ? `You have not watched this video from ${clockOf(from)} on. Watch it to its end first.` : "Listen to the sound first, and tick that you have. Or publish the video without its sound.";
    problem.hidden = false;
    if (from !== null && Number.isFinite(film.duration)) film.currentTime = from;
  });
}

/** @param {HTMLImageElement} image @param {HTMLElement} place */
function run(image, place) {
  const tracker = new ViewTracker();
  const problem = /** @type {HTMLElement} */ (place.querySelector("[data-problem]"));
  /** @type {"loading" | "missing" | "ready"} */
  let state = "loading";
  let looked = false;

  const watch = () => {
    const now = performance.now();
    const seen = state === "ready" ? obstacle(image, []) : state;
    tracker.frame(now, seen);
    looked ||= !tracker.closed(now, seen);
    if (!looked && state !== "missing") requestAnimationFrame(watch);
  };
  void arrives(image).then((there) => {
    state = there ? "ready" : "missing";
  });
  requestAnimationFrame(watch);

  place.addEventListener("submit", (event) => {
    // The buttons are below the photo, so it may be off the screen by now.
    if (looked || !event.submitter?.hasAttribute("data-shows")) return;
    event.preventDefault();
    problem.textContent = state === "missing" ? "The photo did not load, so you cannot publish it. Reload the page." : WHY[state === "ready" ? "off" : "loading"];
    problem.hidden = false;
    if (state === "ready") image.scrollIntoView({ block: "nearest" });
  });
}
