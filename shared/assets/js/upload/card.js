// @ts-check
// The card of one photo: its picture, its texts, and its state.

import { el, say } from "../dom.js";
import { phrase, spoken } from "../words.js";
import { complain, counted } from "./field.js";
import { can, note, pressed, words } from "./queue.js";
import { size } from "./text.js";

/** @import { About, Complaint, Item, Limits, Wishes } from "./types.js" */

export class Card {
  /**
   * @param {Item} item
   * @param {Limits} limits
   * @param {Wishes} wishes
   */
  constructor(item, limits, wishes) {
    const id = (/** @type {string} */ part) => `${part}-${item.key}`;
    this.wishes = wishes;
    this.key = item.key;
    /** @type {string} */
    this.preview = "";
    /** Whether its picture is being loaded. */
    this.looking = false;

    this.picture = el("button", { type: "button", class: "card-picture", "aria-expanded": "false", "aria-label": phrase("card_open", { name: item.name }) });
    this.size = el("span");
    this.state = el("p", { class: "card-state" });
    this.link = el("a", { class: "card-link", hidden: true }, phrase("see_page"));
    this.said = el("p", { class: "card-said", hidden: true });
    this.note = el("p", { class: "card-note" });
    this.level = el("span", { class: "measure-fill" });
    this.measure = el("div", { class: "measure", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100", "aria-label": phrase("sent_of_photo", { name: item.name }), hidden: true }, this.level);

    this.caption = el("textarea", { class: "input", id: id("caption"), rows: "2", "aria-describedby": `${id("caption-counter")} ${id("caption-error")}`, placeholder: phrase("as_for_all") });
    this.alt = el("textarea", { class: "input", id: id("alt"), rows: "2", "aria-describedby": `${id("alt-why")} ${id("alt-counter")} ${id("alt-error")}` });
    this.people = el("select", { class: "input", id: id("people") }, ...people().map(([value, text]) => el("option", { value }, text)));
    this.caption.value = item.caption ?? "";
    this.alt.value = item.alt;
    this.people.value = item.people;
    const error = (/** @type {string} */ name) => el("p", { class: "field-error", id: id(`${name}-error`), hidden: true });
    const [captionError, altError] = [error("caption"), error("alt")];
    /** The places of messages with their fields, by the field's name. @type {Record<string, [HTMLElement, HTMLElement]>} */
    this.places = { caption: [captionError, this.caption], alt: [altError, this.alt] };
    const captionCounter = el("p", { class: "counter", id: id("caption-counter") });
    const altCounter = el("p", { class: "counter", id: id("alt-counter") });
    counted(this.caption, captionCounter, limits.caption_max);
    counted(this.alt, altCounter, limits.alt_max);

    this.fields = el("div", { class: "card-fields" },
      el("div", { class: "field" }, el("label", { for: id("caption") }, phrase("card_caption")), this.caption, captionCounter, captionError),
      el("div", { class: "field" },
        el("label", { for: id("alt") }, phrase("card_alt")),
        el("p", { class: "field-hint", id: id("alt-why") }, phrase("card_alt_more")),
        this.alt, altCounter, altError),
      el("div", { class: "field" }, el("label", { for: id("people") }, phrase("card_people")), this.people));
    this.cover = el("button", { type: "button", class: "link-button card-cover", hidden: true, "aria-label": phrase("cover_of", { name: item.name }) }, phrase("cover"));
    this.again = el("button", { type: "button", class: "button button-quiet", hidden: true, "aria-label": phrase("try_again_of", { name: item.name }) }, phrase("try_again"));
    this.remove = el("button", { type: "button", class: "link-button card-remove", "aria-label": phrase("remove_of", { name: item.name }) }, phrase("remove"));

    this.element = el("li", { class: "card", id: id("card"), tabindex: "-1" },
      this.picture,
      el("p", { class: "card-name" }, el("bdi", {}, item.name), this.size),
      this.measure, this.state, this.note, this.link, this.said, this.fields,
      el("div", { class: "card-actions" }, this.cover, this.again, this.remove));

    this.caption.addEventListener("input", () => wishes.write(this.key, { caption: this.caption.value.trim() ? this.caption.value : null }));
    this.alt.addEventListener("input", () => wishes.write(this.key, { alt: this.alt.value }));
    this.people.addEventListener("change", () => wishes.write(this.key, { people: this.people.value }));
    this.picture.addEventListener("click", () => this.open(!this.element.classList.contains("card-open")));
    this.remove.addEventListener("click", () => wishes.remove(this.key));
    this.again.addEventListener("click", () => wishes.again(this.key));
    this.cover.addEventListener("click", () => wishes.cover(this.key));
  }

  /** Shows what can be said and done about this photo alone, or only its picture. @param {boolean} yes */
  open(yes) {
    this.element.classList.toggle("card-open", yes);
    this.picture.setAttribute("aria-expanded", String(yes));
  }

  /**
   * Shows the photo's present state.
   * @param {Item} item
   * @param {About} about
   */
  show(item, about) {
    const { state } = item;
    const editable = can(item, "send") && state !== "blocked" && !pressed(item);
    this.element.dataset["state"] = state;
    // A sentence that its user must read is seen without opening the card. A dead connection is said once, for all photos.
    this.element.classList.toggle("card-told", ["unfit", "failed", "blocked", "closed"].includes(state) || (state === "waiting" && item.cause !== "connection"));
    say(this.state, words(item, about));
    this.fields.hidden = !editable;
    say(this.note, note(item));
    this.note.hidden = !note(item);
    say(this.size, ` · ${size(item.size)}`);
    this.cover.hidden = !editable || !item.sha256 || item.made === "original" || !!item.film;
    this.again.hidden = !(state === "blocked" || (state === "failed" && item.retryable));
    this.remove.hidden = state === "confirming" || state === "done";
    this.measure.hidden = !["ready", "sending", "waiting", "confirming", "done"].includes(state);
    this.measure.setAttribute("aria-valuenow", String(Math.floor(item.level * 100)));
    this.level.style.setProperty("--level", String(item.level));
    this.said.hidden = editable || !item.shared?.caption;
    say(this.said, item.shared?.caption ?? "");
    this.link.hidden = !item.result?.page;
    if (item.result?.page) this.link.href = spoken(item.result.page);
    // Another tab may have changed the texts; a text that is being typed here is never replaced.
    if (!this.fields.contains(document.activeElement)) {
      this.caption.value = item.caption ?? "";
      this.alt.value = item.alt;
      this.people.value = item.people;
    }
  }

  /**
   * Shows a small picture of the photo.
   * @param {Blob} thumbnail
   */
  look(thumbnail) {
    if (this.preview) URL.revokeObjectURL(this.preview);
    this.preview = URL.createObjectURL(thumbnail);
    const image = el("img", { alt: "", decoding: "async", src: this.preview });
    image.addEventListener("error", () => image.remove());
    this.picture.replaceChildren(image);
  }

  /** @param {Complaint} complaint @returns {HTMLElement} the field to go to */
  complain({ field, message }) {
    this.open(true);
    const [place, input] = this.places[field] ?? [null, this.caption];
    complain(place, input, message);
    return input;
  }

  /** Removes all messages. */
  clear() {
    for (const [place, input] of Object.values(this.places)) complain(place, input, "");
  }

  /** Frees the memory of the photo's picture. */
  end() {
    if (this.preview) URL.revokeObjectURL(this.preview);
    this.element.remove();
  }
}

/** Returns the answers to who is in the photo: a value and its words. @returns {[string, string][]} */
function people() {
  return [["", phrase("as_for_all")], ["none", phrase("people_none")], ["adults", phrase("people_adults")], ["pupils", phrase("people_pupils")]];
}
