// @ts-check
/** Shows how the winners and reserves of a draw are reached, after a fresh use of a passkey, each with a text to send. */

import { ask, fresh } from "../moderation/passkey.js";
import { address } from "./reach.js";

const found = /** @type {HTMLElement | null} */ (document.querySelector("[data-draw-people]"));
if (found) run(found);

/** @typedef {{leaf: string, name: string | null, contact: string | null, message: string | null}} Person */

/** @param {HTMLElement} section */
function run(section) {
  const one = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (section.querySelector(selector));
  const draw = /** @type {HTMLElement} */ (section.closest("[data-draw]")).dataset["draw"] ?? "";
  const [button, problem] = [one("[data-contacts]"), one("[data-contacts-problem]")];
  const subject = section.dataset["subject"] ?? "";
  let busy = false;

  one("[data-contacts-ask]").hidden = false;
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    problem.hidden = true;
    try {
      const response = await fresh(() => ask(`/api/v1/organiser/draws/${draw}/contacts`));
      const { people } = /** @type {{people: Person[]}} */ (await response.json());
      for (const person of people) show(person);
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : "That did not work. Try again.";
      problem.hidden = false;
    } finally {
      busy = false;
    }
  });

  /** @param {Person} person */
  const show = (person) => {
    const place = /** @type {HTMLElement | null} */ (section.querySelector(`[data-leaf="${person.leaf}"] [data-contact]`));
    if (!place) return;
    place.hidden = false;
    place.classList.add("stack-tight");
    if (person.name === null || person.contact === null) {
      place.replaceChildren(paragraph("Nobody writes to them any more."));
      return;
    }
    const link = document.createElement("a");
    link.href = address(person.contact, subject, person.message ?? "");
    link.textContent = person.contact;
    const who = paragraph(`${person.name}: `);
    who.append(link);
    place.replaceChildren(who, ...(person.message === null ? [] : text(person.name, person.message)));
  };

  /** @param {string} name @param {string} message */
  const text = (name, message) => {
    const area = document.createElement("textarea");
    area.className = "input";
    area.readOnly = true;
    area.rows = 8;
    area.value = message;
    area.setAttribute("aria-label", `A text for ${name}`);
    const copy = document.createElement("button");
    copy.type = "button";
    copy.className = "button button-quiet";
    copy.textContent = "Copy the text";
    const said = paragraph("");
    said.setAttribute("role", "status");
    copy.addEventListener("click", async () => {
      const copied = await navigator.clipboard.writeText(message).then(() => true, () => false);
      said.textContent = copied ? "Copied." : "This browser does not let us copy. Mark the text and copy it.";
    });
    return [area, copy, said];
  };
}

/** @param {string} words */
function paragraph(words) {
  const made = document.createElement("p");
  made.textContent = words;
  return made;
}
