// @ts-check
// The page of the user's own photos: shows their states, changes their texts, and withdraws them.

import { ask, byId, el, say } from "../dom.js";
import { phrase, spoken } from "../words.js";
import { Api } from "./api.js";
import { pollDelay } from "./backoff.js";
import { adopt, keepSecret, keepWords, knownSecrets, secretIn, thisDevice } from "./device.js";
import { Editing } from "./editing.js";
import { editable, forerunners, erasureWords, standing, wayOut, withdrawable, withoutForerunners, wordsOf } from "./own.js";
import { meaning, words } from "./problems.js";
import { registers } from "./school.js";
import { Storage } from "./storage.js";
import { moment, things } from "./text.js";
import { forget, outdated, recall, remember, settled } from "./withdrawn.js";

/** @import { Answer, Change, ErasureStatus, OwnPhoto, Withdrawn } from "./types.js" */

/** Milliseconds between two requests for how far withdrawn photos are erased. */
const GLANCE_MS = 5000;
/** States of a photo on this device in which sending continues by itself. */
const GOING_ON = ["ready", "sending", "waiting", "confirming", "blocked"];

const start = byId("mine-start", HTMLElement);
const failure = byId("mine-error", HTMLElement);
const failureWords = byId("mine-error-words", HTMLElement);
const empty = byId("mine-empty", HTMLElement);
const bar = byId("mine-bar", HTMLElement);
const count = byId("mine-count", HTMLElement);
const list = byId("own-photos", HTMLElement);
const withdrawDialog = byId("withdraw-dialog", HTMLDialogElement);

/** The API client for each photo: with the device's own secret, or with one that a recovery link brought. @type {Map<string, Api>} */
const apis = new Map();
/**
 * Addresses of pictures of photos that are not public yet, from this device's own storage, by the server's id.
 * @type {Map<string, string>}
 */
const pictures = new Map();
/** Photos whose bytes this device is still sending, by the server's id. @type {Set<string>} */
const waiting = new Set();
/** Withdrawn photos, and how far each is erased. @type {Map<string, Withdrawn>} */
const withdrawn = new Map();
/** All photos that the server listed, and those of them that are shown. @type {OwnPhoto[]} */
let told = [];
/** @type {OwnPhoto[]} */
let shown = [];
/** @type {ReturnType<typeof setTimeout> | undefined} */
let glancing;
/** While photos are on their way, this page refreshes by itself, less and less often. @type {ReturnType<typeof setTimeout> | undefined} */
let looking;
let looks = 0;
const editing = new Editing(save, registers(new Api(() => "")));

byId("mine-retry", HTMLButtonElement).addEventListener("click", () => void load());
byId("mine-refresh", HTMLButtonElement).addEventListener("click", () => void load());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && !editing.open && !withdrawDialog.open) void load();
  else glanceLater();
});

byId("way-show", HTMLButtonElement).addEventListener("click", () => void showWay());
byId("way-copy", HTMLButtonElement).addEventListener("click", () => void copyWay());
addEventListener("hashchange", () => void arrive());

await arrive();

/** Handles a recovery link. Its secret does not stay in the address, where it would be seen and shared. */
async function arrive() {
  const given = secretIn(location.hash);
  if (given) {
    history.replaceState(null, "", location.pathname);
    const notice = byId("mine-came", HTMLElement);
    notice.hidden = false;
    say(notice, adopt(given) ? phrase("link_adopted", { device: thisDevice() }) : phrase("link_known", { device: thisDevice() }));
  }
  await load();
}

async function load() {
  failure.hidden = true;
  await withStorage(keepSecret);
  const secrets = knownSecrets();
  /** @type {OwnPhoto[]} */
  const own = [];
  for (const secret of secrets) {
    const api = new Api(() => secret);
    const answer = await api.own();
    if (meaning(answer, Date.now()).kind !== "ok") return fail(answer);
    const photos = /** @type {{ photos?: OwnPhoto[] } | null} */ (answer.body)?.photos ?? [];
    for (const photo of photos) apis.set(photo.id, api);
    own.push(...photos);
  }
  told = own;
  await withStorage((storage) => lookUp(storage, own));
  byId("way", HTMLElement).hidden = secrets.length === 0;
  show(withoutForerunners(own));
  lookAgain(own.some((photo) => photo.state === "reserved"));
  await glance();
}

/** @param {boolean} moving whether some are on their way */
function lookAgain(moving) {
  clearTimeout(looking);
  const pause = moving ? pollDelay(looks) : null;
  looks = moving ? looks + 1 : 0;
  if (pause !== null) looking = setTimeout(() => (editing.open || withdrawDialog.open ? lookAgain(true) : void load()), Math.max(pause, 1500));
}

/** @param {(storage: Storage | null) => Promise<void>} what called with this device's storage; null if it has none */
async function withStorage(what) {
  const storage = await Storage.open();
  await what(storage);
  storage?.db.close();
}

/**
 * Reads what this device stores about its photos.
 * @param {Storage | null} storage
 * @param {OwnPhoto[]} own
 */
async function lookUp(storage, own) {
  const items = (await storage?.items().catch(() => [])) ?? [];
  waiting.clear();
  for (const { id, key, state } of items) {
    if (id && GOING_ON.includes(state)) waiting.add(id);
    if (!id || pictures.has(id) || !own.some((photo) => photo.id === id && !photo.thumbnail)) continue;
    const picture = await storage?.thumbnail(key).catch(() => null);
    if (picture) pictures.set(id, URL.createObjectURL(picture));
  }
  for (const one of await recall(storage)) {
    if (outdated(one, Date.now())) await forget(storage, one.id);
    else if (!withdrawn.has(one.id)) withdrawn.set(one.id, one);
  }
}

/** @param {Answer} answer */
function fail(answer) {
  start.hidden = true;
  failure.hidden = false;
  say(failureWords, failureSentence(answer));
}

/** @param {Answer} answer */
function failureSentence(answer) {
  const means = meaning(answer, Date.now());
  switch (means.kind) {
    case "blocked": return phrase("mine_blocked");
    case "final": return means.words;
    case "conflict":
    case "closed":
    case "consent": return words(means.problem);
    case "retry": return means.cause === "connection" ? phrase("mine_offline") : phrase("waits_ours");
    case "ok": return "";
  }
}

/** @param {OwnPhoto[]} own */
function show(own) {
  shown = own.filter((photo) => !withdrawn.has(photo.id));
  // What needs its sender comes first, then the newest.
  const cards = [...shown, ...[...withdrawn.values()].map(({ id, created_at }) => ({ id, created_at, state: "deleted" }))]
    .sort((a, b) => Number(needs(b)) - Number(needs(a)) || (b.created_at ?? "").localeCompare(a.created_at ?? ""));
  start.hidden = true;
  empty.hidden = cards.length > 0;
  bar.hidden = cards.length === 0;
  const needed = shown.filter(needs).length;
  const published = shown.filter((photo) => photo.state === "published").length;
  const checked = shown.filter((photo) => photo.state === "pending").length;
  const counts = [published ? phrase("mine_published", { n: published }) : "", checked ? phrase("mine_checked", { n: checked }) : ""];
  say(count, [needed ? phrase("mine_needs", { n: needed }) : "", `${things(shown.length, shown.filter(({ kind }) => kind === "video").length)}.`, ...counts].filter(Boolean).join(" "));
  list.replaceChildren(...cards.map((photo, i) => card(photo, follows(photo, cards[i - 1]))));
}

/** Returns a photo's state. One that is about to be registered again is still on its way. @param {OwnPhoto} photo */
function stateOf(photo) {
  return photo.state === "expired" && waiting.has(photo.id) ? "reserved" : photo.state;
}

/** Whether there is something that only its sender can do about a photo. @param {OwnPhoto} photo */
function needs(photo) {
  return wayOut({ ...photo, state: stateOf(photo) }) !== null;
}

/**
 * Whether a photo was sent together with the one before it on the list, and has nothing else to say: the two are shown as one card.
 * @param {OwnPhoto} photo @param {OwnPhoto | undefined} before
 */
function follows(photo, before) {
  if (!before || needs(photo) || !["reserved", "pending", "published"].includes(stateOf(photo))) return false;
  const said = (/** @type {OwnPhoto} */ one) => JSON.stringify([stateOf(one), one.reason, one.caption, one.credit, one.school?.name]);
  return said(photo) === said(before);
}

/** @param {OwnPhoto} photo @param {boolean} more whether it continues the card before it */
function card(photo, more) {
  const state = stateOf(photo);
  const { stamp, sentence } = standing({ ...photo, state });
  const name = photo.caption || (state === "deleted" ? phrase("own_withdrawn") : phrase("own_untitled"));
  const title = el("h2", { class: "own-title", id: `photo-${photo.id}`, tabindex: "-1" }, el("bdi", {}, name));
  const picture = el("div", { class: "own-picture" });
  if (photo.thumbnail) picture.append(el("img", { src: photo.thumbnail, alt: photo.alt ?? "", loading: "lazy", decoding: "async" }));
  else if (pictures.has(photo.id) && state !== "deleted") picture.append(el("img", { src: pictures.get(photo.id) ?? "", alt: photo.alt ?? "", decoding: "async" }));
  else if (state === "pending" || state === "reserved") picture.append(el("p", { class: "own-later" }, phrase("own_later")));
  const actions = el("p", { class: "own-actions" });
  if (photo.page) {
    actions.append(button(phrase("own_share"), name, "button", (made) => void share(made, photo.page ?? "", name)), link(phrase("see_page"), name, "", spoken(photo.page)));
    const urn = photo.school?.urn;
    if (urn && !more) actions.append(link(phrase("own_school"), name, "", spoken(`/s/${urn}`)), link(phrase("own_certificate"), name, "", spoken(`/s/${urn}/certificate`)));
  }
  const again = wayOut({ ...photo, state });
  if (again) actions.append(sendAgain(photo, again, name));
  if (editable(photo)) actions.append(button(phrase("own_edit"), name, "link-button", () => editing.show(photo)));
  if (withdrawable(photo)) actions.append(button(phrase("own_withdraw"), name, "link-button own-withdraw", () => void withdraw(photo, name)));
  const body = el("div", { class: "own-body" },
    el("p", { class: "stamp" }, stamp),
    title,
    el("p", {}, sentence),
    el("p", { class: "typed-line" }, [photo.credit ?? "", photo.created_at ? phrase("own_sent", { moment: moment(photo.created_at) }) : ""].filter(Boolean).join(" · ")));
  const gone = withdrawn.get(photo.id);
  if (gone) {
    body.append(erasureList(gone));
    actions.append(button(phrase("own_dismiss"), name, "link-button", () => void dismiss(photo.id)));
  }
  if (actions.childElementCount) body.append(actions);
  return el("li", { class: more ? "own own-more" : "own", "data-state": state }, picture, body);
}

/** Opens the page that adds photos, with the texts of this one. @param {OwnPhoto} photo @param {string} text @param {string} name */
function sendAgain(photo, text, name) {
  const made = link(text, name, "button button-quiet", start.dataset["add"] ?? "/add");
  made.addEventListener("click", () => keepWords(wordsOf(photo)));
  return made;
}

/** @param {string} text @param {string} name @param {string} kind @param {string} href */
function link(text, name, kind, href) {
  return el("a", { class: kind || false, href, "aria-label": phrase("own_action", { action: text, name }) }, text);
}

/** Shares a photo's page by the device's own dialogue, or by the clipboard. @param {HTMLElement} made the button @param {string} page @param {string} name */
async function share(made, page, name) {
  const data = { title: name, text: phrase("own_share_words"), url: new URL(spoken(page), location.href).href };
  if (navigator.share) return navigator.share(data).catch(() => {});
  await navigator.clipboard.writeText(`${data.text} ${data.url}`).then(() => say(made, phrase("words_copied")), () => location.assign(data.url));
}

/** @param {string} text @param {string} name @param {string} kind @param {(made: HTMLElement) => void} press */
function button(text, name, kind, press) {
  const made = el("button", { type: "button", class: kind, "aria-label": phrase("own_action", { action: text, name }) }, text);
  made.addEventListener("click", () => press(made));
  return made;
}

// Changing texts

/** @param {OwnPhoto} photo @param {Change} change @returns {Promise<string>} why it was not saved; empty if it was */
async function save(photo, change) {
  const answer = await apiOf(photo).edit(photo.id, change);
  if (meaning(answer, Date.now()).kind !== "ok") return failureSentence(answer);
  const now = /** @type {OwnPhoto} */ (answer.body);
  show(shown.map((one) => (one.id === photo.id ? { ...one, ...now } : one)));
  // The dialog returns the focus to the button that opened it, which does not exist any more.
  setTimeout(() => focusOn(photo.id));
  return "";
}

// Withdrawing

/** @param {OwnPhoto} photo @param {string} name */
async function withdraw(photo, name) {
  say(byId("withdraw-name", HTMLElement), name);
  if (!(await ask(withdrawDialog))) return;
  const answer = await apiOf(photo).withdraw(photo.id);
  if (meaning(answer, Date.now()).kind !== "ok") {
    fail(answer);
    return failure.scrollIntoView({ block: "center" });
  }
  // The photo's earlier registration has the same texts, and would be shown again now.
  for (const earlier of forerunners(photo, told)) await apiOf(earlier).withdraw(earlier.id);
  await keepErasure({ id: photo.id, at: Date.now(), created_at: photo.created_at ?? "", erasure: /** @type {ErasureStatus} */ (answer.body) });
  show(shown);
  focusOn(photo.id);
  glanceLater();
}

/** @param {Withdrawn} one */
async function keepErasure(one) {
  withdrawn.set(one.id, one);
  await withStorage((storage) => remember(storage, one));
}

/** @param {string} id */
async function dropErasure(id) {
  withdrawn.delete(id);
  await withStorage((storage) => forget(storage, id));
  show(shown);
}

/** @param {string} id */
async function dismiss(id) {
  const at = [...list.children].findIndex((one) => one.contains(document.getElementById(`photo-${id}`)));
  await dropErasure(id);
  const next = list.children[Math.min(at, list.children.length - 1)]?.querySelector("h2");
  (next ?? document.getElementById("main"))?.focus();
}

/** Requests how far withdrawn photos are erased, until all of them are gone. */
async function glance() {
  for (const one of [...withdrawn.values()].filter(({ erasure }) => !settled(erasure))) {
    const answer = await removal(one.id);
    const means = answer && meaning(answer, Date.now());
    // The user may have dismissed it meanwhile.
    if (!withdrawn.has(one.id)) continue;
    if (means?.kind === "ok") {
      const now = { ...one, erasure: /** @type {ErasureStatus} */ (answer?.body) };
      await keepErasure(now);
      changeErasure(now);
    } else if (answer?.status === 404 && means?.kind === "final") {
      // Even its row does not exist any more.
      await dropErasure(one.id);
    }
  }
  glanceLater();
}

/** Not while the page is hidden. */
function glanceLater() {
  clearTimeout(glancing);
  const due = [...withdrawn.values()].some(({ erasure }) => !settled(erasure));
  if (due && document.visibilityState === "visible") glancing = setTimeout(() => void glance(), GLANCE_MS);
}

/**
 * Requests a photo's erasure with each secret in turn, because only one of them knows a photo that is not listed.
 * @param {string} id @returns {Promise<Answer | null>}
 */
async function removal(id) {
  const known = apis.get(id);
  let answer = null;
  for (const api of known ? [known] : knownSecrets().map((secret) => new Api(() => secret))) {
    answer = await api.removal(id);
    if (answer.status === 404) continue;
    if (meaning(answer, Date.now()).kind === "ok") apis.set(id, api);
    break;
  }
  return answer;
}

/** @param {Withdrawn} one */
function erasureList({ id, erasure }) {
  const items = erasureWords(erasure).map(({ gone, words }) => el("li", { class: gone ? "erasure-step erasure-gone" : "erasure-step" }, words));
  return el("ul", { class: "erasure", id: `erasure-${id}`, "aria-live": "polite" }, ...items);
}

/** Changes the status in place, so that nobody loses their place and screen readers announce what changes. @param {Withdrawn} one */
function changeErasure({ id, erasure }) {
  const items = document.getElementById(`erasure-${id}`)?.children ?? [];
  for (const [i, { gone, words }] of erasureWords(erasure).entries()) {
    const item = items[i];
    if (!(item instanceof HTMLElement)) continue;
    item.classList.toggle("erasure-gone", gone);
    say(item, words);
  }
}

/** @param {OwnPhoto} photo */
function apiOf(photo) {
  return apis.get(photo.id) ?? new Api(() => knownSecrets()[0] ?? "");
}

// Recovery link

/** Shows the recovery link. It has the secret after its #: that part of an address is never sent to a server. @param {string} secret */
function wayBack(secret) {
  return `${location.origin}${location.pathname}#key=${secret}`;
}

async function showWay() {
  const [secret] = knownSecrets();
  if (!secret) return;
  byId("way-show", HTMLElement).hidden = true;
  byId("way-shown", HTMLElement).hidden = false;
  const link = byId("way-link", HTMLInputElement);
  link.value = wayBack(secret);
  link.focus();
  link.select();
  const code = await new Api(() => secret).recovery();
  const place = byId("way-code", HTMLElement);
  if (code) place.replaceChildren(el("img", { src: URL.createObjectURL(code), alt: phrase("way_code"), width: "200", height: "200" }));
}

async function copyWay() {
  const link = byId("way-link", HTMLInputElement);
  const copied = byId("way-copied", HTMLElement);
  await navigator.clipboard.writeText(link.value).then(() => say(copied, phrase("way_copied")), () => say(copied, phrase("way_copy_by_hand")));
}

/** @param {string} id */
function focusOn(id) {
  document.getElementById(`photo-${id}`)?.focus();
}
