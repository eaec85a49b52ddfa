// @ts-check
// A page of the site's policy on which films are filmed, made ready, and read back. Its modules are served as files.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

import { phrasesOf } from "../../shared/tests/js/english.js";
import { deleteAtExit } from "./command.mjs";
import { PHONE, launch } from "./system.mjs";

/** @typedef {typeof import("./filming.mjs")} Lab */
/** @typedef {import("playwright-core").JSHandle<Lab>} LabHandle */

const repository = fileURLToPath(new URL("../../", import.meta.url));
export const JS = "/shared/assets/js/";
/** The same modules in a browser whose encoder throws when it is asked what it can, as on some versions of iOS. */
export const WITHOUT_ENCODER = `/without-encoder${JS}`;

export const folder = mkdtempSync(join(tmpdir(), "techognition-film-"));
deleteAtExit(folder);
const server = createServer((request, response) => {
  const { status, type, body } = answer(request.url ?? "");
  response.writeHead(status, { "content-type": type, "content-security-policy": policy(), "cache-control": "no-store" }).end(body);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
const site = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
export const browser = await launch();
after(async () => {
  await browser.close();
  server.close();
});

/** What the site's pages say may run on them, and a video from this page: the page that shows one will say so. */
function policy() {
  const source = readFileSync(join(repository, "shared/src/pages/respond.rs"), "utf8");
  const [, text = ""] = /"(default-src 'none';[^"]*)"/.exec(source) ?? [];
  assert.match(text, /require-trusted-types-for 'script'$/);
  return `${text.replace(/\\\n\s*/g, "").replace(/\{(style|upload|media)\}/g, "").replace("{ancestors}", "'none'")}; media-src 'self' blob:`;
}

/** @param {string} url @returns {{ status: number, type: string, body: string | Buffer }} */
function answer(url) {
  if (url === "/") {
    const words = JSON.stringify(phrasesOf("en")).replace(/&/g, "&amp;").replace(/"/g, "&quot;");
    return { status: 200, type: "text/html; charset=utf-8", body: `<!doctype html><html lang="en-GB"><meta name="viewport" content="width=device-width"><title>A film</title><body data-words="${words}"><main><h1>A film</h1></main>` };
  }
  if (url === "/favicon.ico") return { status: 204, type: "image/x-icon", body: "" };
  const [, without = "", path = ""] = /^(\/without-encoder)?\/(shared\/(?:assets|tests)\/js\/[\w/-]+\.js|tests\/browser\/filming\.mjs)$/.exec(url) ?? [];
  if (!path) return { status: 404, type: "text/plain", body: "" };
  const body = readFileSync(join(repository, path), "utf8");
  const broken = without && path.endsWith("film/worker.js") ? "VideoEncoder.isConfigSupported = () => { throw new TypeError('as on iOS'); };\n" : "";
  return { status: 200, type: "text/javascript; charset=utf-8", body: broken + body };
}

/**
 * A page of the site's policy, with what films and reads films.
 * @param {(lab: LabHandle, page: import("playwright-core").Page) => Promise<void>} story
 */
export async function withLab(story) {
  const context = await browser.newContext({ baseURL: site, viewport: PHONE });
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on("console", (message) => void (["error", "warning"].includes(message.type()) && complaints.push(message.text())));
  page.on("pageerror", (error) => void complaints.push(error.message));
  try {
    await page.goto("/");
    const lab = /** @type {LabHandle} */ (await page.evaluateHandle(() => import(/** @type {string} */ ("/tests/browser/filming.mjs"))));
    await story(lab, page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}
