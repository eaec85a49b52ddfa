// @ts-check
// The field for the school: what is typed is searched for in the official registers, and a name that is not there is accepted as typed. A
// combobox with a list, as ARIA 1.2 describes it: the focus stays in the field, and arrow keys move through the list.

import { el, say } from "../dom.js";
import { phrase } from "../words.js";
import { meaning } from "./problems.js";

/**
 * @import { Api } from "./api.js"
 * @import { Listed } from "./types.js"
 */

const PAUSE_MS = 180;

/** @param {string} nation as the registers have it */
function nationName(nation) {
  switch (nation) {
    case "england": return phrase("england");
    case "scotland": return phrase("scotland");
    case "wales": return phrase("wales");
    case "northern-ireland": return phrase("northern_ireland");
    default: return "";
  }
}

/**
 * Says where a school is, because many have the same name.
 * @param {Listed} school
 */
export function where({ town, nation }) {
  return [town, nationName(nation)].filter(Boolean).join(", ");
}

/**
 * Returns a function that searches the registers. If they cannot be reached, nothing is found, and the name is accepted as typed.
 * @param {Api} api
 * @returns {(typed: string) => Promise<Listed[]>}
 */
export function registers(api) {
  return async (typed) => {
    const answer = await api.schools(typed);
    return meaning(answer, Date.now()).kind === "ok" ? (/** @type {{ schools?: Listed[] } | null} */ (answer.body)?.schools ?? []) : [];
  };
}

export class SchoolField {
  /** @type {Listed[]} */
  #found = [];
  #active = -1;
  /** Counts the requests: answers that arrive after a later request are not shown. */
  #asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {HTMLInputElement} input
   * @param {HTMLInputElement} number hidden; holds the number of the chosen school, empty if it is only named
   * @param {HTMLElement} list
   * @param {HTMLElement} status
   * @param {(typed: string) => Promise<Listed[]>} find
   */
  constructor(input, number, list, status, find) {
    this.input = input;
    this.number = number;
    this.list = list;
    this.status = status;
    this.find = find;
    input.addEventListener("input", () => this.#typed());
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("blur", () => this.#left());
    // Otherwise the field would lose its focus before a click arrives.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      if (option) this.#choose([...list.children].indexOf(option));
    });
  }

  #typed() {
    this.number.value = "";
    clearTimeout(this.#timer);
    const typed = this.input.value.trim();
    if (typed.length < 2) return this.#close();
    this.#timer = setTimeout(() => void this.#ask(typed), PAUSE_MS);
  }

  /** @param {string} typed */
  async #ask(typed) {
    const asked = (this.#asked += 1);
    const found = await this.find(typed);
    if (asked === this.#asked && document.activeElement === this.input) this.#open(found);
  }

  /** @param {Listed[]} found */
  #open(found) {
    this.#found = found;
    this.#active = -1;
    this.list.replaceChildren(...found.map((school, i) =>
      el("li", { role: "option", class: "combo-option", id: `school-${i}`, "aria-selected": "false" }, el("span", {}, school.name), el("span", { class: "combo-where" }, where(school)))));
    this.list.hidden = found.length === 0;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    say(this.status, found.length ? phrase("school_found", { n: found.length }) : phrase("school_unknown"));
  }

  #close() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#found = [];
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    say(this.status, "");
  }

  /** Whose name was written out in full, and is no other's, is the one that was meant: otherwise one school has two pages. */
  #left() {
    const same = (/** @type {Listed} */ { name }) => name.toLowerCase() === this.input.value.trim().toLowerCase();
    if (this.#found.filter(same).length === 1) this.#choose(this.#found.findIndex(same));
    else this.#close();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (this.list.hidden) return;
    const last = this.#found.length - 1;
    if (event.key === "ArrowDown") this.#activate(this.#active >= last ? 0 : this.#active + 1);
    else if (event.key === "ArrowUp") this.#activate(this.#active <= 0 ? last : this.#active - 1);
    else if (event.key === "Enter" && this.#active >= 0) this.#choose(this.#active);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
  }

  /** @param {number} index */
  #activate(index) {
    this.#active = index;
    for (const [i, option] of [...this.list.children].entries()) option.setAttribute("aria-selected", String(i === index));
    this.input.setAttribute("aria-activedescendant", `school-${index}`);
    this.list.children[index]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} index */
  #choose(index) {
    const school = this.#found[index];
    if (!school) return;
    this.input.value = school.name;
    // Informs the counter and the stored form; our own handler removes the number.
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    this.number.value = school.urn;
    this.number.dispatchEvent(new Event("input", { bubbles: true }));
    this.#close();
    say(this.status, `${school.name}, ${where(school)}`);
  }
}
