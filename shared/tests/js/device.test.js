// @ts-check
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { adopt, forget, keepSecret, knownSecret, knownSecrets, secret } from "../../assets/js/upload/device.js";

/** What localStorage holds. @type {Map<string, string>} */
const stored = new Map();
const storage = {
  getItem: (/** @type {string} */ name) => stored.get(name) ?? null,
  setItem: (/** @type {string} */ name, /** @type {string} */ value) => void stored.set(name, value),
  removeItem: (/** @type {string} */ name) => void stored.delete(name),
};
Object.defineProperty(globalThis, "localStorage", { value: storage, configurable: true, writable: true });

/** The notes beside the photos, as IndexedDB has them. */
function notes() {
  /** @type {Map<string, unknown>} */
  const kept = new Map();
  return { kept, note: async (/** @type {string} */ name) => kept.get(name), putNote: async (/** @type {string} */ name, /** @type {unknown} */ value) => void kept.set(name, value) };
}

beforeEach(() => {
  forget();
  stored.clear();
});

test("a browser that was killed before it wrote its secret has it from beside its photos", async () => {
  const beside = notes();
  await keepSecret(beside);
  assert.equal(knownSecret(), null, "nothing was sent from here yet");
  const own = secret();
  await keepSecret(beside);
  // The next page is another one: only what is stored is left, and of that localStorage is not.
  forget();
  assert.equal(knownSecret(), null);
  await keepSecret(beside);
  assert.equal(secret(), own);
});

test("a secret that differs from the kept one is lost neither", async () => {
  const beside = notes();
  const before = secret();
  await keepSecret(beside);
  forget();
  const given = "b".repeat(43);
  assert.ok(adopt(given));
  await keepSecret(beside);
  assert.deepEqual(knownSecrets(), [given, before]);
});

test("a browser that stores nothing beside its photos has its secret while the page is open", async () => {
  await keepSecret(null);
  const own = secret();
  await keepSecret(null);
  assert.equal(knownSecret(), own);
  const refusing = { note: () => Promise.reject(new Error("refused")), putNote: () => Promise.reject(new Error("refused")) };
  await keepSecret(refusing);
  assert.equal(knownSecret(), own);
});
