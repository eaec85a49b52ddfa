// @ts-check
// The dialog in which a user changes the texts of a photo that was sent. It sends the server only what is different, and stays open with
// everything that was typed if saving fails.

import { byId } from "../dom.js";
import { phrase } from "../words.js";
import { complain, counted } from "./field.js";
import { SchoolField } from "./school.js";
import { usage } from "./text.js";

/** @import { Change, Listed, OwnPhoto } from "./types.js" */

const LIMITS = { caption: 200, alt: 300, transcript: 500, credit: 60, school: 100 };
const TEXTS = /** @type {const} */ (["caption", "alt", "transcript", "credit", "school"]);

export class Editing {
  /** @type {OwnPhoto | null} */
  #photo = null;
  #dialog = byId("edit-dialog", HTMLDialogElement);
  #failure = byId("edit-error", HTMLElement);
  #people = byId("edit-people", HTMLSelectElement);
  #discipline = byId("edit-discipline", HTMLSelectElement);
  #urn = byId("edit-urn", HTMLInputElement);
  #recount = TEXTS.map((name) => counted(field(name), byId(`edit-${name}-counter`, HTMLElement), LIMITS[name]));

  /**
   * @param {(photo: OwnPhoto, change: Change) => Promise<string>} save returns why it was not saved; empty if it was
   * @param {(typed: string) => Promise<Listed[]>} find finds schools in the registers
   */
  constructor(save, find) {
    this.save = save;
    const school = field("school");
    if (school instanceof HTMLInputElement) new SchoolField(school, this.#urn, byId("edit-school-list", HTMLElement), byId("edit-school-found", HTMLElement), find);
    byId("edit-cancel", HTMLButtonElement).addEventListener("click", () => this.#dialog.close());
    byId("edit-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
  }

  get open() {
    return this.#dialog.open;
  }

  /** @param {OwnPhoto} photo */
  show(photo) {
    this.#photo = photo;
    const said = saidOf(photo);
    for (const name of TEXTS) {
      field(name).value = said[name];
      complain(byId(`edit-${name}-error`, HTMLElement), field(name), "");
    }
    this.#urn.value = said.urn;
    this.#people.value = said.people;
    // A photo of another year may have a discipline that does not exist any more.
    if (![...this.#discipline.options].some((option) => option.value === said.discipline)) this.#discipline.add(new Option(said.discipline, said.discipline));
    this.#discipline.value = said.discipline;
    for (const count of this.#recount) count();
    complain(this.#failure, null, "");
    byId("edit-published", HTMLElement).hidden = photo.state !== "published";
    byId("edit-heard", HTMLElement).hidden = !photo.video?.sound;
    this.#dialog.showModal();
    field("caption").focus();
  }

  async #submit() {
    const photo = this.#photo;
    if (!photo) return;
    const wrong = TEXTS.filter((name) => {
      const { used, over } = usage(field(name).value, LIMITS[name]);
      const why = over ? phrase("edit_too_long", { over, max: LIMITS[name] }) : used ? "" : missing(photo, name);
      complain(byId(`edit-${name}-error`, HTMLElement), field(name), why);
      return why !== "";
    });
    const [first] = wrong;
    if (first) return field(first).focus();
    const [caption, alt, transcript, credit, school] = TEXTS.map((name) => field(name).value);
    const change = changeOf(photo, { caption, alt, transcript, credit, school, urn: this.#urn.value, people: this.#people.value, discipline: this.#discipline.value });
    const why = change ? await this.save(photo, change) : "";
    complain(this.#failure, null, why && phrase("edit_not_saved", { why }));
    if (!why) this.#dialog.close();
  }
}

/**
 * Says that a video lacks a text that it must have; empty for any other text.
 * @param {OwnPhoto} photo
 * @param {(typeof TEXTS)[number]} name of an empty text
 */
export function missing({ kind, video }, name) {
  if (name === "alt" && kind === "video") return phrase("film_say_seen");
  return name === "transcript" && video?.sound ? phrase("film_say_heard") : "";
}

/** @param {OwnPhoto} photo @returns {{ caption: string, alt: string, transcript: string, credit: string, school: string, urn: string, people: string, discipline: string }} */
function saidOf({ caption = "", alt = "", credit = "", people = "", school, discipline, video }) {
  return { caption, alt, transcript: video?.transcript ?? "", credit, people, school: school?.name ?? "", urn: school?.urn ?? "", discipline: discipline ?? "" };
}

/**
 * Returns what is different about a photo now; null if nothing is.
 * @param {OwnPhoto} photo
 * @param {{ [name in keyof ReturnType<typeof saidOf>]?: string | undefined }} now
 * @returns {Change | null}
 */
export function changeOf(photo, now) {
  const before = saidOf(photo);
  /** @type {Change} */
  const change = {};
  for (const name of /** @type {const} */ (["caption", "alt", "transcript", "credit", "people"])) if (now[name] !== undefined && now[name] !== before[name]) change[name] = now[name];
  if (now.discipline !== before.discipline) change.discipline = now.discipline || null;
  // A user who types the same name again means the same school, although the first key press removed its number.
  const school = now.school?.trim() ?? "";
  if (school !== before.school || (now.urn && now.urn !== before.urn)) change.school = school ? { name: school, ...(now.urn ? { urn: now.urn } : {}) } : null;
  return Object.keys(change).length ? change : null;
}

/** @param {(typeof TEXTS)[number]} name */
function field(name) {
  return /** @type {HTMLInputElement | HTMLTextAreaElement} */ (document.getElementById(`edit-${name}`));
}
