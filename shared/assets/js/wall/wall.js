// @ts-check
/**
 * The wall: asks every five seconds what has come and gone, shows one photo after the other, and goes on with what it has when the
 * network does not. After a power cut the browser opens the page again, which begins with what was kept: the page and its files by the
 * service worker, the list of the photos in the local storage, their pictures in the cache. Two pictures are decoded at most: the one
 * that is shown, and the one that takes its place.
 */

import { installShell } from "../upload/shell.js";
import { Pictures, disk, fetched } from "./pictures.js";
import { KEPT, PHOTO_MS, SLIDE_MS, advance, empty, file, missed, order, shift, take } from "./plan.js";

/** Milliseconds between two questions, and the most that one may take. */
const POLL_MS = 5_000;
const ANSWER_MS = 15_000;
/** Milliseconds for which a slide stays on for the picture of a new photo. */
const PATIENCE_MS = 3_000;
/** Questions without an answer before the wall says so. */
const FAILURES = 3;
/** Milliseconds after which a page that has been up all this time loads itself anew, at a quiet minute: browsers leak. */
const DAY_MS = 12 * 3_600_000;
/** Milliseconds for which it is told how the screen is filled. */
const HINT_MS = 12_000;
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
/** How often something else was to be shown: who comes back from waiting sees whether that is still wanted. */
let step = 0;
const pictures = new Pictures(await disk(), fetched, () => performance.now());

/** What this screen knew before. @returns {State} */
function kept() {
  try {
    const text = localStorage.getItem(STORE);
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
  const since = state.seq > 0 ? `?since=${state.seq}` : "";
  try {
    // The browser's own cache may answer with what was true thirty seconds ago.
    const answer = await fetch(`/api/v1/wall${since}`, { signal: AbortSignal.timeout(ANSWER_MS), credentials: "omit", cache: "no-cache" });
    // An answer without our marker is a filter's, not ours.
    if (!answer.ok || answer.headers.get("x-techognition") === null) throw new Error(`status ${answer.status}`);
    state = take(state, await answer.json());
    failures = 0;
    // Nobody shall see for another second what was taken down.
    const lost = clear();
    keep();
    void pictures.fill();
    if (count) count.textContent = state.count === 1 ? "1 photo so far" : state.count ? `${state.count.toLocaleString("en-GB")} photos so far` : "";
    if (news) news.textContent = state.announcements[0] ?? "";
    if (lost) void next();
  } catch {
    failures += 1;
  }
  if (offline) offline.hidden = failures < FAILURES;
  setTimeout(ask, POLL_MS);
}

/** Whether the wall knows a photo, as it is now: one that got a cover has other files, and words may be taken back. @param {Element} slide */
function known(slide) {
  const photo = state.photos.find((one) => one.id === slide.getAttribute("data-id"));
  const file = slide.getAttribute("data-file");
  const said = slide.getAttribute("data-words");
  return photo !== undefined && (file === null || file === address(photo)) && (said === null || said === wordsOf(photo));
}

/** All that is said of a photo, to compare. @param {Photo} photo */
function wordsOf(photo) {
  return JSON.stringify([photo.caption, photo.alt, photo.credit, photo.school?.name ?? ""]);
}

/** Takes away, on the screen and on the disk, what the wall does not know, or does not know any more. Answers whether that was shown. */
function clear() {
  let lost = showing !== null && !state.photos.some((photo) => photo.id === showing);
  for (const one of stage.querySelectorAll("[data-id]")) {
    if (known(one)) continue;
    one.remove();
    lost ||= one.getAttribute("data-id") === showing;
  }
  pictures.only(order(state).map(address).filter(Boolean));
  return lost;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

async function next() {
  clearTimeout(timer);
  const mine = (step += 1);
  await arrival();
  if (mine !== step) return;
  const { next: what, state: after } = advance(state, ready);
  state = after;
  // Without a network nobody else writes down what was shown.
  if (failures > 0) keep();
  let ms = POLL_MS;
  switch (what.kind) {
    case "photo":
      ms = (await showPhoto(what.photo, mine)) ? PHOTO_MS : 500;
      break;
    case "slide":
      showSlide(what.slide);
      ms = SLIDE_MS;
      break;
    case "empty":
      break;
  }
  if (mine !== step) return;
  timer = setTimeout(next, ms);
  const moved = shift(state.turn);
  wall.style.setProperty("--shift-x", `${moved.x}px`);
  wall.style.setProperty("--shift-y", `${moved.y}px`);
}

/** Waits a little for the picture of a photo that has just come: else another would be shown before it. */
async function arrival() {
  const [first] = order(state);
  if (!first || !state.fresh.includes(first.id) || failures > 0 || !pictures.room || pictures.has(address(first))) return;
  await Promise.race([pictures.load(address(first)), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

/** @param {Photo} photo */
function ready(photo) {
  return pictures.has(address(photo)) || (!pictures.room && failures === 0);
}

/** The file for this screen, whatever part of it the window has at this moment. @param {Photo} photo */
function address(photo) {
  return file(photo, screen.width * devicePixelRatio);
}

/** @param {Photo} photo @param {number} mine @returns {Promise<boolean>} whether it is shown */
async function showPhoto(photo, mine) {
  showing = photo.id;
  const source = address(photo);
  const image = new Image();
  image.alt = photo.alt || photo.caption;
  image.decoding = "async";
  try {
    await Promise.race([load(image, source), late()]);
  } catch {
    // Gone meanwhile, no network and no file, or a file that is broken: the next one comes at once.
    if (mine === step) {
      showing = null;
      state = missed(state);
    }
    return false;
  }
  if (mine !== step) return false;
  const slide = make("figure", "wall-slide");
  slide.dataset.id = photo.id;
  slide.dataset.file = source;
  slide.dataset.words = wordsOf(photo);
  slide.style.setProperty("--c", photo.color);
  const words = make("figcaption", "wall-label");
  if (photo.discipline) words.dataset.tray = photo.discipline;
  if (photo.caption) words.append(text("p", "wall-caption", photo.caption));
  const by = [photo.credit, photo.school?.name].filter(Boolean).join(" · ");
  if (by) words.append(text("p", "wall-by", by));
  slide.append(image, ...(words.childNodes.length > 0 ? [words] : []));
  put(slide);
  return true;
}

/** Gives the image its picture from the disk, else from the network. @param {HTMLImageElement} image @param {string} source */
async function load(image, source) {
  if (!pictures.has(source) && pictures.room) await pictures.load(source);
  const blob = await pictures.find(source);
  image.src = blob ? URL.createObjectURL(blob) : source;
  try {
    await image.decode();
  } catch (error) {
    if (blob) void pictures.drop(source);
    throw error;
  } finally {
    // The image has its bytes now; they go with it.
    if (blob) URL.revokeObjectURL(image.src);
  }
}

/** A line on which nothing comes and nothing breaks must not stop the wall. @returns {Promise<never>} */
function late() {
  return new Promise((_, reject) => setTimeout(() => reject(new Error("too late")), PHOTO_MS));
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

/** The version of the page as it is now, which is kept for a start without a network; null where it cannot be had. */
async function renewed() {
  try {
    const answer = await fetch(location.pathname, { credentials: "omit", cache: "no-store" });
    if (!answer.ok || answer.headers.get("x-techognition") === null) return null;
    const copy = answer.clone();
    const build = /data-build="([0-9a-f]+)"/.exec(await answer.text())?.[1] ?? null;
    // The service worker has the files of this version only.
    if (build === wall.dataset.build) await keepPage(copy);
    return build;
  } catch {
    // Next time.
    return null;
  }
}

/** @param {Response} page */
async function keepPage(page) {
  try {
    await (await caches.open("pages")).put(location.pathname, page);
  } catch {
    // Full, or forbidden: it starts with a network only.
  }
}

/** A newer version of the site, or a page that has been up for long: loaded anew, while the network is there. */
async function renew() {
  const build = failures === 0 ? await renewed() : null;
  if (build !== null && (build !== wall.dataset.build || performance.now() - begun > DAY_MS)) location.reload();
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

/** When the day is over there is nothing to add any more, and nobody loads this page anew. */
function invite() {
  const [join, after] = [wall.querySelector("[data-join]"), wall.querySelector("[data-after]")];
  if (!(join instanceof HTMLElement) || !(after instanceof HTMLElement)) return;
  const over = Date.now() >= Number(join.dataset.until ?? Infinity);
  join.hidden = over;
  after.hidden = !over;
}
setInterval(invite, 30_000);
invite();

// A browser fills the screen only for a press; and whoever puts up the screen need not know which.
const hint = /** @type {HTMLElement | null} */ (wall.querySelector("[data-hint]"));
if (hint && document.fullscreenEnabled && innerHeight < screen.height) {
  hint.hidden = false;
  setTimeout(() => hint.remove(), HINT_MS);
}

wall.addEventListener("click", () => {
  hint?.remove();
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen?.().catch(() => {});
});

await pictures.open();
// The page itself was kept too: it may have what this screen has known to be gone since then.
if (state.photos.length > 0) clear();
await ask();
void next();
void installShell().then(renewed);
setTimeout(renew, 300_000);
