// @ts-check
// `build.rs` takes whole lines of comment out of the modules, line by line. This is what it relies on.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../assets/js/", import.meta.url);
const modules = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));

test("there are modules to look at", () => assert.ok(modules.length > 20));

for (const name of modules) {
  test(`${name} has comments that can be taken out by lines`, () => {
    const lines = readFileSync(new URL(name, root), "utf8").split("\n").map((line) => line.trim());
    for (const [i, line] of lines.entries()) {
      const quotes = line.startsWith("//") || line.startsWith("*") ? 0 : line.split("`").length - 1;
      assert.equal(quotes % 2, 0, `line ${i + 1}: a template literal over several lines would lose its indentation`);
      if (line.startsWith("/*") && line.includes("*/")) assert.ok(line.endsWith("*/"), `line ${i + 1}: code after a comment`);
      if (!line.startsWith("*") && !line.startsWith("/*") && line.endsWith("*/")) assert.match(line, /\/\*.*\*\/$/, `line ${i + 1}`);
    }
  });
}
