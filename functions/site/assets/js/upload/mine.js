// @ts-check
// The page of one's own photos: where each stands, new words for it, and taking it back.

import { Api } from "./api.js";
import { knownSecret } from "./device.js";
import { ask, byId, el, say } from "../dom.js";
import { complain, counted } from "./field.js";
import { editable, lightWords, standing, withdrawable } from "./own.js";
import { meaning, words } from "./problems.js";
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

const api = new Api(() => knownSecret() ?? "");
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

await load();

async function load() {
  failure.hidden = true;
  if (!knownSecret()) return show([]);
  const answer = await api.own();
  if (meaning(answer, Date.now()).kind !== "ok") return fail(answer);
  const own = /** @type {{ photos?: OwnPhoto[] } | null} */ (answer.body)?.photos ?? [];
  show(own.filter((photo) => photo.state !== "expired").reverse());
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
  else if (photo.state === "pending" || photo.state === "reserved") picture.append(el("p", { class: "own-later" }, "Seen here once it is published"));
  const actions = el("p", { class: "own-actions" });
  if (photo.page) actions.append(el("a", { href: photo.page, "aria-label": `See its page: ${name}` }, "See its page"));
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
  const answer = await api.edit(photo.id, { caption: caption.value, alt: alt.value, credit: credit.value });
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
  const answer = await api.withdraw(photo.id);
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

/** @param {string} id */
function focusOn(id) {
  document.getElementById(`photo-${id}`)?.focus();
}
