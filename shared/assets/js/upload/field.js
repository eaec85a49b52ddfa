// @ts-check
// A text field with its counter, and messages beside fields.

import { say } from "../dom.js";
import { usage } from "./text.js";

/**
 * Keeps a field's counter in step. The counter speaks only near the end: a number after each letter is noise.
 * @param {HTMLInputElement | HTMLTextAreaElement} input
 * @param {HTMLElement} counter
 * @param {number} max graphemes
 * @returns {() => void} counts anew, after the field was filled by us
 */
export function counted(input, counter, max) {
  const count = () => {
    const { used, over, words } = usage(input.value, max);
    say(counter, words);
    counter.classList.toggle("counter-over", over > 0);
    counter.setAttribute("aria-live", used > max - 20 ? "polite" : "off");
  };
  input.addEventListener("input", count);
  count();
  return count;
}

/**
 * Shows a message beside a field, or takes it away.
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
