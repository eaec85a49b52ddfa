// @ts-check
/**
 * The queue with a keyboard: one photo at a time, decisions that can be undone for four seconds, news for screen readers. Without
 * it the page is a list of forms that do the same.
 */

import { Outbox } from "./outbox.js";
import { isOver, send, words } from "./send.js";

const UNDO_MS = 4000;
const DONE = { publish: "Published", hold: "Held", release: "Released", reject: "Rejected" };

const found = /** @type {HTMLElement | null} */ (document.querySelector("[data-queue]"));
if (found) run(found);

/** @param {HTMLElement} queue */
function run(queue) {
  const one = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (queue.querySelector(selector));
  const live = one("[data-live]");
  const undoBar = one("[data-undo]");
  const keys = /** @type {HTMLInputElement} */ (one("[data-keys-switch]"));
  /** @type {HTMLElement[]} */
  let cards = [...queue.querySelectorAll("[data-card]")].map((card) => /** @type {HTMLElement} */ (card));
  let current = 0;
  /** @type {{card: HTMLElement, at: number} | null} */
  let last = null;
  let unsent = 0;

  const outbox = new Outbox({
    send: (decision) => {
      unsent += 1;
      return send(decision);
    },
    sent: (decision, outcome) => {
      unsent -= 1;
      if (last?.card.dataset.id === decision.id) hideUndo();
      if (outcome.problem) bringBack(decision.id, words(outcome.problem), isOver(outcome.problem));
      else document.getElementById(decision.id)?.remove();
      refetchWhenEmpty();
    },
    delay: UNDO_MS,
    start: (task, delay) => setTimeout(task, delay),
    stop: (timer) => clearTimeout(timer),
  });

  queue.dataset.one = "";
  one("[data-keys]").hidden = false;
  keys.checked = remembered();
  keys.addEventListener("change", () => localStorage.setItem("queue-keys", keys.checked ? "on" : "off"));
  one("[data-undo-button]").addEventListener("click", undo);
  queue.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    decide(/** @type {HTMLElement} */ (form.closest("[data-card]")), button?.value || "reject");
  });
  document.addEventListener("keydown", onKey);
  addEventListener("pagehide", () => void outbox.flush());
  show(0, false);

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const writing = target.matches("input:not([type=checkbox]), textarea, select");
    // Single keys count only while the focus is in the queue, so that they never surprise anybody elsewhere.
    if (!keys.checked || writing || !queue.contains(target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const held = Boolean(queue.querySelector('button[value="release"]'));
    /** @type {Record<string, () => void>} */
    const actions = {
      p: () => decideCurrent("publish"),
      h: () => decideCurrent(held ? "release" : "hold"),
      r: () => decideCurrent("reject"),
      j: () => show(current + 1),
      ArrowRight: () => show(current + 1),
      k: () => show(current - 1),
      ArrowLeft: () => show(current - 1),
      u: undo,
    };
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** @param {string} action */
  function decideCurrent(action) {
    if (cards[current]) decide(cards[current], action);
  }

  /**
   * @param {HTMLElement} card
   * @param {string} action
   */
  function decide(card, action) {
    if ("over" in card.dataset) {
      leave(card);
      refetchWhenEmpty();
      return;
    }
    const field = /** @type {HTMLInputElement} */ (card.querySelector('input[name="reason"]'));
    const reason = field.value.trim();
    if (action === "reject" && !reason) {
      complain(card, "Write a reason first: the uploader reads it.");
      field.focus();
      return;
    }
    const decision = { id: card.dataset.id ?? "", version: Number(card.dataset.version), action };
    outbox.put(action === "reject" ? { ...decision, reason } : decision);
    complain(card, "");
    last = { card, at: cards.indexOf(card) };
    const done = DONE[/** @type {keyof typeof DONE} */ (action)] ?? "Decided";
    one("[data-undo-text]").textContent = `${done}: ${caption(card)}`;
    undoBar.hidden = false;
    leave(card);
    say(`${done}. ${cards.length} left here.`);
  }

  /** Takes a card out of the row and shows the one that comes after it. @param {HTMLElement} card */
  function leave(card) {
    const at = cards.indexOf(card);
    cards = cards.filter((other) => other !== card);
    show(Math.min(at, cards.length - 1));
  }

  function undo() {
    const decision = outbox.undo();
    if (!decision || !last) return;
    cards.splice(last.at, 0, last.card);
    show(last.at);
    say("Undone.");
    hideUndo();
  }

  function hideUndo() {
    undoBar.hidden = true;
    last = null;
    if (!queue.contains(document.activeElement)) focusCurrent();
  }

  /**
   * @param {string} id
   * @param {string} problem
   * @param {boolean} over whether there is nothing left to decide here
   */
  function bringBack(id, problem, over) {
    const card = document.getElementById(id);
    if (!card) return;
    cards.splice(current, 0, card);
    show(current);
    complain(card, problem);
    if (!over) return;
    card.dataset.over = "";
    for (const button of card.querySelectorAll("button")) button.disabled = true;
  }

  /**
   * @param {HTMLElement} card
   * @param {string} problem
   */
  function complain(card, problem) {
    const place = /** @type {HTMLElement} */ (card.querySelector("[data-problem]"));
    place.textContent = problem;
    place.hidden = !problem;
  }

  /**
   * @param {number} index
   * @param {boolean} [focus]
   */
  function show(index, focus = true) {
    current = Math.max(0, Math.min(index, cards.length - 1));
    for (const card of queue.querySelectorAll("[data-current]")) card.removeAttribute("data-current");
    const card = cards[current];
    one("[data-done]").hidden = Boolean(card);
    if (!card) {
      queue.focus();
      return;
    }
    card.setAttribute("data-current", "");
    // The next one is fetched while this one is looked at.
    cards[current + 1]?.querySelector("img")?.setAttribute("loading", "eager");
    if (focus) {
      focusCurrent();
      say(`${current + 1} of ${cards.length}. ${caption(card)}`);
    }
  }

  function focusCurrent() {
    const card = cards[current];
    if (!card) return;
    card.tabIndex = -1;
    card.focus({ preventScroll: true });
  }

  function refetchWhenEmpty() {
    if (cards.length === 0 && unsent === 0 && !outbox.waiting) location.assign(queue.dataset.here ?? location.href);
  }

  /** @param {HTMLElement} card */
  function caption(card) {
    return card.querySelector(".card-caption")?.textContent ?? "";
  }

  /** @param {string} news */
  function say(news) {
    live.textContent = news;
  }
}

function remembered() {
  try {
    return localStorage.getItem("queue-keys") !== "off";
  } catch {
    return true;
  }
}
