// @ts-check
// The page on which photos are added: connects its parts.

import { ask, byId, el, say } from "../dom.js";
import { Preparer, SMALLER } from "../picture/preparer.js";
import { installShell } from "../trusted.js";
import { phrase, spoken } from "../words.js";
import { Api } from "./api.js";
import { Card } from "./card.js";
import { forget, insideOf, keepSecret, knownSecret, secret, setUnsent, takeWords, thisDevice } from "./device.js";
import { dropped, forgetShared, ofFolder, pasted, takeShared } from "./files.js";
import { SharedFields } from "./form.js";
import { Intake, bytesOf } from "./intake.js";
import { complaints, frozen } from "./plan.js";
import { meaning } from "./problems.js";
import { lateIn, move, overall, phaseAt, pressed, sendable, summary, tally, unsent, windowWords } from "./queue.js";
import { OUTDATED, Sending, late } from "./sending.js";
import { Shelf } from "./shelf.js";
import { Storage } from "./storage.js";
import { alone, channel, lead, stayAwake } from "./tabs.js";
import { things } from "./text.js";

/** @import { Complaint, Day, Item, Kept, News } from "./types.js" */

const form = byId("upload", HTMLFormElement);
/** The file inputs, each with its button. */
const CHOOSERS = /** @type {const} */ ([["choose", "photos"], ["choose-camera", "camera"], ["choose-folder", "folder"]]);
const cardList = byId("cards", HTMLElement);
const notice = byId("window-notice", HTMLElement);
const dockStatus = byId("dock-status", HTMLElement);
const dockNews = byId("dock-news", HTMLElement);
const sendButton = byId("send", HTMLButtonElement);
const levelBar = byId("dock-level", HTMLElement);
const mineLink = byId("dock-mine", HTMLElement);
const sentPart = byId("sent", HTMLElement);

/** Phones stop a page that is not visible, so the page asks its user to stay. */
const STAY = phrase("stay", { device: thisDevice() });
/** Milliseconds before the end of the day in which photos are not prepared: what is registered before the end counts. */
const HASTE_MS = 120_000;
/** Milliseconds beyond which the page's own time is that of a copy kept for use without a network. */
const PAGE_AGE_MS = 300_000;
/** The key of the session's storage with the address of the module for which the page was reloaded. */
const RELOADED = "techognition.reloaded";

/** @type {Day} */
let day = JSON.parse(form.dataset["event"] ?? "{}");
/** When the page was opened, by the device's clock, in milliseconds since 1970. */
const opened = Date.now() - performance.now();
/** Returns the device's time in milliseconds since 1970, as if nobody had set its clock since the page was opened. */
const now = () => opened + performance.now();
/** Milliseconds by which the server's clock is ahead of that. */
let ahead = Date.parse(day.server_time) - now();
if (Math.abs(ahead) > PAGE_AGE_MS) ahead = 0;
const serverNow = () => now() + ahead;
/** The phase and the words by which the cards and buttons are shown; empty before the server has told the time. */
let shownWindow = "";
let leading = false;
/** Whether the site has another version by now, and the user must reload the page. */
let isOutdated = false;
/** The message about the fields as they were at the last press of Send; empty if they were complete. */
let complaint = "";
/** Whether it was asked if photos are to be sent without a caption: once is enough. */
let captionAsked = false;
/** The alternative text of the photo that is sent again. */
let alt = "";

const api = new Api(own);
/** @type {Map<string, Card>} */
const cards = new Map();
/** @type {Promise<import("../film/adding.js").Films> | undefined} */
let filmsOfPage;
/** Previews are made one after another. */
let previewing = Promise.resolve();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let keeping;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let refreshing;

const preparer = new Preparer();
const storage = await Storage.open();
await keepSecret(storage);
const tell = channel(hear);
const shelf = new Shelf(storage, tell, onChange);
const sending = new Sending({
  shelf, api,
  now,
  serverNow,
  random: Math.random,
  after: (ms, what) => setTimeout(what, ms),
  online: () => navigator.onLine,
  leads: () => leading,
  batch: () => day.limits.max_photos_per_request,
  preparing: () => !hasty() && shelf.list().some(pressed),
  open: () => phaseNow() === "open",
  smaller: (bytes) => preparer.make(bytes, SMALLER).then(bytesOf).catch(() => null),
  origin: location.origin,
  onConsentOutdated: () => void consentAnew(),
});
const intake = new Intake(shelf, preparer, () => day.limits, {
  twin: (name) => say(dockNews, phrase("twin", { name })),
  ready: sendIfPressed,
  // At least the latest time that the server has told: no wrong clock makes a photo look old.
  now: () => Math.max(serverNow(), Date.parse(day.server_time)),
  haste: (item) => pressed(item) && item.boxes.length === 0 && hasty(),
  film: form.dataset["films"] ? (key, file) => void films().then((films) => films.show(key, file)) : null,
});
const fields = new SharedFields(form, day.limits, day.consent.version, keepFields);


await begin();

async function begin() {
  const start = byId("upload-start", HTMLElement);
  if (!crypto.subtle) {
    start.hidden = true;
    say(notice, phrase("needs_https"));
    notice.hidden = false;
    return;
  }
  if (storage && (await alone())) await storage.dropOrphans().catch(() => {});
  // By the page's time, which no device can set: a wrong clock must not make photos look too old to be kept.
  await shelf.restore(Date.parse(day.server_time)).catch(() => {});
  const kept = /** @type {Kept | undefined} */ (await shelf.keeper?.note("form").catch(() => undefined));
  if (kept) fields.fill(kept, shelf.list().some(unsent));
  const again = takeWords();
  if (again) {
    fields.suggest(again);
    // The photo's earlier attempt may still be listed here as sent: the server has decided about it, and its file must not count as a
    // duplicate.
    for (const item of shelf.list()) if (item.id && item.id === again.id && !unsent(item)) await shelf.remove(item.key);
    alt = again.alt;
    say(dockNews, phrase("words_filled_in"));
  }
  // In one step, so that nothing below visibly moves.
  start.hidden = true;
  form.hidden = false;
  refresh();
  for (const { key, film, sha256 } of shelf.list()) if (film && sha256) void films().then((films) => films.show(key));
  wire();
  showInside();
  void askDay();
  void installShell();
  // Where storage is refused, nothing was shared.
  void takeShared().then(async (files) => {
    await take(files);
    await forgetShared();
  }, () => {});
  lead(() => {
    leading = true;
    void shelf.takeOver().then(async () => {
      intake.resume();
      const due = await shelf.keeper?.note("withdrawals").catch(() => null);
      if (Array.isArray(due) && due.length > 0 || shelf.list().length) sending.with((sender) => sender.resume());
    });
  });
}

function wire() {
  for (const [button, input] of CHOOSERS) {
    const chooser = byId(input, HTMLInputElement);
    byId(button, HTMLButtonElement).addEventListener("click", () => {
      // Some phones end the page while its user is choosing files.
      void writeFields();
      chooser.click();
    });
    chooser.addEventListener("change", () => {
      const files = [...(chooser.files ?? [])];
      void take(input === "folder" ? ofFolder(files) : files, input === "folder");
      chooser.value = "";
    });
  }
  document.addEventListener("paste", (event) => void take(pasted(event)));
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) document.addEventListener(type, (event) => dragged(/** @type {DragEvent} */ (event)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  // The first change makes a complaint outdated; messages about other things stay.
  document.addEventListener("input", () => {
    if (complaint && dockNews.textContent === complaint) say(dockNews, "");
    complaint = "";
  });
  byId("sent-tell", HTMLButtonElement).addEventListener("click", () => void tellColleague());
  byId("clear", HTMLButtonElement).addEventListener("click", () => void clearDevice());
  byId("school", HTMLElement).addEventListener("focus", () => void offerSchools(), { once: true });
  addEventListener("online", hurry);
  addEventListener("offline", pump);
  addEventListener("pagehide", () => void writeFields());
  addEventListener(OUTDATED, () => void reload());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") return void writeFields();
    hurry();
    void askDay();
  });
  addEventListener("beforeunload", (event) => {
    if (shelf.list().some((item) => unsent(item) && !item.stored)) event.preventDefault();
  });
  setInterval(showWindow, 15_000);
}

/**
 * Continues with the site's present version, if nothing is lost by a reload. At most once for each version: if the page stays the same, a
 * person decides when to reload it.
 */
async function reload() {
  await writeFields();
  try {
    const kept = shelf.list().every((item) => item.stored || !unsent(item)) && !document.querySelector("dialog[open]");
    if (kept && sessionStorage.getItem(RELOADED) !== import.meta.url) {
      sessionStorage.setItem(RELOADED, import.meta.url);
      return location.reload();
    }
  } catch {
    // Without the session's storage, nobody knows whether the page was reloaded before.
  }
  isOutdated = true;
  showWindow();
}

/** The list of schools is fetched when its field gets the focus. */
async function offerSchools() {
  const school = byId("school", HTMLInputElement);
  const { value } = school;
  /** @type {typeof import("./school.js")} */
  const { SchoolField, registers } = await late("school.js", (again) => import("./school.js" + again));
  new SchoolField(school, byId("urn", HTMLInputElement), byId("school-list", HTMLElement), byId("school-found", HTMLElement), registers(api));
  // What was typed before the module arrived is searched for, too; an earlier number does not belong to it.
  if (school.value !== value) school.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {DragEvent} event */
function dragged(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  const over = event.type === "dragenter" || event.type === "dragover";
  document.body.classList.toggle("dropping", over);
  if (event.type === "drop") void dropped(event.dataTransfer).then((files) => take(files, true));
}

/** @param {File[]} files @param {boolean} [meant] whether the user expects some */
async function take(files, meant = false) {
  if (files.length === 0) {
    if (meant) fields.complain({ field: "photos", message: phrase("none_in_it") });
    return;
  }
  fields.complain({ field: "photos", message: "" });
  say(dockNews, "");
  if (fields.used && !shelf.list().some(sendable)) fields.begin();
  const taken = intake.take(files);
  const items = shelf.list();
  const chosen = items.at(-1);
  // If there are several photos, it is unknown which one the text is about.
  if (alt && chosen && files.length === 1 && !items.some((item) => item.alt === alt && item.state !== "unfit")) write(chosen.key, { alt });
  await taken;
}

// Sending

async function send() {
  sendButton.disabled = true;
  try {
    const items = shelf.list().filter(sendable);
    const moving = items.some(({ film }) => film) ? await films() : null;
    const found = [...complaints(fields.read(), items, day.limits), ...(moving?.complaints(fields.read(), items) ?? [])];
    if (!show(found)) return;
    const captions = fields.read().caption;
    if (!captionAsked && items.some((item) => !(item.caption ?? captions).trim())) {
      captionAsked = true;
      if (!(await ask(byId("caption-dialog", HTMLDialogElement)))) return byId("caption", HTMLElement).focus();
    }
    if (phaseNow() !== "open") await askDay();
    if (phaseNow() !== "open") return notice.focus();
    void navigator.storage?.persist?.().catch(() => {});
    const given = fields.read();
    const boxed = items.filter((item) => item.boxes.length > 0);
    const uncovered = boxed.length ? await (await covering()).coverAll(shelf, preparer, boxed, dockNews) : [];
    /** @type {Promise<unknown>[]} */
    const kept = [];
    for (const { key } of items) {
      const item = shelf.get(key);
      if (!item || uncovered.includes(key)) continue;
      const shared = frozen(given, item);
      const anew = item.state === "failed" && item.id ? { id: null, generation: item.generation + 1 } : {};
      if (item.film && !item.sha256) moving?.begin(key);
      kept.push(shelf.update(item.sha256 ? move(item, "send", { ...anew, shared, attempt: 0, retryAt: 0 }) : { ...item, shared }));
    }
    fields.used = true;
    void writeFields();
    pump();
    // The message that the page may be closed appears only after this device has stored what was pressed.
    await Promise.allSettled(kept);
    if (uncovered.length === 0 && shelf.list().some(unsent)) say(dockNews, STAY);
    // The form has folded away, and its button with it.
    if (!sendButton.checkVisibility()) dockStatus.focus();
  } finally {
    sendButton.disabled = false;
  }
}

/** Sends a photo that was prepared after Send was pressed for it. @param {string} key of the photo */
function sendIfPressed(key) {
  const item = shelf.get(key);
  if (item && pressed(item)) void shelf.update(move(item, "send"));
  pump();
}

function pump() {
  if (shelf.list().length) sending.with((sender) => sender.pump());
}

function hurry() {
  if (shelf.list().length) sending.with((sender) => sender.hurry());
}

/** Offers a line and a link for a colleague: by the device's own dialogue, or by the clipboard. */
async function tellColleague() {
  const data = { text: phrase("tell_words"), url: new URL(spoken("/take-part"), location.href).href };
  if (navigator.share) return navigator.share(data).catch(() => {});
  await navigator.clipboard.writeText(`${data.text} ${data.url}`).then(() => say(dockNews, phrase("words_copied")), () => say(dockNews, data.url));
}

/**
 * Shows what must change as a list of links, and moves the focus to the first of it.
 * @param {Complaint[]} found
 * @returns {boolean} whether there is nothing to change
 */
function show(found) {
  fields.clear();
  for (const card of cards.values()) card.clear();
  const places = found.map((one) => (one.key ? cards.get(one.key)?.complain(one) : fields.complain(one)));
  places.find((place) => place)?.focus();
  say(dockNews, found.length ? phrase("to_do", { n: found.length }) : "");
  for (const [i, { todo }] of found.entries()) {
    const link = el("a", { href: "#upload" }, todo);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      places[i]?.focus();
    });
    dockNews.append(i ? " · " : " ", link);
  }
  complaint = dockNews.textContent ?? "";
  return found.length === 0;
}

async function consentAnew() {
  await askDay();
  fields.newConsent(day.consent);
  const message = phrase("consent_changed");
  fields.complain({ field: "web", message }).focus();
  say(dockNews, message);
}

// The server's day

async function askDay() {
  const asked = now();
  const answer = await api.event();
  if (meaning(answer, Date.now()).kind === "ok" && answer.body) {
    const told = /** @type {Day} */ (answer.body);
    day = { ...told, limits: { ...day.limits, ...told.limits } };
    // The server answered at some time between the request and now.
    ahead = Date.parse(day.server_time) - (asked + now()) / 2;
  }
  showWindow();
}

function phaseNow() {
  return phaseAt(day, serverNow());
}

function hasty() {
  return phaseNow() === "open" && Date.parse(day.closes_at) - serverNow() < HASTE_MS;
}

/** If the page is open inside another app, that app's rules apply: the page says how to leave it. */
function showInside() {
  const app = insideOf(navigator.userAgent);
  const banner = byId("inside", HTMLElement);
  banner.hidden = !app;
  if (!app) return;
  say(byId("inside-app", HTMLElement), app);
  byId("inside-copy", HTMLButtonElement).addEventListener("click", () => {
    const done = byId("inside-copied", HTMLElement);
    void navigator.clipboard.writeText(location.href).then(() => say(done, phrase("copied")), () => say(done, location.href));
  });
}

function showWindow() {
  const phase = phaseNow();
  const words = isOutdated ? phrase("outdated") : windowWords({ ...day, phase });
  notice.hidden = !words;
  say(notice, words);
  if (shownWindow === phase + words) return;
  shownWindow = phase + words;
  // The text about waiting photos changes when the day is over.
  for (const item of shelf.list()) cards.get(item.key)?.show(item, about());
  refresh();
}

// Display

/** @param {Item | null} item @param {string} key */
function onChange(item, key) {
  const card = cards.get(key);
  if (!item) {
    card?.end();
    cards.delete(key);
  } else if (card) {
    card.show(item, about());
  } else {
    const made = new Card(item, day.limits, { write, remove, again, cover: (which) => void cover(which) });
    cards.set(key, made);
    cardList.append(made.element);
    made.show(item, about());
  }
  const shown = cards.get(key);
  if (item?.sha256 && shown && !shown.preview && !shown.looking) look(shown);
  // Photos change many at a time, and the summary is computed from all of them: once for all changes together.
  refreshing ??= setTimeout(refresh);
}

function about() {
  return { ...day, phase: phaseNow(), device: thisDevice(), host: location.host };
}

function refresh() {
  refreshing = undefined;
  const items = shelf.list();
  const films = items.filter(({ film }) => film);
  const count = tally(items);
  const due = items.filter(sendable).length;
  const late = lateIn(phaseNow());
  form.classList.toggle("upload-over", late);
  form.classList.toggle("upload-idle", late && count.begun === 0);
  say(dockStatus, summary(late ? { ...count, held: 0, preparing: 0 } : count, tally(films)));
  const level = overall(items);
  levelBar.hidden = count.begun === 0 || level === 1;
  levelBar.setAttribute("aria-valuenow", String(Math.floor(level * 100)));
  levelBar.style.setProperty("--level", String(level));
  stayAwake(count.preparing + count.moving > 0);
  sendButton.hidden = due === 0 && count.begun + count.preparing > 0;
  say(sendButton, due ? phrase("send_what", { what: things(due, films.filter(sendable).length) }) : phrase("send"));
  if (count.sent === count.begun && dockNews.textContent === STAY) say(dockNews, "");
  mineLink.hidden = count.sent === 0;
  cardList.hidden = items.length === 0;
  showSent(count, due, items);
  document.body.classList.toggle("has-photos", items.length > 0);
  // No reminder of photos that cannot be sent any more.
  setUnsent(items.filter((item) => unsent(item) && !(late && (!item.id || phaseNow() === "closed"))).length);
}

/**
 * Once Send was pressed for every photo, the form makes room for what becomes of them, and for a thank-you when all have arrived.
 * @param {ReturnType<typeof tally>} count @param {number} due photos that Send is still to be pressed for @param {Item[]} items
 */
function showSent(count, due, items) {
  const n = count.begun;
  form.classList.toggle("upload-sent", n > 0 && due === count.stuck);
  sentPart.hidden = n === 0 || due > 0 || count.done < n;
  if (sentPart.hidden) return;
  const { credit: name = "" } = items.findLast((item) => item.shared)?.shared ?? {};
  say(byId("sent-title", HTMLElement), name ? phrase("sent_thanks_name", { n, name }) : phrase("sent_thanks", { n }));
}

/** @param {Card} card */
function look(card) {
  card.looking = true;
  previewing = previewing.then(async () => {
    const item = shelf.get(card.key);
    const small = item && (item.boxes.length ? await (await covering()).coveredPicture(shelf, preparer, item) : await shelf.thumbnail(item));
    if (small && cards.has(card.key)) card.look(small);
  }).catch(() => {});
}

/**
 * Fetches what prepares videos only when one was chosen. The page names its address only where videos are accepted.
 * @returns {Promise<import("../film/adding.js").Films>}
 */
function films() {
  return (filmsOfPage ??= late("../film/adding.js", (again) => import(form.dataset["films"] + again)).then(({ Films }) => new Films({
    shelf, cards, limits: () => day.limits, ready: sendIfPressed, take: (/** @type {File} */ photo) => void take([photo]),
  })));
}

/** Fetches the module for covers only when a photo is covered, because few are. @returns {Promise<typeof import("./covering.js")>} */
function covering() {
  return late("covering.js", (again) => import("./covering.js" + again));
}

/** @param {string} key */
async function cover(key) {
  const card = cards.get(key);
  const { drawCovers } = await covering();
  if (card && (await drawCovers(shelf, key))) look(card);
  card?.cover.focus();
}

/** @param {string} key @param {Partial<Item>} change */
function write(key, change) {
  const item = shelf.get(key);
  if (item) void shelf.update({ ...item, ...change });
}

/** @param {string} key */
function remove(key) {
  const keys = [...cards.keys()];
  const next = cards.get(keys[keys.indexOf(key) + 1] ?? keys[keys.indexOf(key) - 1] ?? "");
  const item = shelf.get(key);
  void shelf.remove(key);
  if (item) sending.with((sender) => sender.forget(item));
  (next?.element ?? byId("choose", HTMLElement)).focus();
  say(dockNews, phrase("removed", { name: item?.name ?? phrase("the_photo") }));
}

/** @param {string} key */
function again(key) {
  const item = shelf.get(key);
  if (!item?.shared) return void send();
  const anew = item.state === "failed" && item.id ? { id: null, generation: item.generation + 1 } : {};
  void shelf.update(move(item, "send", { ...anew, attempt: 0, retryAt: 0 }));
  pump();
}

/** @param {News} news */
function hear(news) {
  if (news.type !== "item") cancel(news.type === "gone" ? [news.key] : [...cards.keys()]);
  shelf.hear(news);
  pump();
}

/** @param {string[]} keys */
function cancel(keys) {
  if (keys.length) sending.with((sender) => keys.forEach((key) => sender.cancel(key)));
}

/** Returns the device's secret, which is kept beside its photos as soon as there is one. */
function own() {
  const isNew = !knownSecret();
  const made = secret();
  if (isNew) void keepSecret(storage);
  return made;
}

async function clearDevice() {
  if (!(await ask(byId("clear-dialog", HTMLDialogElement)))) return;
  cancel([...cards.keys()]);
  shelf.hear({ type: "cleared" });
  tell({ type: "cleared" });
  await shelf.keeper?.clear();
  forget();
  form.reset();
  clearTimeout(keeping);
  fields.clear();
  say(dockNews, phrase("cleared"));
  byId("choose", HTMLElement).focus();
}

// The shared fields

function keepFields() {
  clearTimeout(keeping);
  keeping = setTimeout(() => void writeFields(), 200);
}

async function writeFields() {
  clearTimeout(keeping);
  await shelf.keeper?.putNote("form", fields.toKeep()).catch(() => {});
}
