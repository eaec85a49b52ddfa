// @ts-check
// Keeps pages on the device, so that they open without a network: photos can be got ready in a cellar, and the wall comes back after a
// power cut.

import { own } from "../trusted.js";

/** Installs the service worker. Without it, or where the browser refuses, everything works but for that. */
export async function installShell() {
  await navigator.serviceWorker?.register(own("/service-worker.js"), { scope: "/" }).catch(() => {});
}
