// @ts-check
// The fields that all photos share: reads and restores them, and shows messages beside them.

import { byId, say } from "../dom.js";
import { complain, counted } from "./field.js";

/** @import { Complaint, Form, Kept, Limits, Words } from "./types.js" */

const TEXTS = /** @type {const} */ (["caption", "credit", "school"]);
const TICKS = /** @type {const} */ (["web", "social", "press"]);

export class SharedFields {
  /**
   * @param {HTMLFormElement} form
   * @param {Limits} limits
   * @param {string} version of the consent text
   * @param {() => void} onChange
   */
  constructor(form, limits, version, onChange) {
    this.form = form;
    this.version = version;
    this.used = false;
    /** Whether everything that is filled in belongs to photos that are gone. */
    this.remembered = false;
    const maxima = { caption: limits.caption_max, credit: limits.credit_max, school: limits.school_max };
    this.recount = TEXTS.map((name) => counted(/** @type {HTMLInputElement | HTMLTextAreaElement} */ (this.#text(name)), byId(`${name}-counter`, HTMLElement), maxima[name]));
    form.addEventListener("input", (event) => {
      const { target } = event;
      const name = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement ? target.name : "";
      if (!name) return;
      this.used = false;
      this.#complain(name, "");
      onChange();
    });
  }

  /** Returns the values of the fields. @returns {Form} */
  read() {
    return {
      caption: this.#text("caption").value,
      credit: this.#text("credit").value,
      school: this.#text("school").value,
      urn: this.#text("urn").value,
      people: this.#people.value,
      discipline: this.#text("discipline").value,
      web: this.#tick("web").checked,
      social: this.#tick("social").checked,
      press: this.#tick("press").checked,
      version: this.version,
    };
  }

  /** @returns {Kept} */
  toKeep() {
    return { ...this.read(), used: this.used };
  }

  /**
   * Fills in the texts of an earlier photo. Texts for photos that are still here stay; texts that are only remembered from other photos are
   * replaced.
   * @param {Words} words
   */
  suggest(words) {
    const empty = (/** @type {string} */ value) => this.remembered || !value;
    for (const name of /** @type {const} */ (["caption", "credit", "discipline"])) if (words[name] && empty(this.#text(name).value)) this.#text(name).value = words[name];
    if (words.school && empty(this.#text("school").value)) for (const name of /** @type {const} */ (["school", "urn"])) this.#text(name).value = words[name];
    if (words.people && empty(this.#people.value)) this.#people.value = words.people;
    this.used = false;
    for (const count of this.recount) count();
  }

  /**
   * Restores stored values. Credit, school and discipline of photos that are gone are kept for the next ones; the rest is not.
   * @param {Kept} kept
   * @param {boolean} waiting whether photos with these values are still here
   */
  fill(kept, waiting) {
    const whole = waiting || !kept.used;
    for (const name of TEXTS) if (whole || name !== "caption") this.#text(name).value = String(kept[name] ?? "");
    for (const name of /** @type {const} */ (["urn", "discipline"])) this.#text(name).value = String(kept[name] ?? "");
    if (whole) this.#people.value = String(kept.people ?? "");
    if (whole && kept.version === this.version) for (const name of TICKS) this.#tick(name).checked = kept[name] === true;
    this.used = kept.used === true;
    this.remembered = !whole;
    for (const count of this.recount) count();
  }

  /** Clears the fields for the next photos: the texts of sent photos do not apply to them, but credit, school and discipline may. */
  begin() {
    this.#text("caption").value = "";
    // No radio button has an empty value, so that none is pressed.
    for (const one of this.#people) /** @type {HTMLInputElement} */ (one).checked = false;
    this.used = false;
    for (const count of this.recount) count();
  }

  /**
   * Shows another consent text. Consent to the earlier text does not apply to it.
   * @param {{ version: string, text: string }} consent
   */
  newConsent({ version, text }) {
    this.version = version;
    const place = byId("consent-text", HTMLElement);
    // The API returns only the English text.
    place.lang = "en";
    say(place, text);
    say(byId("consent-version", HTMLElement), version);
    for (const name of TICKS) this.#tick(name).checked = false;
  }

  /**
   * Shows a message beside its field.
   * @param {Pick<Complaint, "field" | "message">} complaint
   * @returns {HTMLElement} the field to go to
   */
  complain({ field, message }) {
    return this.#complain(field, message);
  }

  /** Removes all messages. */
  clear() {
    for (const name of ["photos", ...TEXTS, "people", "web"]) this.#complain(name, "");
  }

  /** @param {string} name @param {string} message @returns {HTMLElement} */
  #complain(name, message) {
    const place = document.getElementById(`${name}-error`);
    const field = this.form.querySelector(`[name="${name}"]`);
    const input = field instanceof HTMLElement ? field : byId("choose", HTMLElement);
    complain(place, input, message);
    return input;
  }

  /** @param {string} name */
  #text(name) {
    return /** @type {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} */ (this.form.elements.namedItem(name));
  }

  /** @param {string} name */
  #tick(name) {
    return /** @type {HTMLInputElement} */ (this.form.elements.namedItem(name));
  }

  get #people() {
    return /** @type {RadioNodeList} */ (this.form.elements.namedItem("people"));
  }
}
