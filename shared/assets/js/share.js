// @ts-check
/** Sharing with the device's own dialogue, including the image if it takes files, and with the clipboard. Each is offered only if it exists. */

/** Milliseconds that the image may take. A press lets a page share for five seconds (https://html.spec.whatwg.org/#transient-activation-duration). */
const IMAGE_MS = 3_000;

import { phrase } from "./words.js";

/**
 * @param {string} address
 * @returns {Promise<File[]>} the image; empty if it cannot be fetched, or takes too long: the words and the link go without it
 */
async function files(address) {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(IMAGE_MS) });
    const blob = await answer.blob();
    return answer.ok && blob.type.startsWith("image/") ? [new File([blob], "photo.jpg", { type: blob.type })] : [];
  } catch {
    return [];
  }
}

/** @param {HTMLElement} place */
function run(place) {
  const { text = "", title = "", file = "" } = place.dataset;
  const news = place.parentElement?.querySelector("[data-share-news]");
  const tell = (/** @type {string} */ words) => {
    if (news) news.textContent = words;
  };
  const device = /** @type {HTMLButtonElement | null} */ (place.querySelector("[data-share-device]"));
  if (device && typeof navigator.share === "function") {
    // Its space was reserved, so nothing moves.
    device.classList.remove("awaits");
    device.addEventListener("click", async () => {
      const withFiles = { title, text, files: file ? await files(file) : [] };
      const data = withFiles.files.length > 0 && navigator.canShare?.(withFiles) ? withFiles : { title, text };
      try {
        await navigator.share(data);
      } catch (error) {
        // Closing the device's dialogue is not a failure.
        if (!(error instanceof DOMException && error.name === "AbortError")) tell(phrase("share_failed"));
      }
    });
  }
  const copy = /** @type {HTMLButtonElement | null} */ (place.querySelector("[data-share-copy]"));
  // Browsers offer no clipboard to pages that came over an unencrypted connection.
  if (copy && !navigator.clipboard) copy.remove();
  if (copy && navigator.clipboard) {
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        tell(phrase("words_copied"));
      } catch {
        tell(phrase("copy_refused"));
      }
    });
  }
}

/** Sets up every element of `root` that can be shared. @param {ParentNode} root */
export function shareable(root) {
  for (const place of root.querySelectorAll("[data-share]")) run(/** @type {HTMLElement} */ (place));
}

