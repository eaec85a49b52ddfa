// @ts-check
/**
 * The queue for keyboard or thumb: one photo at a time. A decision counts only for a photo that the moderator has looked at (`view-tracker.js`); it
 * is sent at once, and a second decision undoes it (`decision-buffer.js`). Without this module the page is a list of forms that do the same.
 */

import { fetchPage } from "../gallery/page.js";
import { direction } from "../gallery/swipe.js";
import { Lanes } from "./lanes.js";
import { ViewTracker, WHY, ZOOMED, arrives, obstacle } from "./view-tracker.js";
import { news } from "./news.js";
import { DecisionBuffer } from "./decision-buffer.js";
import { possible, use } from "./passkey.js";
import { AT_ONCE, isOver, isSignedOut, send, sendAll, sendPick, words } from "./send.js";

/** @typedef {import("./decision-buffer.js").Entry} Entry */

/** Number of photos after the current one that are loaded in advance. */
const AHEAD = 10;
/** Number of photos below which more are requested, and the shortest interval between requests, in milliseconds. */
const FEW = 8;
const FILL_MS = 2_000;
/** Milliseconds within which a second press counts as part of a double press: systems count clicks up to 500 ms apart as double. */
const PRESS_MS = 500;
/** CSS pixels beyond which a second press is intended and not a tremble of the finger: half a target's width. */
const PRESS_PX = 48;
/** Interval at which images get new addresses, in milliseconds. */
const ADDRESS_MS = 1_100;
/** Milliseconds after which a photo that is still loading is mentioned. */
const LOADS_MS = 10_000;
/** Smallest share of the screen's height for a photo. */
const LEAST = 0.34;
/** Length of a swipe, in CSS pixels; and the distance from the edge within which none begins, because devices use that gesture for Back. */
const SWIPE_PX = 90;
const EDGE_PX = 24;
/** Milliseconds after scrolling during which a finger on the page still scrolls it. */
const PANNED_MS = 400;

/** @param {HTMLElement} page */
function run(page) {
  const queue = /** @type {HTMLElement | null} */ (page.querySelector("[data-queue]"));
  if (queue) {
    new QueuePage(page, queue);
    return;
  }
  // The lane is empty: the page shows photos as soon as there are some.
  const lanes = new Lanes(page, () => 0, () => {}, async () => {
    if (lanes.rest === 0) return;
    const fetched = await fetchPage(page.dataset["here"] ?? "").catch(() => null);
    if (fetched?.page.querySelector("[data-card]")) location.reload();
  });
}

/** The part of the page on which a moderator decides. */
class QueuePage {
  /** @type {HTMLElement[]} */
  cards = [];
  current = 0;
  tracker = new ViewTracker();
  /** Cards that have left, with their places, for undoing. @type {WeakMap<Entry, {card: HTMLElement, at: number}>} */
  left = new WeakMap();
  /**
   * The version at which each photo was decided about or returned: a photo that is handed out again has a later one.
   * @type {Map<string, number>}
   */
  known = new Map();
  /** Photos that are left to another moderator until this moderator asks for them. @type {Set<string>} */
  skipped = new Set();
  /** @type {WeakMap<HTMLElement, "loading" | "ready" | "missing">} */
  pictures = new WeakMap();
  pressed_at = -PRESS_MS;
  /** Place of the last press on a decision, in CSS pixels. */
  pressed_x = -PRESS_PX;
  pressed_y = -PRESS_PX;
  panned_at = -PANNED_MS;
  filled_at = -FILL_MS;
  filling = false;
  fillsLater = 0;
  watching = 0;
  /** @type {Promise<{page: Document} | null> | null} */
  refreshed = null;

  /** @param {HTMLElement} page @param {HTMLElement} queue */
  constructor(page, queue) {
    this.page = page;
    this.queue = queue;
    this.keys = /** @type {HTMLInputElement} */ (this.one("[data-keys-switch]"));
    this.undoBar = this.one("[data-undo]");
    this.undoButton = this.one("[data-undo-button]");
    this.pickButton = this.one("[data-pick]");
    this.together = /** @type {HTMLFormElement | null} */ (queue.querySelector("[data-together]"));
    this.buffer = new DecisionBuffer({ send, sendAll, changed: (entry) => this.told(entry), now: () => performance.now() });
    this.lanes = new Lanes(page, () => this.cards.length, (n) => this.rings(n), () => this.fillIfFew());
    this.wide = matchMedia("(min-width: 64rem)");
    for (const card of /** @type {NodeListOf<HTMLElement>} */ (queue.querySelectorAll("[data-card]"))) this.receive(card);

    queue.dataset["one"] = "";
    this.undoBar.hidden = false;
    this.one("[data-keys]").hidden = false;
    this.keys.checked = remembered("queue-keys") !== "off";
    this.keys.addEventListener("change", () => remember("queue-keys", this.keys.checked ? "on" : "off"));
    this.undoButton.addEventListener("click", () => this.undo());
    this.pickButton.addEventListener("click", () => void this.pick());
    this.one("[data-look]").addEventListener("click", () => this.lookAgain());
    queue.addEventListener("click", (event) => this.onClick(event), true);
    queue.addEventListener("submit", (event) => this.onSubmit(event));
    queue.addEventListener("toggle", (event) => this.onToggle(event), true);
    document.addEventListener("keydown", (event) => this.onKey(event));
    for (const next of /** @type {NodeListOf<HTMLElement>} */ (queue.querySelectorAll("[data-next]"))) {
      next.hidden = false;
      next.addEventListener("click", () => this.show(this.current + 1));
    }
    queue.addEventListener("change", (event) => this.onTick(event));
    this.swipes();
    let zoomed = false;
    let settles = 0;
    const moved = () => {
      this.panned_at = performance.now();
      zoomed ||= (visualViewport?.scale ?? 1) > ZOOMED;
      clearTimeout(settles);
      // After zooming out, the page may be scrolled elsewhere: when the fingers are lifted, the photo is brought into view.
      if (zoomed) {
        settles = setTimeout(() => {
          zoomed = (visualViewport?.scale ?? 1) > ZOOMED;
          if (!zoomed && this.card) this.bringIntoView(this.card);
        }, PANNED_MS);
      }
      this.watch();
    };
    for (const type of ["scroll", "resize"]) {
      addEventListener(type, moved, { passive: true });
      visualViewport?.addEventListener(type, moved, { passive: true });
    }
    addEventListener("resize", () => this.layOut());
    // The phone was turned.
    matchMedia("(orientation: portrait)").addEventListener("change", () => requestAnimationFrame(() => this.card && this.bringIntoView(this.card)));
    document.addEventListener("visibilitychange", () => {
      // Nobody looked while the page was hidden.
      this.tracker.begin();
      this.watch();
    });
    this.signsIn();
    this.show(0, false);
    // For the keyboard. Not `autofocus`, which would also scroll.
    queue.focus({ preventScroll: true });
    void this.lanes.ask();
  }

  /** @param {string} selector */
  one(selector) {
    return /** @type {HTMLElement} */ (this.queue.querySelector(selector));
  }

  /** Returns the card that is decided about now. @returns {HTMLElement | undefined} */
  get card() {
    return this.cards[this.current];
  }

  // Display

  /** Inserts a card into the row. @param {HTMLElement} card @param {number} [at] */
  receive(card, at = this.cards.length) {
    const more = /** @type {HTMLDetailsElement | null} */ (card.querySelector("[data-more]"));
    if (more) more.open = this.showsDetails();
    const tick = tickOf(card);
    // Only looking at a photo ticks it.
    if (tick) tick.checked = false;
    this.cards.splice(at, 0, card);
    this.showTogether();
  }

  /** @param {number} index @param {boolean} [focus] */
  show(index, focus = true) {
    this.current = Math.max(0, Math.min(index, this.cards.length - 1));
    const { card } = this;
    for (const other of this.queue.querySelectorAll("[data-current]")) if (other !== card) other.removeAttribute("data-current");
    this.tracker.begin();
    this.one("[data-done]").hidden = Boolean(card);
    this.lanes.show();
    this.fillIfFew();
    if (!card) {
      this.queue.dataset["closed"] = "";
      this.queue.focus({ preventScroll: true });
      return;
    }
    card.removeAttribute("data-ready");
    card.setAttribute("data-current", "");
    for (const next of this.cards.slice(this.current, this.current + 1 + AHEAD)) void this.load(next);
    this.layOut();
    if (focus) {
      card.tabIndex = -1;
      card.focus({ preventScroll: true });
      this.say(`${this.current + 1} of ${this.cards.length}. ${caption(card)}`);
    }
    this.bringIntoView(card);
    this.watch();
  }

  /** Gives the photo the space that the bars leave, so that it can always be seen whole. */
  layOut() {
    const { card } = this;
    if (!card) return;
    const frame = frameOf(card).getBoundingClientRect();
    const decide = part(card, "[data-decide]");
    const box = decide.getBoundingClientRect();
    // Buttons beside the photo take none of its height.
    const below = box.left < frame.right && box.right > frame.left;
    const bars = this.undoBar.offsetHeight + (below ? decide.offsetHeight : 0);
    // If too little of the screen is left below the page's head, the photo gets all of it, and the page is scrolled to it.
    const { clientHeight } = document.documentElement;
    const head = Math.max(0, frame.top + scrollY);
    const top = clientHeight - bars - head < clientHeight * LEAST ? 0 : head;
    for (const [name, px] of /** @type {const} */ ([["--bars", bars], ["--top", top], ["--decisions", decide.offsetHeight]])) {
      const value = `${Math.ceil(px)}px`;
      if (this.queue.style.getPropertyValue(name) !== value) this.queue.style.setProperty(name, value);
    }
  }

  /** Scrolls until the whole photo is on the screen, unless it is already. @param {HTMLElement} card */
  bringIntoView(card) {
    if (obstacle(imageOf(card), this.over(card)) !== "off") return;
    const { top } = frameOf(card).getBoundingClientRect();
    scrollBy({ top: top - 8, behavior: "instant" });
  }

  /**
   * Makes sure that the image of a card is loaded, if necessary from a new address: addresses work only for minutes.
   * @param {HTMLElement} card
   */
  async load(card) {
    if (this.pictures.has(card)) return;
    this.pictures.set(card, "loading");
    const missing = part(card, "[data-missing]");
    const slow = setTimeout(() => {
      missing.hidden = false;
      this.layOut();
    }, LOADS_MS);
    const image = imageOf(card);
    const there = (await arrives(image)) || ((await this.refresh(card)) && (await arrives(image)));
    clearTimeout(slow);
    missing.hidden = there;
    this.pictures.set(card, there ? "ready" : "missing");
    this.layOut();
    this.watch();
  }

  /** Gives a card's image a new address. Returns whether there is one. @param {HTMLElement} card */
  async refresh(card) {
    const image = imageOf(card);
    const old = image.getAttribute("src");
    let src = await this.address(card);
    if (src && src === old) {
      // Addresses from the same second are equal, and the browser may have cached the response from this one.
      await new Promise((resolve) => setTimeout(resolve, ADDRESS_MS));
      src = await this.address(card);
    }
    if (src) image.src = src;
    return Boolean(src);
  }

  /** Returns the queue's present address for a card's image. Many calls share one request. @param {HTMLElement} card */
  async address(card) {
    if (!this.refreshed) {
      this.refreshed = fetchPage(this.page.dataset["here"] ?? "").catch(() => null);
      setTimeout(() => (this.refreshed = null), ADDRESS_MS);
    }
    const fetched = await this.refreshed;
    const id = card.dataset["id"] ?? "";
    return fetched?.page.querySelector(`[data-id="${CSS.escape(id)}"] [data-frame] img`)?.getAttribute("src") ?? "";
  }

  /** Returns what prevents the photo of a card from being seen. @param {HTMLElement} card */
  seen(card) {
    const state = this.pictures.get(card);
    return state === "ready" ? obstacle(imageOf(card), this.over(card)) : (state ?? "loading");
  }

  /** Returns what may lie over the photo of a card. @param {HTMLElement} card */
  over(card) {
    return [this.undoBar, part(card, "[data-decide]"), ...card.querySelectorAll("[data-why][open] > :not(summary)")];
  }

  /** Follows what is on the screen, for as long as that may matter. */
  watch() {
    this.watching ||= requestAnimationFrame(() => {
      this.watching = 0;
      const { card } = this;
      if (!card || document.hidden) return;
      const now = performance.now();
      const obstructed = this.seen(card);
      this.tracker.frame(now, obstructed);
      const closed = this.tracker.closed(now, obstructed);
      card.toggleAttribute("data-ready", !closed);
      if (!closed) this.lookedAt(card);
      this.queue.dataset["closed"] = closed ?? "";
      const shut = closed !== null && closed !== "looking";
      // The list of reasons lies over the photo; it can be used, and closed.
      const open = card.querySelector("[data-why][open]") !== null;
      for (const button of card.querySelectorAll(".decide-buttons button, [data-why] > summary")) button.setAttribute("aria-disabled", String(shut && !open));
      // What lies over the photo may disappear without an event, such as the previous page, which fades out.
      if (closed === "looking" || closed === "off") this.watch();
    });
  }

  /** Returns why nothing can be decided about the current card right now; null if a decision is possible. @param {HTMLElement} card */
  closed(card) {
    return this.tracker.closed(performance.now(), this.seen(card));
  }

  // Decisions

  /**
   * Whether a decision about `card` counts now. If not, explains why and prepares the card for one.
   * @param {HTMLElement} card
   */
  mayDecide(card) {
    if (card !== this.card) return false;
    if (card.dataset["busy"]) {
      this.tell(card.dataset["busy"]);
      return false;
    }
    const closed = this.closed(card);
    if (!closed) return true;
    for (const why of /** @type {NodeListOf<HTMLDetailsElement>} */ (card.querySelectorAll("[data-why]"))) why.open = false;
    this.bringIntoView(card);
    this.tell(WHY[closed]);
    this.watch();
    return false;
  }

  /**
   * Makes a decision that is allowed.
   * @param {HTMLElement} card
   * @param {string} action
   * @param {{undo?: string, reason?: string}} [more]
   */
  decide(card, action, { undo = "", reason = "" } = {}) {
    this.pressed_at = performance.now();
    const decision = { id: card.dataset["id"] ?? "", version: Number(card.dataset["version"]), action };
    this.known.set(decision.id, decision.version);
    complain(card, "");
    for (const why of /** @type {NodeListOf<HTMLDetailsElement>} */ (card.querySelectorAll("[data-why]"))) why.open = false;
    const place = { card, at: this.current };
    this.lanes.move(this.lanes.lane, -1);
    const entry = this.buffer.put(reason ? { ...decision, reason } : decision, undo);
    this.left.set(entry, place);
    this.leave(card);
    this.showNews();
  }

  // Showing several photos at once

  /** The versions of the photos that the moderator has looked at here. @type {WeakMap<HTMLElement, string | undefined>} */
  looked = new WeakMap();

  /** Records that the moderator has looked at the photo of a card: the button that shows all includes it. @param {HTMLElement} card */
  lookedAt(card) {
    if (this.wasLookedAt(card)) return;
    this.looked.set(card, card.dataset["version"]);
    const tick = tickOf(card);
    if (tick) tick.checked = true;
    this.showTogether();
  }

  /** @param {HTMLElement} card */
  wasLookedAt(card) {
    return this.looked.has(card) && this.looked.get(card) === card.dataset["version"];
  }

  /** Returns the cards that the button includes. */
  get ticked() {
    const all = this.cards.filter((card) => tickOf(card)?.checked && this.wasLookedAt(card) && !card.dataset["busy"]);
    return all.slice(0, AT_ONCE);
  }

  /** Says how many photos the button includes. */
  showTogether() {
    const { together } = this;
    if (!together) return;
    const n = this.ticked.length;
    const button = /** @type {HTMLElement} */ (together.querySelector("[data-together-button]"));
    const text = /** @type {HTMLElement} */ (together.querySelector("[data-together-text]"));
    button.textContent = n ? `Show ${n === 1 ? "the one" : `these ${n}`} again` : "Show all again";
    button.setAttribute("aria-disabled", String(!n));
    text.textContent = n ? `Checked: ${n} of ${this.cards.length}. Untick any that must stay hidden.` : "Look at the photos first. Then you can show them all at once.";
  }

  /** Handles a photo being excluded from those that are shown together, or included again. @param {Event} event */
  onTick(event) {
    const tick = event.target instanceof HTMLInputElement && event.target.matches("[data-tick]") ? event.target : null;
    const card = /** @type {HTMLElement | null} */ (tick?.closest("[data-card]") ?? null);
    if (!tick || !card) return;
    if (tick.checked && !this.wasLookedAt(card)) {
      tick.checked = false;
      this.mayDecide(card);
    }
    this.showTogether();
  }

  /** Shows all photos again that were looked at here and are still ticked. */
  async showAll() {
    const cards = this.ticked;
    if (cards.length === 0) {
      this.tell("Look at the photos first: none of them has been fully on the screen yet.");
      return;
    }
    this.pressed_at = performance.now();
    const places = cards.map((card) => ({ card, at: this.cards.indexOf(card) }));
    const entries = this.buffer.putAll(cards.map((card) => {
      const decision = { id: card.dataset["id"] ?? "", version: Number(card.dataset["version"]), action: tickOf(card)?.value.split(":")[0] ?? "" };
      this.known.set(decision.id, decision.version);
      complain(card, "");
      return { decision, undo: "unpublish" };
    }));
    for (const [i, entry] of entries.entries()) {
      const place = places[i];
      if (!place) continue;
      this.left.set(entry, place);
      this.lanes.move(this.lanes.lane, -1);
      this.leave(place.card);
    }
    this.tell(`Showing ${cards.length} photos again.`, "sending");
    await Promise.all(entries.map((entry) => entry.answered));
    const shown = entries.filter(({ outcome }) => outcome?.state === "published").length;
    this.tell(`Shown again: ${shown} of ${entries.length} photos. Undo reverses them one by one.`, "done");
  }

  /** Removes a card from the row. If it is the current one, the next becomes current. @param {HTMLElement} card */
  leave(card) {
    const [at, { card: current }] = [this.cards.indexOf(card), this];
    this.cards = this.cards.filter((other) => other !== card);
    card.removeAttribute("data-current");
    if (card === current) this.show(at);
    else if (at < this.current) this.current -= 1;
    this.showTogether();
  }

  /** Handles a decision that has reached another stage. @param {Entry} entry */
  told(entry) {
    const { decision: { id, action }, undo, stage, outcome } = entry;
    const place = this.left.get(entry);
    const problem = outcome?.problem;
    if (outcome?.version !== undefined && !problem) this.known.set(id, outcome.version);
    if (stage === "done") {
      // Unless it is being undone and is shown again.
      if (place && !this.cards.includes(place.card)) place.card.remove();
      if (outcome?.state === "pending" && outcome.lane && outcome.lane !== this.lanes.lane) this.lanes.move(outcome.lane, 1);
    }
    if (stage === "failed" && place) {
      this.unbusy(place.card);
      // If the photo is not as it was when looked at, there is nothing left to decide.
      if (problem && isOver(problem)) this.drop(place.card);
      else this.comesBack(place.card, problem ? words(problem) : "");
    }
    if (stage === "kept" && place) {
      this.unbusy(place.card);
      this.drop(place.card);
      if (problem && isOver(problem)) this.buffer.forget(entry);
    }
    if (stage === "undone" && place) {
      this.unbusy(place.card);
      place.card.dataset["version"] = String(outcome?.version ?? "");
      this.lanes.move(outcome?.lane ?? this.lanes.lane, 1);
      if (undo !== "unpublish" && action !== "reject") this.lanes.move(action === "hold" ? "held" : "normal", -1);
      // What waits in another lane now is not decided here.
      if (outcome?.lane && outcome.lane !== this.lanes.lane) this.drop(place.card);
      if (place.card === this.card) this.tracker.begin();
      this.watch();
    }
    if (problem && isSignedOut(problem)) this.signedOut();
    this.latest = entry;
    this.showNews();
    if (stage !== "sending" && stage !== "undoing") this.say(this.text(entry));
  }

  /** Removes a card for good. @param {HTMLElement} card */
  drop(card) {
    if (this.cards.includes(card)) this.leave(card);
    card.remove();
  }

  /**
   * Brings back a photo about which nothing was decided. It comes next, because the moderator may be about to decide about the current one.
   * @param {HTMLElement} card
   * @param {string} problem
   */
  comesBack(card, problem) {
    this.lanes.move(this.lanes.lane, 1);
    complain(card, problem);
    if (!this.cards.includes(card)) {
      this.one("[data-cards]").append(card);
      this.receive(card, this.current + 1);
    }
    if (this.cards.length === 1) this.show(0);
    else this.layOut();
  }

  undo() {
    const entry = this.buffer.last;
    const place = entry && this.left.get(entry);
    if (!entry?.undo || !place || entry.stage === "undoing" || this.picking) return;
    // The photo is shown again at once; nothing is decided about it before the answer has come.
    if (!this.cards.includes(place.card)) {
      this.one("[data-cards]").append(place.card);
      place.card.dataset["busy"] = "Wait: the decision is being undone.";
      this.receive(place.card, Math.min(place.at, this.cards.length));
      this.show(this.cards.indexOf(place.card));
    }
    void this.buffer.undo();
  }

  picking = false;

  /** Picks the photo that was just published as a favourite, or takes the pick back. */
  async pick() {
    const { latest: entry } = this;
    if (!entry || this.pickButton.hidden || this.picking) return;
    const { decision: { id, version }, outcome } = entry;
    this.picking = true;
    const answer = await sendPick(id, outcome?.version ?? version, !entry.picked);
    this.picking = false;
    if (answer.problem) {
      const card = this.left.get(entry)?.card;
      this.tell(`Not changed: ${card ? caption(card) : ""}. ${words(answer.problem)}`);
      if (isSignedOut(answer.problem)) this.signedOut();
      return;
    }
    entry.picked = !entry.picked;
    // Undoing the decision names the version that it undoes.
    entry.outcome = { ...outcome, ...answer };
    this.known.set(id, answer.version ?? version);
    this.showNews();
    if (this.latest === entry) this.say(this.text(entry));
  }

  /** @param {HTMLElement} card */
  unbusy(card) {
    delete card.dataset["busy"];
  }

  /** @type {Entry | null} */
  latest = null;

  /** @param {Entry} entry */
  text(entry) {
    const { problem } = entry.outcome ?? {};
    const card = this.left.get(entry)?.card;
    return news(entry, card ? caption(card) : "", problem ? words(problem) : "");
  }

  /** Updates the bar, which describes the latest decision and offers to undo the last one that can be undone. */
  showNews() {
    const { latest } = this;
    const last = this.buffer.last;
    this.undoButton.hidden = !last?.undo || last.stage === "undoing";
    const shown = latest?.stage === "done" && latest.outcome?.state === "published";
    this.pickButton.hidden = !shown;
    this.pickButton.setAttribute("aria-pressed", String(latest?.picked === true));
    if (this.pickButton.firstChild) this.pickButton.firstChild.textContent = latest?.picked ? "Picked ✓ " : "Pick ";
    const place = latest && this.left.get(latest);
    const link = /** @type {HTMLAnchorElement} */ (this.one("[data-undo-link]"));
    link.hidden = !(latest?.stage === "done" && !latest.undo);
    if (!latest || !place) return;
    link.href = place.card.dataset["edit"] ?? "";
    this.tell(this.text(latest), latest.stage);
  }

  /** Shows a message in the bar. @param {string} text @param {string} [stage] */
  tell(text, stage = "refused") {
    const place = this.one("[data-undo-text]");
    place.textContent = text;
    this.undoBar.dataset["stage"] = stage;
    if (stage === "refused") this.say(text);
  }

  // More photos

  fillIfFew() {
    const few = this.cards.length - this.current < FEW && this.lanes.rest > this.skipped.size;
    if (!few || this.filling) return;
    clearTimeout(this.fillsLater);
    this.fillsLater = setTimeout(() => void this.fill(), Math.max(0, this.filled_at + FILL_MS - performance.now()));
  }

  /** Shows everything that waits, including photos left to another moderator, when the moderator asks for it. */
  lookAgain() {
    this.skipped.clear();
    void this.fill();
  }

  /** Appends the photos that wait beyond those on the page. */
  async fill() {
    if (this.filling) return;
    this.filling = true;
    try {
      const { page } = await fetchPage(this.page.dataset["here"] ?? "");
      if (!page.querySelector("[data-queue-page]")) this.signedOut();
      const here = new Set(this.cards.map((card) => card.dataset["id"]));
      for (const item of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-card]"))) {
        const id = item.dataset["id"] ?? "";
        const decided = this.known.get(id);
        if (here.has(id) || this.skipped.has(id) || (decided !== undefined && Number(item.dataset["version"]) <= decided)) continue;
        const card = /** @type {HTMLElement} */ (document.importNode(item, true));
        const image = imageOf(card);
        // The rule with the image's shape is in the other page's style sheet.
        frameOf(card).style.setProperty("--ar", String(Number(image.getAttribute("width")) / Number(image.getAttribute("height")) || 1));
        this.one("[data-cards]").append(card);
        this.receive(card);
      }
      if (this.card?.hasAttribute("data-current")) for (const next of this.cards.slice(this.current, this.current + 1 + AHEAD)) void this.load(next);
      else this.show(this.current);
      this.lanes.show();
    } catch {
      // What is here can still be decided; the next attempt may succeed.
    } finally {
      this.filling = false;
      this.filled_at = performance.now();
    }
  }

  /** Announces that more photos are reported than before. @param {number} reported */
  rings(reported) {
    this.say(reported === 1 ? "1 photo is reported." : `${reported} photos are reported.`);
  }

  // Presses

  /** @param {Event} event */
  onClick(event) {
    const target = event.target instanceof Element ? event.target : null;
    const pressed = /** @type {HTMLElement | null} */ (target?.closest("button, summary") ?? null);
    const card = /** @type {HTMLElement | null} */ (pressed?.closest("[data-card]") ?? null);
    if (!pressed || !card || !(event instanceof MouseEvent)) return;
    if (pressed.matches("[data-try]")) {
      this.pictures.delete(card);
      part(card, "[data-missing]").hidden = true;
      void this.refresh(card).then(() => this.load(card));
      this.tell("Loading the photo again.");
      // The button is gone.
      this.queue.focus({ preventScroll: true });
    } else if (pressed.matches("[data-skip]")) {
      this.skipped.add(card.dataset["id"] ?? "");
      this.drop(card);
      this.tell("Left for another moderator.");
    } else if (pressed.closest("[data-decide]")) {
      // A key has no click count. Two presses in different places are both intended.
      const near = Math.hypot(event.clientX - this.pressed_x, event.clientY - this.pressed_y) < PRESS_PX;
      // By when the finger came down: a slow phone may hear of it late.
      const twice = event.detail > 1 || (event.detail > 0 && near && event.timeStamp - this.pressed_at < PRESS_MS);
      [this.pressed_x, this.pressed_y] = [event.clientX, event.clientY];
      const opens = pressed.matches("summary") && !(/** @type {HTMLDetailsElement} */ (pressed.parentElement).open);
      const inReasons = Boolean(pressed.closest(".decide-reasons"));
      if ((twice && !inReasons) || (opens && !this.mayDecide(card))) {
        event.preventDefault();
        event.stopPropagation();
      }
    }
  }

  /** @param {SubmitEvent} event */
  onSubmit(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const card = /** @type {HTMLElement} */ (form.closest("[data-card]"));
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    if (form === this.together) {
      if (performance.now() - this.pressed_at >= PRESS_MS) void this.showAll();
    } else if (form.closest("[data-why]")) {
      const own = part(card, 'input[name="own"]');
      const reason = button?.name === "reason" ? button.value : /** @type {HTMLInputElement} */ (own).value.trim();
      if (!reason) {
        complain(card, "Write a reason first: the uploader reads it.");
        own.focus();
        return;
      }
      // The reasons were opened over a photo that the moderator had looked at.
      this.decide(card, "reject", { undo: "release", reason });
    } else if (button && this.mayDecide(card)) {
      this.decide(card, button.value, { undo: button.dataset["undoBy"] ?? "" });
    }
  }

  /** @param {Event} event */
  onToggle(event) {
    const details = /** @type {HTMLDetailsElement} */ (event.target);
    if (details.matches("[data-more]") && details.closest("[data-card]") === this.card && details.open !== this.showsDetails()) {
      remember("queue-details", details.open ? "open" : "closed");
      for (const other of /** @type {NodeListOf<HTMLDetailsElement>} */ (this.queue.querySelectorAll("[data-more]"))) other.open = details.open;
    }
    this.watch();
  }

  showsDetails() {
    return (remembered("queue-details") ?? (this.wide.matches ? "open" : "closed")) === "open";
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const { card } = this;
    // A key that is held down counts as one press.
    if (event.repeat && (event.key === "Enter" || event.key === " ") && target.closest("[data-queue] :is(button, summary)")) event.preventDefault();
    if (event.key === "Escape" && card) {
      const why = /** @type {HTMLDetailsElement | null} */ (card.querySelector("[data-why][open]"));
      if (why) {
        why.open = false;
        complain(card, "");
        card.focus({ preventScroll: true });
        return;
      }
    }
    const writing = target.matches("input:not([type=checkbox]), textarea, select");
    // Single keys count only while the focus is in the queue, so that they surprise nobody elsewhere.
    if (!this.keys.checked || writing || !this.queue.contains(target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    /** Keys that decide nothing and may be held down. @type {Record<string, () => void>} */
    const moves = { j: () => this.show(this.current + 1), ArrowRight: () => this.show(this.current + 1), k: () => this.show(this.current - 1), ArrowLeft: () => this.show(this.current - 1) };
    const deciding = card && this.ofKey(card, key);
    /** @type {Record<string, () => void>} */
    const acts = { u: () => this.undo(), f: () => void this.pick(), n: () => card || this.lookAgain(), c: () => go(card?.dataset["cover"]), e: () => go(card?.dataset["edit"]), r: () => card && this.ownWords(card) };
    const act = moves[key] ?? acts[key];
    if (!act && !deciding) return;
    event.preventDefault();
    if (event.repeat && !moves[key]) return;
    if (deciding && card) {
      const reason = deciding.dataset["reason"] ? deciding.value : "";
      if (this.mayDecide(card)) this.decide(card, reason ? "reject" : deciding.value, { undo: reason ? "release" : (deciding.dataset["undoBy"] ?? ""), reason });
    } else {
      act?.();
    }
  }

  /** Returns the button that a key presses. @param {HTMLElement} card @param {string} key @returns {HTMLButtonElement | null} */
  ofKey(card, key) {
    if (!/^[a-z1-9]$/.test(key)) return null;
    return card.querySelector(`button[data-key="${key.toUpperCase()}"], button[data-reason="${key}"]`);
  }

  /** @param {HTMLElement} card */
  ownWords(card) {
    const why = /** @type {HTMLDetailsElement | null} */ (card.querySelector("[data-why]"));
    if (!why || !this.mayDecide(card)) return;
    why.open = true;
    part(card, 'input[name="own"]').focus({ preventScroll: true });
  }

  /** One finger across the photo presses the button that names this swipe, unless the page is zoomed or scrolling. */
  swipes() {
    /** @type {{x: number, y: number, card: HTMLElement, scroll: number} | null} */
    let from = null;
    /** More than one finger was down: until all are lifted, movements belong to zooming. */
    let many = false;
    const zoom = () => visualViewport?.scale ?? 1;
    const end = () => {
      if (from) delete frameOf(from.card).dataset["swipe"];
      from = null;
    };
    /** @param {Touch | undefined} touch @returns {HTMLButtonElement | null} */
    const meant = (touch) => {
      if (!from || !touch || zoom() > ZOOMED || scrollY !== from.scroll || Math.abs(touch.clientX - from.x) < SWIPE_PX) return null;
      const way = direction(from, { x: touch.clientX, y: touch.clientY }, zoom());
      return way && from.card.querySelector(`button[data-swipe="${way}"]`);
    };
    const on = (/** @type {keyof HTMLElementEventMap} */ type, /** @type {(event: TouchEvent) => void} */ does) =>
      this.queue.addEventListener(type, (event) => does(/** @type {TouchEvent} */ (event)), { passive: true });
    on("touchstart", (event) => {
      const [touch] = event.touches;
      const card = /** @type {HTMLElement | null} */ (event.target instanceof Element ? (event.target.closest("[data-frame]")?.closest("[data-card]") ?? null) : null);
      many ||= event.touches.length > 1;
      end();
      if (many || !touch || !card || card !== this.card || this.closed(card) || zoom() > ZOOMED) return;
      const now = performance.now();
      if (now - this.panned_at < PANNED_MS || now - this.pressed_at < PRESS_MS) return;
      if (touch.clientX < EDGE_PX || touch.clientX > document.documentElement.clientWidth - EDGE_PX) return;
      from = { x: touch.clientX, y: touch.clientY, card, scroll: scrollY };
    });
    on("touchmove", (event) => {
      const button = meant(event.touches[0]);
      if (!from) return;
      const { dataset } = frameOf(from.card);
      if (button) dataset["swipe"] = button.firstChild?.textContent?.trim() ?? "";
      else delete dataset["swipe"];
    });
    on("touchend", (event) => {
      const button = many ? null : meant(event.changedTouches[0]);
      const card = from?.card;
      end();
      if (event.touches.length === 0) many = false;
      if (button && card && this.mayDecide(card)) this.decide(card, button.value, { undo: button.dataset["undoBy"] ?? "" });
    });
    on("touchcancel", (event) => {
      end();
      if (event.touches.length === 0) many = false;
    });
  }

  // Signing in again

  signsIn() {
    const dialog = this.page.querySelector("[data-signed-out]");
    const button = /** @type {HTMLElement | null} */ (dialog?.querySelector("[data-passkey]") ?? null);
    const status = dialog?.querySelector("[data-passkey-status]");
    if (!(dialog instanceof HTMLDialogElement) || !button || !status) return;
    button.hidden = !possible();
    button.addEventListener("click", async () => {
      status.textContent = "Follow the instructions on your device.";
      try {
        await use();
        status.textContent = "";
        dialog.close();
        this.tell("Signed in again. Carry on.");
      } catch (error) {
        status.textContent = error instanceof Error ? error.message : "That did not work. Try again.";
      }
    });
    dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
  }

  signedOut() {
    const dialog = this.page.querySelector("[data-signed-out]");
    if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
  }

  /** @param {string} text */
  say(text) {
    this.one("[data-live]").textContent = text;
  }
}

/**
 * Returns the checkbox with which the photo of a card can be shown together with others; null if it needs a decision of its own.
 * @param {HTMLElement} card
 */
function tickOf(card) {
  return /** @type {HTMLInputElement | null} */ (card.querySelector("[data-tick]"));
}

/** @param {HTMLElement} card @param {string} selector */
function part(card, selector) {
  return /** @type {HTMLElement} */ (card.querySelector(selector));
}

/** @param {HTMLElement} card */
function frameOf(card) {
  return part(card, "[data-frame]");
}

/** @param {HTMLElement} card */
function imageOf(card) {
  return /** @type {HTMLImageElement} */ (part(card, "[data-frame] img"));
}

/** @param {HTMLElement} card */
function caption(card) {
  return card.querySelector(".card-caption")?.textContent ?? "";
}

/** @param {HTMLElement} card @param {string} problem */
function complain(card, problem) {
  const place = part(card, "[data-problem]");
  place.textContent = problem;
  place.hidden = !problem;
}

/** Opens another page. @param {string | undefined} href */
function go(href) {
  if (href) location.assign(href);
}

/** Returns what this browser stores under `name`; null if it stores nothing. @param {string} name */
function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // The browser stores nothing, so the user is asked again next time.
  }
}

// Classes cannot be used before their definition, so this comes last.
const found = /** @type {HTMLElement | null} */ (document.querySelector("[data-queue-page]"));
if (found) run(found);
