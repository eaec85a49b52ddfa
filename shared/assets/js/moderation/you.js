// @ts-check
/** The user's own passkeys: creates one, or proves with one who the user is. */

import { fresh, make, possible, use } from "./passkey.js";

const found = /** @type {HTMLElement | null} */ (document.querySelector("[data-you]"));
if (found) run(found);

/** @param {HTMLElement} page */
function run(page) {
  const form = /** @type {HTMLFormElement} */ (page.querySelector("[data-make-passkey]"));
  const status = /** @type {HTMLElement} */ (page.querySelector("[data-passkey-status]"));
  const address = /** @type {HTMLElement | null} */ (page.querySelector("[data-address]"));
  form.hidden = !possible();
  if (address) address.hidden = possible();
  if (!possible() && !address) status.textContent = "This browser does not support passkeys. You can still sign in with a link.";

  /** @param {() => Promise<unknown>} act @param {string} doing */
  const attempt = async (act, doing) => {
    status.textContent = doing;
    try {
      await act();
      location.reload();
    } catch (error) {
      status.textContent = error instanceof Error ? error.message : "That did not work. Try again.";
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = /** @type {HTMLInputElement} */ (form.elements.namedItem("name")).value;
    void attempt(() => fresh(() => make(name)), "Follow the instructions on your device.");
  });
  for (const remove of /** @type {NodeListOf<HTMLFormElement>} */ (page.querySelectorAll("[data-remove-passkey]"))) {
    remove.addEventListener("submit", (event) => {
      // A user who has just used a passkey is not asked again, nor is one whose browser cannot ask.
      if (Number(page.dataset["provenMs"]) > performance.now() || !possible()) return;
      event.preventDefault();
      status.textContent = "Follow the instructions on your device.";
      use().then(() => remove.submit(), (error) => {
        status.textContent = error instanceof Error ? error.message : "That did not work. Try again.";
      });
    });
  }
  page.querySelector("[data-confirm]")?.addEventListener("click", () => void attempt(use, "Follow the instructions on your device."));
}
