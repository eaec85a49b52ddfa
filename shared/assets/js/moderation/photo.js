// @ts-check
/**
 * A photo's page for moderators: a decision that publishes it counts only after the moderator has looked at it. Without scripts the form
 * works.
 */

import { ViewTracker, WHY, arrives, obstacle } from "./view-tracker.js";

const image = /** @type {HTMLImageElement | null} */ (document.querySelector("[data-frame] img"));
const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-decide-here]"));
if (image && place) run(image, place);

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
