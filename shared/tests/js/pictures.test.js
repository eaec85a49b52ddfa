// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { Pictures } from "../../assets/js/wall/pictures.js";

const SITE = "https://photos.example";
const address = (/** @type {number} */ n, size = 1280) => `/m/photo${n}/revision/${size}.jpg`;

/** A disk with these files on it, and a network that answers as `answers` says; else with a picture. @param {string[]} kept */
function made(kept = []) {
  const files = new Map(kept.map((path) => [path, new Response("kept")]));
  /** @type {string[]} */
  const asked = [];
  /** @type {Map<string, () => Promise<Response>>} */
  const answers = new Map();
  const clock = { ms: 0 };
  const disk = { full: false };
  const store = {
    match: async (/** @type {any} */ path) => files.get(path)?.clone(),
    keys: async () => [...files.keys()].map((path) => /** @type {Request} */ ({ url: SITE + path })),
    delete: async (/** @type {any} */ path) => files.delete(path),
    put: async (/** @type {any} */ path, /** @type {Response} */ response) => {
      if (disk.full) throw new DOMException("no room", "QuotaExceededError");
      files.set(path, response);
    },
  };
  const fetch = async (/** @type {string} */ path) => {
    asked.push(path);
    return answers.get(path)?.() ?? new Response(path, { headers: { "content-type": "image/jpeg" } });
  };
  return { files, asked, answers, clock, disk, pictures: new Pictures(store, fetch, () => clock.ms) };
}

const on = (/** @type {Map<string, Response>} */ files) => [...files.keys()].sort();
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("what is wanted is fetched one after the other, in that order, and shown without a network", async () => {
  const { files, asked, answers, pictures } = made();
  await pictures.open();
  pictures.only([address(3), address(1), address(2)]);
  assert.equal(pictures.has(address(3)), false);
  await pictures.fill();
  assert.deepEqual(asked, [address(3), address(1), address(2)]);
  assert.deepEqual(on(files), [address(1), address(2), address(3)]);
  answers.set(address(1), () => Promise.reject(new TypeError("no network")));
  assert.equal(await (await pictures.find(address(1)))?.text(), address(1));
});

test("what was taken down is forgotten at once and then deleted, also if it was on its way", async () => {
  const { files, answers, pictures } = made([address(1), address(2)]);
  await pictures.open();
  /** @type {(response: Response) => void} */
  let arrive = () => {};
  answers.set(address(3), () => new Promise((resolve) => (arrive = resolve)));
  pictures.only([address(1), address(2), address(3)]);
  const filled = pictures.fill();
  pictures.only([address(2)]);
  assert.equal(pictures.has(address(1)), false, "before anything is awaited");
  assert.equal(await pictures.find(address(1)), null);
  arrive(new Response("late", { headers: { "content-type": "image/jpeg" } }));
  await filled;
  assert.deepEqual(on(files), [address(2)]);
  assert.equal(pictures.has(address(3)), false);
});

test("after a start what is on the disk is shown, and what the wall no longer knows is deleted", async () => {
  const { files, asked, pictures } = made([address(1), address(2)]);
  await pictures.open();
  pictures.only([address(2)]);
  await settled();
  assert.deepEqual(on(files), [address(2)]);
  assert.equal(await (await pictures.find(address(2)))?.text(), "kept");
  assert.deepEqual(asked, []);
});

test("another size of a photo is shown until that of this screen is here, and then deleted; another revision never is", async () => {
  const { files, answers, pictures } = made([address(1, 640)]);
  await pictures.open();
  answers.set(address(1, 2016), () => Promise.reject(new TypeError("no network")));
  pictures.only([address(1, 2016)]);
  await pictures.fill();
  assert.equal(await (await pictures.find(address(1, 2016)))?.text(), "kept");
  answers.clear();
  await pictures.fill();
  assert.deepEqual(on(files), [address(1, 2016)]);
  pictures.only(["/m/photo1/covered/2016.jpg"]);
  assert.equal(pictures.has("/m/photo1/covered/2016.jpg"), false);
  await settled();
  assert.deepEqual(on(files), []);
});

test("a filter's page is no picture: the others go on, and it is asked for again a minute later", async () => {
  const { files, asked, answers, clock, pictures } = made();
  answers.set(address(1), async () => new Response("<h1>Blocked</h1>", { headers: { "content-type": "text/html" } }));
  answers.set(address(2), async () => new Response(null, { status: 404 }));
  pictures.only([address(1), address(2), address(3)]);
  await pictures.fill();
  assert.deepEqual(on(files), [address(3)]);
  answers.clear();
  await pictures.fill();
  assert.equal(asked.length, 3);
  clock.ms = 61_000;
  await pictures.fill();
  assert.deepEqual(on(files), [address(1), address(2), address(3)]);
});

test("where the network fails nothing more is asked until somebody says so", async () => {
  const { asked, answers, pictures } = made();
  for (const n of [1, 2, 3]) answers.set(address(n), () => Promise.reject(new TypeError("no network")));
  pictures.only([address(1), address(2), address(3)]);
  await pictures.fill();
  assert.deepEqual(asked, [address(1)]);
});

test("a full disk ends it until something goes; a browser that keeps nothing asks for nothing", async () => {
  const { asked, disk, files, pictures } = made();
  pictures.only([address(1), address(2), address(3)]);
  await pictures.load(address(1));
  disk.full = true;
  await pictures.fill();
  assert.deepEqual([pictures.room, asked.length], [false, 2]);
  disk.full = false;
  pictures.only([address(2), address(3)]);
  await pictures.fill();
  assert.deepEqual([pictures.room, on(files)], [true, [address(2), address(3)]]);
  const none = new Pictures(null, () => assert.fail("asked"), () => 0);
  await none.open();
  none.only([address(1)]);
  await none.fill();
  assert.deepEqual([none.room, none.has(address(1)), await none.find(address(1))], [false, false, null]);
});

test("a picture that cannot be read is fetched again", async () => {
  const { files, asked, pictures } = made([address(1)]);
  await pictures.open();
  pictures.only([address(1)]);
  await pictures.drop(address(1));
  assert.deepEqual(on(files), []);
  await pictures.fill();
  assert.deepEqual([asked, on(files)], [[address(1)], [address(1)]]);
});
