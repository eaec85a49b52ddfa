// A client of the photo day: Node 20 or newer, no packages. `api.d.ts` is made from the API's description.
//
// node client.js https://photos.example.org send photo.jpg
// node client.js https://photos.example.org withdraw ID
// node client.js https://photos.example.org gallery

import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { components } from "./api.d.ts";

type Schemas = components["schemas"];

const [site = "", command = "", argument = ""] = process.argv.slice(2);
const key = "uploader.key"; // the secret: whoever has it can change and withdraw the photos
if (!existsSync(key)) writeFileSync(key, randomBytes(32).toString("base64url"), { mode: 0o600 });

/** Makes one attempt: answers the status, the body, and the milliseconds that the server asks to wait. */
async function once(url: string, request: RequestInit) {
  try {
    const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(60_000) });
    const [text, wait] = [await answer.text(), 1000 * Number(answer.headers.get("retry-after"))];
    const foreign = answer.headers.get("content-type")?.includes("html"); // a web filter's page: nothing of ours is HTML
    return { status: foreign ? 0 : answer.status, text, wait };
  } catch {
    return { status: 0, text: "", wait: 0 };
  }
}

const pause = (wait: number, attempt: number) => sleep(wait || Math.random() * Math.min(60_000, 1000 * 2 ** attempt));

/** Calls the API until it answers for good. Ends the program with the problem, unless its status is in `accept`. */
async function api<Answer>(method: string, path: string, body?: unknown, accept: number[] = []): Promise<Answer> {
  const headers = { Authorization: `Uploader ${readFileSync(key, "utf8")}`, "Content-Type": "application/json" };
  const request = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  for (let attempt = 0; ; attempt += 1) {
    const { status, text, wait } = await once(`${site}/api/v1${path}`, request);
    if ((status >= 200 && status < 300) || accept.includes(status)) return JSON.parse(text) as Answer;
    if (attempt === 9 || ![0, 429, 500, 502, 503, 504].includes(status)) throw new Error(`${method} ${path}: ${status} ${text}`);
    await pause(wait, attempt);
  }
}

/** Sends the file to the storage, or by the site's own host if a network blocks the storage's. */
async function deliver(id: string, upload: Schemas["PresignedUpload"], photo: Uint8Array<ArrayBuffer>) {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const { pathname, search } = new URL(upload.url);
    let last = { status: 0, wait: 0 };
    for (const url of [upload.url, site + pathname + search]) {
      last = await once(url, { method: "PUT", headers: upload.headers, body: photo });
      if (last.status === 200 || last.status === 412) return; // 412: the file is there already
    }
    if (last.status === 403) { // the address has expired
      const renewed = await api<Partial<Schemas["Renewed"]>>("POST", `/uploads/${id}/renew`, undefined, [409]);
      if (!renewed.upload) return; // it is not waited for any more: the list of own photos says why
      upload = renewed.upload;
    }
    await pause(last.wait, attempt);
  }
  throw new Error(`${id}: the storage cannot be reached`);
}

async function send(name: string) {
  const photo = Uint8Array.from(readFileSync(name));
  const sha256 = createHash("sha256").update(photo).digest("hex");
  const type = name.endsWith(".png") ? "image/png" : name.endsWith(".webp") ? "image/webp" : "image/jpeg";
  const { consent } = await api<Schemas["EventView"]>("GET", "/event");
  const batch: Schemas["UploadRequest"] = {
    consent: { version: consent.version, web: true, social: false, press: false },
    credit: "The prep room",
    discipline: "science",
    photos: [{
      ref: sha256.slice(0, 32), type, size_bytes: photo.length, sha256,
      caption: "Crystals on day twelve", alt: "Blue crystals in a dish", people: "none",
    }],
  };
  const { photos: [registered] } = await api<Schemas["UploadAnswer"]>("POST", "/uploads", batch);
  if (!registered || "problem" in registered) throw new Error(registered?.problem.detail);
  console.log(registered.id, registered.state);
  if (registered.upload) await deliver(registered.id, registered.upload, photo);
  for (let look = 0; look < 300; look += 1) { // until it is made ready, usually two seconds
    const state = (await ownPhotos()).find((own) => own.id === registered.id)?.state ?? "withdrawn";
    if (state !== "reserved") return console.log(registered.id, state);
    await sleep(1000);
  }
}

async function ownPhotos() {
  const photos: Schemas["OwnPhoto"][] = [];
  for (let after: string | null | undefined = ""; after != null; ) {
    const page: Schemas["OwnPhotos"] = await api("GET", `/uploads${after && `?after=${after}`}`);
    photos.push(...page.photos);
    after = page.next;
  }
  return photos;
}

async function gallery() {
  for (let after: string | null | undefined = ""; after != null; ) {
    const page: Schemas["FeedAnswer"] = await api("GET", `/photos?limit=48${after && `&after=${after}`}`);
    for (const photo of page.photos) console.log(photo.id, photo.caption);
    after = page.next;
  }
}

async function withdraw(id: string) {
  console.log(id, JSON.stringify(await api<Schemas["ErasureStatus"]>("DELETE", `/uploads/${id}`)));
}

const commands: Record<string, (argument: string) => Promise<void>> = { send, withdraw, gallery };
const run = commands[command];
if (!run) throw new Error("say what to do: send, withdraw or gallery");
await run(argument);
