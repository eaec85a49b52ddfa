// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { changed } from "../../assets/js/organiser/changed.js";

test("only what was changed about somebody is sent", () => {
  const was = { role: "moderator", duties: ["safeguarding"] };
  assert.equal(changed(was, { role: "moderator", duties: ["safeguarding"] }), undefined);
  assert.deepEqual(changed(was, { role: "viewer", duties: ["safeguarding"] }), { role: "viewer" });
  assert.deepEqual(changed(was, { role: "moderator", duties: [] }), { duties: [] });
  assert.deepEqual(changed({ role: "owner", duties: [] }, was), { role: "moderator", duties: ["safeguarding"] });
});
