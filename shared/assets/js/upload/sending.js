// @ts-check
// The part that sends is fetched when there is something to send, so that the page is there sooner; and again until it comes, since
// a browser remembers a module that once failed by its address.

import { delay } from "./backoff.js";

/**
 * @import { Sender } from "./sender.js"
 * @import { World } from "./types.js"
 */

/**
 * Fetches a module, however often that takes.
 * @template T
 * @param {(again: string) => Promise<T>} load with what is put behind the address
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

  /** Has the sender do something, as soon as it is here. @param {(sender: Sender) => unknown} what */
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
