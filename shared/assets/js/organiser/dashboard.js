// @ts-check
/** Updates the dashboard every ten seconds while it is visible. Without scripts, the page stays as it was when it was loaded. */

import { ago } from "../ago.js";

const EVERY_MS = 10_000;
const HEIGHT = 160;
const found = /** @type {HTMLElement | null} */ (document.querySelector("[data-dashboard]"));
if (found) run(found);

/** @typedef {{received: number, expected: number}} Part */

/**
 * Formats an instant by London's clocks, wherever the device is.
 * @param {string} instant RFC 3339
 * @param {Intl.DateTimeFormatOptions} how
 */
function london(instant, how) {
  return new Date(instant).toLocaleTimeString("en-GB", { ...how, timeZone: "Europe/London" });
}

/** @param {HTMLElement} page */
function run(page) {
  const fresh = /** @type {HTMLElement} */ (page.querySelector("[data-fresh]"));
  const number = new Intl.NumberFormat("en-GB");

  const refresh = async () => {
    if (document.hidden) return;
    try {
      const response = await fetch("/api/v1/organiser/dashboard", { headers: { accept: "application/json" }, credentials: "same-origin" });
      if (!response.ok) throw new Error(String(response.status));
      const answer = await response.json();
      show(answer);
      fresh.textContent = `As of ${london(answer.server_time, { timeStyle: "medium" })}, London time.`;
    } catch {
      fresh.textContent = "No connection. These figures may be old.";
    }
  };
  setInterval(() => void refresh(), EVERY_MS);
  document.addEventListener("visibilitychange", () => void refresh());

  /** @param {any} answer */
  function show(answer) {
    // The page has the words for the phase.
    const phase = /** @type {HTMLElement | null} */ (page.querySelector("[data-phase]"));
    if (phase && phase.dataset["phase"] !== answer.day.phase) location.reload();
    const { waiting, dead_letters } = answer.queues ?? {};
    const budget = Math.floor((100 * answer.hour_bytes) / answer.hourly_bytes);
    const figures = { ...answer, budget, queued: waiting, dead_letters, megabytes: Math.floor(answer.received_bytes / 1_000_000) };
    for (const place of page.querySelectorAll("[data-figure]")) {
      const value = figures[/** @type {HTMLElement} */ (place).dataset["figure"] ?? ""];
      if (typeof value === "number") place.textContent = number.format(value);
    }
    const failed = /** @type {HTMLElement | null} */ (page.querySelector("[data-dead-letters]"));
    if (failed) failed.hidden = !dead_letters;
    const braked = /** @type {HTMLElement | null} */ (page.querySelector("[data-braked]"));
    const until = braked?.querySelector("[data-braked-until]");
    if (braked && until) {
      const at = answer.reports_braked_until;
      if (at) until.textContent = london(at, { timeStyle: "short" });
      braked.hidden = !at;
    }
    const oldest = page.querySelector('[data-figure="oldest"]');
    if (oldest) oldest.textContent = answer.oldest_at ? ago(Date.parse(answer.oldest_at), Date.parse(answer.server_time)) : "–";
    plot(answer.parts);
  }

  /** @param {Part[]} parts */
  function plot(parts) {
    const most = Math.max(1, ...parts.map((part) => Math.max(part.received, part.expected)));
    const height = (/** @type {number} */ n) => Math.round((n * HEIGHT) / most);
    for (const [i, bar] of page.querySelectorAll("[data-bar]").entries()) {
      const part = parts[i];
      if (!part) continue;
      bar.setAttribute("y", String(10 + HEIGHT - height(part.received)));
      bar.setAttribute("height", String(height(part.received)));
    }
    const points = parts.map((part, i) => `${52 + i * 32},${10 + HEIGHT - height(part.expected)}`).join(" ");
    page.querySelector("[data-model]")?.setAttribute("points", points);
    for (const [i, row] of page.querySelectorAll("[data-part]").entries()) {
      const [, received, expected] = row.children;
      if (received && expected && parts[i]) [received.textContent, expected.textContent] = [String(parts[i].received), String(parts[i].expected)];
    }
  }
}
