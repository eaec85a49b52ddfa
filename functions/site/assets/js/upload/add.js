// @ts-check
// The page on which photos are added: puts the parts together.

import { Api } from "./api.js";
import { Card } from "./card.js";
import { deviceWord, forget, secret, setUnsent } from "./device.js";
import { ask, byId, say } from "../dom.js";
import { SharedFields } from "./form.js";
import { Intake } from "./intake.js";
import { complaints, frozen } from "./plan.js";
import { meaning } from "./problems.js";
import { put } from "./put.js";
import { move, phaseAt, sendable, summary, tally, unsent, windowWords } from "./queue.js";
import { Sender } from "./sender.js";
import { Shelf } from "./shelf.js";
import { Storage } from "./storage.js";
import { alone, channel, lead } from "./tabs.js";
import { photos } from "./text.js";

/** @import { Complaint, Day, Item, Kept, News } from "./types.js" */

const form = byId("upload", HTMLFormElement);
const chooser = byId("photos", HTMLInputElement);
const cardList = byId("cards", HTMLElement);
const notice = byId("window-notice", HTMLElement);
const dockStatus = byId("dock-status", HTMLElement);
const dockNews = byId("dock-news", HTMLElement);
const sendButton = byId("send", HTMLButtonElement);
const mineLink = byId("dock-mine", HTMLElement);

/** Phones stop a page that is not seen: the promise is to go on, and it says so. */
const STAY = "Keep this page open until all are sent. If it is closed or locked, sending goes on when you come back to it.";

/** @type {Day} */
let day = JSON.parse(form.dataset["event"] ?? "{}");
/** How far the server's clock is ahead of ours. */
let ahead = Date.parse(day.server_time) - Date.now();
let leading = false;
/** What the dock says of the answers as they were when they were last sent; empty when they were fit to send. */
let complaint = "";

const api = new Api(secret);
/** @type {Map<string, Card>} */
const cards = new Map();
/** Previews are made one after another. */
let previewing = Promise.resolve();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let keeping;

const storage = await Storage.open();
const tell = channel(hear);
const shelf = new Shelf(storage, tell, onChange);
const sender = new Sender({
  shelf, api, put,
  now: () => Date.now(),
  serverNow: () => Date.now() + ahead,
  random: Math.random,
  after: (ms, what) => setTimeout(what, ms),
  online: () => navigator.onLine,
  leads: () => leading,
  batch: () => day.limits.max_photos_per_request,
  origin: location.origin,
  onConsentOutdated: () => void consentAnew(),
});
const intake = new Intake(shelf, () => day.limits, (name) => say(dockNews, `${name} is here already, so it was not added twice.`));
const fields = new SharedFields(form, day.limits, day.consent.version, keepFields);

await begin();

async function begin() {
  byId("upload-start", HTMLElement).hidden = true;
  if (!crypto.subtle) {
    say(notice, "This address begins with http, and browsers prepare photos for sending on https only. Open the page with https.");
    notice.hidden = false;
    return;
  }
  if (storage && (await alone())) await storage.dropOrphans().catch(() => {});
  await shelf.restore(Date.now()).catch(() => {});
  const kept = /** @type {Kept | undefined} */ (await shelf.keeper?.note("form").catch(() => undefined));
  if (kept) fields.fill(kept, shelf.list().some(unsent));
  form.hidden = false;
  refresh();
  wire();
  void askDay();
  lead(() => {
    leading = true;
    void shelf.takeOver().then(() => sender.resume());
  });
}

function wire() {
  byId("choose", HTMLButtonElement).addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    take([...(chooser.files ?? [])]);
    chooser.value = "";
  });
  document.addEventListener("paste", (event) => take([...(event.clipboardData?.files ?? [])]));
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) document.addEventListener(type, (event) => dragged(/** @type {DragEvent} */ (event)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  // The first change makes a complaint untrue; news of something else stays.
  document.addEventListener("input", () => {
    if (complaint && dockNews.textContent === complaint) say(dockNews, "");
    complaint = "";
  });
  byId("clear", HTMLButtonElement).addEventListener("click", () => void clearDevice());
  addEventListener("online", () => sender.hurry());
  addEventListener("offline", () => sender.pump());
  addEventListener("pagehide", writeFields);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") return writeFields();
    sender.hurry();
    void askDay();
  });
  addEventListener("beforeunload", (event) => {
    if (shelf.list().some((item) => unsent(item) && !item.stored)) event.preventDefault();
  });
  setInterval(showWindow, 15_000);
}

/** @param {DragEvent} event */
function dragged(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  const over = event.type === "dragenter" || event.type === "dragover";
  document.body.classList.toggle("dropping", over);
  if (event.type === "drop") take([...event.dataTransfer.files]);
}

/** @param {File[]} files */
function take(files) {
  if (files.length === 0) return;
  fields.complain({ field: "photos", message: "" });
  say(dockNews, "");
  void intake.take(files);
}

// Sending

async function send() {
  sendButton.disabled = true;
  try {
    await intake.done;
    const items = shelf.list().filter(sendable);
    const found = complaints(fields.read(), items, day.limits);
    if (!show(found)) return;
    if (phaseNow() !== "open") await askDay();
    if (phaseNow() !== "open") return notice.focus();
    void navigator.storage?.persist?.().catch(() => {});
    for (const item of items) {
      const anew = item.state === "failed" && item.id ? { id: null, generation: item.generation + 1 } : {};
      void shelf.update(move(item, "send", { ...anew, shared: frozen(fields.read(), item), attempt: 0, retryAt: 0 }));
    }
    fields.used = true;
    writeFields();
    say(dockNews, STAY);
    sender.pump();
  } finally {
    sendButton.disabled = false;
  }
}

/**
 * Shows what must change, and goes to the first of it.
 * @param {Complaint[]} found
 * @returns {boolean} whether there is nothing
 */
function show(found) {
  fields.clear();
  for (const card of cards.values()) card.clear();
  const places = found.map((one) => (one.key ? cards.get(one.key)?.complain(one) : fields.complain(one)));
  places.find((place) => place)?.focus();
  complaint = found.length ? (found.length === 1 ? "One answer is missing or too long." : `${found.length} answers are missing or too long.`) : "";
  say(dockNews, complaint);
  return found.length === 0;
}

async function consentAnew() {
  await askDay();
  fields.newConsent(day.consent);
  const message = "The text has changed since you read it. Read it, then agree again.";
  fields.complain({ field: "web", message }).focus();
  say(dockNews, message);
}

// What the server's day is

async function askDay() {
  const asked = Date.now();
  const answer = await api.event();
  if (meaning(answer, Date.now()).kind === "ok" && answer.body) {
    const told = /** @type {Day} */ (answer.body);
    day = { ...told, limits: { ...day.limits, ...told.limits } };
    // The answer was made somewhere between the question and now.
    ahead = Date.parse(day.server_time) - (asked + Date.now()) / 2;
  }
  showWindow();
}

function phaseNow() {
  return phaseAt(day, Date.now() + ahead);
}

function showWindow() {
  const words = windowWords({ ...day, phase: phaseNow() });
  notice.hidden = !words;
  say(notice, words);
}

// What is on the page

/** @param {Item | null} item @param {string} key */
function onChange(item, key) {
  const card = cards.get(key);
  if (!item) {
    card?.end();
    cards.delete(key);
  } else if (card) {
    card.show(item, about());
  } else {
    const made = new Card(item, day.limits, { write, remove, again });
    cards.set(key, made);
    cardList.append(made.element);
    made.show(item, about());
    previewing = previewing.then(() => preview(made)).catch(() => {});
  }
  refresh();
}

function about() {
  return { ...day, phase: phaseNow(), device: deviceWord(), host: location.host };
}

function refresh() {
  const items = shelf.list();
  const count = tally(items);
  const due = items.filter(sendable).length;
  say(dockStatus, summary(count));
  sendButton.hidden = due === 0 && count.begun > 0;
  say(sendButton, due ? `Send ${photos(due)}` : "Send");
  if (count.sent === count.begun && dockNews.textContent === STAY) say(dockNews, "");
  mineLink.hidden = count.sent === 0;
  cardList.hidden = items.length === 0;
  document.body.classList.toggle("has-photos", items.length > 0);
  setUnsent(items.filter(unsent).length);
}

/** @param {Card} card */
async function preview(card) {
  const item = shelf.get(card.key);
  const blob = item && item.state !== "unfit" && (await shelf.bytes(item));
  if (blob && cards.has(card.key)) card.look(blob);
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
  const name = shelf.get(key)?.name;
  void sender.remove(key);
  (next?.element ?? byId("choose", HTMLElement)).focus();
  say(dockNews, `${name ?? "The photo"} was removed.`);
}

/** @param {string} key */
function again(key) {
  const item = shelf.get(key);
  if (!item?.shared) return void send();
  const anew = item.state === "failed" && item.id ? { id: null, generation: item.generation + 1 } : {};
  void shelf.update(move(item, "send", { ...anew, attempt: 0, retryAt: 0 }));
  sender.pump();
}

/** @param {News} news */
function hear(news) {
  if (news.type !== "item") for (const key of news.type === "gone" ? [news.key] : cards.keys()) sender.cancel(key);
  shelf.hear(news);
  sender.pump();
}

async function clearDevice() {
  if (!(await ask(byId("clear-dialog", HTMLDialogElement)))) return;
  for (const { key } of shelf.list()) sender.cancel(key);
  shelf.hear({ type: "cleared" });
  tell({ type: "cleared" });
  await shelf.keeper?.clear();
  forget();
  form.reset();
  clearTimeout(keeping);
  fields.clear();
  say(dockNews, "This device is cleared.");
  byId("choose", HTMLElement).focus();
}

// The shared fields

function keepFields() {
  clearTimeout(keeping);
  keeping = setTimeout(writeFields, 200);
}

function writeFields() {
  clearTimeout(keeping);
  void shelf.keeper?.putNote("form", fields.toKeep()).catch(() => {});
}
