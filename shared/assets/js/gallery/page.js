// @ts-check
/** Fetches pages of the gallery as documents, and moves their photos into this page with the shapes from their own style sheet. */

/** Longest time for a page, in milliseconds. */
const ANSWER_MS = 20_000;

/** @typedef {{createPolicy: (name: string, rules: {createHTML: (text: string) => string}) => {createHTML: (text: string) => string}}} TrustedTypes */

// The page's policy lets no string become markup unless a named policy vouches for it. This policy vouches for pages of this site, which
// become separate documents: nothing in them runs, and only their photos are taken over.
const { trustedTypes } = /** @type {{trustedTypes?: TrustedTypes}} */ (/** @type {unknown} */ (globalThis));
const ours = trustedTypes?.createPolicy("page-of-ours", { createHTML: (text) => text });

/**
 * Fetches a page of this site: its markup as a document, and the text of its style element, which would be refused there.
 * @param {string} address
 * @returns {Promise<{page: Document, css: string}>}
 */
export async function fetchPage(address) {
  const answer = await fetch(address, { signal: AbortSignal.timeout(ANSWER_MS), headers: { accept: "text/html" } });
  // A page without our marker, or from elsewhere, is not ours: a filter has answered instead.
  const here = new URL(answer.url).origin === location.origin;
  if (!answer.ok || !here || answer.headers.get("x-techognition") === null) throw new Error(`status ${answer.status}`);
  const { markup, css } = apart(await answer.text());
  return { page: new DOMParser().parseFromString(ours?.createHTML(markup) ?? markup, "text/html"), css };
}

/**
 * Separates a page from the text of its style element.
 * @param {string} text
 */
export function apart(text) {
  let css = "";
  const markup = text.replace(/<style>([^<]*)<\/style>/g, (_, rules) => {
    css += rules;
    return "";
  });
  return { markup, css };
}

/**
 * Returns the shapes and colours of a page's photos by class, from rules such as `.p1{--ar:1.5;--c:#123456}`.
 * @param {string} css
 * @returns {Map<string, [string, string][]>}
 */
export function shapes(css) {
  const found = new Map();
  for (const [, name, body] of css.matchAll(/\.(p\d+)\{([^{}]*)\}/g)) {
    const properties = (body ?? "").split(";").map((one) => one.split(":")).filter(([key, value]) => key?.startsWith("--") && value);
    found.set(name, properties.map(([key, value]) => [key?.trim(), value?.trim()]));
  }
  return found;
}

/**
 * Appends the photos of another page to `list`; those that are in it already stay where they are.
 * @param {{page: Document, css: string}} from
 * @param {HTMLElement} list
 * @returns {HTMLElement[]} the elements that were added
 */
export function adopt({ page, css }, list) {
  const known = new Set([...list.querySelectorAll("[data-id]")].map((item) => item.getAttribute("data-id") ?? undefined));
  const looks = shapes(css);
  const added = [];
  for (const item of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-tiles] > li"))) {
    if (known.has(item.dataset.id)) continue;
    const own = /** @type {HTMLElement} */ (document.importNode(item, true));
    // A stack has its other photos within it.
    for (const one of [own, .../** @type {NodeListOf<HTMLElement>} */ (own.querySelectorAll("li"))]) {
      for (const [key, value] of looks.get(one.className) ?? []) one.style.setProperty(key, value);
      one.removeAttribute("class");
    }
    for (const image of own.querySelectorAll("img")) {
      image.loading = "lazy";
      image.removeAttribute("fetchpriority");
    }
    list.append(own);
    added.push(own);
  }
  return added;
}
