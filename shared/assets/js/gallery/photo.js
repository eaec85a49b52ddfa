// @ts-check
/**
 * A photo's page: arrows and swipes lead to its neighbours, a button shows it on the whole screen, and the device's own way of sharing
 * stands beside the links. Everything here only adds to a page that works without it.
 */

import { swipe } from "./swipe.js";
import { shareable } from "../share.js";

/** Behind a photo's address: that it is to be seen on the whole screen. */
const WHOLE = "#whole";

/** @param {string} which */
function go(which) {
  const link = /** @type {HTMLAnchorElement | null} */ (document.querySelector(`a[data-${which}]`));
  // In place of this page, so that Back leads to the gallery and not through all photos again. Who looks on the whole screen goes on so.
  if (link) location.replace(link.href + (dialog?.open ? WHOLE : ""));
}

const dialog = /** @type {HTMLDialogElement | null} */ (document.querySelector("[data-dialog]"));
const frame = /** @type {HTMLElement | null} */ (document.querySelector("[data-frame]"));
const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-whole]"));

if (dialog && frame && button) {
  const image = dialog.querySelector("img");
  const open = () => {
    if (image && !image.src) image.src = frame.dataset.largest ?? "";
    dialog.showModal();
  };
  button.addEventListener("click", open);
  frame.addEventListener("click", open);
  frame.classList.add("photo-frame-opens");
  dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
  image?.addEventListener("click", () => dialog.close());
  if (location.hash === WHOLE) {
    history.replaceState(history.state, "", location.pathname + location.search);
    // Where the focus returns to.
    button.focus();
    open();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select, summary")) return;
  if (event.key === "ArrowLeft") go("newer");
  if (event.key === "ArrowRight") go("older");
});

for (const place of [frame, dialog]) {
  if (place) swipe(place, { left: () => go("older"), right: () => go("newer") });
}

// Back to the place in the gallery that one came from, if that is where one came from.
const back = document.querySelector("[data-back]");
back?.addEventListener("click", (event) => {
  const from = document.referrer && new URL(document.referrer);
  if (from && from.origin === location.origin && !/^(\/cy)?\/(add$|p\/)/.test(from.pathname) && history.length > 1) {
    event.preventDefault();
    history.back();
  }
});

shareable(document);
