// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { bytes, call, fresh, text } from "../../assets/js/moderation/passkey.js";

test("bytes go to base64url and back, whatever they are", () => {
  for (const length of [0, 1, 2, 3, 31, 32, 255]) {
    const all = Uint8Array.from({ length }, (_, i) => (i * 83 + 250) % 256);
    const written = text(all.buffer);
    assert.match(written, /^[A-Za-z0-9_-]*$/);
    assert.deepEqual(bytes(written), all);
  }
});

/** Answers the next calls of fetch one after the other. @param {{status: number, body: unknown}[]} answers */
function answering(answers) {
  globalThis.fetch = /** @type {typeof fetch} */ (async () => {
    const { status, body } = answers.shift() ?? { status: 500, body: {} };
    return /** @type {Response} */ ({ ok: status < 400, status, json: async () => body });
  });
}

test("a problem is thrown in its words, and known by its name", async () => {
  answering([{ status: 403, body: { type: "/problems/passkey-needed", title: "Use your passkey first", detail: "This needs a passkey.", hint: "Confirm." } }]);
  await assert.rejects(() => call("/x"), { name: "passkey-needed", message: "This needs a passkey. Confirm." });
  globalThis.fetch = async () => {
    throw new TypeError("network");
  };
  await assert.rejects(() => call("/x"), { message: "No connection. Try again." });
});

test("what needs no passkey is done once, and what a browser without passkeys cannot prove is told", async () => {
  let times = 0;
  assert.equal(await fresh(async () => (times += 1)), 1);
  const refuses = async () => {
    throw Object.assign(new Error("Use your passkey first."), { name: "passkey-needed" });
  };
  await assert.rejects(() => fresh(refuses), { name: "passkey-needed" });
});
