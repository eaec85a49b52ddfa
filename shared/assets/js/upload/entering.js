// @ts-check
// Entering the prize draws of the day, on the pages that have a form for it. All its words are in the page.

import { byId, el } from "../dom.js";
import { knownSecret, secret } from "./device.js";

/**
 * @typedef {{ id: string, name: string, state: string, entry: { ticket: string, won: string | null } | null }} Draw
 * @typedef {{ draws?: Draw[], type?: string, field?: string }} Told
 */

const ADDRESS = "/api/v1/uploads/draws";

const place = byId("enter", HTMLElement);
const form = byId("enter-form", HTMLFormElement);
const error = byId("enter-error", HTMLElement);
const tickets = byId("enter-tickets", HTMLElement);
const entered = byId("enter-entered", HTMLElement);
const left = byId("enter-left", HTMLElement);
const first = byId("enter-first", HTMLElement);

/**
 * @param {string} method @param {unknown} [body]
 * @returns {Promise<Told | null>} null if there was no answer of ours
 */
async function call(method, body) {
  const headers = { Authorization: `Uploader ${method === "POST" ? secret() : (knownSecret() ?? "")}`, "Content-Type": "application/json" };
  try {
    const answer = await fetch(ADDRESS, { method, headers, cache: "no-store", ...(body ? { body: JSON.stringify(body) } : {}) });
    return await answer.json();
  } catch {
    return null;
  }
}

/** @param {Told | null} told */
function show(told) {
  error.hidden = true;
  if (!told?.draws) {
    const kind = told?.type?.split("/").pop() ?? "";
    error.textContent = place.getAttribute(`data-${kind}-${told?.field}`) ?? place.getAttribute(`data-${kind}`) ?? place.dataset.failed ?? "";
    error.hidden = false;
    const field = /** @type {HTMLElement | null} */ (form.querySelector(`[name="${told?.field}"]`));
    (field?.closest(".field, .check") ?? form).append(error);
    field?.setAttribute("aria-invalid", "true");
    field?.focus();
    return false;
  }
  first.hidden = true;
  const own = told.draws.filter((draw) => draw.entry);
  tickets.replaceChildren(...own.map((draw) => el("li", {}, `${draw.name}: `, el("code", {}, draw.entry?.ticket ?? ""), draw.entry?.won ? ` ${(place.dataset.won ?? "").replace("{prize}", draw.entry.won)}` : "")));
  entered.hidden = own.length === 0;
  const open = told.draws.some((draw) => draw.state === "open" && !draw.entry);
  form.hidden = own.length > 0 || !open;
  place.hidden = told.draws.length === 0;
  return true;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  const given = new FormData(form);
  const text = (/** @type {string} */ name) => String(given.get(name) ?? "");
  const body = { name: text("name"), contact: text("contact"), county: text("county"), shown: text("shown") || "first", eligible: given.has("eligible"), rules: given.has("rules") };
  left.hidden = true;
  if (!show(await call("POST", body))) return;
  form.reset();
  // The button that had the focus is gone.
  entered.focus();
});

byId("enter-leave", HTMLButtonElement).addEventListener("click", async () => {
  left.hidden = !show(await call("DELETE"));
  if (!left.hidden) left.focus();
});

if (knownSecret()) {
  show(await call("GET"));
} else {
  // A photo is the entry: until this browser has sent one, there is nothing to fill in.
  form.hidden = true;
  first.hidden = false;
  const sent = document.getElementById("sent");
  const watch = new MutationObserver(async () => {
    if (sent?.hidden || first.hidden) return;
    watch.disconnect();
    show(await call("GET"));
  });
  if (sent) watch.observe(sent, { attributeFilter: ["hidden"] });
}
