// @ts-check
// What scripts say, in the language of the page: the server puts the phrases that its scripts name into an attribute of <body>.
// Text that belongs to a sentence is never put together here but by places in it: languages order their words differently.

/** @typedef {Record<string, string | Record<string, string>>} Phrases by key: a text, or texts by CLDR's category of {n} */

/** Which numbers have words of their own; all others have those of `other`. https://cldr.unicode.org/index/cldr-spec/plural-rules */
const FORMS = /** @type {Record<string, Record<number, string>>} */ ({
  cy: { 0: "zero", 1: "one", 2: "two", 3: "few", 6: "many" },
  en: { 1: "one" },
});

/** @type {Phrases | null} read when first something is said */
let phrases = null;
let language = "en";

/**
 * Takes up other phrases than the page's: tests have no page.
 * @param {string} lang
 * @param {Phrases} given
 */
export function speak(lang, given) {
  language = lang.slice(0, 2);
  phrases = given;
}

/**
 * The address of a page that speaks each language, in that of this page.
 * @param {string} path
 */
export const spoken = (path) => (document.documentElement.lang === "cy" ? `/cy${path}` : path);

/**
 * What `key` means, with facts in their places. A page that was not told says the key: never nothing.
 * @param {string} key written out where it is said, since a page is sent what its scripts name
 * @param {Record<string, string | number>} [facts] by the name of their place; `n` also chooses the form
 * @returns {string}
 */
export function phrase(key, facts = {}) {
  if (!phrases) speak(document.documentElement.lang, JSON.parse(document.body.dataset["words"] ?? "{}"));
  const said = phrases?.[key] ?? key;
  const text = typeof said === "string" ? said : said[FORMS[language]?.[Number(facts["n"])] ?? "other"] ?? said["other"] ?? key;
  return text.replace(/\{(\w+)\}/g, (place, name) => String(facts[name] ?? place));
}
