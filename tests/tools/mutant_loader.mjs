// @ts-check
// Lets Node see one module otherwise than it is on the disk: `MUTANT_OF` is its address, `MUTANT` a file with the other text.

import { readFileSync } from "node:fs";
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

const { MUTANT, MUTANT_OF } = process.env;

/**
 * A hook of Node's module loader.
 * @param {string} url
 * @param {object} context
 * @param {(url: string, context: object) => Promise<object>} next
 */
export async function load(url, context, next) {
  if (url !== MUTANT_OF) return next(url, context);
  return { format: "module", shortCircuit: true, source: readFileSync(/** @type {string} */ (MUTANT), "utf8") };
}

// Hooks run on a thread of their own, which loads this file once more.
if (isMainThread) register(import.meta.url);
