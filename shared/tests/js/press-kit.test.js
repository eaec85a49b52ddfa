// @ts-check
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { begins, called, creditLine, credits, fileName, kit, listed, release } from "../../assets/js/organiser/press-kit.js";
import { Zip, crc32 } from "../../assets/js/organiser/zip.js";

const photo = { id: "a", page: "https://photos.example/p/a", image: "https://photos.example/m/a/r/2016.jpg", caption: "Ŵyr 💎", credit: "Llinos", school: { name: "Ysgol Tŷ’r Ŵyl, Caerdydd" } };
const event = { name: "#TECHOGNITION 2027", opens_at: "2027-03-05T08:00:00.000Z", hashtags: ["TECHOGNITION"], organiser: { name: "Sample Association", email: "day@example.org" } };
const NOON = new Date(2027, 2, 5, 12, 0, 0);

/** What Python's reader of ZIP files, which checks each CRC, finds in a file. @param {Blob} blob @returns {Promise<Record<string, string>>} */
async function unpacked(blob) {
  const folder = mkdtempSync(join(tmpdir(), "kit-"));
  try {
    const path = join(folder, "kit.zip");
    writeFileSync(path, new Uint8Array(await blob.arrayBuffer()));
    const program = "import json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(json.dumps({i.filename: z.read(i).decode() for i in z.infolist()}))";
    return JSON.parse(execFileSync("python3", ["-c", program, path], { encoding: "utf8" }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a checksum is that of the standard", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});

test("another program reads every file of a ZIP, with names in any script", async () => {
  const zip = new Zip(NOON);
  const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
  zip.add("photos/0001-Ŵyl.jpg", bytes("one"));
  zip.add("empty.txt", bytes(""));
  zip.add("credits.csv", bytes("💎"));
  assert.deepEqual(await unpacked(zip.blob()), { "photos/0001-Ŵyl.jpg": "one", "empty.txt": "", "credits.csv": "💎" });
});

test("the list is read to its end, and only of photos that the press may use", async () => {
  assert.equal(begins("2027"), "/api/v1/organiser/export?edition=2027&consent=press&format=json");
  assert.equal(called("2027"), "techognition-2027-press-kit.zip");
  const parts = /** @type {Record<string, Response>} */ ({
    "/list": new Response(JSON.stringify({ photos: [photo] }), { headers: { link: '</more>; rel="next"' } }),
    "/more": new Response(JSON.stringify({ photos: [{ ...photo, id: "b" }] })),
  });
  const photos = await listed("/list", async (address) => parts[address] ?? assert.fail(address));
  assert.deepEqual(photos.map(({ id }) => id), ["a", "b"]);
});

test("files are named as every system takes it, and credited", () => {
  assert.equal(fileName(photo, 7), "photos/0007-Ysgol-Tyr-Wyl-Caerdydd.jpg");
  assert.equal(fileName({ ...photo, school: null, credit: "" }, 12), "photos/0012.jpg");
  assert.equal(creditLine(photo), "Photo: Llinos, Ysgol Tŷ’r Ŵyl, Caerdydd");
  assert.equal(creditLine({ ...photo, credit: "", school: null }), "Photo: a technician");
  const lines = credits([{ file: "photos/0001.jpg", photo: { ...photo, caption: '=HYPERLINK("x")' } }]).split("\r\n");
  assert.equal(lines[0], '\uFEFF"file","caption","credit","page"');
  assert.ok(lines[1]?.startsWith(`"photos/0001.jpg","'=HYPERLINK(""x"")",`), lines[1]);
});

test("the press release has the figures of the day, whom to ask, and what to fill in", () => {
  const text = release(event, { photos: 1024, schools: 1 }, 312);
  for (const part of ["5 March 2027", "1,024 photos from 1 school or college", "312 photos whose senders agreed", "day@example.org", "#TECHOGNITION"]) assert.ok(text.includes(part), part);
  assert.ok(release({ ...event, organiser: null, hashtags: [] }, { photos: 2, schools: 2 }, 1).includes("Contact: [fill in"));
});

test("a kit has what is still public, and says how many are not", async () => {
  const photos = [photo, { ...photo, id: "b", image: "https://photos.example/m/b/r/2016.jpg", school: null, credit: "" }];
  /** @type {number[]} */
  const told = [];
  const fetches = async (/** @type {string} */ path) => (path.includes("/b/") ? new Response("", { status: 404 }) : new Response("jpeg", { headers: { "content-type": "image/jpeg" } }));
  const made = await kit(photos, event, { photos: 2, schools: 1 }, fetches, (n) => told.push(n), NOON);
  assert.deepEqual([made.photos, made.missing, told], [1, 1, [1]]);
  const files = await unpacked(made.blob);
  assert.deepEqual(Object.keys(files), [fileName(photo, 1), "credits.csv", "press-release.txt"]);
  assert.ok(!files["credits.csv"]?.includes("/p/b"));
  const filtered = async () => new Response("<html>", { headers: { "content-type": "text/html" } });
  await assert.rejects(() => kit(photos, event, { photos: 2, schools: 1 }, filtered, () => {}, NOON), /could not be fetched/);
});
