// @ts-check
// Prepares films, one at a time, each in a worker of its own that ends with it: only then is a codec's memory certainly freed. A codec that
// hangs is abandoned, and the next way is tried.

import { own } from "../trusted.js";
import { Unfit } from "./boxes.js";
import { WAYS } from "./film.js";

/**
 * @import { MadeFilm, Way, Wish } from "./film.js"
 * @import { Told } from "./worker.js"
 */

/** Seconds without any progress after which a codec counts as hanging. */
const PATIENCE_S = 30;

export class FilmPreparer {
  /** @type {Promise<unknown>} */
  #turn = Promise.resolve();

  /**
   * Prepares one film, after those requested before.
   * @param {Blob} file
   * @param {Wish} wish
   * @param {{ onProgress?: (done: number) => void, signal?: AbortSignal }} [how] `onProgress` from 0 to 1, begins again with each way
   * @returns {Promise<MadeFilm>}
   * @throws {Unfit} if it cannot be made ready here
   * @throws {DOMException} `NotReadableError` if the file cannot be read any more; and the signal's reason once it is aborted
   */
  make(file, wish, { onProgress = () => {}, signal } = {}) {
    const made = this.#turn.then(() => inTurn(file, wish, onProgress, signal));
    this.#turn = made.catch(() => {});
    return made;
  }
}

/** @param {Blob} file @param {Wish} wish @param {(done: number) => void} onProgress @param {AbortSignal | undefined} signal */
async function inTurn(file, wish, onProgress, signal) {
  /** @type {unknown} */
  let failure = new Unfit("browser");
  for (const way of wish.ways ?? WAYS) {
    signal?.throwIfAborted();
    try {
      return await inWorker(file, { ...wish, ways: [way] }, onProgress, signal);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** @param {Blob} file @param {Wish & { ways: Way[] }} wish @param {(done: number) => void} onProgress @param {AbortSignal | undefined} signal @returns {Promise<MadeFilm>} */
async function inWorker(file, wish, onProgress, signal) {
  if (typeof Worker !== "function" || typeof OffscreenCanvas !== "function") throw new Unfit("browser");
  const worker = new Worker(own("film/worker.js"), { type: "module" });
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let watch;
  /** @type {() => void} */
  let stop = () => {};
  try {
    return await new Promise((resolve, reject) => {
      let patience = PATIENCE_S;
      // Counted, not measured: while a phone has stopped the page, the worker stands still, too.
      watch = setInterval(() => {
        if ((patience -= 1) < 0) reject(new Unfit("browser"));
      }, 1000);
      stop = () => reject(signal?.reason);
      signal?.addEventListener("abort", stop);
      worker.onerror = () => reject(new Unfit("browser"));
      worker.onmessage = (/** @type {MessageEvent<Told>} */ { data }) => {
        patience = PATIENCE_S;
        if ("done" in data) onProgress(data.done);
        else if ("made" in data) resolve(data.made);
        else if ("why" in data) reject(new Unfit(data.why, data.facts));
        else reject(data.name === "NotReadableError" || data.name === "NotFoundError" ? new DOMException(data.error, "NotReadableError") : new Unfit("browser"));
      };
      worker.postMessage({ file, wish });
    });
  } finally {
    clearInterval(watch);
    signal?.removeEventListener("abort", stop);
    worker.terminate();
  }
}
