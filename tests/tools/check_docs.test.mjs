// @ts-check
// The check of the documentation finds each kind of mistake, and nothing in a tree without one.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { INDEX, anchors, decisions, problems, tree, write, writeFacts } from "./check_docs.mjs";
import { SAID } from "./phrases.mjs";
import { sentences } from "./sentences.mjs";

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
  "docs/FACTS.md": [
    "# Facts",
    "Kept 30<!-- fact: src/limits.rs DAYS --> days, up to 30<!-- fact: settings.toml limits.max_bytes / 1_000_000 --> MB, 1,234<!-- fact: src/limits.rs MANY -->.",
    "Ends after twelve<!-- fact: src/limits.rs STAY_SECONDS / 3600 --> hours. Two<!-- fact: src/limits.rs Role::ALL --> roles,",
    "one<!-- fact: src/limits.rs Duty::ALL --> duty, two<!-- fact: settings.toml subjects --> subjects, 2<!-- fact: settings.toml tags.list --> tags.",
    "On 5 March 2027<!-- fact: settings.toml day.date --> from 08:00<!-- fact: settings.toml day.opens -->; until 4 April 2027<!-- fact: settings.toml day.date + 5 * (7 - 1) -->.",
    "| firewall | **on**<!-- fact: settings.toml wall --> | trust | off<!-- fact: settings.toml day.trust --> | 200<!-- fact: settings.toml read.rate --> |",
    "Press “Quarantine”<!-- fact: src/page.html --> or `go`<!-- fact: src/page.html -->. Logs: 14<!-- fact: src/logs.tf retention_in_days --><!-- fact: settings.toml logs_days -->, rows: 3<!-- fact: src/limits.rs rows -->.",
    "`<!-- fact: this is an example -->` Key `P`<!-- fact: src/page.html has <kbd>P</kbd> publishes --> <!-- no fact -->",
  ],
  "settings.toml": [
    'wall = true # a comment', "logs_days = 14", "read = { rate = 200, burst = 400 }", "[day]", 'date = "2027-03-05" # a Friday', 'opens = "08:00"',
    "# trust = { after = 20 }", "[limits]", "max_bytes = 30_000_000", "[[subjects]]", "[[subjects]]", "[tags]", 'list = ["A", "B"]',
  ],
  "src/limits.rs": [
    "//! | # | what |", "//! |---|---|", "//! | 1 | a |", "//! | 2 | b |", "//! | 30 | c |",
    "pub const DAYS: i64 = 30;", "pub const MANY: u64 = 1_234;", "pub const STAY_SECONDS: i64 = HOURS * (60 * 60);", "const HOURS: i64 = 12;",
    "impl Role {", "    pub const ALL: [Self; 2] = [Self::A, Self::B];", "}", "impl Duty {", "    pub const ALL: [Self; 1] = [Self::A];", "}",
  ],
  "src/page.html": ["<button>Quarantine</button> <p>go</p> <kbd>P</kbd> publishes"],
  "src/logs.tf": ["a {", "  retention_in_days = 14", "}", "b {", "  retention_in_days = 2 * 7", "}"],
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
  ["src/limits.rs", "DAYS: i64 = 30", "DAYS: i64 = 31", /^docs\/FACTS\.md:2: it says 30, and DAYS of src\/limits\.rs is 31$/],
  ["src/limits.rs", "HOURS: i64 = 12", "HOURS: i64 = 24", /^docs\/FACTS\.md:3: it says twelve, and STAY_SECONDS \/ 3600 of src\/limits\.rs is 24$/],
  ["src/limits.rs", "1_234", "1_235", /FACTS\.md:2: it says 1,234, and MANY of src\/limits\.rs is 1,235$/],
  ["src/limits.rs", "[Self; 2]", "[Self; 3]", /FACTS\.md:3: it says Two, and Role::ALL of src\/limits\.rs is Three$/],
  ["src/limits.rs", "[Self; 1]", "[Self; 5]", /FACTS\.md:4: it says one, and Duty::ALL of src\/limits\.rs is five$/],
  ["src/limits.rs", "const MANY", "const MUCH", /FACTS\.md:2: src\/limits\.rs has no constant MANY$/],
  ["src/limits.rs", "= HOURS", "= Hours::of(12)", /FACTS\.md:3: src\/limits\.rs has no constant Hours::of$/],
  ["src/limits.rs", "//! | 30 | c |", "//! | 30 | c |\n//! | 31 | d |", /FACTS\.md:7: it says 3, and rows of src\/limits\.rs is 4$/],
  ["settings.toml", "30_000_000", "20_000_000", /FACTS\.md:2: it says 30, and limits\.max_bytes \/ 1_000_000 of settings\.toml is 20$/],
  ["settings.toml", "rate = 200", "rate = 100", /FACTS\.md:6: it says 200, and read\.rate of settings\.toml is 100$/],
  ["settings.toml", "[[subjects]]\n[[subjects]]", "[[subjects]]", /FACTS\.md:4: it says two, and subjects of settings\.toml is one$/],
  ["settings.toml", '["A", "B"]', '["A"]', /FACTS\.md:4: it says 2, and tags\.list of settings\.toml is 1$/],
  ["settings.toml", "wall = true", "wall = false", /FACTS\.md:6: it says on, and wall of settings\.toml is off$/],
  ["settings.toml", "# trust = { after = 20 }", "trust = true", /FACTS\.md:6: it says off, and day\.trust of settings\.toml is on$/],
  ["settings.toml", "# trust = { after = 20 }", "", /FACTS\.md:6: settings\.toml has no day\.trust, nor says what it would be$/],
  ["settings.toml", "08:00", "09:00", /FACTS\.md:5: it says 08:00, and day\.opens of settings\.toml is 09:00$/],
  ["src/page.html", "Quarantine", "Seal", /FACTS\.md:7: it says “Quarantine”, and src\/page\.html does not have that$/],
  ["src/logs.tf", "2 * 7", "7", /FACTS\.md:7: src\/logs\.tf has several values of retention_in_days: 14, 7$/],
  ["settings.toml", "logs_days = 14", "logs_days = 15", /FACTS\.md:7: it says 14, and logs_days of settings\.toml is 15$/],
  ["src/page.html", "P</kbd> publishes", "L</kbd> publishes", /FACTS\.md:8: it says “P”, and src\/page\.html does not have <kbd>P<\/kbd> publishes$/],
  ["docs/FACTS.md", "Key `P`", "Key `X`", /FACTS\.md:8: it says “X”, which is no part of what src\/page\.html should have: <kbd>P<\/kbd> publishes$/],
  ["docs/FACTS.md", "until 4 April 2027", "until 5 April 2027", /FACTS\.md:5: it says 5 April 2027, and day\.date \+ 5 \* \(7 - 1\) of settings\.toml is 4 April 2027$/],
  ["docs/FACTS.md", "src/page.html -->.", "src/pages.html -->.", /FACTS\.md:7: there is no src\/pages\.html$/],
  ["docs/FACTS.md", "<!-- no fact -->", "7<!-- fact:src/limits.rs DAYS -->", /FACTS\.md:8: <!-- fact:src\/limits\.rs DAYS --> is no fact: write /],
  ["docs/FACTS.md", "<!-- no fact -->", "7<!-- fact: src/limits.rs", /FACTS\.md:8: <!-- fact: src\/limits\.rs is no fact: write /],
  ["docs/FACTS.md", "<!-- no fact -->", "<!-- fact: src/limits.rs DAYS -->", /FACTS\.md:8: .* stands behind nothing that it could be about/],
  ["docs/FACTS.md", "<!-- no fact -->", "7<!-- fact: src/limits.rs (DAYS -->", /FACTS\.md:8: src\/limits\.rs: a bracket of “\(DAYS” is not closed$/],
  ["src/main.rs", "fn main() {}", `// ${"None"} where it is gone.\nfn main() {}`, /^src\/main\.rs:\d+: “None where”; write instead: `None` if …/],
  ["docs/FACTS.md", "<!-- no fact -->", "7<!-- fact: src/page.html go -->", /FACTS\.md:8: names are not looked up in src\/page\.html$/],
  ["README.md", "# A project", "# A project\nIt is mended.", /^README\.md:2: “mended”; write instead: fixed; corrected$/],
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

test("facts are put right where they stand, in the way in which they were said, and it is told where", () => {
  inTree((root) => {
    const path = join(root, "docs/FACTS.md");
    const before = readFileSync(path, "utf8");
    assert.deepEqual(writeFacts(tree(root)), [], "nothing is to be done");
    const limits = join(root, "src/limits.rs");
    writeFileSync(limits, readFileSync(limits, "utf8").replace("DAYS: i64 = 30", "DAYS: i64 = 1_500").replace("[Self; 2]", "[Self; 4]"));
    const settings = join(root, "settings.toml");
    writeFileSync(settings, readFileSync(settings, "utf8").replace("2027-03-05", "2028-02-28").replace("logs_days = 14", "logs_days = 7"));
    const logs = join(root, "src/logs.tf");
    writeFileSync(logs, readFileSync(logs, "utf8").replace("= 14", "= 7").replace("2 * 7", "7"));
    const changed = writeFacts(tree(root));
    assert.deepEqual(changed.map((line) => line.split(": ")[0]), ["docs/FACTS.md:2", "docs/FACTS.md:3", "docs/FACTS.md:5", "docs/FACTS.md:7"]);
    const after = before
      .replace("Kept 30<", "Kept 1,500<")
      .replace("Two<", "Four<")
      .replace("5 March 2027", "28 February 2028")
      .replace("4 April 2027", "29 March 2028")
      .replace("Logs: 14<", "Logs: 7<");
    assert.equal(readFileSync(path, "utf8"), after);
    assert.deepEqual(problems(tree(root)), []);
  });
});

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

test("only the text that people read is looked at, each piece with its line", () => {
  const found = (/** @type {string} */ path, /** @type {string} */ source) => sentences(path, source).filter(({ text }) => text.trim()).map(({ line, text }) => [line, text.trim()]);
  const rust = [
    "//! A comment.", 'const ONE: &str = "word";', '#[expect(unused, reason = "a reason for developers")]', "const QUOTE: char = '\"';",
    'bail!("a sentence that \\', '     goes on", "another one");', 'const RAW: &str = r#"a raw "string" of data"#;', "#[cfg(test)]", 'const TEST: &str = "a sentence of a test";',
  ];
  assert.deepEqual(found("infra/cli/src/main.rs", rust.join("\n")), [[5, "a sentence that goes on"], [6, "another one"]]);
  assert.deepEqual(found("tests/src/system.rs", rust.join("\n")), [], "a test is not text for people");
  assert.deepEqual(found("shared/templates/a.html", "{# not\nthis #}\n<p>But {{ this }}"), [[3, "<p>But"]]);
  assert.deepEqual(found("shared/assets/js/a.js", "/** not \"this one\" */\nf(`but this ${x}`, \"and this\"); // not \"that one\""), [[2, "but this ${x}"], [2, "and this"]]);
  assert.deepEqual(found("shared/messages/en.toml", "# not \"this one\"\nkey = \"but this\""), [[2, "but this"]]);
  assert.deepEqual(found("infra/event.toml", "# This, too."), [[1, "# This, too."]]);
  assert.deepEqual(found("infra/aws/ops.tf", "# not \"this one\"\nsays = \"but this\""), [[2, "but this"]]);
  assert.deepEqual(found("docs/organiser/a.md", "This, too."), [[1, "This, too."]]);
  assert.deepEqual(found("docs/DRAW.md", "Not this."), []);
});

test("each phrase for people is found, in any case", () => {
  const examples = ["You shall not", "it stands in the list", "nothing stands in the way", "Whoever asks", "nobody in it minds", "Look again", "look whether it is", "it is felt", "taken in",
    "put it right", "made anew", "once it is mended", "the same for schools", "the editions that there are", "ten at the most", "so many of each hundred", "cannot be had",
    "is to be done", "goes on from there", "in vain", "a copy of before", "all the same", "being made ready", "shown by trust", "lock it away"];
  assert.equal(examples.length, SAID.length);
  for (const [i, example] of examples.entries()) {
    assert.ok(SAID[i]?.[0].test(example), example);
    assert.ok(SAID[i]?.[0].test(example.toUpperCase()), example);
  }
  for (const plain of ["A report stands for a person.", "Photos are kept for 30 days.", "Mend a centrifuge and show it."]) {
    assert.deepEqual(SAID.filter(([phrase]) => phrase.test(plain)), [], plain);
  }
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
