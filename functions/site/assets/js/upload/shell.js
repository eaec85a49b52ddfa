// @ts-check
// Keeps this page on the device, so that it opens without a network and photos can be got ready in a cellar.

import { own } from "../trusted.js";

/** Installs the service worker. Without it, or where the browser refuses, everything works but for that. */
export async function installShell() {
  await navigator.serviceWorker?.register(own("/service-worker.js"), { scope: "/" }).catch(() => {});
}
