// @ts-check
/** Downloads the list of published photos, or the press kit, after a fresh use of a passkey, and hands it to the browser as a file. */

import { ask, fresh } from "../moderation/passkey.js";
import { begins, called, whole } from "./list.js";
import * as press from "./press-kit.js";

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

  const counted = (/** @type {number} */ photos) => `${new Intl.NumberFormat("en-GB").format(photos)} ${photos === 1 ? "photo" : "photos"}`;

  /** @param {Blob} blob @param {string} name @param {string} said what is in it */
  const hand = (blob, name, said) => {
    URL.revokeObjectURL(file.href);
    file.href = URL.createObjectURL(blob);
    file.download = name;
    status.textContent = `${said}. If the download has not started, save the file here.`;
    made.hidden = false;
    file.click();
  };

  const takeKit = async () => {
    made.hidden = true;
    status.textContent = "Preparing the press kit. Your device may ask for your passkey.";
    try {
      const photos = await press.listed(press.begins(edition), (address) => fresh(() => ask(address)));
      if (photos.length === 0) {
        status.textContent = "No published photo may be used by the press.";
        return;
      }
      const [event, figures] = await Promise.all(["/api/v1/event", `/api/v1/stats?edition=${encodeURIComponent(edition)}`].map(async (address) => (await ask(address)).json()));
      const told = (/** @type {number} */ done) => (status.textContent = `Fetching photo ${done} of ${photos.length}. Keep this page open.`);
      const { blob, photos: n, missing } = await press.kit(photos, event, { photos: figures.photos.count, schools: figures.schools.count }, (path) => fetch(path, { credentials: "omit" }), told, new Date());
      const withdrawn = missing ? `, without ${missing} that ${missing === 1 ? "was" : "were"} taken down meanwhile` : "";
      hand(blob, press.called(edition), `${counted(n)}, captions and credits, and a press release to edit${withdrawn}`);
    } catch (error) {
      status.textContent = error instanceof Error ? error.message : "That did not work. Try again.";
    }
  };

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
      hand(new Blob([text], { type: "text/csv;charset=utf-8" }), called(edition, consent), counted(photos));
    } catch (error) {
      status.textContent = error instanceof Error ? error.message : "That did not work. Try again.";
    }
  };
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || !(event.submitter instanceof HTMLButtonElement)) return;
    busy = true;
    await (event.submitter.value === "kit" ? takeKit() : take(event.submitter.value));
    busy = false;
  });
}
