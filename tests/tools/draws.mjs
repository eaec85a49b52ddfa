// @ts-check
// What the browser's modules say of each draw in a folder of folders: a line of winners and reserves, or `refused`.
//
//     node tests/tools/draws.mjs FOLDER

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { BadFile, NAMES, verify } from "../../shared/assets/js/draw/verify.js";

const folder = process.argv[2] ?? ".";
for (const name of readdirSync(folder).sort()) {
  const files = Object.fromEntries(NAMES.map((file) => [file, new Uint8Array(readFileSync(join(folder, name, file)))]));
  console.log(await said(/** @type {import("../../shared/assets/js/draw/verify.js").Files} */ (files)));
}

/** @param {import("../../shared/assets/js/draw/verify.js").Files} files */
async function said(files) {
  try {
    const { holds, winners, reserves } = await verify(files);
    return holds ? `${winners.length}|${[...winners, ...reserves].join()}` : "refused";
  } catch (error) {
    // Anything else is a mistake of the modules, and no refusal.
    if (!(error instanceof BadFile)) throw error;
    return "refused";
  }
}
