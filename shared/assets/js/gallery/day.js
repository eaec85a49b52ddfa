// @ts-check
/**
 * The day as a film: a slider over its half hours, and a button that plays them one after the other. Each half hour is a page of its own,
 * which is fetched; without scripts, its link leads there.
 */

import { phrase } from "../words.js";
import { adopt, fetchPage } from "./page.js";

/** Milliseconds for which each half hour is shown. */
const STEP_MS = 4_000;

const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-day]"));
const scrub = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-scrub]"));
const play = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-play]"));
const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll("a.day-step")]);
/** The label of the button when it is not pressed. */
const atRest = play?.textContent ?? "";
let playing = 0;
let asked = 0;

/** Shows a half hour. @param {number} i */
async function show(i) {
  const link = links[i];
  const half = document.querySelector("[data-half]");
  if (!link || !half) return;
  asked += 1;
  const mine = asked;
  let fetched;
  try {
    fetched = await fetchPage(link.href);
  } catch {
    stop();
    location.assign(link.href);
    return;
  }
  // The user has moved on meanwhile.
  if (mine !== asked) return;
  const list = document.createElement("ul");
  list.className = "rows";
  list.dataset.tiles = "";
  adopt(fetched, list);
  const next = /** @type {HTMLElement | null} */ (fetched.page.querySelector("[data-half]"));
  if (!next) return;
  const own = /** @type {HTMLElement} */ (document.importNode(next, true));
  own.querySelector("[data-tiles]")?.replaceWith(list);
  half.replaceWith(own);
  for (const other of links) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  link.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (scrub) scrub.value = String(i);
  history.replaceState(history.state, "", link.href);
}

function stop() {
  clearInterval(playing);
  playing = 0;
  if (!play) return;
  play.setAttribute("aria-pressed", "false");
  play.textContent = atRest;
}

if (place && scrub && play) {
  scrub.addEventListener("change", () => {
    stop();
    void show(Number(scrub.value));
  });
  scrub.addEventListener("input", () => scrub.setAttribute("aria-valuetext", links[Number(scrub.value)]?.textContent?.trim() ?? ""));
  place.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a.day-step") : null;
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    stop();
    void show(links.indexOf(/** @type {HTMLAnchorElement} */ (link)));
  });
  play.addEventListener("click", () => {
    if (playing) {
      stop();
      return;
    }
    play.setAttribute("aria-pressed", "true");
    play.textContent = phrase("day_pause");
    let at = Number(scrub.value) >= links.length - 1 ? 0 : Number(scrub.value);
    void show(at);
    playing = setInterval(() => {
      at += 1;
      if (at >= links.length) stop();
      else void show(at);
    }, STEP_MS);
  });
}
