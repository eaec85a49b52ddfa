// @ts-check
// Finds the text that people read in a file: in templates, messages, strings of sources, comments of the organiser's settings, alarms and
// documents. check_docs.mjs looks for the phrases of phrases.mjs in it.

/**
 * A piece of text and the number of its first line, from 1.
 * @typedef {{ line: number, text: string }} Sentence
 */

/** How the text of a file is found, by the file's path. The first row that fits is used. @type {[RegExp, (source: string) => Sentence[]][]} */
const READERS = [
  [/^(functions|shared|infra)\/(?!.*\btests\b).*\.rs$/, (source) => strings(withoutTests(source), /(?<![rb'#\\])"((?:[^"\\]|\\[^])*)"/g)],
  [/^(functions|shared\/templates)\/.*\.html$/, (source) => everyLine(source.replace(/\{[#%][^]*?[#%]\}|\{\{[^]*?\}\}|<!--[^]*?-->/g, blank))],
  [/^shared\/assets\/js\/.*\.js$/, (source) => strings(withoutComments(source), /"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\[^])*)`/g)],
  [/^shared\/messages\/.*en\.toml$/, (source) => strings(source.replace(/^#.*$/gm, blank), /"((?:[^"\\]|\\[^])*)"/g)],
  [/^infra\/event\.toml$/, everyLine],
  [/^infra\/aws\/[^/]*\.tf$/, (source) => strings(source.replace(/^\s*#.*$/gm, blank), /"((?:[^"\\\n]|\\.)*)"/g)],
  [/^(README|CONTRIBUTING|infra\/README|docs\/organiser\/.*)\.md$/, everyLine],
];

/**
 * Returns the text that people read in a file; empty if the file has none.
 * @param {string} path
 * @param {string} source
 * @returns {Sentence[]}
 */
export function sentences(path, source) {
  return READERS.find(([fits]) => fits.test(path))?.[1](source) ?? [];
}

/**
 * Returns the text of a Rust source before its unit tests, without comments, without raw strings, and without the reasons of lints, which
 * only developers read.
 * @param {string} source
 */
function withoutTests(source) {
  const [before = ""] = source.split(/^#\[(?:cfg\(test\)|test|tokio::test)/m);
  return before
    .replace(/^\s*\/\/.*$/gm, blank)
    .replace(/\br(#*)"[^]*?"\1/g, blank)
    .replace(/\breason = "[^"]*"/g, blank)
    .replace(/'(?:"|\\")'/g, blank);
}

/** @param {string} source of a script */
function withoutComments(source) {
  return source.replace(/\/\*[^]*?\*\//g, blank).replace(/(^|\s)\/\/.*$/gm, blank);
}

/**
 * Returns the strings that have several words. A string that is continued in the next line of its source is one text.
 * @param {string} source
 * @param {RegExp} form of a string; its groups are what is between the quotation marks
 * @returns {Sentence[]}
 */
function strings(source, form) {
  return [...source.matchAll(form)].flatMap((match) => {
    const text = (match.slice(1).find((group) => group !== undefined) ?? "").replace(/\\\n\s*/g, "");
    return /[a-z’']+ [a-z]/i.test(text) ? [{ line: source.slice(0, match.index).split("\n").length, text }] : [];
  });
}

/** @param {string} source @returns {Sentence[]} */
function everyLine(source) {
  return source.split("\n").map((text, i) => ({ line: i + 1, text }));
}

/** Returns the line breaks of a piece of text, so that what follows it keeps its line. @param {string} text */
function blank(text) {
  return text.replace(/[^\n]/g, "");
}
