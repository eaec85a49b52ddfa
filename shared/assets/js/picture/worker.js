// @ts-check
// Prepares photos in a worker, so that the page stays responsive.

import { prepare } from "./picture.js";

addEventListener("message", async (/** @type {MessageEvent<{ file: Blob, how: import("./picture.js").How }>} */ { data }) => {
  try {
    postMessage({ made: await prepare(data.file, data.how) });
  } catch (error) {
    postMessage({ error: String(error) });
  }
});
