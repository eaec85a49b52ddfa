// @ts-check
// The states of a photo on this device, and every legal move between them.
//
//   held ─► ready ─► sending ⇄ waiting        failed, blocked and closed go back to ready when somebody presses Send or Try again
//             ▲        │  └──► confirming ─► done
//             └────────┘       │
//   from ready, sending, waiting and confirming also: ─► failed | blocked | closed; back to held where a question is open again

import { clock, moment, photos } from "./text.js";

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
 * The photo after an event.
 * @param {Item} item
 * @param {Event} event
 * @param {Partial<Item>} [change] what else changes with it
 * @returns {Item}
 * @throws {RangeError} where the event is not legal in its state
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
 * A photo as it is taken up by a tab that begins to send: nobody is sending it any more, and nobody waits; a filter may be far away. One that Send was pressed
 * for while it was made ready is ready now.
 * @param {Item} item
 * @returns {Item}
 */
export function restored(item) {
  const interrupted = ["sending", "waiting", "blocked"].includes(item.state) || (pressed(item) && item.sha256 !== "");
  return interrupted ? { ...item, state: "ready", cause: null, retryAt: 0, attempt: 0 } : item;
}

/**
 * Whether Send is about this photo: it was not sent, and could be.
 * @param {Item} item
 */
export function sendable(item) {
  return can(item, "send") && !pressed(item) && (item.state !== "failed" || item.retryable);
}

/**
 * Whether Send was pressed for a photo that is still made ready.
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

/** Days after which a device forgets photos that nobody came back to. */
const KEPT_DAYS = 7;

/**
 * Whether a stored photo is to be forgotten: it never could be sent, or is too old. Of one that is done the thumbnail is still good
 * for My photos.
 * @param {Item} item
 * @param {number} now
 */
export function outdated(item, now) {
  return item.state === "unfit" || now - item.addedAt > KEPT_DAYS * 86_400_000;
}

/**
 * How many photos stand where, for the dock.
 * @param {Iterable<Item>} items
 */
export function tally(items) {
  const count = { preparing: 0, held: 0, moving: 0, waiting: 0, confirming: 0, done: 0, stuck: 0, unfit: 0, sent: 0, begun: 0 };
  for (const { state, retryable, sha256 } of items) {
    if (state === "unfit" || (state === "failed" && !retryable)) count.unfit += 1;
    else if (state === "held" && !sha256) count.preparing += 1;
    else if (state === "held") count.held += 1;
    else if (state === "ready" || state === "sending") count.moving += 1;
    else if (state === "waiting") count.waiting += 1;
    else if (state === "confirming") count.confirming += 1;
    else if (state === "done") count.done += 1;
    else count.stuck += 1;
  }
  count.sent = count.done + count.confirming;
  count.begun = count.sent + count.moving + count.waiting + count.stuck;
  return count;
}

/**
 * How far all that was begun is, 0 to 1: a photo counts whole when its bytes have arrived. 1 where nothing was begun.
 * @param {readonly Item[]} items
 */
export function overall(items) {
  const begun = items.filter(({ state }) => !["held", "unfit", "failed"].includes(state));
  const sent = begun.reduce((sum, { state, level }) => sum + (state === "done" || state === "confirming" ? 1 : Math.min(level, 0.95)), 0);
  return begun.length ? sent / begun.length : 1;
}

/**
 * Where all of them stand, for the dock.
 * @param {ReturnType<typeof tally>} count
 */
export function summary(count) {
  if (count.preparing + count.held + count.begun + count.unfit === 0) return "No photos chosen yet.";
  const said = [];
  if (count.preparing) said.push(`Getting ${photos(count.preparing)} ready…`);
  if (count.begun) said.push(`${count.sent} of ${count.begun} sent.`);
  if (count.waiting) said.push("Waiting for a connection.");
  if (count.stuck) said.push(count.stuck === 1 ? "One needs you." : `${count.stuck} need you.`);
  if (count.held) said.push(`${photos(count.held)} not sent yet.`);
  if (count.begun && count.sent === count.begun && count.held + count.preparing === 0) {
    said.push(count.confirming ? "Waiting for confirmation." : "A person checks every photo before it appears.");
  }
  if (count.unfit) said.push(`${photos(count.unfit)} cannot be sent.`);
  return said.join(" ");
}

/**
 * Where a photo stands, in words.
 * @param {Item} item
 * @param {About} about
 * @returns {string}
 */
export function words(item, about) {
  const kept = item.stored ? `Your photos are safe on this ${about.device}.` : "Keep this page open: there was no room to keep this photo.";
  switch (item.state) {
    case "unfit": return item.message;
    case "held": return held(item);
    case "ready": return "Next in line";
    // What has left the browser may still wait in the phone: a whole photo is not a sent one.
    case "sending": return item.level < 1 ? `Sending: ${Math.floor(item.level * 100)} %` : "Sending: the last of it";
    case "waiting": return waiting(item.cause, kept, about.host);
    case "confirming": return "Sent. Waiting for confirmation.";
    case "done": return result(item.result);
    case "failed": return item.message;
    case "blocked":
      return `This network answers in our place, so nothing can be sent through it. Try mobile data or another Wi-Fi, or ask your IT team to allow ${about.host}. ${kept}`;
    case "closed":
      return about.phase === "before"
        ? `Photos can be sent from ${moment(about.opens_at)}. ${kept} Press Send then.`
        : `Not sent: adding photos ended at ${moment(about.closes_at)}. The photo is still on this ${about.device}.`;
  }
}

/** @param {Item} item */
function held({ sha256, shared }) {
  if (sha256) return "Not sent yet";
  return shared ? "Getting ready, then it is sent." : "Getting ready…";
}

/**
 * What was done to a photo, or not; empty where there is nothing to say.
 * @param {Item} item
 */
export function note({ sha256, state, made, boxes }) {
  if (!sha256 || state === "unfit") return "";
  if (made === "original") return "This browser cannot open it, so it goes as it is: we remove what it hides.";
  if (made === "smaller") return "Made smaller, since the connection is weak.";
  return boxes.length ? `Covered in ${boxes.length === 1 ? "one place" : `${boxes.length} places`}.` : "";
}

/**
 * @param {Cause | null} cause
 * @param {string} kept
 * @param {string} host
 */
function waiting(cause, kept, host) {
  switch (cause) {
    case "blocked": return `This network lets our pages through, but not the photos. Try mobile data or another Wi-Fi, or ask your IT team to allow ${host}. ${kept} We'll try again by ourselves.`;
    case "ours": return "Something broke on our side. Nothing of yours is lost. We'll try again by ourselves.";
    case "busy": return `Many photos are coming in. ${kept} We'll try again by ourselves.`;
    case "paused": return `The organisers have paused uploads for the moment. ${kept} We'll try again by ourselves.`;
    case "connection":
    case null: return `Waiting for a connection. ${kept} We'll try again by ourselves.`;
  }
}

/** @param {Result | null} result */
function result(result) {
  switch (result?.state) {
    case "published": return "Published.";
    case "rejected": return `Not shown. ${result.reason ?? "The reason is on My photos."}`;
    case "hidden": return "Taken off the site for now.";
    case "deleted": return "Withdrawn.";
    default: return "Sent. A person checks every photo before it appears.";
  }
}

/**
 * What the window allows now: empty where photos may be sent, else why not, in words.
 * @param {{ phase: string, opens_at: string, closes_at: string, grace_ends_at: string }} event
 */
export function windowWords(event) {
  switch (event.phase) {
    case "before": return `Photos can be sent from ${moment(event.opens_at)} to ${clock(event.closes_at)}. You can get them ready now: they stay on this device until you press Send.`;
    case "paused": return "The organisers have paused uploads for the moment. Your photos stay on this device; press Send once they go on.";
    case "grace": return `Adding photos ended at ${clock(event.closes_at)}. Photos that were registered in time are sent until ${clock(event.grace_ends_at)}.`;
    case "closed": return `Adding photos ended at ${moment(event.closes_at)}. Thank you to everybody who took part.`;
    default: return "";
  }
}

/**
 * The phase at an instant of the server's clock. A pause is only known to the server.
 * @param {{ phase: string, opens_at: string, closes_at: string, grace_ends_at: string }} event
 * @param {number} now milliseconds since 1970 by the server's clock
 */
export function phaseAt(event, now) {
  if (event.phase === "paused") return "paused";
  if (now < Date.parse(event.opens_at)) return "before";
  if (now < Date.parse(event.closes_at)) return "open";
  return now < Date.parse(event.grace_ends_at) ? "grace" : "closed";
}
