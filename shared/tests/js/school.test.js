// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { secretIn } from "../../assets/js/upload/device.js";
import { reservation } from "../../assets/js/upload/plan.js";
import { where } from "../../assets/js/upload/school.js";
import { ready, shared } from "./made.js";

test("a school's place is told by town and nation, as far as they are known", () => {
  assert.equal(where({ urn: "1", name: "Sample", town: "Made-up Town", nation: "wales" }), "Made-up Town, Wales");
  assert.equal(where({ urn: "1", name: "Sample", town: "", nation: "northern-ireland" }), "Northern Ireland");
  assert.equal(where({ urn: "1", name: "Sample", town: "", nation: "elsewhere" }), "");
});

test("a chosen school goes with its number and its name, a typed one with its name, and none as none", () => {
  const school = (/** @type {object} */ change) => reservation([ready("a", { shared: { ...shared, ...change } })]).school;
  assert.deepEqual(school({ urn: "900001" }), { urn: "900001", name: "Sample Academy" });
  assert.deepEqual(school({ urn: "" }), { name: "Sample Academy" });
  assert.equal(school({ school: "", urn: "" }), null);
});

test("a recovery link's secret is read from its fragment, and nothing else is taken for one", () => {
  const secret = "A".repeat(42) + "_";
  assert.equal(secretIn(`#key=${secret}`), secret);
  for (const other of ["", "#main", `#key=${secret}A`, `#key=${secret.slice(1)}`, `?key=${secret}`, `#key=${secret.replace("A", "<")}`]) assert.equal(secretIn(other), null, other);
});
