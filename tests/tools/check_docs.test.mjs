// @ts-check
// The check of the documentation finds each kind of mistake, and nothing in a tree without one.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { INDEX, anchors, decisions, problems, tree, write } from "./check_docs.mjs";

/** A small tree in which everything is right. */
const RIGHT = {
  "README.md": [
    "# A project",
    "[rules](docs/RULES.md), [a rule](docs/RULES.md#the-first-rule), [here](#a-project), [line](src/lib.rs#L2), [folder](src)",
    "![a picture](docs/picture.svg) and <a href=\"docs/RULES.md\">again</a>, [outside](https://example.org/nothing#here)",
    "`[code](no/where)` is no link.",
    "```",
    "[nor](is/this.md)",
    "```",
  ],
  "docs/RULES.md": [
    "# Rules",
    "## The *first* `rule`",
    "## The first rule",
    "| What | Where |",
    "|---|---|",
    "| begins | `src/lib.rs` `begin`, `Rule::holds()` |",
    "| all | `src/{lib,main}.rs`, `src/*.rs`, `node src/main.rs` |",
  ],
  "docs/picture.svg": ["<svg/>"],
  "src/lib.rs": [`//! ${"Decision"}: one rule is enough. It is kept.`, "fn begin() {}", "impl Rule { fn holds() {} }"],
  "src/main.rs": ["fn main() {}"],
  [INDEX]: ["# Decisions", "<!-- Made by `node tests/tools/check_docs.mjs --write`; do not edit the lists below. -->", "<!-- End of the lists. -->"],
};

/** Mistakes: in which file, what, instead of what, and what is said about it. */
const MISTAKES = /** @type {const} */ ([
  ["README.md", "[rules](docs/RULES.md)", "[rules](docs/RULE.md)", /^README\.md:2: the link to docs\/RULE\.md is broken: there is no docs\/RULE\.md$/],
  ["README.md", "#the-first-rule", "#the-second-rule", /^README\.md:2: .* docs\/RULES\.md has no heading #the-second-rule$/],
  ["README.md", "#a-project", "#another-project", /^README\.md:2: .* README\.md has no heading #another-project$/],
  ["README.md", "#L2", "#L9", /^README\.md:2: .* src\/lib\.rs has no line L9$/],
  ["README.md", "docs/picture.svg", "docs/photo.svg", /^README\.md:3: .* there is no docs\/photo\.svg$/],
  ["README.md", "href=\"docs/RULES.md\"", "href=\"RULES.md\"", /^README\.md:3: .* there is no RULES\.md$/],
  ["docs/RULES.md", "`src/lib.rs` `begin`", "`src/library.rs` `begin`", /^docs\/RULES\.md:6: there is no src\/library\.rs$/],
  ["docs/RULES.md", "{lib,main}", "{lib,mail}", /^docs\/RULES\.md:7: there is no src\/\{lib,mail\}\.rs$/],
  ["docs/RULES.md", "node src/main.rs", "node src/main.mjs", /^docs\/RULES\.md:7: there is no src\/main\.mjs$/],
  ["docs/RULES.md", "`begin`", "`end`", /^docs\/RULES\.md:6: src\/lib\.rs does not have end$/],
  ["docs/RULES.md", "Rule::holds()", "Rule::breaks()", /^docs\/RULES\.md:6: src\/lib\.rs does not have breaks$/],
  ["src/lib.rs", "one rule is enough", "two rules are enough", /missing: .*two rules are enough[^]*not in the sources: .*one rule is enough/],
  ["src/main.rs", "fn main() {}", `// ${"Decision"}: a new one.\nfn main() {}`, /missing: - \[src\/main\.rs\].*a new one\.$/],
  [INDEX, "one rule is enough", "no rule is enough", /missing: .*one rule is enough[^]*not in the sources: .*no rule is enough/],
  [INDEX, "<!-- End of the lists. -->", "", /has lost the lines/],
]);

/**
 * Makes the tree, with its index written, and hands it over; takes it away afterwards.
 * @param {(root: string) => void} work
 */
function inTree(work) {
  const root = mkdtempSync(join(tmpdir(), "check-docs-"));
  try {
    for (const [path, lines] of Object.entries(RIGHT)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), `${lines.join("\n")}\n`);
    }
    execFileSync("git", ["-C", root, "init", "--quiet"]);
    execFileSync("git", ["-C", root, "add", "--all"]);
    write(tree(root));
    work(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test("a tree without mistakes has no problems, and its index names its decision", () => {
  inTree((root) => {
    assert.deepEqual(problems(tree(root)), []);
    const index = readFileSync(join(root, INDEX), "utf8");
    assert.match(index, /## src\/lib\.rs\n\n- \[src\/lib\.rs\]\(\.\.\/src\/lib\.rs\): one rule is enough\. It is kept\.\n/);
    write(tree(root));
    assert.equal(readFileSync(join(root, INDEX), "utf8"), index, "writing it again changes nothing");
  });
});

for (const [path, right, wrong, said] of MISTAKES) {
  test(`a mistake in ${path} is found: ${wrong || `no ${right}`}`, () => {
    inTree((root) => {
      const text = readFileSync(join(root, path), "utf8");
      assert.ok(text.includes(right), `${path} has ${right}`);
      writeFileSync(join(root, path), text.replace(right, () => wrong));
      const found = problems(tree(root));
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0] ?? "", said);
    });
  });
}

test("a link to a file that is there but not committed is broken", () => {
  inTree((root) => {
    writeFileSync(join(root, "docs/new.md"), "# New\n");
    writeFileSync(join(root, "README.md"), "[new](docs/new.md)\n");
    assert.deepEqual(problems(tree(root)), ["README.md:1: the link to docs/new.md is broken: docs/new.md is not committed"]);
  });
});

test("headings that are alike have anchors of their own", () => {
  assert.deepEqual([...anchors("# A & b\n## `c`: [d](e)\n## C: d\n```\n# no\n```\n## É_f-g")], ["a--b", "c-d", "c-d-1", "é_f-g"]);
});

test("a decision begins where its comment says so, and is told until it says enough", () => {
  const word = "Decision";
  const long = "a long sentence that says everything there is to say about it.";
  assert.deepEqual(decisions(`//! ${word}: ${long} More.\n`), [long]);
  assert.deepEqual(decisions(`/// ${word}: a few\n/// words, e.g. [\`these\`](x). Then more.\n///\n/// Not this.\n`), ["a few words, e.g. `these`. Then more."]);
  assert.deepEqual(decisions(` * ${word}: in a script.\n */\ncode();\n`), ["in a script."]);
  assert.deepEqual(decisions(`# ${word}: in a file of settings.\n[table]\n`), ["in a file of settings."]);
  assert.deepEqual(decisions(`//! ${word}: one.\n//! ${word}: two.\n`), ["one.", "two."]);
  assert.deepEqual(decisions(`    (${word}::Publish, State::Pending) => true,\nlet s = "${word}: no";\n`), []);
});
