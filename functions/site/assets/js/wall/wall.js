// @ts-check
/**
 * The wall: asks every five seconds what has come and gone, shows one photo after the other, and goes on with what it has when the
 * network does not. After a power cut the browser opens the page again, which begins with what was kept.
 */

import { KEPT, PHOTO_MS, SLIDE_MS, advance, empty, file, shift, take } from "./plan.js";

/** Milliseconds between two questions, and the most that one may take. */
const POLL_MS = 5_000;
const ANSWER_MS = 15_000;
/** Questions without an answer before the wall says so. */
const FAILURES = 3;
/** Milliseconds after which a page that has been up all this time loads itself anew, at a quiet minute: browsers leak. */
const DAY_MS = 12 * 3_600_000;
const STORE = "wall";

/** @typedef {import("./plan.js").State} State */
/** @typedef {import("./plan.js").Photo} Photo */
/** @typedef {import("./plan.js").Slide} Slide */

const wall = /** @type {HTMLElement} */ (document.querySelector("[data-wall]"));
const stage = /** @type {HTMLElement} */ (document.querySelector("[data-stage]"));
const count = document.querySelector("[data-count]");
const news = document.querySelector("[data-news]");
const offline = /** @type {HTMLElement | null} */ (document.querySelector("[data-offline]"));
const begun = performance.now();
let state = kept();
let failures = 0;
/** @type {string | null} */
let showing = null;
let replaced = false;

/** What this screen knew before. @returns {State} */
function kept() {
  try {
    const text = localStorage.getItem(STORE);
    // What was counted of slides begins anew; what was shown does not.
    if (text) return { ...empty(), ...JSON.parse(text), seq: 0 };
  } catch {
    // A screen that may not keep anything begins with what the network says.
  }
  return empty();
}

function keep() {
  try {
    localStorage.setItem(STORE, JSON.stringify({ ...state, photos: state.photos.slice(0, KEPT) }));
  } catch {
    // Full, or forbidden: the wall goes on without.
  }
}

async function ask() {
  const known = state.seq > 0 ? `?since=${state.seq}` : "";
  try {
    const answer = await fetch(`/api/v1/wall${known}`, { signal: AbortSignal.timeout(ANSWER_MS), credentials: "omit" });
    // An answer without our marker is a filter's, not ours.
    if (!answer.ok || answer.headers.get("x-techognition") === null) throw new Error(`status ${answer.status}`);
    state = take(state, await answer.json());
    failures = 0;
    keep();
    if (count) count.textContent = state.count === 1 ? "1 photo so far" : `${state.count.toLocaleString("en-GB")} photos so far`;
    if (news) news.textContent = state.announcements[0] ?? "";
    // Nobody shall see for another second what was taken down.
    if (showing && !state.photos.some((photo) => photo.id === showing)) next();
  } catch {
    failures += 1;
  }
  if (offline) offline.hidden = failures < FAILURES;
  setTimeout(ask, POLL_MS);
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function next() {
  clearTimeout(timer);
  const { next: what, state: after } = advance(state);
  state = after;
  switch (what.kind) {
    case "photo":
      void showPhoto(what.photo);
      timer = setTimeout(next, PHOTO_MS);
      break;
    case "slide":
      showSlide(what.slide);
      timer = setTimeout(next, SLIDE_MS);
      break;
    case "empty":
      timer = setTimeout(next, POLL_MS);
      break;
  }
  const moved = shift(state.turn);
  wall.style.setProperty("--shift-x", `${moved.x}px`);
  wall.style.setProperty("--shift-y", `${moved.y}px`);
}

/** @param {Photo} photo */
async function showPhoto(photo) {
  showing = photo.id;
  const image = new Image();
  image.alt = photo.alt || photo.caption;
  image.decoding = "async";
  image.src = file(photo, stage.clientWidth * devicePixelRatio);
  try {
    await image.decode();
  } catch {
    // Gone meanwhile, or no network and not in the cache: the next one comes at once.
    if (showing === photo.id) {
      showing = null;
      clearTimeout(timer);
      timer = setTimeout(next, 500);
    }
    return;
  }
  if (showing !== photo.id) return;
  const slide = make("figure", "wall-slide");
  slide.style.setProperty("--c", photo.color);
  const words = make("figcaption", "wall-label");
  if (photo.discipline) words.dataset.tray = photo.discipline;
  if (photo.caption) words.append(text("p", "wall-caption", photo.caption));
  const by = [photo.credit, photo.school?.name].filter(Boolean).join(" · ");
  if (by) words.append(text("p", "wall-by", by));
  slide.append(image, ...(words.childNodes.length > 0 ? [words] : []));
  put(slide);
}

/** @param {Slide} sponsor */
function showSlide(sponsor) {
  showing = null;
  const slide = make("figure", "wall-slide wall-sponsor");
  slide.append(text("p", "wall-by", "Supported by"), text("p", "wall-sponsor-name", sponsor.name));
  if (sponsor.handle) slide.append(text("p", "wall-by", sponsor.handle));
  put(slide);
}

/** Puts a slide over the one before, which goes when the new one is there: never more than two. @param {HTMLElement} slide */
function put(slide) {
  if (!replaced) stage.replaceChildren();
  replaced = true;
  const old = [...stage.children];
  stage.append(slide);
  requestAnimationFrame(() => requestAnimationFrame(() => slide.classList.add("wall-shown")));
  setTimeout(() => {
    for (const one of old) one.remove();
  }, 700);
}

/** @param {string} tag @param {string} classes */
function make(tag, classes) {
  const element = document.createElement(tag);
  element.className = classes;
  return element;
}

/** @param {string} tag @param {string} classes @param {string} words */
function text(tag, classes, words) {
  const element = make(tag, classes);
  const isolated = document.createElement("bdi");
  isolated.textContent = words;
  element.append(isolated);
  return element;
}

/** A newer version of the site, or a page that has been up for long: loaded anew, while the network is there. */
async function renew() {
  if (failures === 0) {
    try {
      const answer = await fetch(location.pathname, { credentials: "omit", cache: "no-store" });
      const build = /data-build="([0-9a-f]+)"/.exec(await answer.text())?.[1];
      const old = build !== undefined && build !== wall.dataset.build;
      if (answer.ok && (old || performance.now() - begun > DAY_MS)) location.reload();
    } catch {
      // Next time.
    }
  }
  setTimeout(renew, 300_000 + Math.random() * 60_000);
}

// The screen stays on, where the browser lets us ask for it.
async function stayAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // A battery that is low, or a page in the background.
  }
}
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") void stayAwake();
});
void stayAwake();

wall.addEventListener("click", () => {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen?.().catch(() => {});
});

await ask();
next();
setTimeout(renew, 300_000);
