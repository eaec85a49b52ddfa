// @ts-check
/** Downloads the list of published photos after a fresh use of a passkey, and hands it to the browser as a file. */

import { ask, fresh } from "../moderation/passkey.js";
import { begins, called, whole } from "./list.js";

const found = /** @type {HTMLElement | null} */ (document.querySelector("[data-list]"));
if (found) run(found);

/** @param {HTMLElement} section */
function run(section) {
  const one = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (section.querySelector(selector));
  const form = /** @type {HTMLFormElement} */ (one("[data-list-form]"));
  const file = /** @type {HTMLAnchorElement} */ (one("[data-list-file]"));
  const [status, made] = [one("[data-list-status]"), one("[data-list-made]")];
  const edition = section.dataset["edition"] ?? "";
  let busy = false;

  /** @param {string} consent */
  const take = async (consent) => {
    made.hidden = true;
    status.textContent = "Preparing the list. Your device may ask for your passkey.";
    try {
      const { photos, text } = await whole(begins(edition, consent), (address) => fresh(() => ask(address)));
      if (photos === 0) {
        status.textContent = "No published photo may be used for that.";
        return;
      }
      URL.revokeObjectURL(file.href);
      file.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
      file.download = called(edition, consent);
      status.textContent = `${new Intl.NumberFormat("en-GB").format(photos)} ${photos === 1 ? "photo" : "photos"}. If the download has not started, save the file here.`;
      made.hidden = false;
      file.click();
    } catch (error) {
      status.textContent = error instanceof Error ? error.message : "That did not work. Try again.";
    }
  };
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || !(event.submitter instanceof HTMLButtonElement)) return;
    busy = true;
    await take(event.submitter.value);
    busy = false;
  });
}
