// @ts-check
// What scripts say, in the language of the page: the server puts the phrases that its scripts name into an attribute of <body>. Sentences
// are never assembled from parts here; facts are put into their places, because languages order their words differently.

/** @typedef {Record<string, string | Record<string, string>>} Phrases by key: a text, or texts by CLDR's category of {n} */

/** The numbers with plural forms of their own; all others use `other`. https://cldr.unicode.org/index/cldr-spec/plural-rules */
const FORMS = /** @type {Record<string, Record<number, string>>} */ ({
  cy: { 0: "zero", 1: "one", 2: "two", 3: "few", 6: "many" },
  en: { 1: "one" },
});

/** @type {Phrases | null} read when first something is said */
let phrases = null;
let language = "en";

/**
 * Sets other phrases than the page's, for tests, which have no page.
 * @param {string} lang
 * @param {Phrases} given
 */
export function speak(lang, given) {
  language = lang.slice(0, 2);
  phrases = given;
}

/** Whether what is said is English, as moderators write. */
export const isEnglish = () => language === "en";

/**
 * Returns the address of a page that exists in each language, in the language of this page.
 * @param {string} path
 */
export const spoken = (path) => (document.documentElement.lang === "cy" ? `/cy${path}` : path);

/**
 * Returns the phrase for `key`, with facts in their places. If the page has no such phrase, returns the key: never an empty text.
 * @param {string} key written as a literal where it is used, because a page is sent the phrases that its scripts name
 * @param {Record<string, string | number>} [facts] by the name of their place; `n` also chooses the plural form
 * @returns {string}
 */
export function phrase(key, facts = {}) {
  if (!phrases) speak(document.documentElement.lang, JSON.parse(document.body.dataset["words"] ?? "{}"));
  const said = phrases?.[key] ?? key;
  const text = typeof said === "string" ? said : said[FORMS[language]?.[Number(facts["n"])] ?? "other"] ?? said["other"] ?? key;
  return text.replace(/\{(\w+)\}/g, (place, name) => String(facts[name] ?? place));
}
