// @ts-check
// Keeps pages on the device, so that they open without a network: photos can be prepared in a cellar, and the wall returns after a power
// cut.

import { own } from "../trusted.js";

/** Installs the service worker. Without it, everything works except opening pages without a network. */
export async function installShell() {
  await navigator.serviceWorker?.register(own("/service-worker.js"), { scope: "/" }).catch(() => {});
}
