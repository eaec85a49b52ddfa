// @ts-check
// Changes scripts of the pages in one place at a time, and says which changes no test notices. tests/MUTANTS.md says how to read it.
//
//     node tests/tools/mutants.mjs [--base REV] [--every N] [--list] [FILE…]
//
// --base REV  only what lies on lines that changed since that revision
// --every N   a sample: of all mutants each Nth
// --list      prints the mutants, and runs nothing
// FILE…       scripts; without one, those of ASKED, and with --base all that changed
//
// Each mutant is run against every `*.test.js` that imports the script, directly or not, until one fails. Survivors that are accepted
// stand in mutants.json, each with its reason. Exit status 1 if there is another survivor, or an accepted one that is none any more.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { parse } from "acorn";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LOADER = new URL("mutant_loader.mjs", import.meta.url).href;
const TESTS = join(ROOT, "shared/tests/js");
const ACCEPTED = fileURLToPath(new URL("mutants.json", import.meta.url));
/** A mutant may never come to an end. It is ended, and counts as caught, after so many times what its test takes without it. */
const PATIENCE = 10;
/** The least of that, in milliseconds. */
const LIMIT_MS = 10_000;

/** What is asked without a word: scripts that hold decisions, and have tests beside them. */
const ASKED = ["sender", "queue", "plan"].map((name) => `shared/assets/js/upload/${name}.js`);

/** A node of the syntax tree. @typedef {{ type: string, start: number, end: number } & Record<string, any>} Node */
/** One change of a script. @typedef {{ start: number, end: number, text: string }} Change */
/** @typedef {{ file: string, line: number, code: string, was: string, is: string, change: Change }} Mutant */
/** A survivor that is right: `code` is its line without indentation. @typedef {{ file: string, code: string, was: string, is: string, why: string }} Accepted */

/** @type {Record<string, readonly string[]>} */
const OPERATORS = {
  "===": ["!=="], "!==": ["==="], "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
  "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"], "**": ["*"],
  "&&": ["||"], "||": ["&&"], "??": ["&&"],
  "+=": ["-="], "-=": ["+="], "||=": ["="], "&&=": ["="], "??=": ["="],
};
/** @type {Record<string, string>} */
const METHODS = { min: "max", max: "min", some: "every", every: "some", floor: "ceil", ceil: "floor" };

/**
 * The changes that are tried at one node.
 * @param {Node} node
 * @param {string} source
 * @param {Node | null} parent
 * @returns {Change[]}
 */
function changes(node, source, parent) {
  const { start, end } = node;
  const text = source.slice(start, end);
  /** @param {Node} part @param {string} by @returns {Change} */
  const instead = (part, by) => ({ start: part.start, end: part.end, text: by });
  /** @param {Node} left @param {Node} right @returns {Change[]} */
  const operators = (left, right) => (OPERATORS[node["operator"]] ?? []).map((other) => {
    const at = source.indexOf(node["operator"], left.end);
    return at < right.start ? { start: at, end: at + node["operator"].length, text: other } : { start, end: start, text: "" };
  });
  switch (node.type) {
    case "BinaryExpression": case "LogicalExpression": case "AssignmentExpression":
      return operators(node["left"], node["right"]);
    case "UnaryExpression":
      return node["operator"] === "!" ? [instead(node, source.slice(node["argument"].start, end))] : [];
    case "IfStatement": case "ConditionalExpression":
      return [instead(node["test"], "true"), instead(node["test"], "false")];
    case "WhileStatement":
      return [instead(node["test"], "false")];
    case "ReturnStatement":
      return [instead(node, ";")];
    case "ArrowFunctionExpression":
      return node["expression"] ? [instead(node["body"], "undefined")] : [];
    case "ExpressionStatement":
      return /^(?:void )?super\(/.test(text) ? [] : [instead(node, ";")];
    case "BreakStatement": case "ContinueStatement":
      return [instead(node, ";")];
    case "Property":
      // Of an object that is made, not of a pattern that takes one apart.
      return parent?.type === "ObjectExpression" ? [instead(node, "")] : [];
    case "SpreadElement":
      return parent?.type === "ObjectExpression" ? [instead(node, "")] : [];
    case "CallExpression": {
      const name = node["callee"].type === "MemberExpression" ? node["callee"]["property"] : null;
      const other = name && METHODS[name["name"]];
      return other ? [instead(name, other)] : [];
    }
    case "Literal":
      // One more, but of a thousand and above twice as many: those are milliseconds and bytes, of which nobody sees a single one.
      if (typeof node["value"] === "number") return [instead(node, String(node["value"] < 1_000 ? node["value"] + 1 : 2 * node["value"]))];
      if (typeof node["value"] === "boolean") return [instead(node, String(!node["value"]))];
      if (typeof node["value"] === "string" && node["value"]) return [instead(node, '""')];
      return [];
    default:
      return [];
  }
}

/**
 * All mutants of a script, in its order.
 * @param {string} file relative to the repository
 * @param {string} source
 * @returns {Mutant[]}
 */
export function mutants(file, source) {
  /** @type {Mutant[]} */
  const found = [];
  const lines = source.split("\n");
  /** @param {Node} node @param {Node | null} parent */
  const visit = (node, parent) => {
    if (node.type === "ImportDeclaration" || (node.type === "ExpressionStatement" && node["directive"])) return;
    for (const change of changes(node, source, parent)) {
      // After a removed property its comma must go too: an object may end in one, and have no two.
      if (change.text === "" && source[change.end] === "," && parent?.type === "ObjectExpression") change.end += 1;
      if (change.start === change.end) continue;
      const line = source.slice(0, change.start).split("\n").length;
      const was = shortened(source.slice(change.start, change.end));
      found.push({ file, line, code: lines[line - 1]?.trim() ?? "", was, is: shortened(change.text) || "(nothing)", change });
    }
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (child && typeof child === "object" && typeof child.type === "string") visit(child, node);
      }
    }
  };
  visit(/** @type {Node} */ (/** @type {unknown} */ (parse(source, { ecmaVersion: "latest", sourceType: "module" }))), null);
  return found.sort((a, b) => a.change.start - b.change.start || a.change.end - b.change.end).filter(parses(source));
}

/** @param {string} text */
function shortened(text) {
  const line = text.replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

/** Whether a mutant is a script at all. @param {string} source */
function parses(source) {
  return (/** @type {Mutant} */ { change }) => {
    try {
      parse(mutated(source, change), { ecmaVersion: "latest", sourceType: "module" });
      return true;
    } catch {
      return false;
    }
  };
}

/** @param {string} source @param {Change} change */
function mutated(source, { start, end, text }) {
  return source.slice(0, start) + text + source.slice(end);
}

/**
 * The tests that import a script: first those that name it themselves, then those that come to it through others.
 * @param {string} script
 */
function testsOf(script) {
  const tests = readdirSync(TESTS).filter((name) => name.endsWith(".test.js")).map((name) => join(TESTS, name));
  /** Steps from a file to the script. @type {(file: string, seen: Set<string>) => number} */
  const distance = (file, seen) => {
    if (file === script) return 0;
    if (seen.has(file) || !existsSync(file)) return Infinity;
    seen.add(file);
    const named = [...readFileSync(file, "utf8").matchAll(/^\s*(?:import|export)\s[^;]*?["'](\.[^"']+)["'];|\bimport\(["'](\.[^"']+)["']\)/gm)];
    return 1 + Math.min(Infinity, ...named.map((match) => distance(join(dirname(file), /** @type {string} */ (match[1] ?? match[2])), seen)));
  };
  return tests
    .map((test) => ({ test, steps: distance(test, new Set()) }))
    .filter(({ steps }) => steps < Infinity)
    .sort((a, b) => a.steps - b.steps)
    .map(({ test }) => test);
}

/**
 * Runs one test file with one mutant in the place of its script.
 * @param {string} test
 * @param {string} script
 * @param {string} mutant a file with its text
 * @param {number} [timeout] milliseconds
 * @returns {Promise<boolean>} whether all passed
 */
function passes(test, script, mutant, timeout = 0) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--import", LOADER, test], {
      stdio: "ignore", timeout, killSignal: "SIGKILL", env: { ...process.env, MUTANT: mutant, MUTANT_OF: pathToFileURL(script).href },
    });
    child.on("exit", (code) => resolve(code === 0));
  });
}

/**
 * The lines of a file that were added or changed since a revision. `null` if the file is new.
 * @param {string} base
 * @param {string} file
 * @returns {Set<number> | null}
 */
function changedLines(base, file) {
  try {
    execFileSync("git", ["-C", ROOT, "cat-file", "-e", `${base}:${file}`], { stdio: "ignore" });
  } catch {
    return null;
  }
  const diff = execFileSync("git", ["-C", ROOT, "diff", "--unified=0", base, "--", file], { encoding: "utf8" });
  /** @type {Set<number>} */
  const lines = new Set();
  for (const [, first = "0", count = "1"] of diff.matchAll(/^@@ .* \+(\d+)(?:,(\d+))? @@/gm)) {
    for (let i = 0; i < Number(count); i += 1) lines.add(Number(first) + i);
  }
  return lines;
}

/**
 * The scripts that changed since a revision and that tests of JavaScript reach.
 * @param {string} base
 */
function changedScripts(base) {
  const named = execFileSync("git", ["-C", ROOT, "diff", "--name-only", "--diff-filter=d", base, "--", "shared/assets/js/*.js"], { encoding: "utf8" });
  return named.split("\n").filter((file) => file && testsOf(join(ROOT, file)).length > 0);
}

/** @param {string[]} words of the command line */
async function main(words) {
  const { values, positionals } = parseArgs({
    args: words, allowPositionals: true, options: { base: { type: "string" }, every: { type: "string", default: "1" }, list: { type: "boolean", default: false } },
  });
  const { list, base = null } = values;
  const every = Number(values.every);
  if (!Number.isInteger(every) || every < 1) throw new Error("--every wants a number from 1");
  const named = positionals.map((file) => relative(ROOT, resolve(file)));
  const rows = [];
  for (const file of named.length ? named : base === null ? ASKED : changedScripts(base)) {
    const source = readFileSync(join(ROOT, file), "utf8");
    const lines = base === null ? null : changedLines(base, file);
    const asked = mutants(file, source).filter(({ line }) => lines === null || lines.has(line)).filter((_, i) => i % every === 0);
    if (list) for (const one of asked) console.log(sentence(one));
    else rows.push(await tried(file, source, asked, base === null && every === 1));
  }
  if (list) return;
  console.log(rows.length ? "\n| Script | Mutants | Caught | Accepted | Survived |\n|---|---|---|---|---|" : "no script that has tests changed");
  for (const row of rows) console.log(`| \`${row.file}\` | ${row.mutants} | ${row.caught} | ${row.accepted} | ${row.survived} |`);
  process.exitCode = rows.some((row) => row.survived + row.stale > 0) ? 1 : 0;
}

/**
 * Runs mutants of one script, and prints those that survive.
 * @param {string} file
 * @param {string} source
 * @param {Mutant[]} asked
 * @param {boolean} whole they are all that there are, so that an accepted one which does not survive any more is told
 */
async function tried(file, source, asked, whole) {
  const script = join(ROOT, file);
  const tests = testsOf(script);
  if (tests.length === 0) throw new Error(`${file}: no *.test.js imports it`);
  const folder = join(ROOT, "target/mutants");
  mkdirSync(folder, { recursive: true });
  const text = join(folder, `mutant-${process.pid}.js`);
  writeFileSync(text, source);
  /** @type {Map<string, number>} */
  const limits = new Map();
  for (const test of tests) {
    const begun = performance.now();
    if (!(await passes(test, script, text))) throw new Error(`${relative(ROOT, test)} fails before anything is changed`);
    limits.set(test, Math.max(LIMIT_MS, Math.ceil(PATIENCE * (performance.now() - begun))));
  }
  const accepted = /** @type {Accepted[]} */ (JSON.parse(readFileSync(ACCEPTED, "utf8"))).filter((entry) => entry.file === file);
  const used = new Set();
  const row = { file, mutants: asked.length, caught: 0, accepted: 0, survived: 0, stale: 0 };
  for (const one of asked) {
    writeFileSync(text, mutated(source, one.change));
    let survives = true;
    for (const test of tests) survives &&= await passes(test, script, text, limits.get(test));
    const reason = accepted.find(({ code, was, is }) => code === one.code && was === one.was && is === one.is);
    if (!survives) row.caught += 1;
    else if (reason) row.accepted += 1;
    else row.survived += 1;
    if (survives && reason) used.add(reason);
    if (survives && !reason) console.log(`SURVIVED ${sentence(one)}`);
  }
  rmSync(text);
  for (const entry of accepted) {
    if (!whole || used.has(entry)) continue;
    row.stale += 1;
    console.log(`STALE    mutants.json: \`${entry.was}\` → \`${entry.is}\` in \`${entry.code}\` is no survivor of ${file}`);
  }
  return row;
}

/** @param {Mutant} mutant */
function sentence({ file, line, was, is, code }) {
  return `${file}:${line}: \`${was}\` → \`${is}\` in \`${code}\``;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
