// @ts-check
// Checks the documentation against the tree. Plain Node (20 or newer), no packages.
//
//     node tests/tools/check_docs.mjs            # prints what is wrong; exit status 1 if anything is
//     node tests/tools/check_docs.mjs --write    # remakes the index of decisions first, and puts facts right
//
// 1. Each relative link of a committed *.md file leads to a committed file or folder, and its anchor to a heading or a line there.
// 2. docs/DECISIONS.md lists exactly the paragraphs of the sources that begin with "Decision:".
// 3. In tables, each path of this repository that stands in `code` exists.
// 4. In tables, each `name` that follows the path of a file in the same cell occurs in that file.
// 5. What stands before <!-- fact: … --> is what the sources say. facts.mjs has the form.
// 6. No comment of a Rust source, and no text that people read, has one of the phrases of phrases.mjs. sentences.mjs finds that text.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

import { corrected, wrongFacts } from "./facts.mjs";
import { PHRASES, SAID } from "./phrases.mjs";
import { sentences } from "./sentences.mjs";

/** The index of decisions. */
export const INDEX = "docs/DECISIONS.md";
const BEGIN = "<!-- Made by `node tests/tools/check_docs.mjs --write`; do not edit the lists below. -->";
const END = "<!-- End of the lists. -->";

/** Sources that may hold decisions, by the end of their names. */
const SOURCES = /\.(rs|js|mjs|css|html|tf|hcl|toml|py|sh|yml)$/;
/** The first line of a decision, after whatever begins a comment in its language; and any further line of that comment. */
const FIRST = /^\s*(?:\/\/[/!]?|\*|#+|\{#|<!--)\s*Decision: (?<text>.+)$/;
const FURTHER = /^\s*(?:\/\/[/!]?|\*(?!\/)|#+(?!\[))(?<text>.*)$/;
/** Characters from which on the beginning of a decision says enough. */
const TELLING = 60;

/**
 * The committed files of a working tree, and the folders that they are in.
 * @typedef {{ root: string, files: Set<string>, folders: Set<string> }} Tree
 */

/**
 * Reads the list of committed files.
 * @param {string} root
 * @returns {Tree}
 */
export function tree(root) {
  const listed = execFileSync("git", ["-C", root, "ls-files", "-z"], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  const files = new Set(listed.split("\0").filter((path) => path && existsSync(join(root, path))));
  const folders = new Set(["."]);
  for (const file of files) {
    for (let folder = posix.dirname(file); folder !== "."; folder = posix.dirname(folder)) folders.add(folder);
  }
  return { root, files, folders };
}

/**
 * Everything that is wrong, one sentence each.
 * @param {Tree} all
 * @returns {string[]}
 */
export function problems(all) {
  const documents = [...all.files].filter((path) => path.endsWith(".md")).sort();
  const facts = (/** @type {string} */ path) => wrongFacts(all, path, withoutFences(read(all, path).split("\n")));
  return [...documents.flatMap((path) => [...brokenLinks(all, path), ...brokenCells(all, path), ...facts(path)]), ...staleIndex(all), ...riddles(all), ...unclear(all)];
}

/**
 * Comments of Rust sources that a native reader has to read twice.
 * @param {Tree} all
 */
export function riddles(all) {
  /** @type {string[]} */
  const found = [];
  for (const path of [...all.files].filter((path) => path.endsWith(".rs")).sort()) {
    for (const [i, line] of read(all, path).split("\n").entries()) {
      const comment = /^\s*\/\/[/!]?\s?(.*)$/.exec(line)?.[1];
      if (comment === undefined) continue;
      for (const [phrase, instead] of PHRASES) {
        const [met] = phrase.exec(comment) ?? [];
        if (met !== undefined) found.push(`${path}:${i + 1}: “${met}”; write instead: ${instead}`);
      }
    }
  }
  return found;
}

/**
 * Text for people that a native reader has to read twice.
 * @param {Tree} all
 */
export function unclear(all) {
  return [...all.files].sort().flatMap((path) =>
    sentences(path, /\.(rs|html|js|toml|tf|md)$/.test(path) ? read(all, path) : "").flatMap(({ line, text }) =>
      SAID.flatMap(([phrase, instead]) => {
        const [met] = phrase.exec(text) ?? [];
        return met === undefined ? [] : [`${path}:${line}: “${met}”; write instead: ${instead}`];
      }),
    ),
  );
}

/**
 * Links of one document that lead nowhere.
 * @param {Tree} all
 * @param {string} path
 */
function brokenLinks(all, path) {
  /** @type {string[]} */
  const found = [];
  const lines = read(all, path).split("\n");
  const prose = withoutCode(lines);
  for (const [i, line] of prose.entries()) {
    for (const target of targets(line)) {
      const problem = broken(all, path, target);
      if (problem) found.push(`${path}:${i + 1}: the link to ${target} is broken: ${problem}`);
    }
  }
  return found;
}

/**
 * Where the links of a line lead: inline ones, images, definitions, and those of HTML.
 * @param {string} line
 */
function targets(line) {
  const forms = [/\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g, /^\s{0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/g, /\b(?:href|src)="([^"]+)"/g];
  return forms.flatMap((form) => [...line.matchAll(form)].map((match) => match[1] ?? ""));
}

/**
 * What is wrong with a link; empty if nothing is, or if it leads out of the repository.
 * @param {Tree} all
 * @param {string} from
 * @param {string} target
 */
function broken(all, from, target) {
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target)) return "";
  const [encoded = "", anchor] = target.split("#");
  const path = decodeURIComponent(encoded);
  const whole = path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(from), path);
  const file = path === "" ? from : posix.normalize(whole).replace(/\/$/, "");
  if (all.folders.has(file)) return anchor === undefined ? "" : "a folder has no anchors";
  if (!all.files.has(file)) return existsSync(join(all.root, file)) ? `${file} is not committed` : `there is no ${file}`;
  if (anchor === undefined) return "";
  const text = read(all, file);
  if (!file.endsWith(".md")) {
    const [, first, last] = /^L(\d+)(?:-L(\d+))?$/.exec(anchor) ?? [];
    const lines = text.split("\n").length;
    return first && Number(last ?? first) <= lines ? "" : `${file} has no line ${anchor}`;
  }
  return anchors(text).has(decodeURIComponent(anchor)) ? "" : `${file} has no heading #${anchor}`;
}

/**
 * The anchors of a document, as GitHub makes them of its headings.
 * @param {string} text
 */
export function anchors(text) {
  const found = new Set([...text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)].map((match) => match[1]));
  for (const line of withoutFences(text.split("\n"))) {
    const heading = /^#{1,6}\s+(.*?)\s*#*\s*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const plain = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
    const slug = plain.toLowerCase().replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "").replace(/ /g, "-");
    let unique = slug;
    for (let n = 1; found.has(unique); n += 1) unique = `${slug}-${n}`;
    found.add(unique);
  }
  return found;
}

/**
 * Paths and names in the tables of one document that are not there.
 * @param {Tree} all
 * @param {string} path
 */
function brokenCells(all, path) {
  /** @type {string[]} */
  const found = [];
  for (const [i, line] of withoutFences(read(all, path).split("\n")).entries()) {
    if (!/^\s*\|/.test(line)) continue;
    for (const cell of line.split(/(?<!\\)\|/)) {
      /** @type {string | null} */
      let file = null;
      for (const [, code = ""] of cell.matchAll(/`([^`]+)`/g)) {
        const paths = code.split(/\s+/).map((word) => word.replace(/^\.\//, "")).filter((word) => isPath(all, word));
        for (const missing of paths.filter((word) => !matches(all, word) && !matches(all, posix.join(posix.dirname(path), word)))) {
          found.push(`${path}:${i + 1}: there is no ${missing}`);
        }
        if (paths.length > 0) {
          file = all.files.has(code) ? code : null;
        } else if (file !== null && /^[A-Za-z_]\w*(?:::\w+)*(?:\(\))?$/.test(code)) {
          const text = read(all, file);
          const absent = code.replace("()", "").split("::").filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
          if (absent.length > 0) found.push(`${path}:${i + 1}: ${file} does not have ${absent.join(", ")}`);
        }
      }
    }
  }
  return found;
}

/**
 * Whether a word is meant as a path of this repository: its first part is a folder here.
 * @param {Tree} all
 * @param {string} word
 */
function isPath(all, word) {
  const [first = ""] = word.split("/");
  return /^[\w.{},*/-]+$/.test(word) && word.includes("/") && all.folders.has(first);
}

/**
 * Whether a path is there. `{a,b}` stands for each of a and b; `{name}` and `*` for whatever is there.
 * @param {Tree} all
 * @param {string} path
 */
function matches(all, path) {
  const there = [...all.files, ...all.folders];
  return alternatives(path.replace(/\/$/, "")).every((one) => {
    const pattern = one.split(/\{\w+\}|\*/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[^/]*");
    return there.some((known) => new RegExp(`^${pattern}$`).test(known));
  });
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function alternatives(path) {
  const list = /\{([^{}]*,[^{}]*)\}/.exec(path);
  if (!list) return [path];
  const [before, after] = [path.slice(0, list.index), path.slice(list.index + list[0].length)];
  return (list[1] ?? "").split(",").flatMap((one) => alternatives(before + one + after));
}

/**
 * Whether the index says something else than the sources.
 * @param {Tree} all
 */
function staleIndex(all) {
  const made = index(all);
  if (!all.files.has(INDEX)) return made === "" ? [] : [`there is no ${INDEX}`];
  const text = read(all, INDEX);
  const listed = between(text);
  if (listed === null) return [`${INDEX} has lost the lines between which the lists stand: ${BEGIN} and ${END}`];
  if (listed === made) return [];
  const [old, now] = [listed.split("\n"), made.split("\n")];
  const differences = [
    ...now.filter((line) => !old.includes(line)).map((line) => `\n    missing: ${line}`),
    ...old.filter((line) => !now.includes(line)).map((line) => `\n    not in the sources: ${line}`),
  ];
  return [`${INDEX} is not what the sources say; run node tests/tools/check_docs.mjs --write${differences.join("") || "\n    the order differs"}`];
}

/**
 * Writes the index anew.
 * @param {Tree} all
 */
export function write(all) {
  const path = join(all.root, INDEX);
  const text = readFileSync(path, "utf8");
  const listed = between(text);
  if (listed === null) throw new Error(`${INDEX} needs the lines ${BEGIN} and ${END}`);
  writeFileSync(path, text.replace(`${BEGIN}\n${listed}${END}`, () => `${BEGIN}\n${index(all)}${END}`));
}

/**
 * Puts the facts of all documents right.
 * @param {Tree} all
 * @returns {string[]} what changed, one line each: somebody has to read the sentences around it again
 */
export function writeFacts(all) {
  return [...all.files].filter((path) => path.endsWith(".md")).sort().flatMap((path) => {
    const lines = read(all, path).split("\n");
    const outside = withoutFences(lines);
    const right = lines.map((line, i) => (outside[i] ? corrected(all, line) : line));
    const changed = right.flatMap((line, i) => (line === lines[i] ? [] : [`${path}:${i + 1}: ${line.trim()}`]));
    if (changed.length > 0) writeFileSync(join(all.root, path), right.join("\n"));
    return changed;
  });
}

/**
 * What stands between the two marks; null if they are not there.
 * @param {string} text
 */
function between(text) {
  const [begin, end] = [text.indexOf(`${BEGIN}\n`), text.indexOf(END)];
  return begin < 0 || end < begin ? null : text.slice(begin + BEGIN.length + 1, end);
}

/**
 * The lists: one for each top folder, in the order of paths and of the lines in each file.
 * @param {Tree} all
 */
function index(all) {
  /** @type {Map<string, string[]>} */
  const lists = new Map();
  for (const path of [...all.files].filter((file) => SOURCES.test(file)).sort()) {
    for (const decision of decisions(read(all, path))) {
      const folder = path.split("/").slice(0, path.startsWith("shared/") ? 3 : 2).join("/");
      const list = lists.get(folder) ?? [];
      list.push(`- [${path}](../${path}): ${decision}`);
      lists.set(folder, list);
    }
  }
  return [...lists].map(([folder, list]) => `\n## ${folder}\n\n${list.join("\n")}\n`).join("") + (lists.size > 0 ? "\n" : "");
}

/**
 * Each decision of a source: its first sentence, and as many more as make it long enough to be understood.
 * @param {string} source
 * @returns {string[]}
 */
export function decisions(source) {
  const lines = source.split("\n");
  return lines.flatMap((line, i) => {
    const first = FIRST.exec(line)?.groups?.["text"];
    if (first === undefined) return [];
    const words = [first];
    for (const next of lines.slice(i + 1)) {
      const text = FURTHER.exec(next)?.groups?.["text"]?.trim();
      if (!text || text.startsWith("Decision:")) break;
      words.push(text);
    }
    const paragraph = words.join(" ").replace(/\[(`[^`]+`)\](?:\([^)]*\))?/g, "$1");
    const sentences = paragraph.split(/(?<=[.?!])\s+(?=[\p{Lu}`])/u);
    let shown = sentences.shift() ?? "";
    while (shown.length < TELLING && sentences.length > 0) shown += ` ${sentences.shift()}`;
    return [shown];
  });
}

/**
 * The lines, those of fenced code emptied.
 * @param {string[]} lines
 */
function withoutFences(lines) {
  let fence = "";
  return lines.map((line) => {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1] ?? "";
    if (fence) {
      if (mark.startsWith(fence)) fence = "";
      return "";
    }
    fence = mark;
    return mark ? "" : line;
  });
}

/**
 * The lines without any code.
 * @param {string[]} lines
 */
function withoutCode(lines) {
  return withoutFences(lines).map((line) => line.replace(/(`+)(?!`).+?(?<!`)\1(?!`)/g, ""));
}

/**
 * @param {Tree} all
 * @param {string} path
 */
function read(all, path) {
  return readFileSync(join(all.root, path), "utf8");
}

function main() {
  const all = tree(fileURLToPath(new URL("../..", import.meta.url)));
  if (process.argv.includes("--write")) {
    write(all);
    for (const changed of writeFacts(all)) console.log(`changed, read it again: ${changed}`);
  }
  const found = problems(all);
  for (const problem of found) console.error(problem);
  const documents = [...all.files].filter((path) => path.endsWith(".md")).length;
  console.log(found.length === 0 ? `${documents} documents, nothing wrong` : `${found.length} wrong in ${documents} documents`);
  process.exitCode = found.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
