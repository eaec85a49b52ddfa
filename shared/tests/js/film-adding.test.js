// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import "./english.js";

import { Films } from "../../assets/js/film/adding.js";
import { Shelf } from "../../assets/js/upload/shelf.js";
import { form, item, limits } from "./made.js";

/** @import { Item, ItemFilm } from "../../assets/js/upload/types.js" */

const films = new Films({
  shelf: new Shelf(null, () => {}, () => {}), cards: new Map(), limits: () => ({ ...limits, transcript_max: 500 }), ready: () => {}, take: () => {},
});

/** @param {Partial<ItemFilm>} film @param {Partial<Item>} [change] */
const video = (film, change = {}) => item("v", { alt: "A pump", film: { parts: [], sound: false, transcript: "", ...film }, ...change });

/** @param {Item} one @param {string} [people] as all photos have it */
const fields = (one, people = "none") => films.complaints({ ...form, people }, [one]).map(({ field, key }) => `${key} ${field}`);

test("a video needs words for what is seen, and for what is heard if its sound is kept", () => {
  assert.deepEqual(fields(video({})), []);
  assert.deepEqual(fields(video({}, { alt: " " })), ["v alt"]);
  assert.deepEqual(fields(video({ sound: true, transcript: " " })), ["v transcript"]);
  assert.deepEqual(fields(video({ sound: true, transcript: "x".repeat(501) })), ["v transcript"]);
  assert.deepEqual(fields(video({ sound: true, transcript: "x".repeat(500) })), []);
  assert.deepEqual(fields(video({ transcript: "x".repeat(501) })), [], "without sound nothing is heard");
});

test("a video that shows pupils is not sent, whether that is said of it or of all", () => {
  assert.deepEqual(fields(video({}, { people: "pupils" })), ["v people"]);
  assert.deepEqual(fields(video({}), "pupils"), ["v people"]);
  assert.deepEqual(fields(video({}, { people: "adults" }), "pupils"), []);
});

test("nothing of this is asked of a photo", () => {
  assert.deepEqual(films.complaints({ ...form, people: "pupils" }, [item("a")]), []);
});
