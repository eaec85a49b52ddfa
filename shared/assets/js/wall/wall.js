// @ts-check
/**
 * The wall: asks every five seconds what has changed, shows one photo after the other, and continues with what it has if the network fails.
 * After a power cut the browser opens the page again, which starts with what was kept: the page and its files from the service worker, the
 * list of photos from local storage, their images from the cache. At most two images are decoded: the one that is shown, and its successor.
 * A video is played once, without its sound, over its picture, while there is a network and unless this screen is asked to keep still or to
 * save data. There is one player, which lets go of each video.
 */

import { installShell } from "../trusted.js";
import { Pictures, disk, fetched } from "./pictures.js";
import { FILM_MS, KEPT, PHOTO_MS, SLIDE_MS, advance, empty, file, lasted, milestone, minutesLeft, missed, order, shift, take, toBeWon } from "./plan.js";

/** Milliseconds between two requests, and the longest time for one. */
const POLL_MS = 5_000;
const ANSWER_MS = 15_000;
/** Milliseconds for which a slide stays on while the image of a new photo is loaded. */
const PATIENCE_MS = 3_000;
/** Number of unanswered requests after which the wall says so. */
const FAILURES = 3;
/** Milliseconds after which a page that has been open all this time reloads at a quiet minute: browsers leak memory. */
const DAY_MS = 12 * 3_600_000;
/** Milliseconds for which the hint is shown that explains full-screen view. */
const HINT_MS = 12_000;
/** Milliseconds for which a milestone is celebrated. */
const MILESTONE_MS = 60_000;
/** The most photos of a school's wall, and the shortest interval between two requests for their list, in milliseconds. */
const OWN = 48;
const LIST_MS = 15_000;
/** The school whose photos are shown; empty for all. From the address: without a network, the kept page is that of all photos. */
const school = new URLSearchParams(location.search).get("school") ?? "";
/** The day's clock, wherever this screen is. */
const LONDON = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", hour: "2-digit", minute: "2-digit" });
const STORE = school ? `wall ${school}` : "wall";

/** @typedef {import("./plan.js").State} State */
/** @typedef {import("./plan.js").Answer} Answer */
/** @typedef {import("./plan.js").Photo} Photo */
/** @typedef {import("./plan.js").Slide} Slide */

const wall = /** @type {HTMLElement} */ (document.querySelector("[data-wall]"));
const stage = /** @type {HTMLElement} */ (document.querySelector("[data-stage]"));
const count = document.querySelector("[data-count]");
const news = /** @type {HTMLElement | null} */ (document.querySelector("[data-news]"));
/** The names of the subjects, by their slugs. @type {Record<string, string>} */
const subjects = JSON.parse(wall.dataset.subjects ?? "{}");
/** The milestone that was reached last, and until when it is celebrated. */
let reached = { photos: 0, until: 0 };
const offline = /** @type {HTMLElement | null} */ (document.querySelector("[data-offline]"));
const begun = performance.now();
/** When the page was opened, in milliseconds since 1970: by the server's clock, once it has answered. */
let startedAt = Date.now() - begun;
let state = kept();
let failures = 0;
/** The photos that were removed, and when the list of the school's photos was read: that list may be some seconds old. @type {Set<string>} */
const removed = new Set();
let listed_at = -Infinity;
let outdated = true;
/** What can be won: until when, and words. @type {[number, string][]} */
const prizes = JSON.parse(news?.dataset["prizes"] ?? "[]");
/** @type {string | null} */
let showing = null;
let replaced = false;
/** The player of all videos. Its picture is described by the image below it. */
const film = document.createElement("video");
Object.assign(film, { muted: true, playsInline: true, ariaHidden: "true" });
/** Counts what was to be shown: after a wait, code compares it to see whether its photo is still wanted. */
let step = 0;
const pictures = new Pictures(await disk(), fetched, () => performance.now());

/** Returns what this screen knew before. @returns {State} */
function kept() {
  try {
    // What this screen knew as another wall would never learn what is taken down.
    for (const key of Object.keys(localStorage)) if (/^wall( |$)/.test(key) && key !== STORE) localStorage.removeItem(key);
    const text = localStorage.getItem(STORE);
    if (text) return { ...empty(), ...JSON.parse(text), seq: 0 };
  } catch {
    // A screen that may not store anything starts with what the network says.
  }
  return empty();
}

function keep() {
  try {
    localStorage.setItem(STORE, JSON.stringify({ ...state, photos: state.photos.slice(0, KEPT) }));
  } catch {
    // The storage is full or forbidden: the wall continues without it.
  }
}

async function ask() {
  const since = state.seq > 0 ? `?since=${state.seq}` : "";
  try {
    // The browser's own cache may answer with what was true thirty seconds ago.
    const answer = await fetch(`/api/v1/wall${since}`, { signal: AbortSignal.timeout(ANSWER_MS), credentials: "omit", cache: "no-cache" });
    // An answer without our marker comes from a filter.
    if (!answer.ok || answer.headers.get("x-techognition") === null) throw new Error(`status ${answer.status}`);
    const told = Date.parse(answer.headers.get("date") ?? "");
    if (told) startedAt = told - performance.now();
    invite();
    const before = state;
    state = take(state, await ours(await answer.json()));
    failures = 0;
    const photos = school ? 0 : milestone(before, state);
    if (photos) reached = { photos, until: performance.now() + MILESTONE_MS };
    // A removed photo must not stay visible for another second.
    const lost = clear();
    keep();
    void pictures.fill();
    const photosSoFar = school ? state.photos.length : state.count;
    if (count) count.textContent = photosSoFar === 1 ? "1 photo so far" : photosSoFar ? `${photosSoFar.toLocaleString("en-GB")} photos so far` : "";
    strip();
    tell();
    if (lost) void next();
  } catch {
    failures += 1;
  }
  if (offline) offline.hidden = failures < FAILURES;
  setTimeout(ask, POLL_MS);
}

/**
 * Returns the answer as it is for this wall. On a school's wall, the list of its photos takes the place of all photos; it is read again
 * after a change, and what was removed is left out of it.
 * @param {Answer} answer
 * @returns {Promise<Answer>}
 */
async function ours(answer) {
  if (!school) return answer;
  for (const id of answer.gone) removed.add(id);
  for (const photo of answer.photos) removed.delete(photo.id);
  outdated ||= answer.whole || answer.photos.length > 0 || answer.edition !== state.edition;
  if (!outdated || performance.now() - listed_at < LIST_MS) return { ...answer, whole: false, photos: [] };
  const list = await fetch(`/api/v1/photos?school=${encodeURIComponent(school)}&limit=${OWN}`, { signal: AbortSignal.timeout(ANSWER_MS), credentials: "omit" });
  if (!list.ok || list.headers.get("x-techognition") === null) throw new Error(`status ${list.status}`);
  const { photos } = await list.json();
  // A change of the last seconds may be missing from this list: it is read once more after a quiet time.
  [listed_at, outdated] = [performance.now(), answer.photos.length > 0];
  return { ...answer, whole: true, photos: photos.filter((/** @type {Photo} */ photo) => !removed.has(photo.id)) };
}

/** Says what is new: what the organiser says, else a milestone, else how long there is still time, else what can be won. */
function tell() {
  if (!news) return;
  const join = wall.querySelector("[data-join]");
  const left = join instanceof HTMLElement ? minutesLeft(Number(join.dataset.until ?? Infinity) - startedAt - performance.now()) : 0;
  const celebrated = performance.now() < reached.until ? `${reached.photos.toLocaleString("en-GB")} photos! Thank you.` : "";
  const last = left ? `${left === 1 ? "One minute" : `${left} minutes`} left to add yours` : "";
  news.textContent = state.announcements[0] ?? (celebrated || last || toBeWon(prizes, startedAt + performance.now()));
}

/**
 * Whether the wall knows a photo in its present form: one that got a cover has other files, and texts may be removed.
 * @param {Element} slide
 */
function known(slide) {
  const photo = state.photos.find((one) => one.id === slide.getAttribute("data-id"));
  const file = slide.getAttribute("data-file");
  const said = slide.getAttribute("data-words");
  return photo !== undefined && (file === null || file === address(photo)) && (said === null || said === wordsOf(photo));
}

/** Returns all texts of a photo, for comparison. @param {Photo} photo */
function wordsOf(photo) {
  return JSON.stringify([photo.caption, photo.alt, photo.credit, photo.school?.name ?? "", photo.picked_at ?? ""]);
}

/** Removes from the screen and the disk what the wall does not know, or does not know any more. Returns whether it was visible. */
function clear() {
  let lost = showing !== null && !state.photos.some((photo) => photo.id === showing);
  for (const one of stage.querySelectorAll("[data-id]")) {
    if (known(one)) continue;
    if (one.contains(film)) rest();
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
  // Without a network, nothing else records what was shown.
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

/** Waits a little for the image of a photo that has just come; otherwise another would be shown before it. */
async function arrival() {
  const [first] = order(state);
  if (!first || !state.fresh.includes(first.id) || failures > 0 || !pictures.room || pictures.has(address(first))) return;
  await Promise.race([pictures.load(address(first)), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}

/** @param {Photo} photo */
function ready(photo) {
  return pictures.has(address(photo)) || (!pictures.room && failures === 0);
}

/** Returns the file for this screen, whatever part of it the window covers at this moment. @param {Photo} photo */
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
    // The photo is gone, there is neither network nor file, or the file is broken: the next one comes at once.
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
  if (photo.picked_at) words.append(text("p", "wall-picked", `★ Moderators’ favourite at ${LONDON.format(Date.parse(photo.picked_at))}`));
  if (photo.caption) words.append(text("p", "wall-caption", photo.caption));
  const by = [photo.credit, photo.school?.name, subjects[photo.discipline ?? ""]].filter(Boolean).join(" · ");
  if (by) words.append(text("p", "wall-by", by));
  slide.append(colours(image), image, ...(words.childNodes.length > 0 ? [words] : []));
  const { url = "" } = photo.video ?? {};
  put(slide, () => {
    if (url && mine === step && moves()) play(url, image, mine);
  });
  return true;
}

/** Whether this screen may show what moves. */
function moves() {
  const { saveData = false } = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator).connection ?? {};
  return failures === 0 && !saveData && !matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * Plays a video over its picture, which stays until the video moves, and for good if it does not.
 * @param {string} source
 * @param {HTMLImageElement} image
 * @param {number} mine
 */
function play(source, image, mine) {
  let since = 0;
  const over = () => {
    if (mine !== step) return;
    film.pause();
    state = lasted(state, performance.now() - since);
    void next();
  };
  film.onplaying = () => {
    if (mine !== step || since) return;
    since = performance.now();
    image.after(film);
    clearTimeout(timer);
    timer = setTimeout(over, FILM_MS);
  };
  film.onended = over;
  film.src = source;
  void film.play().catch(() => {});
}

/** Lets go of the last video: a browser keeps what it has loaded of it for as long as the player has its address. */
function rest() {
  film.onplaying = film.onended = null;
  film.remove();
  film.removeAttribute("src");
  film.load();
}

/** Returns an image's own colours, to fill the screen around it: so few pixels that they are blurred when they are made large. @param {HTMLImageElement} image */
function colours(image) {
  const canvas = document.createElement("canvas");
  canvas.className = "wall-colours";
  [canvas.width, canvas.height] = [24, 16];
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Loads the image from the disk, or otherwise from the network. @param {HTMLImageElement} image @param {string} source */
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
    // The image has its bytes now, so the address can be revoked.
    if (blob) URL.revokeObjectURL(image.src);
  }
}

/** A connection on which nothing arrives and nothing breaks must not stop the wall. @returns {Promise<never>} */
function late() {
  return new Promise((_, reject) => setTimeout(() => reject(new Error("too late")), PHOTO_MS));
}

/** @param {Slide} sponsor @param {{url: string, width: number, height: number}} file */
function logo(sponsor, file) {
  const image = new Image(file.width, file.height);
  image.className = "wall-logo";
  image.alt = sponsor.name;
  // Without a network, the name is enough.
  image.addEventListener("error", () => image.remove());
  image.src = file.url;
  return image;
}

/** The logos in the strip, by their addresses. */
let inStrip = "";

/** Shows the logos of all sponsors below the photos, on white. */
function strip() {
  const place = /** @type {HTMLElement | null} */ (wall.querySelector("[data-strip]"));
  const logos = state.slides.flatMap((sponsor) => (sponsor.logo ? [{ sponsor, file: sponsor.logo }] : []));
  const all = logos.map(({ file }) => file.url).join(" ");
  if (!place || all === inStrip) return;
  inStrip = all;
  place.replaceChildren(...logos.map(({ sponsor, file }) => logo(sponsor, file)));
  place.hidden = logos.length === 0;
}

/** @param {Slide} sponsor */
function showSlide(sponsor) {
  showing = null;
  const slide = make("figure", "wall-slide wall-sponsor");
  slide.append(text("p", "wall-by", "Supported by"), ...(sponsor.logo ? [logo(sponsor, sponsor.logo)] : []), text("p", "wall-sponsor-name", sponsor.name));
  if (sponsor.handle) slide.append(text("p", "wall-by", sponsor.handle));
  put(slide);
}

/**
 * Puts a slide over the one before, which is removed when the new one is visible: there are never more than two.
 * @param {HTMLElement} slide
 * @param {() => void} [alone] called when the others are gone
 */
function put(slide, alone) {
  if (!replaced) stage.replaceChildren();
  replaced = true;
  const old = [...stage.children];
  stage.append(slide);
  requestAnimationFrame(() => requestAnimationFrame(() => slide.classList.add("wall-shown")));
  setTimeout(() => {
    for (const one of old) one.remove();
    if (film.src) rest();
    alone?.();
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

/** Returns the version of the present page, which is kept for a start without a network; null if it cannot be fetched. */
async function renewed() {
  try {
    const answer = await fetch(location.pathname, { credentials: "omit", cache: "no-store" });
    if (!answer.ok || answer.headers.get("x-techognition") === null) return null;
    const copy = answer.clone();
    const build = /data-build="([0-9a-f]+)"/.exec(await answer.text())?.[1] ?? null;
    // The service worker has only the files of this version.
    if (build === wall.dataset.build) await keepPage(copy);
    return build;
  } catch {
    // It is tried again next time.
    return null;
  }
}

/** @param {Response} page */
async function keepPage(page) {
  try {
    await (await caches.open("pages")).put(location.pathname, page);
  } catch {
    // The storage is full or forbidden: the wall can start only with a network.
  }
}

/** Reloads the page for a newer version of the site, or after a long time, while there is a network. */
async function renew() {
  const build = failures === 0 ? await renewed() : null;
  if (build !== null && (build !== wall.dataset.build || performance.now() - begun > DAY_MS)) location.reload();
  setTimeout(renew, 300_000 + Math.random() * 60_000);
}

// Keeps the screen on, if the browser allows it.
async function stayAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // The battery is low, or the page is in the background.
  }
}
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") void stayAwake();
});
void stayAwake();

/** Replaces the invitation when the day is over and nothing can be added: nobody reloads this page. */
function invite() {
  const [join, after] = [wall.querySelector("[data-join]"), wall.querySelector("[data-after]")];
  if (!(join instanceof HTMLElement) || !(after instanceof HTMLElement)) return;
  const over = startedAt + performance.now() >= Number(join.dataset.until ?? Infinity);
  join.hidden = over;
  after.hidden = !over;
  tell();
}
setInterval(invite, 30_000);
invite();

// A browser fills the screen only after a press; the person who puts up the screen need not know which one.
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
// The page itself was kept, too: it may contain photos that this screen has since learned to be gone.
if (state.photos.length > 0) clear();
await ask();
void next();
void installShell().then(renewed);
setTimeout(renew, 300_000);
