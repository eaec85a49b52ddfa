// @ts-check
// Fetches the part that sends only when there is something to send, so that the page loads sooner; and fetches it again until it arrives,
// because a browser remembers by its address that a module has failed once. A module that does not exist any more, because another version of
// the site has been deployed, is reported to the page.

import { delay } from "./backoff.js";

/**
 * @import { Sender } from "./sender.js"
 * @import { World } from "./types.js"
 */

/** The page's event that says that a module does not exist any more. */
export const OUTDATED = "outdated";

/**
 * Fetches a module, however often that takes. Each time the site answers that there is no such module, the page gets the event `OUTDATED`.
 * It is fetched again nevertheless: while a version is deployed, the site may answer from either.
 * @template T
 * @param {string} module its path, relative to this module
 * @param {(again: string) => Promise<T>} load imports it; called with what to append to the address
 * @returns {Promise<T>}
 */
export async function late(module, load) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await load(attempt ? `?${attempt}` : "");
    } catch {
      if (await isGone(new URL(module, import.meta.url))) dispatchEvent(new Event(OUTDATED));
      await new Promise((resolve) => setTimeout(resolve, delay(attempt, Math.random)));
    }
  }
}

/** Whether the site itself says that there is no such file; a filter that answers in its place is not believed. @param {URL} address */
async function isGone(address) {
  const answer = await fetch(address, { cache: "no-store" }).catch(() => null);
  return answer?.status === 404 && answer.headers.has("x-techognition");
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
    const { Sender } = await late("sender.js", (again) => import("./sender.js" + again));
    /** @type {typeof import("./put.js")} */
    const { put } = await late("put.js", (again) => import("./put.js" + again));
    return new Sender({ ...this.world, put });
  }
}
