// @ts-check
// Addresses of scripts that the page may run: those of its own version, and nothing else. Browsers with Trusted Types accept such addresses
// from here only.

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

/** @param {string} path */
function allowed(path) {
  const url = new URL(path, import.meta.url);
  if (url.origin !== location.origin) throw new TypeError(`${url} is not ours`);
  return url.href;
}
