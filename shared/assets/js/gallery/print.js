// @ts-check
/**
 * The button that prints, and a name for the certificate, which is sent nowhere and kept nowhere. Without scripts, the browser's own menu
 * prints.
 */

const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-print]"));
button?.addEventListener("click", () => print());

const person = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-person]"));
const all = /** @type {HTMLElement | null} */ (document.querySelector("[data-all]"));
const one = /** @type {HTMLElement | null} */ (document.querySelector("[data-one]"));
person?.addEventListener("input", () => {
  const name = person.value.trim();
  const place = one?.querySelector("bdi");
  if (!all || !one || !place) return;
  place.textContent = name;
  [all.hidden, one.hidden] = [name !== "", name === ""];
});

export {};
