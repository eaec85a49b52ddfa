// @ts-check
// A stranger's web page in the browser of somebody who runs the system on this machine: it reads nothing and changes nothing, whatever
// port it tries, in whichever way a page can send requests.

import assert from "node:assert/strict";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { test } from "node:test";

import { TARGET } from "./command.mjs";
import { launch, withSystem } from "./system.mjs";

/** Every attempt leaves this word if it succeeds. */
const MARK = "evil-was-here";
const TABLE = "techognition";
/** What the browser resolves to this machine: a page of a foreign name, and one whose name has been pointed here after it was loaded. */
const FOREIGN = ["evil.example", "evil.localhost"];
const REBOUND = "rebound.example";

/** How a page asks: to read the answer, or content with having sent something. @typedef {"cors" | "no-cors"} Mode */
const CORS = /** @type {Mode} */ ("cors");
const NO_CORS = /** @type {Mode} */ ("no-cors");

/** @typedef {{pid: number, site: string, dynamodb: string, s3: string, sqs: string, cloudfront: string, region: string, access_key: string, secret_key: string, queue_url: string, isolation_url: string, dead_letters_url: string}} Running */
/** @typedef {{method: string, path: string, headers: Record<string, string>, body?: string}} Attempt */

test("a stranger's page reads nothing and changes nothing at any port", { timeout: 300_000 }, () => {
  // As many listeners as there can be: the bootstraps' Runtime API, and the proxies that deal faults, although they deal none here.
  const more = ["--open-window"];
  if (!process.env.TECHOGNITION_BOOTSTRAPS) more.push("--bootstraps", join(TARGET, "debug"));
  return withSystem(more, async (system) => {
    const conditions = join(system.folder, "conditions.json");
    writeFileSync(conditions, JSON.stringify({ faults: { delayed: 0 }, events: null, sweep_ms: 60_000, clock: join(system.folder, "clock") }));
    await system.restart([...more, "--conditions", conditions]);
    /** @type {Running} */
    const running = JSON.parse(readFileSync(join(system.data, "running.json"), "utf8"));
    const uploader = randomBytes(32).toString("base64url");
    const photo = await register(system.site, uploader);

    const ports = listeners(running.pid);
    const known = [running.site, running.dynamodb, running.s3, running.sqs, running.cloudfront].map((url) => Number(new URL(url).port));
    assert.deepEqual(known.filter((port) => !ports.includes(port)), [], "each known address is one of the listeners");
    assert.equal(ports.length, 9, `site, the API's own, storage, table, queue, invalidations, Runtime API, two proxies: ${ports}`);
    // What is signed is answered: the refusals below are not those of ports that answer nobody.
    const before = await everything(running);
    assert.ok(before.includes(photo), "the row of the photo");
    assert.ok(!before.includes(MARK));

    const stranger = await Stranger.open();
    const names = [...FOREIGN, REBOUND].map((name) => `MAP ${name} 127.0.0.1`).join(",");
    // Without what new Chromiums ask their user before a page reaches this machine: others do not ask.
    const browser = await launch(`--host-resolver-rules=${names}`, "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests");
    try {
      const page = await (await browser.newContext()).newPage();
      for (const name of FOREIGN) {
        await page.goto(`http://${name}:${stranger.port}/`);
        // The page can reach this machine, and can read what is open to it.
        assert.deepEqual(await page.evaluate(send, { url: `http://127.0.0.1:${stranger.port}/open`, attempt: get("/open"), mode: CORS }), "200 open to all");
        const [form] = forms(photo);
        assert.ok(form);
        const posted = stranger.posted;
        await page.evaluate(post, { action: `http://127.0.0.1:${stranger.port}/`, form });
        assert.equal(stranger.posted, posted + 1, "a form of the page does reach a server of this machine");
        for (const port of ports) {
          for (const host of ["127.0.0.1", "localhost"]) {
            for (const attempt of attempts(photo)) {
              const url = `http://${host}:${port}${attempt.path}`;
              const read = await page.evaluate(send, { url, attempt, mode: CORS });
              assert.match(read, /^unreadable/, `${name}: ${attempt.method} ${url}`);
              const sent = await page.evaluate(send, { url, attempt, mode: NO_CORS });
              assert.match(sent, /^(opaque|unreadable)/, `${name}: ${attempt.method} ${url}`);
            }
          }
          for (const form of forms(photo)) await page.evaluate(post, { action: `http://127.0.0.1:${port}${form.path}`, form });
        }
      }

      // The page's own name points to this machine now: to the browser it is one origin with whoever listens there.
      for (const port of ports) {
        const home = `http://${REBOUND}:${port}`;
        await page.route(`${home}/attack`, (route) => route.fulfill({ contentType: "text/html", body: "<title>a page from before</title>" }));
        await page.goto(`${home}/attack`);
        for (const attempt of attempts(photo)) {
          const answer = await page.evaluate(send, { url: `${home}${attempt.path}`, attempt, mode: CORS });
          assert.match(answer, /^403 This machine does not answer as/, `${attempt.method} ${home}${attempt.path}`);
        }
        for (const form of forms(photo)) await page.evaluate(post, { action: `${home}${form.path}`, form });
      }
    } finally {
      await browser.close();
      await stranger.close();
    }

    const after = await everything(running);
    assert.ok(!after.includes(MARK), `nothing was written: ${around(after, MARK)}`);
    assert.ok(after.includes(photo));
    // And nothing was taken away: no event of a function, no photo.
    const own = await (await fetch(`${system.site}/api/v1/uploads`, { headers: { authorization: `Uploader ${uploader}` } })).json();
    assert.deepEqual(own.photos.map((/** @type {{id: string, state: string}} */ one) => [one.id, one.state]), [[photo, "reserved"]]);
    assert.equal((await fetch(`${system.site}/`)).status, 200);
  });
});

/** Registers a photo, so that there is something to read and to take away. @param {string} site @param {string} uploader */
async function register(site, uploader) {
  const event = await (await fetch(`${site}/api/v1/event`)).json();
  const bytes = Buffer.from("no picture");
  const body = {
    consent: { version: event.consent.version, web: true, social: false, press: false },
    credit: "The prep room", school: { name: "Sample Academy" }, discipline: "science",
    photos: [{ ref: "r1", type: "image/jpeg", size_bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex"), caption: "Crystals", alt: "Blue crystals", people: "none" }],
  };
  const headers = { "content-type": "application/json", authorization: `Uploader ${uploader}` };
  const answer = await fetch(`${site}/api/v1/uploads`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(answer.status, 201, await answer.clone().text());
  return /** @type {string} */ ((await answer.json()).photos[0].id);
}

/** @param {string} path @returns {Attempt} */
function get(path) {
  return { method: "GET", path, headers: {} };
}

/** Requests that would read or change something if they were taken. @param {string} photo @returns {Attempt[]} */
function attempts(photo) {
  const forged = { authorization: "AWS4-HMAC-SHA256 Credential=NOBODY/20270305/eu-west-2/dynamodb/aws4_request, SignedHeaders=host, Signature=00", "x-amz-date": "20270305T120000Z" };
  const call = (/** @type {string} */ target, /** @type {unknown} */ body) => ({
    method: "POST", path: "/", headers: { ...forged, "content-type": "application/x-amz-json-1.0", "x-amz-target": target }, body: JSON.stringify(body),
  });
  const key = { PK: { S: MARK }, SK: { S: "M" } };
  const json = { "content-type": "application/json" };
  return [
    get("/"),
    get("/api/v1/photos"),
    get(`/api/v1/uploads/${photo}/removal`),
    get("/uploads-1/2018-06-01/runtime/invocation/next"),
    get("/techognition-review?list-type=2"),
    get("/000000000000/originals?Action=ReceiveMessage"),
    call("DynamoDB_20120810.Scan", { TableName: TABLE }),
    call("DynamoDB_20120810.PutItem", { TableName: TABLE, Item: key }),
    call("DynamoDB_20120810.DeleteItem", { TableName: TABLE, Key: { PK: { S: `P#${photo}` }, SK: { S: "M" } } }),
    call("AmazonSQS.SendMessage", { QueueUrl: "http://127.0.0.1/000000000000/originals", MessageBody: MARK }),
    call("AmazonSQS.PurgeQueue", { QueueUrl: "http://127.0.0.1/000000000000/originals" }),
    { method: "PUT", path: `/techognition-public/${MARK}`, headers: { ...forged, "content-type": "text/html" }, body: MARK },
    { method: "DELETE", path: `/api/v1/uploads/${photo}`, headers: {} },
    { method: "POST", path: "/2020-05-31/distribution/ELAPTOP/invalidation", headers: { "content-type": "text/plain" }, body: invalidation() },
    { method: "POST", path: "/uploads-1/2018-06-01/runtime/init/error", headers: { "content-type": "text/plain" }, body: "{}" },
    { method: "POST", path: `/api/v1/photos/${photo}/reports`, headers: json, body: JSON.stringify({ reason: "pupil", text: MARK }) },
    { method: "POST", path: `/api/v1/photos/${photo}/reports`, headers: { "content-type": "text/plain" }, body: JSON.stringify({ reason: "pupil", text: MARK }) },
    { method: "POST", path: "/api/v1/uploads", headers: { ...json, authorization: `Uploader ${"e".repeat(43)}` }, body: JSON.stringify({ credit: MARK }) },
  ];
}

/** @typedef {{path: string, enctype: string, fields: Record<string, string>}} Form */

/** What forms can send; of a text/plain form the first name is the beginning of the body. @param {string} photo @returns {Form[]} */
function forms(photo) {
  const report = { reason: "other", text: MARK, contact: "" };
  return [
    { path: `/photos/${photo}/reports`, enctype: "application/x-www-form-urlencoded", fields: report },
    { path: "/", enctype: "text/plain", fields: { [`{"TableName":"${TABLE}","Item":{"PK":{"S":"${MARK}"},"SK":{"S":"`]: '"}}}' } },
    { path: "/techognition-public", enctype: "multipart/form-data", fields: { key: MARK, file: MARK } },
    { path: "/2020-05-31/distribution/ELAPTOP/invalidation", enctype: "text/plain", fields: { [invalidation()]: "" } },
    { path: "/000000000000/originals", enctype: "application/x-www-form-urlencoded", fields: { Action: "SendMessage", MessageBody: MARK } },
  ];
}

function invalidation() {
  return `<InvalidationBatch><Paths><Quantity>1</Quantity><Items><Path>/*</Path></Items></Paths><CallerReference>${MARK}</CallerReference></InvalidationBatch>`;
}

/** Runs in the page: sends a request and tells what can be read of its answer. @param {{url: string, attempt: Attempt, mode: Mode}} what */
async function send({ url, attempt, mode }) {
  try {
    const { method, headers, body } = attempt;
    const answer = await fetch(url, { method, headers, mode, credentials: "include", signal: AbortSignal.timeout(5_000), ...(body === undefined ? {} : { body }) });
    return answer.type === "opaque" ? "opaque" : `${answer.status} ${await answer.text()}`;
  } catch (error) {
    return `unreadable: ${error}`;
  }
}

/** Runs in the page: sends a form into a frame, and waits until that has loaded something. @param {{action: string, form: Form}} what */
async function post({ action, form }) {
  const frame = document.createElement("iframe");
  frame.name = "sent";
  document.body.append(frame);
  const made = document.createElement("form");
  Object.assign(made, { action, method: "post", enctype: form.enctype, target: "sent" });
  for (const [name, value] of Object.entries(form.fields)) made.append(Object.assign(document.createElement("input"), { name, value }));
  document.body.append(made);
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  made.submit();
  await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, 3_000))]);
  made.remove();
  frame.remove();
}

/** The stranger's own server: the page, something that is open to every page, and a note of what forms bring. */
class Stranger {
  posted = 0;
  port = 0;
  #server = http.createServer((request, response) => {
    if (request.method === "POST") this.posted += 1;
    if (request.url === "/open") {
      response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
      response.setHeader("access-control-allow-credentials", "true");
      response.end("open to all");
    } else {
      response.setHeader("content-type", "text/html");
      response.end("<!doctype html><title>A stranger</title>");
    }
  });

  static async open() {
    const stranger = new Stranger();
    stranger.#server.listen(0, "127.0.0.1");
    await once(stranger.#server, "listening");
    const address = stranger.#server.address();
    if (address && typeof address === "object") stranger.port = address.port;
    return stranger;
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** The ports that a process listens on, whatever for; each must be of this machine alone. @param {number} pid */
function listeners(pid) {
  const sockets = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).match(/^socket:\[(\d+)\]$/)?.[1];
    } catch {
      return undefined; // closed in between
    }
  }));
  /** @type {number[]} */
  const ports = [];
  for (const [file, loopback] of [["tcp", "0100007F"], ["tcp6", "00000000000000000000000001000000"]]) {
    for (const line of readFileSync(`/proc/${pid}/net/${file}`, "utf8").split("\n").slice(1)) {
      const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state !== "0A" || !sockets.has(inode)) continue;
      const [address, port = ""] = local.split(":");
      assert.equal(address, loopback, `${local} is reachable from elsewhere`);
      ports.push(Number.parseInt(port, 16));
    }
  }
  return ports.sort((a, b) => a - b);
}

/** All rows, messages, objects' keys and invalidations, as text. @param {Running} running */
async function everything(running) {
  const found = [];
  /** @type {unknown} */
  let from;
  do {
    const page = JSON.parse(await call(running, "dynamodb", "DynamoDB_20120810.Scan", { TableName: TABLE, ConsistentRead: true, ...(from ? { ExclusiveStartKey: from } : {}) }));
    found.push(JSON.stringify(page.Items));
    from = page.LastEvaluatedKey;
  } while (from);
  for (const url of [running.queue_url, running.isolation_url, running.dead_letters_url]) {
    found.push(await call(running, "sqs", "AmazonSQS.ReceiveMessage", { QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }));
  }
  for (const bucket of ["originals", "review", "public", "removals"]) {
    found.push(await signed(running, running.s3, "s3", running.region, "GET", `/techognition-${bucket}`, "list-type=2", {}, ""));
  }
  // They are numbered.
  const first = "/2020-05-31/distribution/ELAPTOP/invalidation/I0000000000001";
  const invalidated = await signed(running, running.cloudfront, "cloudfront", "us-east-1", "GET", first, "", {}, "", 404);
  assert.match(invalidated, /NoSuchInvalidation/);
  return found.join("\n");
}

/** A call in AWS's JSON. @param {Running} running @param {"dynamodb" | "sqs"} service @param {string} target @param {unknown} body */
function call(running, service, target, body) {
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": target };
  return signed(running, running[service], service, running.region, "POST", "/", "", headers, JSON.stringify(body));
}

/**
 * A request signed by version 4, as its documentation has it.
 * @param {Running} running @param {string} endpoint @param {string} service @param {string} region @param {string} method
 * @param {string} path @param {string} query @param {Record<string, string>} more @param {string} body
 * @returns {Promise<string>}
 */
async function signed(running, endpoint, service, region, method, path, query, more, body, status = 200) {
  const hash = (/** @type {string} */ text) => createHash("sha256").update(text).digest("hex");
  const mac = (/** @type {string | Buffer} */ key, /** @type {string} */ text) => createHmac("sha256", key).update(text).digest();
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  /** @type {Record<string, string>} */
  const headers = { ...more, host: new URL(endpoint).host, "x-amz-content-sha256": hash(body), "x-amz-date": time };
  const names = Object.keys(headers).sort();
  const canonical = [method, path, query, ...names.map((name) => `${name}:${headers[name]}`), "", names.join(";"), hash(body)].join("\n");
  const key = [time.slice(0, 8), region, service, "aws4_request"].reduce(mac, /** @type {string | Buffer} */ (`AWS4${running.secret_key}`));
  const signature = mac(key, ["AWS4-HMAC-SHA256", time, scope, hash(canonical)].join("\n")).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${running.access_key}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  delete headers.host; // the client sets it
  // Not fetch: that tells where it comes from, as browsers do.
  return new Promise((resolve, reject) => {
    const request = http.request(`${endpoint}${path}${query && `?${query}`}`, { method, headers: { ...headers, authorization } }, (answer) => {
      const pieces = /** @type {Buffer[]} */ ([]);
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("end", () => {
        const text = Buffer.concat(pieces).toString();
        if (answer.statusCode === status) resolve(text);
        else reject(new Error(`${service} ${method} ${path}: ${answer.statusCode} ${text}`));
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** @param {string} text @param {string} word */
function around(text, word) {
  const at = text.indexOf(word);
  return at < 0 ? "" : text.slice(Math.max(0, at - 200), at + 200);
}
