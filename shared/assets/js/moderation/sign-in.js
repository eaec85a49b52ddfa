// @ts-check
/**
 * Signs in with the one-time code of the organiser's link. The code is in the fragment, which no server sees; here it is taken out of the
 * address at once and sent. If a code does not work, the page says so beside the form. With a passkey no code is needed.
 *
 * A link in a mail or on another site leads here even if the visitor is signed in: browsers do not send the session with such requests.
 * This page belongs to the site, so it asks again and goes on.
 */

import { possible, use } from "./passkey.js";

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-sign-in]"));
if (form) run(form);

/** @param {HTMLFormElement} form */
function run(form) {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("code"));
  const status = /** @type {HTMLElement} */ (form.querySelector("[data-sign-in-status]"));

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    status.textContent = "Signing in.";
    const problem = await signIn(field.value.trim());
    if (problem) status.textContent = problem;
    else location.replace(form.dataset.next ?? "/");
  });

  const passkey = /** @type {HTMLElement | null} */ (document.querySelector("[data-passkey]"));
  if (passkey && possible()) {
    passkey.hidden = false;
    passkey.querySelector("button")?.addEventListener("click", async () => {
      status.textContent = "Follow the instructions on your device.";
      try {
        await use();
        location.replace(form.dataset.next ?? "/");
      } catch (error) {
        status.textContent = error instanceof Error ? error.message : "That did not work. Try again.";
      }
    });
  }

  const arrive = () => {
    const code = new URLSearchParams(location.hash.slice(1)).get("code");
    if (!code) {
      if ("sentHere" in form.dataset) void goOnIfSignedIn(form.dataset.next ?? "/");
      return;
    }
    // Removes the code from the address, the history and photographs of the screen.
    history.replaceState(null, "", location.pathname);
    field.value = code;
    form.requestSubmit();
  };
  arrive();
  // A link that is opened while this page is shown does not load it again.
  addEventListener("hashchange", arrive);
}

/** Goes on to `next` if the visitor is signed in. @param {string} next */
async function goOnIfSignedIn(next) {
  try {
    const response = await fetch("/api/v1/session", { headers: { accept: "application/json" }, credentials: "same-origin" });
    if (response.ok) location.replace(next);
  } catch {
    // The form is there.
  }
}

/**
 * Signs in. Returns an explanation if it failed, and an empty text if not.
 * @param {string} code
 */
async function signIn(code) {
  try {
    const response = await fetch("/api/v1/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code }),
      credentials: "same-origin",
    });
    if (response.ok) return "";
    const problem = await response.json();
    return [problem.title, problem.hint].filter(Boolean).join(". ") || "That did not work. Try again.";
  } catch {
    return "No connection. Try again.";
  }
}
