// @ts-check
// The types that the modules here exchange. Nothing runs here, and no module imports it at run time: it is for readers and for the type
// checker, so it costs a phone nothing.

// A photo of this device

/**
 * @typedef {"unfit" | "held" | "ready" | "sending" | "waiting" | "confirming" | "done" | "failed" | "blocked" | "closed"} State
 * @typedef {"send" | "start" | "wait" | "retry" | "sent" | "again" | "finish" | "fail" | "block" | "close" | "hold"} Event
 * @typedef {"connection" | "blocked" | "ours" | "busy" | "paused"} Cause the reason why a photo waits
 * @typedef {"original" | "hasty" | "device" | "smaller"} Made what is sent: the file as it is, since this browser cannot decode it,
 *   or since the day was about to end; what was made of it here; or a smaller one, since the connection is weak
 * @typedef {{ caption: string, alt: string, people: string, credit: string, school: string, discipline: string | null,
 *   urn?: string, consent: { version: string, web: boolean, social: boolean, press: boolean } }} Shared `urn`: the school's number, where
 *   it was chosen from a register
 * @typedef {{ state: string, page: string | null, reason: string | null }} Result the server's answer about it
 * @import { FilmPart } from "../film/film.js"
 * @typedef {{ parts: readonly FilmPart[], sound: boolean, transcript: string }} ItemFilm of a video: its parts, empty until it is prepared;
 *   whether its sound is kept, and the words for what is heard
 * @typedef {object} Item a photo of this device, as it is stored; its bytes are stored beside it
 * @property {string} key
 * @property {number} order
 * @property {string} name the file's
 * @property {string} type as its content tells
 * @property {number} size bytes that are sent
 * @property {string} source distinguishes the chosen file from others; empty while it is read
 * @property {Made} made
 * @property {readonly Box[]} boxes covers that are not in the bytes yet; a photo with any is never sent
 * @property {ItemFilm} [film] absent for a photo
 * @property {number} stalls how often sending stalled
 * @property {string} sha256 hexadecimal; empty while it is being prepared, and if it cannot be sent
 * @property {State} state
 * @property {boolean} stored whether this device stores its bytes; if not, they exist as long as the page
 * @property {string | null} caption null if the shared one applies
 * @property {string} alt
 * @property {string} people empty if the shared answer applies
 * @property {Shared | null} shared what was said when Send was pressed
 * @property {number} generation grows when the server has given the photo up and it is registered again
 * @property {string | null} id the server's
 * @property {number} level largest share that was sent, 0 to 1
 * @property {number} attempt failures since something last moved
 * @property {number} retryAt milliseconds since 1970
 * @property {Cause | null} cause
 * @property {string} message why it failed or cannot be sent
 * @property {boolean} retryable whether trying again could help
 * @property {Result | null} result
 * @property {number} addedAt milliseconds since 1970
 * @property {number} sentAt milliseconds since 1970; 0 before
 */

// The form, and what is wrong with it

/**
 * @typedef {{ max_photos_per_request: number, max_bytes: number, caption_max: number, alt_max: number, credit_max: number,
 *   school_max: number, types: string[], max_video_bytes?: number, max_video_seconds?: number, video_part_bytes?: number,
 *   transcript_max?: number }} Limits those of videos are absent while videos are not accepted
 * @typedef {{ caption: string, credit: string, school: string, urn: string, discipline: string, people: string, web: boolean,
 *   social: boolean, press: boolean, version: string }} Form what the shared fields hold; an empty text is no choice
 * @typedef {{ field: string, key: string | null, todo: string, message: string }} Complaint a message beside a field; `key` names the
 *   card, `todo` says in a few words what is to be done
 */

// Answers, and what they mean

/**
 * @typedef {{ type?: string, title?: string, status?: number, detail?: string, hint?: string, [member: string]: unknown }} Problem
 * @typedef {{ status: number, marker: boolean, contentType: string, retryAfter: string | null, body: unknown }} Answer
 *   of our API; `status` 0 if there was none; `marker` says that the answer is ours and not a filter's or a portal's
 * @typedef {{ kind: "ok" } | { kind: "retry", cause: "connection" | "ours" | "busy" | "paused", afterMs: number }
 *   | { kind: "blocked" } | { kind: "closed", problem: Problem } | { kind: "consent", problem: Problem }
 *   | { kind: "conflict", problem: Problem } | { kind: "final", problem: Problem, words: string }} Meaning
 */

/**
 * @typedef {{ urn: string, name: string, town: string, nation: string }} Listed a school of a register
 * @typedef {{ method: string, url: string, headers: Record<string, string>, expires_at: string, part?: number }} Upload
 *   `part`: the number of a video's part, from 0
 * @typedef {{ upload?: Upload | null, have?: number[], parts?: Upload[] }} Addresses of a video: `have` are the parts that the storage has,
 *   `parts` are the addresses of the first others
 * @typedef {{ ref: string, id: string, state: string } & Addresses | { ref: string, problem: Problem }} Reserved
 * @typedef {{ id: string, state: string, reason?: string | null, page?: string | null, thumbnail?: string | null, caption?: string,
 *   alt?: string, credit?: string, people?: string, school?: { urn?: string | null, name: string } | null, discipline?: string | null,
 *   sha256?: string | null, created_at?: string, kind?: string, reason_name?: string | null, picked?: boolean,
 *   video?: { sound: boolean, transcript: string } | null }} OwnPhoto
 * @typedef {{ caption?: string, alt?: string, transcript?: string, credit?: string, people?: string, school?: { urn?: string, name: string } | null,
 *   discipline?: string | null }} Change changed texts of a photo; null removes a value, what is absent stays
 */

/**
 * @typedef {{ status: number, contentType: string, sentBytes: number, marker: boolean, stalled: boolean }} PutAnswer `status` 0
 *   if there was none; `marker` says that a server of ours answered; `stalled`, that it was given up because nothing moved
 */

// Parts that tests replace

/**
 * @typedef {{ items(): Promise<Item[]>, put(item: Item): Promise<void>,
 *   add(item: Item, bytes: Blob, thumbnail: ArrayBuffer | null): Promise<void>,
 *   exchange(item: Item, bytes: ArrayBuffer, thumbnail: ArrayBuffer | null): Promise<void>,
 *   bytes(item: Item): Promise<Blob | null>, thumbnail(key: string): Promise<Blob | null>, dropBytes(key: string): Promise<void>, remove(key: string): Promise<void>,
 *   note(name: string): Promise<unknown>, putNote(name: string, value: unknown): Promise<void>, clear(): Promise<void> }} Keeper
 * @typedef {{ type: "item", item: Item } | { type: "gone", key: string } | { type: "cleared" }} News what tabs tell each other
 */

/**
 * @typedef {{ bytes: ArrayBuffer, type: string, sha256: string, thumbnail: ArrayBuffer | null }} Bytes what was made of a photo
 * @import { Box } from "../cover/boxes.js"
 * @import { Api } from "./api.js"
 * @import { Shelf } from "./shelf.js"
 * @import { put } from "./put.js"
 * @typedef {object} World everything outside that the sender needs
 * @property {Shelf} shelf
 * @property {Pick<Api, "reserve" | "renew" | "own" | "withdraw">} api
 * @property {typeof put} put
 * @property {() => number} now milliseconds since 1970
 * @property {() => number} serverNow the same by the server's clock
 * @property {() => number} random 0 up to, not including, 1
 * @property {(ms: number, what: () => void) => unknown} after
 * @property {() => boolean} online whether the browser reports a connection
 * @property {() => boolean} leads whether this tab is the one that sends what is stored
 * @property {() => number} batch largest number of photos in one request
 * @property {() => boolean} preparing whether more photos for which Send was pressed are being prepared
 * @property {() => boolean} open whether new photos are accepted now
 * @property {(bytes: Blob) => Promise<Bytes | null>} smaller the same photo in fewer bytes; null if that cannot be made here
 * @property {string} origin our own
 * @property {() => void} onConsentOutdated
 */

// Pages

/**
 * @typedef {Form & { used?: boolean }} Kept `used`: all of it went along with photos that were sent
 */

/**
 * @typedef {{ device: string, host: string, opens_at: string, closes_at: string, phase: string }} About
 * @typedef {object} Wishes what the card's user wants
 * @property {(key: string, change: Partial<Pick<Item, "caption" | "alt" | "people">>) => void} write
 * @property {(key: string) => void} remove
 * @property {(key: string) => void} again
 * @property {(key: string) => void} cover faces and names
 */

/**
 * @typedef {Record<"id" | "caption" | "alt" | "credit" | "people" | "school" | "urn" | "discipline", string>} Words of a photo that is
 *   sent again, with its id; a text that was not given is empty
 */

/**
 * @typedef {"gone" | "pending"} ErasureStep
 * @typedef {{ site: ErasureStep, storage: ErasureStep, edges: ErasureStep, site_at?: string, erased_at?: string | null, storage_at?: string, edges_at?: string }} ErasureStatus
 * @typedef {{ id: string, at: number, created_at: string, erasure: ErasureStatus }} Withdrawn a photo that was withdrawn here: `at`, in
 *   milliseconds since 1970; `created_at`, empty if that is not known
 */

/**
 * @typedef {{ phase: string, server_time: string, opens_at: string, closes_at: string, grace_ends_at: string, limits: Limits,
 *   consent: { version: string, text: string } }} Day what `GET /event` answers, as far as it is used here
 */

export {};
