// @ts-check
/** Inviting somebody and making keys: their secrets are shown once, here, and by nobody else. */

import { call, fresh } from "../moderation/passkey.js";

const found = /** @type {HTMLElement | null} */ (document.querySelector("[data-people]"));
if (found) run(found);

/** @param {HTMLElement} page */
function run(page) {
  const one = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (page.querySelector(selector));
  const problem = one("[data-people-problem]");

  /** @param {string} title @param {string} secret */
  const show = (title, secret) => {
    one("[data-shown-title]").textContent = title;
    one("[data-shown-secret]").textContent = secret;
    one("[data-shown-copied]").textContent = "It is not shown again.";
    one("[data-shown]").hidden = false;
    one("[data-shown]").focus();
  };
  one("[data-shown-copy]").addEventListener("click", async () => {
    const copied = await navigator.clipboard.writeText(one("[data-shown-secret]").textContent ?? "").then(() => true, () => false);
    one("[data-shown-copied]").textContent = copied ? "Copied. It is not shown again." : "This browser does not let us copy. Mark it and copy it.";
  });
  /** @param {string} selector @param {(data: FormData) => Promise<void>} act */
  const handle = (selector, act) => {
    const form = /** @type {HTMLFormElement} */ (one(selector));
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.hidden = true;
      try {
        await fresh(() => act(new FormData(form)));
        form.reset();
      } catch (error) {
        problem.textContent = error instanceof Error ? error.message : "That did not work. Try again.";
        problem.hidden = false;
        problem.scrollIntoView({ block: "center" });
      }
    });
  };
  handle("[data-invite]", async (data) => {
    const duties = data.has("safeguarding") ? ["safeguarding"] : [];
    const answer = await call("/api/v1/organiser/people", { name: data.get("name"), role: data.get("role"), duties });
    show(`Send this link to ${data.get("name")}. It signs in once, within a day.`, answer.link);
  });
  handle("[data-mint]", async (data) => {
    const answer = await call("/api/v1/organiser/keys", { name: data.get("name"), role: data.get("role"), days: Number(data.get("days")) });
    show(`The key for ${data.get("name")}.`, answer.key);
  });
}
