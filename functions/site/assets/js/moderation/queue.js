// @ts-check
/**
 * The queue with a keyboard or a thumb: one photo at a time, decisions that can be undone for ten seconds, news for screen readers.
 * Without it the page is a list of forms that do the same.
 */

import { Outbox } from "./outbox.js";
import { isOver, send, words } from "./send.js";

const UNDO_MS = 10_000;
const WAITING_MS = 10_000;
/** Photos behind the current one that are fetched while it is looked at. */
const AHEAD = 10;
/** How far a thumb must go for a gesture, and how far it may stray, in CSS pixels. */
const SWIPE = 90;
const STRAY = 60;
const DONE = { publish: "Published", hold: "Held", release: "Released", reject: "Rejected", hide: "Hidden", restore: "Shown again" };

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
  /** @type {{card: HTMLElement, at: number}[]} */
  const left = [];
  let unsent = 0;

  const outbox = new Outbox({
    send: (decision) => {
      unsent += 1;
      return send(decision);
    },
    sent: (decision, outcome) => {
      unsent -= 1;
      const at = left.findIndex(({ card }) => card.dataset.id === decision.id);
      if (at >= 0) left.splice(at, 1);
      showUndo();
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
  one("[data-go-on]").addEventListener("click", () => void goOn());
  queue.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    decide(/** @type {HTMLElement} */ (form.closest("[data-card]")), button?.value || "reject");
  });
  for (const card of cards) {
    const all = /** @type {HTMLElement | null} */ (card.querySelector("[data-all]"));
    swipes(card);
    if (!all || button(card, "P")?.value !== "publish") continue;
    all.hidden = false;
    all.addEventListener("click", () => publishAllOf(card));
  }
  setInterval(() => void countWaiting(), WAITING_MS);
  document.addEventListener("keydown", onKey);
  addEventListener("pagehide", () => void outbox.flush());
  show(0, false);

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const writing = target.matches("input:not([type=checkbox]), textarea, select");
    // Single keys count only while the focus is in the queue, so that they never surprise anybody elsewhere.
    if (!keys.checked || writing || !queue.contains(target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const card = cards[current];
    const reason = /^[1-9]$/.test(event.key) ? Number(event.key) : 0;
    if (reason && card) {
      event.preventDefault();
      rejectFor(card, reason);
      return;
    }
    if (event.key.toLowerCase() === "n" && !card) {
      event.preventDefault();
      void goOn();
      return;
    }
    /** @type {Record<string, () => void>} */
    const actions = {
      p: () => decideCurrent("P"),
      h: () => decideCurrent("H"),
      r: () => card && ownWords(card),
      a: () => card && publishAllOf(card),
      c: () => card && go(card.dataset.cover),
      e: () => card && go(card.dataset.edit),
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

  /** @param {string} key */
  function decideCurrent(key) {
    const card = cards[current];
    const pressed = card && button(card, key);
    if (card && pressed) decide(card, pressed.value);
  }

  /** @param {HTMLElement} card @param {string} key */
  function button(card, key) {
    return /** @type {HTMLButtonElement | null} */ (card.querySelector(`button[data-key="${key}"]`));
  }

  /** Leaves for another page; what waits leaves, too. @param {string | undefined} href */
  function go(href) {
    if (href) location.assign(href);
  }

  /** @param {HTMLElement} card @param {number} n which reason */
  function rejectFor(card, n) {
    const pick = /** @type {HTMLSelectElement} */ (card.querySelector('select[name="reason"]'));
    const option = pick.options[n];
    if (!option) return;
    pick.value = option.value;
    decide(card, "reject");
  }

  /** @param {HTMLElement} card */
  function ownWords(card) {
    const pick = /** @type {HTMLSelectElement} */ (card.querySelector('select[name="reason"]'));
    if (pick.value || own(card).value.trim()) decide(card, "reject");
    else own(card).focus();
  }

  /** @param {HTMLElement} card */
  function own(card) {
    return /** @type {HTMLInputElement} */ (card.querySelector('input[name="own"]'));
  }

  /** Publishes everything here that came from the same device. @param {HTMLElement} card */
  function publishAllOf(card) {
    const same = cards.filter((other) => other.dataset.device === card.dataset.device && button(other, "P")?.value === "publish");
    for (const other of same) decide(other, "publish");
    say(`${same.length} published. ${cards.length} left here.`);
  }

  /** A thumb to the right presses the green button, to the left the one beside it. @param {HTMLElement} card */
  function swipes(card) {
    const frame = /** @type {HTMLElement} */ (card.querySelector(".card-frame"));
    /** @type {{x: number, y: number} | null} */
    let from = null;
    frame.addEventListener("touchstart", (event) => {
      const touch = event.touches[0];
      from = touch && event.touches.length === 1 ? { x: touch.clientX, y: touch.clientY } : null;
    }, { passive: true });
    frame.addEventListener("touchend", (event) => {
      const touch = event.changedTouches[0];
      if (!from || !touch || Math.abs(touch.clientY - from.y) > STRAY) return;
      const across = touch.clientX - from.x;
      const pressed = across > SWIPE ? button(card, "P") : across < -SWIPE ? button(card, "H") : null;
      if (pressed) decide(card, pressed.value);
    }, { passive: true });
  }

  /** Brings the count of what waits up to date. */
  async function countWaiting() {
    if (document.hidden) return;
    try {
      const response = await fetch("/api/v1/moderation/waiting", { headers: { accept: "application/json" }, credentials: "same-origin" });
      if (!response.ok) return;
      const { lanes } = await response.json();
      // Those that nobody sees before a decision.
      const unseen = lanes.filter((/** @type {{lane: string}} */ lane) => ["normal", "held"].includes(lane.lane));
      const photos = unseen.reduce((/** @type {number} */ sum, /** @type {{photos: number}} */ lane) => sum + lane.photos, 0);
      const oldest = unseen.map((/** @type {{oldest_at: string | null}} */ lane) => lane.oldest_at).filter(Boolean).sort()[0];
      const minutes = oldest ? Math.round((Date.now() - Date.parse(oldest)) / 60_000) : 0;
      const place = document.querySelector("[data-waiting]");
      const count = photos === 0 ? "Nothing waits." : photos === 1 ? "1 photo waits." : `${photos} photos wait.`;
      if (place) place.textContent = photos && minutes ? `${count} The oldest has waited for ${minutes} min.` : count;
    } catch {
      // The next count may come through.
    }
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
    const pick = /** @type {HTMLSelectElement} */ (card.querySelector('select[name="reason"]'));
    const reason = own(card).value.trim() || pick.value;
    if (action === "reject" && !reason) {
      complain(card, "Pick a reason or write one first: the uploader reads it.");
      pick.focus();
      return;
    }
    const decision = { id: card.dataset.id ?? "", version: Number(card.dataset.version), action };
    outbox.put(action === "reject" ? { ...decision, reason } : decision);
    complain(card, "");
    left.push({ card, at: cards.indexOf(card) });
    const done = DONE[/** @type {keyof typeof DONE} */ (action)] ?? "Decided";
    one("[data-undo-text]").textContent = `${done}: ${caption(card)}`;
    showUndo();
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
    const last = left.pop();
    if (!decision || !last) return;
    cards.splice(last.at, 0, last.card);
    show(last.at);
    say("Undone.");
    showUndo();
  }

  /** The bar offers to undo as long as there is something to undo. */
  function showUndo() {
    const last = left.at(-1);
    undoBar.hidden = !last;
    if (last) one("[data-undo-count]").textContent = left.length > 1 ? ` (${left.length} can still be undone)` : "";
    else if (!queue.contains(document.activeElement)) focusCurrent();
  }

  /** Sends what waits and looks for more. */
  async function goOn() {
    await outbox.flush();
    refetchWhenEmpty();
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
    for (const next of cards.slice(current + 1, current + 1 + AHEAD)) next.querySelector("img")?.setAttribute("loading", "eager");
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
