// @ts-check
// Sends bytes to the storage. Uses XMLHttpRequest, because fetch does not report how much was sent.

/** @import { PutAnswer } from "./types.js" */

/** Milliseconds without progress after which a connection is abandoned. */
const STALL_MS = 20_000;
/** Lowest speed of a connection, in bytes per millisecond: bytes that the browser counts as sent may still wait in the phone. */
const SLOWEST = 16;

/**
 * Puts `bytes` to `url` with exactly `headers`.
 *
 * Safari reports a dropped connection as `abort`, so only the signal shows whether the page aborted it.
 * @param {string} url
 * @param {Record<string, string>} headers
 * @param {Blob} bytes
 * @param {(sent: number) => void} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<PutAnswer>}
 */
export function put(url, headers, bytes, onProgress, signal) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let sentBytes = 0;
    let stalled = false;
    /** @type {ReturnType<typeof setTimeout>} */
    let watchdog;
    const expect = (/** @type {number} */ ms) => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        stalled = true;
        request.abort();
      }, ms);
    };
    const cancel = () => request.abort();
    const end = (/** @type {number} */ status) => {
      clearTimeout(watchdog);
      signal.removeEventListener("abort", cancel);
      const contentType = status ? (request.getResponseHeader("content-type") ?? "") : "";
      // Headers of another origin are hidden: asking for this one there would only write a warning.
      const marker = status !== 0 && url.startsWith(location.origin) && request.getResponseHeader("x-techognition") !== null;
      resolve({ status, contentType, sentBytes, marker, stalled });
    };
    request.upload.onprogress = (event) => {
      sentBytes = event.loaded;
      expect(event.loaded < event.total ? STALL_MS : STALL_MS + event.total / SLOWEST);
      onProgress(event.loaded);
    };
    request.onload = () => end(request.status);
    request.onerror = request.onabort = () => end(0);
    try {
      request.open("PUT", url);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      signal.addEventListener("abort", cancel);
      expect(STALL_MS);
      request.send(bytes);
    } catch {
      end(0);
    }
  });
}
