// @ts-check
/** The function of the cloud's edge that tells who asks. It is no module: the edge takes a script with a function called `handler`. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const script = readFileSync(new URL("../../../infra/aws/viewer-address.js", import.meta.url), "utf8");
const handler = new Function(`${script}; return handler;`)();

test("the edge tells the viewer's address, whatever the viewer has sent under that name", () => {
  const sent = { host: { value: "photos.example" }, "x-viewer-address": { value: "192.0.2.1", multiValue: [{ value: "192.0.2.1" }, { value: "192.0.2.2" }] } };
  const request = handler({ viewer: { ip: "2001:db8::7" }, request: { method: "POST", uri: "/", headers: sent } });
  assert.deepEqual(request.headers, { host: { value: "photos.example" }, "x-viewer-address": { value: "2001:db8::7" } });
  assert.deepEqual([request.method, request.uri], ["POST", "/"]);
});
