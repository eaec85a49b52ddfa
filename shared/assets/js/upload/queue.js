// @ts-check
// The states of a photo on this device, and every legal move between them:
//
//   held ─► ready ─► sending ⇄ waiting        failed, blocked and closed go back to ready when somebody presses Send or Try again
//             ▲        │  └──► confirming ─► done
//             └────────┘       │
//   from ready, sending, waiting and confirming also: ─► failed | blocked | closed; back to held where a question is open again

import { isEnglish, phrase } from "../words.js";
import { clock, moment, things } from "./text.js";

/** @import { About, Cause, Event, Item, Result, State } from "./types.js" */

/** @type {Record<State, Partial<Record<Event, State>>>} */
const MOVES = {
  unfit: {},
  held: { send: "ready" },
  ready: { start: "sending", wait: "waiting", sent: "confirming", finish: "done", fail: "failed", block: "blocked", close: "closed", hold: "held" },
  sending: { wait: "waiting", again: "ready", sent: "confirming", finish: "done", fail: "failed", block: "blocked", close: "closed" },
  waiting: { retry: "ready", wait: "waiting", sent: "confirming", finish: "done", fail: "failed", block: "blocked", close: "closed", hold: "held" },
  confirming: { again: "ready", finish: "done", fail: "failed", close: "closed" },
  done: {},
  failed: { send: "ready" },
  blocked: { send: "ready", finish: "done" },
  closed: { send: "ready", finish: "done" },
};

/** @type {readonly State[]} */
export const STATES = /** @type {State[]} */ (Object.keys(MOVES));

/**
 * Returns the photo after an event.
 * @param {Item} item
 * @param {Event} event
 * @param {Partial<Item>} [change] other changes
 * @returns {Item}
 * @throws {RangeError} if the event is not legal in its state
 */
export function move(item, event, change = {}) {
  const state = MOVES[item.state][event];
  if (!state) throw new RangeError(`${event} is not for a photo that is ${item.state}`);
  return { ...item, cause: null, message: "", ...change, level: Math.max(item.level, change.level ?? 0), state };
}

/**
 * Whether an event is legal.
 * @param {Item} item
 * @param {Event} event
 */
export function can(item, event) {
  return MOVES[item.state][event] !== undefined;
}

/**
 * Returns a photo as a tab takes it up that begins to send: no tab is sending it, and it waits for nothing; a filter may be gone by now. A
 * photo for which Send was pressed during preparation is ready now.
 * @param {Item} item
 * @returns {Item}
 */
export function restored(item) {
  const interrupted = ["sending", "waiting", "blocked"].includes(item.state) || (pressed(item) && item.sha256 !== "");
  return interrupted ? { ...item, state: "ready", cause: null, retryAt: 0, attempt: 0 } : item;
}

/**
 * Whether Send applies to this photo: it was not sent, and could be.
 * @param {Item} item
 */
export function sendable(item) {
  return can(item, "send") && !pressed(item) && (item.state !== "failed" || item.retryable);
}

/**
 * Whether Send was pressed for a photo that is still being prepared.
 * @param {Item} item
 */
export function pressed(item) {
  return item.state === "held" && item.shared !== null;
}

/**
 * Whether a photo still has to leave this device.
 * @param {Item} item
 */
export function unsent(item) {
  return !["done", "confirming", "unfit"].includes(item.state) && (item.state !== "failed" || item.retryable);
}

/** Days after which a device deletes photos to which nobody returned. */
const KEPT_DAYS = 7;

/**
 * Whether a stored photo is to be deleted: it can never be sent, or is too old. The thumbnail of one that is done is still used by My
 * photos.
 * @param {Item} item
 * @param {number} now
 */
export function outdated(item, now) {
  return item.state === "unfit" || now - item.addedAt > KEPT_DAYS * 86_400_000;
}

/**
 * Counts the photos in each stage, for the dock.
 * @param {Iterable<Item>} items
 */
export function tally(items) {
  const count = { preparing: 0, held: 0, moving: 0, waiting: 0, confirming: 0, done: 0, stuck: 0, unfit: 0, sent: 0, begun: 0 };
  for (const { state, retryable, sha256, film, shared } of items) {
    // Send was pressed for it: "3 of 3 sent" would be wrong while 13 more are made ready.
    if (state === "held" && shared) count.begun += 1;
    if (state === "unfit" || (state === "failed" && !retryable)) count.unfit += 1;
    // A video waits for its user to choose a part of it.
    else if (state === "held" && !sha256 && (shared || !film)) count.preparing += 1;
    else if (state === "held") count.held += 1;
    else if (state === "ready" || state === "sending") count.moving += 1;
    else if (state === "waiting") count.waiting += 1;
    else if (state === "confirming") count.confirming += 1;
    else if (state === "done") count.done += 1;
    else count.stuck += 1;
  }
  count.sent = count.done + count.confirming;
  count.begun += count.sent + count.moving + count.waiting + count.stuck;
  return count;
}

/**
 * Returns the progress of everything that was begun, 0 to 1. A photo counts as whole when its bytes have arrived. 1 if nothing was begun.
 * @param {readonly Item[]} items
 */
export function overall(items) {
  const begun = items.filter((item) => pressed(item) || !["held", "unfit", "failed"].includes(item.state));
  const sent = begun.reduce((sum, { state, level }) => sum + (state === "done" || state === "confirming" ? 1 : Math.min(level, 0.95)), 0);
  return begun.length ? sent / begun.length : 1;
}

/**
 * Describes the state of all photos, for the dock.
 * @param {ReturnType<typeof tally>} count
 * @param {Partial<ReturnType<typeof tally>>} [films] how many of them are videos
 */
export function summary(count, films = {}) {
  if (count.preparing + count.held + count.begun + count.unfit === 0) return phrase("none_chosen");
  const said = [];
  if (count.preparing) said.push(phrase("getting_ready", { what: things(count.preparing, films.preparing) }));
  if (count.begun) said.push(phrase("sent_of", { sent: count.sent, begun: count.begun }));
  if (count.waiting) said.push(phrase("waiting"));
  if (count.stuck) said.push(phrase("need_you", { n: count.stuck }));
  if (count.held) said.push(phrase("held", { what: things(count.held, films.held) }));
  if (count.confirming && count.sent === count.begun && count.held + count.preparing === 0) said.push(phrase("waiting_confirmation"));
  if (count.unfit) said.push(phrase("unfit", { what: things(count.unfit, films.unfit) }));
  return said.join(" ");
}

/**
 * Describes a photo's state.
 * @param {Item} item
 * @param {About} about
 * @returns {string}
 */
export function words(item, about) {
  const kept = item.stored ? phrase("kept", { device: about.device }) : phrase("not_kept");
  switch (item.state) {
    case "unfit": return item.message;
    case "held": return lateIn(about.phase) ? late(about) : held(item);
    case "ready": return phrase("is_next");
    // What has left the browser may still wait in the phone: a photo at 100 % is not necessarily sent.
    case "sending": return item.level < 1 ? phrase("is_sending", { percent: Math.floor(item.level * 100) }) : phrase("is_ending");
    case "waiting": return waiting(item.cause, kept, about.host);
    case "confirming": return phrase("is_sent");
    case "done": return result(item.result);
    case "failed": return item.message;
    case "blocked": return `${phrase("is_blocked", { host: about.host })} ${kept} ${phrase("again_by_itself")}`;
    case "closed":
      return about.phase === "before"
        ? phrase("is_early", { opens: moment(about.opens_at), kept })
        : late(about);
  }
}

/** @param {About} about */
function late({ closes_at, device }) {
  return phrase("is_late", { closes: moment(closes_at), device });
}

/** @param {Item} item */
function held({ sha256, shared, film }) {
  if (sha256 || (film && !shared)) return phrase("is_held");
  return shared ? phrase("is_getting_ready_to_go") : phrase("is_getting_ready");
}

/**
 * Says how a photo was prepared, or that it was not; empty if there is nothing to say.
 * @param {Item} item
 */
export function note({ sha256, state, made, boxes }) {
  if (!sha256 || state === "unfit") return "";
  if (made === "original") return phrase("as_it_is");
  if (made === "hasty") return phrase("as_it_is_in_haste");
  if (made === "smaller") return phrase("made_smaller");
  return boxes.length ? phrase("covered", { n: boxes.length }) : "";
}

/**
 * @param {Cause | null} cause
 * @param {string} kept
 * @param {string} host
 */
function waiting(cause, kept, host) {
  const again = phrase("again_by_itself");
  switch (cause) {
    case "blocked": return `${phrase("waits_blocked", { host })} ${kept} ${again}`;
    case "ours": return `${phrase("waits_ours")} ${again}`;
    case "busy": return `${phrase("waits_busy")} ${kept} ${again}`;
    case "paused": return `${phrase("waits_paused")} ${kept} ${again}`;
    case "connection":
    case null: return `${phrase("waiting")} ${kept} ${again}`;
  }
}

/** @param {Result | null} result */
function result(result) {
  switch (result?.state) {
    case "published": return phrase("is_published");
    case "rejected": {
      const where = phrase("is_rejected_why");
      return phrase("is_rejected", { reason: (isEnglish() && result.reason) || where });
    }
    case "hidden": return phrase("is_hidden");
    case "deleted": return phrase("is_withdrawn");
    default: return phrase("is_pending");
  }
}

/**
 * Says why photos cannot be sent now; empty if they can.
 * @param {{ phase: string, opens_at: string, closes_at: string, grace_ends_at: string }} event
 */
export function windowWords(event) {
  switch (event.phase) {
    case "before": return phrase("window_before", { opens: moment(event.opens_at), closes: clock(event.closes_at) });
    case "paused": return phrase("window_paused");
    case "grace": return phrase("window_grace", { closes: clock(event.closes_at), grace: clock(event.grace_ends_at) });
    case "closed": return phrase("window_closed", { closes: moment(event.closes_at) });
    default: return "";
  }
}

/**
 * Whether it is too late for photos that are not registered yet.
 * @param {string} phase
 */
export function lateIn(phase) {
  return phase === "grace" || phase === "closed";
}

/**
 * Returns the phase at an instant of the server's clock. Only the server knows of a pause.
 * @param {{ phase: string, opens_at: string, closes_at: string, grace_ends_at: string }} event
 * @param {number} now milliseconds since 1970 by the server's clock
 */
export function phaseAt(event, now) {
  if (event.phase === "paused") return "paused";
  if (now < Date.parse(event.opens_at)) return "before";
  if (now < Date.parse(event.closes_at)) return "open";
  return now < Date.parse(event.grace_ends_at) ? "grace" : "closed";
}
