// @ts-check
// Prepares photos, one at a time, in a worker that is ended when it hangs and when there is nothing to do: only then is a decoder's memory
// certainly freed.

import { own } from "../trusted.js";

/** @import { How, Made } from "./picture.js" */

/** Size and quality of photos: larger than the largest rendition, and about 1 MB. @type {How} */
export const FULL = { edge: 2560, quality: 0.85 };
/** Size and quality over a connection on which `FULL` got stuck: about 250 KB. @type {How} */
export const SMALLER = { edge: 1600, quality: 0.7 };

/** Milliseconds after which a decoder counts as hanging. */
const PATIENCE_MS = 20_000;
const IDLE_MS = 10_000;

export class Preparer {
  /** @type {Promise<unknown>} */
  #turn = Promise.resolve();
  /** @type {Worker | null} */
  #worker = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #idle;

  /**
   * Prepares one photo, after those requested before.
   * @param {Blob} file
   * @param {How} how
   * @returns {Promise<Made>}
   * @throws if this browser cannot decode it
   */
  make(file, how) {
    const made = this.#turn.then(() => this.#make(file, how));
    this.#turn = made.catch(() => {});
    return made;
  }

  /** @param {Blob} file @param {How} how */
  async #make(file, how) {
    clearTimeout(this.#idle);
    try {
      return await this.#inWorker(file, how);
    } catch {
      // An `<img>` shows some formats that a worker cannot decode, such as HEIC on Apple's devices.
      return await patient(onPage(file, how));
    } finally {
      this.#idle = setTimeout(() => this.#end(), IDLE_MS);
    }
  }

  /** @param {Blob} file @param {How} how @returns {Promise<Made>} */
  async #inWorker(file, how) {
    if (typeof Worker !== "function" || typeof OffscreenCanvas !== "function") throw new Error("this browser has no such worker");
    const worker = (this.#worker ??= new Worker(own("picture/worker.js"), { type: "module" }));
    try {
      return await patient(new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => (data.made ? resolve(data.made) : reject(new Error(data.error)));
        worker.onerror = () => {
          this.#end();
          reject(new Error("the worker failed"));
        };
        worker.postMessage({ file, how });
      }));
    } catch (error) {
      if (error instanceof Late) this.#end();
      throw error;
    }
  }

  #end() {
    this.#worker?.terminate();
    this.#worker = null;
  }
}

class Late extends Error {}

/** @template T @param {Promise<T>} work @returns {Promise<T>} */
function patient(work) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((/** @type {(_: never) => void} */ _, reject) => {
    timer = setTimeout(() => reject(new Late()), PATIENCE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Prepares a photo on the page. Few photos need this, so the module is fetched only then. @param {Blob} file @param {How} how */
async function onPage(file, how) {
  const { drawn, endsEarly } = await import("./picture.js");
  // It is sent as it is, and the server says how much is missing.
  if (await endsEarly(file)) throw new Error("the file ends early");
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    return await drawn(image, image.naturalWidth, image.naturalHeight, how);
  } finally {
    URL.revokeObjectURL(image.src);
  }
}
