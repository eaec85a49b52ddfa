// @ts-check
// Has photos made ready, one at a time, in a worker that is ended when it hangs and when there is nothing to do: a decoder's memory
// is given back for certain only then.

import { own } from "../trusted.js";

/** @import { How, Made } from "./picture.js" */

/** How photos are sent: larger than the largest rendition, and about 1 MB. @type {How} */
export const FULL = { edge: 2560, quality: 0.85 };
/** How they are sent over a connection on which that got stuck: about 250 KB. @type {How} */
export const SMALLER = { edge: 1600, quality: 0.7 };

/** A decoder that takes longer will never end. */
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
   * Makes one photo ready, after those that were asked for before.
   * @param {Blob} file
   * @param {How} how
   * @returns {Promise<Made>}
   * @throws where this browser cannot decode it
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
      // An <img> shows some formats that a worker cannot decode, such as HEIC on Apple's devices.
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

/** Few need it, so it is fetched when it is. @param {Blob} file @param {How} how */
async function onPage(file, how) {
  const { drawn } = await import("./picture.js");
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    return await drawn(image, image.naturalWidth, image.naturalHeight, how);
  } finally {
    URL.revokeObjectURL(image.src);
  }
}
