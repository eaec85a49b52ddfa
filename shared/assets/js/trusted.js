// @ts-check
// Scripts that run beside the page: their addresses, which are those of its own version and nothing else, and the service worker. Browsers
// with Trusted Types accept such addresses from here only.

/** @typedef {{ createPolicy(name: string, rules: object): { createScriptURL(text: string): string } }} Factory */

const factory = /** @type {{ trustedTypes?: Factory }} */ (/** @type {unknown} */ (globalThis)).trustedTypes;
const policy = factory?.createPolicy("own-scripts", { createScriptURL: allowed }) ?? { createScriptURL: allowed };

/**
 * Returns the address of one of the site's own scripts.
 * @param {string} path relative to this file, or from the root of the site
 * @throws {TypeError} for an address elsewhere
 */
export function own(path) {
  return policy.createScriptURL(path);
}

/**
 * Installs the service worker, which keeps pages on the device, so that they open without a network: photos can be prepared in a cellar, and
 * the wall returns after a power cut. Without it, everything else works.
 */
export async function installShell() {
  await navigator.serviceWorker?.register(own("/service-worker.js"), { scope: "/" }).catch(() => {});
}

/** @param {string} path */
function allowed(path) {
  const url = new URL(path, import.meta.url);
  if (url.origin !== location.origin) throw new TypeError(`${url} is not ours`);
  return url.href;
}
