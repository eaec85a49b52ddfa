// @ts-check
/**
 * A photo's page: arrow keys and swipes lead to its neighbours, a button shows it full-screen, and the device's own share dialogue is
 * offered beside the links. Everything here only adds to a page that works without it.
 */

import { swipe } from "./swipe.js";
import { shareable } from "../share.js";

/** Fragment of a photo's address that shows it full-screen. */
const WHOLE = "#whole";

/** The key in the tab's storage of the photo's page before which the reader's place in the gallery is in the history. */
const PLACE = "photo.place";

/** @param {string} which */
function go(which) {
  const link = /** @type {HTMLAnchorElement | null} */ (document.querySelector(`a[data-${which}]`));
  if (!link) return;
  try {
    if (fromPlace()) sessionStorage.setItem(PLACE, link.pathname);
  } catch {
    // Without storage the way back leads to the beginning of the gallery.
  }
  // Replaces this page in the history, so that Back leads to the gallery and not through all photos again. Full-screen view continues.
  location.replace(link.href + (dialog?.open ? WHOLE : ""));
}

/** Whether the page before this one in the history is the one from which the reader came to the photos. */
function fromPlace() {
  const from = document.referrer && new URL(document.referrer);
  if (!from || from.origin !== location.origin || history.length < 2) return false;
  if (!/^(\/cy)?\/p\//.test(from.pathname)) return !/^(\/cy)?\/add$/.test(from.pathname);
  try {
    return sessionStorage.getItem(PLACE) === location.pathname;
  } catch {
    return false;
  }
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
  for (const arrow of /** @type {NodeListOf<HTMLElement>} */ (dialog.querySelectorAll("[data-go]"))) arrow.addEventListener("click", () => go(arrow.dataset["go"] ?? ""));
  if (location.hash === WHOLE) {
    history.replaceState(history.state, "", location.pathname + location.search);
    // The focus returns to the button.
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

// Back leads to the reader's place in the gallery, if they came from there.
const back = document.querySelector("[data-back]");
back?.addEventListener("click", (event) => {
  if (!fromPlace()) return;
  event.preventDefault();
  history.back();
});

shareable(document);
