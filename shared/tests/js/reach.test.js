// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { address } from "../../assets/js/organiser/reach.js";

test("a winner is written to with subject and text, and nothing of either becomes another part of the address", () => {
  const made = new URL(address("pat&cc=all@example.org", "Prize 1 & 2?", "Dear Pat,\nyou have won."));
  assert.equal(made.protocol, "mailto:");
  assert.equal(decodeURIComponent(made.pathname), "pat&cc=all@example.org");
  assert.equal(made.searchParams.get("subject"), "Prize 1 & 2?");
  assert.equal(made.searchParams.get("body"), "Dear Pat,\r\nyou have won.");
  assert.deepEqual([...made.searchParams.keys()], ["subject", "body"]);
});

test("a number is called", () => {
  assert.equal(address("+44 (0)7700 900123", "", ""), "tel:+447700900123");
});
