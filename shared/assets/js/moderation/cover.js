// @ts-check
/** Draws covers on a photo: the editor replaces the plain image, and one button sends all covers. */

import { CoverEditor } from "../cover/editor.js";
import { call } from "./passkey.js";

const found = /** @type {HTMLElement | null} */ (document.querySelector("[data-cover-page]"));
if (found) run(found);

/** @param {HTMLElement} page */
function run(page) {
  const one = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (page.querySelector(selector));
  const picture = /** @type {HTMLImageElement} */ (one("[data-cover-picture]"));
  const send = /** @type {HTMLButtonElement} */ (one("[data-cover-send]"));
  const status = one("[data-cover-status]");
  const boxes = JSON.parse(page.dataset["boxes"] ?? "[]");
  const place = one("[data-cover-place]");
  const editor = new CoverEditor(picture, { boxes, onChange: (now) => void (send.disabled = now.length === 0) });
  place.append(editor.element);
  send.hidden = false;
  send.disabled = boxes.length === 0;
  // The numbers are for people without the editor.
  one("[data-cover-numbers]").hidden = true;
  send.addEventListener("click", async () => {
    send.disabled = true;
    status.textContent = "Sending the covers.";
    try {
      const id = page.dataset["id"];
      await call(`/api/v1/moderation/photos/${id}/redact`, { version: Number(page.dataset["version"]), boxes: editor.boxes });
      location.assign(page.dataset["back"] ?? "/moderation/queue");
    } catch (error) {
      status.textContent = error instanceof Error ? error.message : "That did not work. Try again.";
      send.disabled = false;
    }
  });
}
