// @ts-check
// Fetches the part that sends only when there is something to send, so that the page loads sooner; and fetches it again until it arrives,
// because a browser remembers by its address that a module has failed once.

import { delay } from "./backoff.js";

/**
 * @import { Sender } from "./sender.js"
 * @import { World } from "./types.js"
 */

/**
 * Fetches a module, however often that takes.
 * @template T
 * @param {(again: string) => Promise<T>} load called with what to append to the address
 * @returns {Promise<T>}
 */
export async function late(load) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await load(attempt ? `?${attempt}` : "");
    } catch {
      await new Promise((resolve) => setTimeout(resolve, delay(attempt, Math.random)));
    }
  }
}

export class Sending {
  /** @type {Promise<Sender> | null} */
  #sender = null;

  /** @param {Omit<World, "put">} world */
  constructor(world) {
    this.world = world;
  }

  /** Lets the sender do something as soon as it is loaded. @param {(sender: Sender) => unknown} what */
  with(what) {
    this.#sender ??= this.#fetch();
    void this.#sender.then(what);
  }

  async #fetch() {
    /** @type {typeof import("./sender.js")} */
    const { Sender } = await late((again) => import("./sender.js" + again));
    /** @type {typeof import("./put.js")} */
    const { put } = await late((again) => import("./put.js" + again));
    return new Sender({ ...this.world, put });
  }
}
