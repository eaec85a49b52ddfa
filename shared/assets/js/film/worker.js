// @ts-check
// Prepares a film in a worker, so that the page stays responsive.

import { Unfit } from "./boxes.js";
import { make } from "./film.js";

/**
 * @import { Why } from "./boxes.js"
 * @import { MadeFilm, Wish } from "./film.js"
 * @typedef {{ done: number } | { made: MadeFilm } | { why: Why, facts: Record<string, number> } | { error: string, name: string }} Told
 */

addEventListener("message", async (/** @type {MessageEvent<{ file: Blob, wish: Wish }>} */ { data }) => {
  const tell = (/** @type {Told} */ told) => postMessage(told);
  let percent = -1;
  try {
    const made = await make(data.file, data.wish, (done) => {
      if (Math.floor(done * 100) > percent) tell({ done: (percent = Math.floor(done * 100)) / 100 });
    });
    tell({ made });
  } catch (error) {
    if (error instanceof Unfit) tell({ why: error.why, facts: error.facts });
    else tell({ error: String(error), name: error instanceof Error ? error.name : "" });
  }
});
