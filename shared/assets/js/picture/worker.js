// @ts-check
// Makes photos ready beside the page, so that the page answers while it does.

import { prepare } from "./picture.js";

addEventListener("message", async (/** @type {MessageEvent<{ file: Blob, how: import("./picture.js").How }>} */ { data }) => {
  try {
    postMessage({ made: await prepare(data.file, data.how) });
  } catch (error) {
    postMessage({ error: String(error) });
  }
});
