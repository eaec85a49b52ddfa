// @ts-check
/** Invitations, new links and keys: their secrets are shown once, here, and nowhere else. Also changes what a person may do. */

import { call, fresh } from "../moderation/passkey.js";
import { el } from "../dom.js";
import { changed } from "./changed.js";

const found = /** @type {HTMLElement | null} */ (document.querySelector("[data-people]"));
if (found) run(found);

/** @param {HTMLElement} page */
function run(page) {
  const one = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (page.querySelector(selector));

  /** @param {string} title @param {string} secret */
  const show = (title, secret) => {
    one("[data-shown-title]").textContent = title;
    one("[data-shown-secret]").textContent = secret;
    one("[data-shown-copied]").textContent = "It will not be shown again.";
    one("[data-shown]").hidden = false;
    one("[data-shown]").focus();
  };
  one("[data-shown-copy]").addEventListener("click", async () => {
    const copied = await navigator.clipboard.writeText(one("[data-shown-secret]").textContent ?? "").then(() => true, () => false);
    one("[data-shown-copied]").textContent = copied ? "Copied. It will not be shown again." : "This browser blocked copying. Select the text and copy it yourself.";
  });
  let busy = false;
  /**
   * Does one thing at a time, with a freshly used passkey if it needs one. Errors are shown in `problem`.
   * @param {HTMLElement} problem @param {() => Promise<void>} act
   */
  const attempt = async (problem, act) => {
    if (busy) return;
    busy = true;
    problem.hidden = true;
    try {
      await fresh(act);
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : "That did not work. Try again.";
      problem.hidden = false;
      problem.scrollIntoView({ block: "center" });
    } finally {
      busy = false;
    }
  };
  const invitation = (/** @type {FormDataEntryValue | string | null | undefined} */ name) => `Send this link to ${name}. It works once, within a day.`;

  /** @param {string} selector @param {(data: FormData) => Promise<void>} act */
  const handle = (selector, act) => {
    const form = /** @type {HTMLFormElement} */ (one(selector));
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const data = new FormData(form);
      void attempt(one("[data-people-problem]"), async () => {
        await act(data);
        form.reset();
      });
    });
  };
  handle("[data-invite]", async (data) => {
    const answer = await call("/api/v1/organiser/people", { name: data.get("name"), role: data.get("role"), duties: data.getAll("duty") });
    show(invitation(data.get("name")), answer.link);
    // What may be done to them is on the page that comes next.
    one(".members").append(el("li", {}, el("p", {}, el("strong", {}, el("bdi", {}, String(data.get("name"))))), el("p", { class: "small quiet" }, `${[data.get("role"), ...data.getAll("duty")].join(", ")}; invited just now`)));
  });
  handle("[data-mint]", async (data) => {
    const answer = await call("/api/v1/organiser/keys", { name: data.get("name"), role: data.get("role"), days: Number(data.get("days")) });
    show(`The key for ${data.get("name")}.`, answer.key);
  });

  for (const row of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-person]"))) {
    const link = /** @type {HTMLElement | null} */ (row.querySelector("[data-new-link]"));
    // A former member, or one who may do more than the user, has no buttons.
    if (!row.querySelector("[data-change]")) continue;
    const its = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (row.querySelector(selector));
    const { person, name } = row.dataset;
    if (link) link.hidden = false;
    link?.addEventListener("click", () => void attempt(its("[data-problem]"), async () => {
      const answer = await call("/api/v1/organiser/people", { person });
      show(invitation(name), answer.link);
    }));

    const form = /** @type {HTMLFormElement} */ (its("[data-change] form"));
    const options = [.../** @type {HTMLSelectElement} */ (its("select")).options];
    const duties = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[name=duty]")]);
    /** @param {(option: HTMLOptionElement) => boolean} role @param {(box: HTMLInputElement) => boolean} duty */
    const may = (role, duty) => ({ role: options.find(role)?.value ?? "", duties: duties.filter(duty).map((box) => box.value) });
    its("[data-change]").hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const saved = its("[data-saved]");
      saved.textContent = "";
      const change = changed(
        may((option) => option.defaultSelected, (box) => box.defaultChecked),
        may((option) => option.selected, (box) => box.checked),
      );
      if (!change) {
        saved.textContent = "Nothing has changed.";
        return;
      }
      void attempt(its("[data-problem]"), async () => {
        const now = await call(`/api/v1/organiser/people/${person}`, change, "PATCH");
        if ("own" in row.dataset) {
          // A user's own rights affect the whole page, and whether they may see it at all.
          if (["organiser", "owner"].includes(now.role)) location.reload();
          else location.assign("/moderation/you");
          return;
        }
        its("[data-may]").textContent = [now.role, ...now.duties].join(", ");
        for (const option of options) option.defaultSelected = option.value === now.role;
        for (const box of duties) box.defaultChecked = now.duties.includes(box.value);
        form.reset();
        saved.textContent = "Saved. It applies from now on.";
      });
    });
  }
}
