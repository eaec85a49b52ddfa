// @ts-check
// The page that computes a draw again, from the files on the site or from a saved copy. All its words are in the page.

import { byId } from "../dom.js";
import { BadFile, fetched, placeOf, saved, verify } from "./verify.js";

const form = byId("check", HTMLFormElement);
const list = byId("check-list", HTMLElement);
const place = byId("check-place", HTMLElement);
const outcomes = ["check-holds", "check-fails", "check-bad"].map((id) => byId(id, HTMLElement));

/** @param {string | null} id of the one that is shown */
function show(id) {
  for (const outcome of outcomes) outcome.hidden = outcome.id !== id;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void check();
});

async function check() {
  show(null);
  list.hidden = place.hidden = true;
  const chosen = byId("check-saved", HTMLInputElement).files;
  try {
    const files = chosen?.length ? await saved(chosen) : await fetched(form.dataset.folder ?? "");
    const verdict = await verify(files);
    for (const { name, passed } of verdict.checks) {
      const line = list.querySelector(`[data-check="${name}"] strong`);
      if (line) line.textContent = (passed ? list.dataset.passed : list.dataset.failed) ?? "";
    }
    list.hidden = false;
    const ticket = byId("check-ticket", HTMLInputElement).value.trim();
    if (ticket) {
      const found = await placeOf(verdict, ticket);
      const words = (found ? place.dataset.found : place.dataset.absent) ?? "";
      const prize = found?.prize ? ` ${found.prize}.` : "";
      place.textContent = words.replace("{place}", String(found?.place)).replace("{of}", String(found?.of)) + prize;
      place.hidden = false;
    }
    show(verdict.holds ? "check-holds" : "check-fails");
  } catch (error) {
    byId("check-why", HTMLElement).textContent = error instanceof BadFile ? error.message : "";
    show("check-bad");
  }
}
