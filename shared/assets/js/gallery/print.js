// @ts-check
/** The button that prints; without script, the browser's own menu does. */

const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-print]"));
button?.addEventListener("click", () => print());

export {};
