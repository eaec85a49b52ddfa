// @ts-check
// The page of one's own photos: where each stands, new words for it, and taking it back.

import { ask, byId, el, say } from "../dom.js";
import { phrase } from "../words.js";
import { Api } from "./api.js";
import { pollDelay } from "./backoff.js";
import { adopt, knownSecrets, secretIn, thisDevice } from "./device.js";
import { complain, counted } from "./field.js";
import { keepWords } from "./again.js";
import { editable, lightWords, standing, wayOut, withdrawable, wordsOf } from "./own.js";
import { meaning, words } from "./problems.js";
import { Storage } from "./storage.js";
import { moment, photos, usage } from "./text.js";

/** @import { Answer, Lights, OwnPhoto } from "./types.js" */

const LIMITS = { caption: 200, alt: 300, credit: 60 };

const start = byId("mine-start", HTMLElement);
const failure = byId("mine-error", HTMLElement);
const failureWords = byId("mine-error-words", HTMLElement);
const empty = byId("mine-empty", HTMLElement);
const bar = byId("mine-bar", HTMLElement);
const count = byId("mine-count", HTMLElement);
const list = byId("own-photos", HTMLElement);
const editDialog = byId("edit-dialog", HTMLDialogElement);
const editForm = byId("edit-form", HTMLFormElement);
const editError = byId("edit-error", HTMLElement);
const caption = byId("edit-caption", HTMLTextAreaElement);
const alt = byId("edit-alt", HTMLTextAreaElement);
const credit = byId("edit-credit", HTMLInputElement);
const withdrawDialog = byId("withdraw-dialog", HTMLDialogElement);

/** By which call each photo is changed: of the device's own secret, or of one that a recovery link brought. @type {Map<string, Api>} */
const apis = new Map();
/** Pictures of photos that nobody else can see yet, from this device's own storage: addresses, by the server's id. @type {Map<string, string>} */
const pictures = new Map();
const recount = [
  counted(caption, byId("edit-caption-counter", HTMLElement), LIMITS.caption),
  counted(alt, byId("edit-alt-counter", HTMLElement), LIMITS.alt),
  counted(credit, byId("edit-credit-counter", HTMLElement), LIMITS.credit),
];
/** The photo that is being edited. @type {OwnPhoto | null} */
let editing = null;
/** Withdrawals of this visit, with their lights. @type {Map<string, Lights>} */
const withdrawn = new Map();
/** @type {OwnPhoto[]} */
let shown = [];
/** While photos are on their way this page looks again by itself, less and less often. @type {ReturnType<typeof setTimeout> | undefined} */
let looking;
let looks = 0;

byId("mine-retry", HTMLButtonElement).addEventListener("click", () => void load());
byId("mine-refresh", HTMLButtonElement).addEventListener("click", () => void load());
byId("edit-cancel", HTMLButtonElement).addEventListener("click", () => editDialog.close());
editForm.addEventListener("submit", (event) => {
  event.preventDefault();
  void save();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && !editDialog.open && !withdrawDialog.open) void load();
});

byId("way-show", HTMLButtonElement).addEventListener("click", () => void showWay());
byId("way-copy", HTMLButtonElement).addEventListener("click", () => void copyWay());
addEventListener("hashchange", () => void arrive());

await arrive();

/** Somebody may come by a recovery link. Its secret does not stay in the address, where it would be seen and shared. */
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
  const secrets = knownSecrets();
  /** @type {OwnPhoto[]} */
  const own = [];
  for (const secret of secrets) {
    const api = new Api(() => secret);
    const answer = await api.own();
    if (meaning(answer, Date.now()).kind !== "ok") return fail(answer);
    const photos = /** @type {{ photos?: OwnPhoto[] } | null} */ (answer.body)?.photos ?? [];
    for (const photo of photos) apis.set(photo.id, api);
    own.push(...photos.filter((photo) => photo.state !== "expired"));
  }
  await lookUpPictures(own);
  byId("way", HTMLElement).hidden = secrets.length === 0;
  show(own.sort((a, b) => (b.created_at ?? "").localeCompare(a.created_at ?? "")));
  lookAgain(own.some((photo) => photo.state === "reserved"));
}

/** @param {boolean} moving whether some are on their way */
function lookAgain(moving) {
  clearTimeout(looking);
  const pause = moving ? pollDelay(looks) : null;
  looks = moving ? looks + 1 : 0;
  if (pause !== null) looking = setTimeout(() => (editDialog.open || withdrawDialog.open ? lookAgain(true) : void load()), Math.max(pause, 1500));
}

/** @param {OwnPhoto[]} own */
async function lookUpPictures(own) {
  const storage = await Storage.open();
  const items = (await storage?.items().catch(() => [])) ?? [];
  for (const { id, key } of items) {
    if (!id || pictures.has(id) || !own.some((photo) => photo.id === id && !photo.thumbnail)) continue;
    const picture = await storage?.thumbnail(key).catch(() => null);
    if (picture) pictures.set(id, URL.createObjectURL(picture));
  }
  storage?.db.close();
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
    case "blocked": return "This network answers in our place, so your photos cannot be shown. They are safe. Try mobile data or another Wi-Fi.";
    case "final": return means.words;
    case "conflict":
    case "closed":
    case "consent": return words(means.problem);
    case "retry": return means.cause === "connection" ? "There is no connection. Your photos are safe." : "Something broke on our side. Nothing of yours is lost.";
    case "ok": return "";
  }
}

/** @param {OwnPhoto[]} own newest first */
function show(own) {
  shown = own;
  start.hidden = true;
  empty.hidden = own.length > 0;
  bar.hidden = own.length === 0;
  const published = own.filter((photo) => photo.state === "published").length;
  const checked = own.filter((photo) => photo.state === "pending").length;
  say(count, [`${photos(own.length)}.`, published ? `${published} published.` : "", checked ? `${checked} being checked.` : ""].filter(Boolean).join(" "));
  list.replaceChildren(...own.map(card));
}

/** @param {OwnPhoto} photo */
function card(photo) {
  const { stamp, sentence } = standing(photo);
  const name = photo.caption || (photo.state === "deleted" ? "A photo that you withdrew" : "A photo without a caption");
  const title = el("h2", { class: "own-title", id: `photo-${photo.id}`, tabindex: "-1" }, el("bdi", {}, name));
  const picture = el("div", { class: "own-picture" });
  if (photo.thumbnail) picture.append(el("img", { src: photo.thumbnail, alt: photo.alt ?? "", loading: "lazy", decoding: "async" }));
  else if (pictures.has(photo.id) && photo.state !== "deleted") picture.append(el("img", { src: pictures.get(photo.id) ?? "", alt: photo.alt ?? "", decoding: "async" }));
  else if (photo.state === "pending" || photo.state === "reserved") picture.append(el("p", { class: "own-later" }, "Seen here once it is published"));
  const actions = el("p", { class: "own-actions" });
  if (photo.page) actions.append(el("a", { href: photo.page, "aria-label": `See its page: ${name}` }, "See its page"));
  const again = wayOut(photo);
  if (again) actions.append(sendAgain(photo, again, name));
  if (editable(photo)) actions.append(button("Edit caption", name, "link-button", () => edit(photo)));
  if (withdrawable(photo)) actions.append(button("Withdraw", name, "link-button own-withdraw", () => void withdraw(photo, name)));
  const body = el("div", { class: "own-body" },
    el("p", { class: "stamp" }, stamp),
    title,
    el("p", {}, sentence),
    el("p", { class: "typed-line" }, [photo.credit ?? "", photo.created_at ? `sent ${moment(photo.created_at)}` : ""].filter(Boolean).join(" · ")));
  const lights = withdrawn.get(photo.id);
  if (lights) body.append(lightList(lights));
  if (actions.childElementCount) body.append(actions);
  return el("li", { class: "own", "data-state": photo.state }, picture, body);
}

/** To the page that adds photos, with the words of this one. @param {OwnPhoto} photo @param {string} words @param {string} name */
function sendAgain(photo, words, name) {
  const link = el("a", { class: "button button-quiet", href: start.dataset["add"] ?? "/add", "aria-label": `${words}: ${name}` }, words);
  link.addEventListener("click", () => keepWords(wordsOf(photo)));
  return link;
}

/** @param {string} text @param {string} name @param {string} kind @param {() => void} press */
function button(text, name, kind, press) {
  const made = el("button", { type: "button", class: kind, "aria-label": `${text}: ${name}` }, text);
  made.addEventListener("click", press);
  return made;
}

/** @param {Lights} lights */
function lightList(lights) {
  return el("ul", { class: "lights" }, ...lightWords(lights).map(({ gone, words }) =>
    el("li", { class: gone ? "light light-gone" : "light" }, words)));
}

// New words

/** @param {OwnPhoto} photo */
function edit(photo) {
  editing = photo;
  caption.value = photo.caption ?? "";
  alt.value = photo.alt ?? "";
  credit.value = photo.credit ?? "";
  for (const count of recount) count();
  complain(editError, caption, "");
  byId("edit-published", HTMLElement).hidden = photo.state !== "published";
  editDialog.showModal();
  caption.focus();
}

async function save() {
  const photo = editing;
  if (!photo) return;
  for (const [input, max] of /** @type {const} */ ([[caption, LIMITS.caption], [alt, LIMITS.alt], [credit, LIMITS.credit]])) {
    const { over } = usage(input.value, max);
    if (over) {
      complain(editError, input, `Take out ${over}: ${max} characters fit here.`);
      return input.focus();
    }
    complain(editError, input, "");
  }
  const answer = await apiOf(photo).edit(photo.id, { caption: caption.value, alt: alt.value, credit: credit.value });
  if (meaning(answer, Date.now()).kind !== "ok") return complain(editError, null, `Not saved. ${failureSentence(answer)} What you wrote is still here.`);
  editDialog.close();
  const now = /** @type {OwnPhoto} */ (answer.body);
  show(shown.map((one) => (one.id === photo.id ? { ...one, ...now } : one)));
  focusOn(photo.id);
}

// Taking it back

/** @param {OwnPhoto} photo @param {string} name */
async function withdraw(photo, name) {
  say(byId("withdraw-name", HTMLElement), name);
  if (!(await ask(withdrawDialog))) return;
  const answer = await apiOf(photo).withdraw(photo.id);
  if (meaning(answer, Date.now()).kind !== "ok") {
    fail(answer);
    return failure.scrollIntoView({ block: "center" });
  }
  withdrawn.set(photo.id, /** @type {Lights} */ (answer.body));
  /** @type {OwnPhoto} */
  const gone = { id: photo.id, state: "deleted", ...(photo.created_at && { created_at: photo.created_at }) };
  show(shown.map((one) => (one.id === photo.id ? gone : one)));
  focusOn(photo.id);
}

/** @param {OwnPhoto} photo */
function apiOf(photo) {
  return apis.get(photo.id) ?? new Api(() => knownSecrets()[0] ?? "");
}

// The way back

/** The link has the secret behind its #: that part of an address is never sent to any server. @param {string} secret */
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
  if (code) place.replaceChildren(el("img", { src: URL.createObjectURL(code), alt: "QR code of the link", width: "200", height: "200" }));
}

async function copyWay() {
  const link = byId("way-link", HTMLInputElement);
  const copied = byId("way-copied", HTMLElement);
  await navigator.clipboard.writeText(link.value).then(() => say(copied, "Copied."), () => say(copied, "Copy it from the field."));
}

/** @param {string} id */
function focusOn(id) {
  document.getElementById(`photo-${id}`)?.focus();
}
