// @ts-check
// Facts in documents: what a document says of the software, with the place where the software says it. Plain Node, no packages.
//
//     kept for 30<!-- fact: shared/src/domain/limits.rs ORIGINAL_DAYS --> days
//
// The comment stands right behind what is said, so that readers of the rendered page see a plain sentence. What is said is the number,
// word or date before the comment, or everything in **bold**, `code` or “quotes”. Behind the file stands what it is compared with:
//
//     ORIGINAL_DAYS, Role::ALL      a constant of a .rs, .js or .mjs file; of a list, how many it has
//     cloud.original_days           a key of a .toml file; of a list, or of tables in [[brackets]], how many there are
//     retention_in_days             an attribute of a .tf file, wherever it stands there
//     rows                          how many rows of tables in the file begin with a number
//     SESSION_SECONDS / 3600        any of these with + - * / and brackets; days can be added to a date
//     has "publish", "Publish", "P" a text of the file that says it, and more, so that it can be found
//     nothing                       then the file has what is said, word for word
//
// Several such comments may follow each other: then each of the files says so.
//
// A number may be said in words up to twenty. What is true is said as “on”; what is false or not set, as “off”.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** @import { Tree } from "./check_docs.mjs" */

/** What the software says; null if it is not set. @typedef {number | string | boolean | null} Value */
/**
 * One fact of a line: what is said, from where to where, and what it is compared with; `what` is empty if it is the file's text.
 * @typedef {{ from: number, to: number, said: string, file: string, what: string }} Fact
 */

const COMMENT = /<!--\s*fact\b.*?(?:-->|$)/gi;
const FORM = /^<!-- fact: (?<file>\S+)(?: (?<what>.+?))? -->$/;
const HAS = "has ";
const SAID = /(?:\*\*(?<bold>[^*]+)\*\*|`(?<code>[^`]+)`|“(?<quoted>[^”]+)”|(?<date>\d{1,2} [A-Z][a-z]+ \d{4})|(?<word>\w(?:[\w.,:-]*\w)?))$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;
const WORDS = [
  "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
  "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
];

/**
 * What is wrong with the facts of one document, one sentence each.
 * @param {Tree} all
 * @param {string} path
 * @param {string[]} lines the document without fenced code
 */
export function wrongFacts(all, path, lines) {
  return lines.flatMap((line, i) => {
    const tell = (/** @type {string} */ words) => `${path}:${i + 1}: ${words}`;
    return facts(line).flatMap((fact) => {
      if (typeof fact === "string") return [tell(fact)];
      const { said, file, what } = fact;
      try {
        if (what === "" || what.startsWith(HAS)) {
          const text = what.slice(HAS.length) || said;
          if (!text.includes(said)) return [tell(`it says “${said}”, which is no part of what ${file} should have: ${text}`)];
          return source(all, file).includes(text) ? [] : [tell(`it says “${said}”, and ${file} does not have ${what ? text : "that"}`)];
        }
        const value = evaluate(all, file, what);
        const so = shown(value, said);
        return so === said ? [] : [tell(`it says ${said}, and ${what} of ${file} is ${so}`)];
      } catch (error) {
        return [tell(error instanceof Error ? error.message : String(error))];
      }
    });
  });
}

/**
 * The line with each number, word and date as the software has it now. What cannot be read stays as it is.
 * @param {Tree} all
 * @param {string} line
 */
export function corrected(all, line) {
  let right = line;
  let done = line.length;
  for (const fact of facts(line).reverse()) {
    // Where several files say the same, one of them is enough; if they do not, the others are told as problems.
    if (typeof fact === "string" || fact.what === "" || fact.what.startsWith(HAS) || fact.to > done) continue;
    try {
      right = right.slice(0, fact.from) + shown(evaluate(all, fact.file, fact.what), fact.said) + right.slice(fact.to);
      done = fact.from;
    } catch {
      // It is told as a problem.
    }
  }
  return right;
}

/**
 * The facts of a line; a sentence instead of each that has not the form of one.
 * @param {string} line
 * @returns {(Fact | string)[]}
 */
function facts(line) {
  // A comment in code is an example of one.
  const prose = line.replace(/(`+)(?!`).+?(?<!`)\1(?!`)/g, (code) => code.replaceAll("<!--", "    "));
  return [...prose.matchAll(COMMENT)].map((comment) => {
    const { file, what = "" } = FORM.exec(comment[0])?.groups ?? {};
    if (file === undefined) return `${comment[0]} is no fact: write <!-- fact: FILE NAME --> on one line`;
    const before = line.slice(0, comment.index).replace(/(?:<!-- fact: (?:(?!-->).)*-->)+$/, "");
    const groups = SAID.exec(before)?.groups ?? {};
    const said = Object.values(groups).find((text) => text !== undefined);
    if (said === undefined) return `${comment[0]} stands behind nothing that it could be about: put it right behind a number, or behind “words”`;
    const end = groups["bold"] !== undefined ? 2 : groups["date"] ?? groups["word"] ? 0 : 1;
    const to = before.length - end;
    return { from: to - said.length, to, said, file, what };
  });
}

/**
 * A value in the way in which it was said.
 * @param {Value} value
 * @param {string} said
 */
function shown(value, said) {
  if (value === null || value === false) return "off";
  if (value === true) return "on";
  if (typeof value === "string") {
    if (!DATE.test(value) || DATE.test(said)) return value;
    return new Date(value).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  }
  const word = WORDS[value];
  const inWords = word !== undefined && WORDS.includes(said.toLowerCase());
  if (!inWords) return said === String(value) ? said : value.toLocaleString("en-GB");
  return /^[A-Z]/.test(said) ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}

/**
 * What an expression comes to. Its names are those of `file`.
 * @param {Tree} all
 * @param {string} file
 * @param {string} expression
 * @returns {Value}
 */
function evaluate(all, file, expression) {
  const parts = expression.match(/[A-Za-z_][\w]*(?:(?:::|\.)\w+)*|\d[\d_]*|\S/g) ?? [];
  let at = 0;
  /** @returns {Value} */
  const atom = () => {
    const part = parts[at++] ?? "";
    if (part === "(") {
      const inner = sum();
      if (parts[at++] !== ")") throw new Error(`${file}: a bracket of “${expression}” is not closed`);
      return inner;
    }
    if (/^\d/.test(part)) return Number(part.replaceAll("_", ""));
    if (/^[A-Za-z_]/.test(part)) return named(all, file, part);
    throw new Error(`${file}: “${expression}” cannot be worked out here`);
  };
  /** @param {() => Value} next @param {string[]} signs @returns {Value} */
  const chain = (next, signs) => {
    let value = next();
    while (signs.includes(parts[at] ?? "")) {
      const sign = parts[at++] ?? "";
      value = calculated(value, sign, next(), `${file}: “${expression}”`);
    }
    return value;
  };
  const product = () => chain(atom, ["*", "/"]);
  const sum = () => chain(product, ["+", "-"]);
  const value = sum();
  if (at < parts.length) throw new Error(`${file}: “${expression}” cannot be worked out here`);
  return value;
}

/**
 * @param {Value} left
 * @param {string} sign
 * @param {Value} right
 * @param {string} where
 * @returns {Value}
 */
function calculated(left, sign, right, where) {
  if (typeof right !== "number") throw new Error(`${where} calculates with what is no number`);
  if (typeof left === "string" && DATE.test(left) && (sign === "+" || sign === "-")) {
    return new Date(Date.parse(left) + (sign === "+" ? right : -right) * DAY_MS).toISOString().slice(0, 10);
  }
  if (typeof left !== "number") throw new Error(`${where} calculates with what is no number`);
  if (sign === "+") return left + right;
  if (sign === "-") return left - right;
  return sign === "*" ? left * right : left / right;
}

/**
 * What a file says of a name.
 * @param {Tree} all
 * @param {string} file
 * @param {string} name
 * @returns {Value}
 */
function named(all, file, name) {
  const text = source(all, file);
  if (name === "rows") return [...text.matchAll(/^\s*(?:\/\/[/!]?\s*)?\|\s*\d+\s*\|/gm)].length;
  if (/\.(rs|js|mjs)$/.test(file)) return constant(all, file, text, name);
  if (file.endsWith(".toml")) return setting(text, file, name);
  if (file.endsWith(".tf")) return attribute(all, file, text, name);
  throw new Error(`names are not looked up in ${file}`);
}

/**
 * @param {Tree} all
 * @param {string} file
 * @param {string} text
 * @param {string} name
 * @returns {Value}
 */
function constant(all, file, text, name) {
  const [last = "", of] = name.split("::").reverse();
  const body = of === undefined ? text : (new RegExp(`^impl ${of} \\{$[^]*?^\\}$`, "m").exec(text)?.[0] ?? "");
  const found = new RegExp(`\\bconst ${last}(?<type>:[^=]*)? = (?<value>[^;]*);`).exec(body)?.groups;
  if (!found) throw new Error(`${file} has no constant ${name}`);
  const many = /; (\d+)\]\s*$/.exec(found["type"] ?? "")?.[1];
  if (many !== undefined) return Number(many);
  const value = found["value"] ?? "";
  return /^"[^"]*"$/.test(value) ? value.slice(1, -1) : evaluate(all, file, value);
}

/**
 * A key of a file of settings, whose tables, lists and strings do not go over several lines. Null if the key stands there as a comment.
 * @param {string} text
 * @param {string} file
 * @param {string} name
 * @returns {Value}
 */
function setting(text, file, name) {
  let table = "";
  let tables = 0;
  for (const line of text.split("\n")) {
    const [, brackets = "", header] = /^(\[\[?)([\w.-]+)\]\]?/.exec(line) ?? [];
    if (header !== undefined) {
      table = header;
      tables += brackets === "[[" && header === name ? 1 : 0;
      continue;
    }
    const [, key, value = ""] = /^([\w.-]+) = (.*)$/.exec(line) ?? [];
    if (key === undefined) continue;
    const whole = table ? `${table}.${key}` : key;
    if (whole === name) return literal(value, file, name);
    const inner = name.startsWith(`${whole}.`) ? name.slice(whole.length + 1) : null;
    if (inner !== null) {
      const of = new RegExp(`[{,]\\s*${inner} = ([^,}]+)`).exec(value)?.[1];
      return of === undefined ? null : literal(of, file, name);
    }
  }
  if (tables > 0) return tables;
  const last = name.slice(name.lastIndexOf(".") + 1);
  if (new RegExp(`^# ${last} = `, "m").test(text)) return null;
  throw new Error(`${file} has no ${name}, nor says what it would be`);
}

/**
 * @param {string} value
 * @param {string} file
 * @param {string} name
 * @returns {Value}
 */
function literal(value, file, name) {
  const string = /^"(?:[^"\\]|\\.)*"/.exec(value)?.[0];
  if (string !== undefined) return JSON.parse(string);
  const bare = value.replace(/\s*(?:#.*)?$/, "");
  if (bare === "true" || bare === "false") return bare === "true";
  if (/^\d[\d_]*$/.test(bare)) return Number(bare.replaceAll("_", ""));
  const list = /^\[(.*)\]$/.exec(bare)?.[1];
  if (list !== undefined) return list.split(",").filter((one) => one.trim()).length;
  throw new Error(`${name} of ${file} is neither a number, a string, true, false nor a list: ${bare}`);
}

/**
 * @param {Tree} all
 * @param {string} file
 * @param {string} text
 * @param {string} name
 * @returns {Value}
 */
function attribute(all, file, text, name) {
  const found = [...text.matchAll(new RegExp(`^\\s*${name}\\s*= (.*?)\\s*$`, "gm"))].map(([, value = ""]) => value);
  const values = new Set(found.map((value) => (value.startsWith('"') ? JSON.parse(value) : evaluate(all, file, value))));
  if (values.size === 1) return [...values][0] ?? null;
  throw new Error(values.size === 0 ? `${file} has no ${name}` : `${file} has several values of ${name}: ${[...values].join(", ")}`);
}

/**
 * @param {Tree} all
 * @param {string} file
 */
function source(all, file) {
  if (!all.files.has(file)) throw new Error(`there is no ${file}`);
  return readFileSync(join(all.root, file), "utf8");
}
