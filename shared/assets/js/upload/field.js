// @ts-check
// A text field with its counter, and messages beside fields.

import { say } from "../dom.js";
import { usage } from "./text.js";

/**
 * Keeps a field's counter up to date. It is shown once half of the field is used, and announced only near the limit: a number after each
 * letter would be noise.
 * @param {HTMLInputElement | HTMLTextAreaElement} input
 * @param {HTMLElement} counter
 * @param {number} max graphemes
 * @returns {() => void} counts again, after the page has filled the field
 */
export function counted(input, counter, max) {
  const count = () => {
    const { used, over, words } = usage(input.value, max);
    say(counter, words);
    counter.hidden = used < max / 2;
    counter.classList.toggle("counter-over", over > 0);
    counter.setAttribute("aria-live", used > max - 20 ? "polite" : "off");
  };
  input.addEventListener("input", count);
  count();
  return count;
}

/**
 * Shows a message beside a field, or removes it.
 * @param {HTMLElement | null} place an element of class `field-error`
 * @param {HTMLElement | null} field
 * @param {string} message empty for none
 */
export function complain(place, field, message) {
  if (!place) return;
  place.hidden = !message;
  say(place, message);
  if (message) field?.setAttribute("aria-invalid", "true");
  else field?.removeAttribute("aria-invalid");
}
