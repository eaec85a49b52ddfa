// @ts-check
/** The button that prints. Without scripts, the browser's own menu prints. */

const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-print]"));
button?.addEventListener("click", () => print());

export {};
