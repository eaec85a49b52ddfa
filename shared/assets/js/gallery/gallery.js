// @ts-check
/**
 * "Show older photos" adds them below instead of leaving the page. The link leads to a real page; that page is fetched, and its photos are
 * appended here. A reader who comes back finds as many photos as before, and the same place.
 */

import { phrase } from "../words.js";
import { adopt, fetchPage } from "./page.js";

/** Largest number of pages that are restored: beyond them, the reader has to scroll again. */
const PAGES_MAX = 20;

/** @typedef {{pages: number, y: number}} Place */

const list = /** @type {HTMLElement | null} */ (document.querySelector("[data-tiles]"));
const news = document.querySelector("[data-news]");
let pages = 0;

/** @returns {HTMLAnchorElement | null} */
const older = () => document.querySelector("a[data-older]");

/** Fetches the next page and appends it. @returns {Promise<number>} number of photos added */
async function more() {
  const link = older();
  if (!link || !list) return 0;
  link.setAttribute("aria-busy", "true");
  try {
    const fetched = await fetchPage(link.href);
    const added = adopt(fetched, list);
    const next = /** @type {HTMLAnchorElement | null} */ (fetched.page.querySelector("a[data-older]"));
    if (next) link.setAttribute("href", next.getAttribute("href") ?? "");
    else link.remove();
    pages += 1;
    return added.length;
  } finally {
    link.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", async (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[data-older]") : null;
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const before = list?.children.length ?? 0;
  try {
    const added = await more();
    if (news) news.textContent = phrase("more_photos", { n: added });
    // The keyboard focus moves to the first of them; the page does not scroll.
    const first = list?.children[before]?.querySelector("a");
    if (first instanceof HTMLElement) first.focus({ preventScroll: true });
  } catch {
    // The network failed, or a filter answered: the link itself still works, and the page behind it explains.
    location.assign(/** @type {HTMLAnchorElement} */ (link).href);
  }
});

// The browser returns to this history entry with what is stored here, however long the reader was away.
addEventListener("pagehide", () => {
  const place = /** @type {Place} */ ({ pages, y: scrollY });
  history.replaceState({ ...history.state, gallery: place }, "");
});

/** @type {Place | undefined} */
const left = history.state?.gallery;
if (left && left.pages > 0 && pages === 0) {
  for (let i = 0; i < Math.min(left.pages, PAGES_MAX); i += 1) {
    try {
      if ((await more()) === 0) break;
    } catch {
      break;
    }
  }
  scrollTo({ top: left.y, behavior: "instant" });
}

export {};
