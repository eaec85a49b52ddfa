// @ts-check
/** Fills the one-time code of the organiser's link into the form and sends it. The code stands in the fragment: no server sees it. */

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-sign-in]"));
const code = new URLSearchParams(location.hash.slice(1)).get("code");

if (form && code) {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("code"));
  const status = form.querySelector("[data-sign-in-status]");
  field.value = code;
  // Out of the address, the history and a photographed screen.
  history.replaceState(null, "", location.pathname);
  if (status) status.textContent = "Signing in.";
  form.requestSubmit();
}
