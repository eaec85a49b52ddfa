// @ts-check
// The videos on the page on which photos are added: the user chooses what of each is sent, and says what is heard; then it is prepared, and
// sent like a photo. Fetched when the first video was chosen.

import { el, say } from "../dom.js";
import { complain, counted } from "../upload/field.js";
import { can, pressed } from "../upload/queue.js";
import { roomFor } from "../upload/storage.js";
import { size, usage } from "../upload/text.js";
import { phrase } from "../words.js";
import { Unfit, read } from "./boxes.js";
import { qualityFor } from "./film.js";
import { FilmPreparer } from "./preparer.js";
import { Trimmer, lengthOf, told } from "./trimmer.js";

/**
 * @import { Card } from "../upload/card.js"
 * @import { Shelf } from "../upload/shelf.js"
 * @import { Complaint, Form, Item, ItemFilm, Limits } from "../upload/types.js"
 * @typedef {object} Page what the page lends
 * @property {Shelf} shelf
 * @property {Map<string, Card>} cards
 * @property {() => Limits} limits
 * @property {(key: string) => void} ready called for a video that can be sent
 * @property {(photo: File) => void} take adds a photo
 */

/** Quality and longest edge of a small picture of a video, in pixels. */
const THUMBNAIL = { edge: 640, quality: 0.8 };

export class Films {
  /** @type {Map<string, Panel>} */
  #panels = new Map();
  #preparer = new FilmPreparer();

  /** @param {Page} page */
  constructor(page) {
    this.page = page;
  }

  /**
   * Shows what can be chosen and said about a video on its card.
   * @param {string} key
   * @param {File} [file] as it was chosen; absent for a video that was prepared before this page was opened, or is lost since it was not
   */
  show(key, file) {
    const [item, card] = [this.page.shelf.get(key), this.page.cards.get(key)];
    if (!item?.film || !card) return;
    const panel = new Panel(this.page, card, this.#preparer);
    this.#panels.set(key, panel);
    void panel.open(item, file);
  }

  /** Prepares a video for which Send was pressed, unless that is being done. @param {string} key */
  begin(key) {
    void this.#panels.get(key)?.make();
  }

  /**
   * Returns what must change before these videos can be sent.
   * @param {Form} form
   * @param {readonly Item[]} items
   * @returns {Complaint[]}
   */
  complaints(form, items) {
    /** @type {Complaint[]} */
    const found = [];
    const { transcript_max: max = 0 } = this.page.limits();
    for (const { key, alt, people, film } of items) {
      if (!film) continue;
      const say = (/** @type {string} */ field, /** @type {string} */ todo, /** @type {string} */ message) => found.push({ field, key, todo, message });
      if ((people || form.people) === "pupils") say("people", phrase("film_todo_people"), phrase("film_pupils"));
      if (!alt.trim()) say("alt", phrase("todo_alt"), phrase("film_say_seen"));
      if (!film.sound) continue;
      const { used, over } = usage(film.transcript, max);
      if (!used) say("transcript", phrase("film_todo_heard"), phrase("film_say_heard"));
      else if (over) say("transcript", phrase("film_todo_heard"), phrase("too_long", { used, over, max }));
    }
    return found;
  }
}

/** What stands on the card of one video. */
class Panel {
  /** @type {Trimmer | null} */
  #trimmer = null;
  /** @type {File | undefined} */
  #file;
  /** Stops the preparation that is running; null if none is. @type {AbortController | null} */
  #stop = null;

  /** @param {Page} page @param {Card} card @param {FilmPreparer} preparer */
  constructor(page, card, preparer) {
    this.page = page;
    this.card = card;
    this.preparer = preparer;
    const id = (/** @type {string} */ part) => `${part}-${card.key}`;
    this.status = el("p", { class: "film-status", role: "status" });
    this.halt = el("button", { type: "button", class: "button button-quiet", hidden: true }, phrase("film_stop"));
    this.progress = el("div", { class: "film-progress" }, this.status, this.halt);
    this.transcript = el("textarea", { class: "input", id: id("transcript"), rows: "2", "aria-describedby": `${id("transcript-counter")} ${id("transcript-error")}` });
    this.transcriptError = el("p", { class: "field-error", id: id("transcript-error"), hidden: true });
    this.peopleError = el("p", { class: "field-error", hidden: true });
    this.counter = el("p", { class: "counter", id: id("transcript-counter") });
    this.heard = el("div", { class: "field", hidden: true },
      el("label", { for: id("transcript") }, phrase("film_heard")),
      el("p", { class: "field-hint" }, phrase("film_heard_more")), this.transcript, this.counter, this.transcriptError);
    this.ready = el("button", { type: "button", class: "button" }, phrase("film_make"));
  }

  /** @param {Item} item @param {File} [file] */
  async open({ film, sha256 }, file) {
    const { card, page } = this;
    if (!film) return;
    if (!file && !sha256) return this.#end(phrase("film_lost"));
    this.transcript.value = film.transcript;
    counted(this.transcript, this.counter, page.limits().transcript_max ?? 0);
    this.heard.hidden = !film.sound;
    this.transcript.addEventListener("input", () => this.#write({ transcript: this.transcript.value }));
    this.halt.addEventListener("click", () => this.#stop?.abort());
    this.ready.addEventListener("click", () => void this.make());
    // The card's own words are about a photo.
    const words = { [`[for="caption-${card.key}"]`]: phrase("film_caption"), [`[for="alt-${card.key}"]`]: phrase("film_seen"), [`#alt-why-${card.key}`]: phrase("film_seen_more"), [`[for="people-${card.key}"]`]: phrase("film_who") };
    for (const [place, text] of Object.entries(words)) say(/** @type {HTMLElement} */ (card.fields.querySelector(place)), text);
    card.people.after(this.peopleError);
    Object.assign(card.places, { transcript: [this.transcriptError, this.transcript], people: [this.peopleError, card.people] });
    card.fields.before(this.progress);
    card.fields.prepend(this.heard);
    card.open(true);
    if (!file) return;
    this.#file = file;
    try {
      const found = await read(file);
      if (!page.shelf.get(card.key)) return;
      this.#trimmer = new Trimmer(file, found, {
        longest: page.limits().max_video_seconds ?? 0, name: file.name,
        onChange: ({ sound }) => {
          this.heard.hidden = !sound;
          this.#write({ sound });
        },
        onPicture: page.take,
      });
      card.fields.prepend(this.#trimmer.element);
      card.fields.append(this.ready);
      // Send may have been pressed while the file was read.
      const now = page.shelf.get(card.key);
      if (now && pressed(now)) void this.make();
    } catch (error) {
      this.#end(told(error instanceof Unfit ? error : new Unfit("browser")));
    }
  }

  /** Prepares what was chosen. Does nothing if that is being done, or was done. */
  async make() {
    const { card, page } = this;
    const trimmer = this.#trimmer;
    if (!this.#file || !trimmer || this.#stop) return;
    const stop = (this.#stop = new AbortController());
    this.#busy(true);
    const { from, to, sound } = trimmer.choice;
    const { max_video_bytes = 0, max_video_seconds = 0, video_part_bytes = 0 } = page.limits();
    const onProgress = (/** @type {number} */ done) => {
      if (!page.shelf.get(card.key)) stop.abort();
      say(this.status, phrase("film_making", { percent: Math.floor(done * 100) }));
    };
    try {
      onProgress(0);
      const quality = qualityFor(speed());
      const made = await this.preparer.make(this.#file, { limits: { max_video_bytes, max_video_seconds, video_part_bytes }, quality, sound, from, to }, { onProgress, signal: stop.signal });
      const thumbnail = await small(trimmer.video).catch(() => null);
      const now = page.shelf.get(card.key);
      if (!now?.film) return;
      const film = { parts: made.parts, sound: made.sound, transcript: made.sound ? now.film.transcript : "" };
      await page.shelf.update({ ...now, film });
      await page.shelf.keep({ ...now, made: "device" }, { bytes: await made.blob.arrayBuffer(), type: now.type, sha256: made.sha256, thumbnail }, await roomFor(made.blob.size));
      trimmer.end();
      this.#trimmer = null;
      this.heard.hidden = !made.sound;
      const lost = made.soundLost ? ` ${phrase("film_sound_lost")}` : "";
      say(this.status, phrase("film_made", { length: lengthOf(made.duration_ms / 1000), size: size(made.blob.size) }) + lost);
      this.ready.remove();
      page.ready(card.key);
    } catch (error) {
      // Send has to be pressed again for what is chosen next.
      const now = page.shelf.get(card.key);
      if (now && pressed(now)) await page.shelf.update({ ...now, shared: null });
      const unreadable = error instanceof DOMException && error.name === "NotReadableError";
      say(this.status, stop.signal.aborted ? phrase("film_stopped") : unreadable ? phrase("unreadable") : told(error instanceof Unfit ? error : new Unfit("browser")));
    } finally {
      this.#stop = null;
      this.#busy(false);
    }
  }

  /** @param {boolean} yes */
  #busy(yes) {
    this.halt.hidden = !yes;
    this.ready.disabled = yes;
    if (this.#trimmer) for (const field of [this.#trimmer.start, this.#trimmer.finish, this.#trimmer.keep]) field.disabled = yes;
  }

  /** @param {Partial<ItemFilm>} change */
  #write(change) {
    complain(this.transcriptError, this.transcript, "");
    const item = this.page.shelf.get(this.card.key);
    if (item?.film && can(item, "send")) void this.page.shelf.update({ ...item, film: { ...item.film, ...change } });
  }

  /** The video cannot be sent. @param {string} message */
  #end(message) {
    const item = this.page.shelf.get(this.card.key);
    if (item) void this.page.shelf.update({ ...item, state: "unfit", message });
  }
}

/** Returns the speed of the connection as the browser estimates it, in bytes per second; 0 if it does not. */
function speed() {
  const { downlink = 0 } = /** @type {{ connection?: { downlink?: number } }} */ (navigator).connection ?? {};
  return downlink * 125_000;
}

/** Returns a small picture of what a video shows. @param {HTMLVideoElement} video @returns {Promise<ArrayBuffer>} */
async function small(video) {
  /** @type {typeof import("../picture/picture.js")} */
  const { drawn } = await import("../picture/picture.js");
  const { thumbnail } = await drawn(video, video.videoWidth, video.videoHeight, THUMBNAIL);
  return thumbnail.arrayBuffer();
}
