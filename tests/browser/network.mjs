// @ts-check
// A bad network between a browser and the system, the same one each time: latency, bandwidth, loss and cuts by a seed; and what
// school filters do to single hosts.
//
// It is a proxy, so nothing can really be lost: a lost segment holds back what follows it on its connection, as TCP does, for one round
// trip, and every tenth time for a retransmission time-out.

import { once } from "node:events";
import http from "node:http";
import net from "node:net";

const SEGMENT_BYTES = 1460;
const TIMEOUT_MS = 1000;
/** What a filter answers in the place of a host. */
const BLOCK_PAGE = "<!doctype html><title>Blocked</title><h1>This address is blocked by your school</h1>";

/** @typedef {{ latencyMs?: number, bytesPerSecond?: number, loss?: number, seed?: number }} Quality `latencyMs` one way; `loss` 0 to 1 */

export class Network {
  /** @type {Set<net.Socket>} */
  #sockets = new Set();
  #down = false;
  /** By the beginning of an address. @type {Map<string, "refused" | "page" | "silent" | "unanswered">} */
  #blocked = new Map();
  /** Bodies that were put through, if somebody wants them. @type {Buffer[] | null} */
  kept = null;
  /** Requests by host. @type {Map<string, number>} */
  asked = new Map();
  /** When each direction has room for more bytes. */
  #freeAt = { up: 0, down: 0 };
  /** Bytes that went through. */
  bytes = { up: 0, down: 0 };
  cuts = 0;

  /** @param {Quality} quality */
  constructor({ latencyMs = 0, bytesPerSecond = Infinity, loss = 0, seed = 1 } = {}) {
    this.quality = { latencyMs, bytesPerSecond, loss };
    this.random = chance(seed);
    this.inner = http.createServer((request, response) => this.#forward(request, response));
    this.outer = net.createServer((socket) => this.#shape(socket));
    // What a test leaves behind must not keep it alive.
    this.inner.unref();
    this.outer.unref();
  }

  /** Opens it. @returns {Promise<string>} its address, for a browser's proxy setting */
  async open() {
    this.inner.listen(0, "127.0.0.1");
    this.outer.listen(0, "127.0.0.1");
    await Promise.all([once(this.inner, "listening"), once(this.outer, "listening")]);
    return `http://127.0.0.1:${port(this.outer)}`;
  }

  /** @param {Quality} quality */
  become(quality) {
    Object.assign(this.quality, quality);
  }

  /** All connections break, and none is taken up until [`mend`]. */
  cut() {
    this.cuts += 1;
    this.#down = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend() {
    this.#down = false;
  }

  /**
   * What a filter does to addresses from now on.
   * @param {string} url how they begin
   * @param {"refused" | "page" | "silent" | "unanswered" | "open"} how the connection breaks, a page is answered, nothing ever is, it
   *   breaks once what was sent has arrived and before anybody hears of it, or all is well
   */
  block(url, how) {
    if (how === "open") this.#blocked.delete(url);
    else this.#blocked.set(url, how);
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    this.inner.closeAllConnections();
    await Promise.all([new Promise((done) => this.outer.close(done)), new Promise((done) => this.inner.close(done))]);
  }

  /** @param {net.Socket} socket */
  #shape(socket) {
    if (this.#down) return socket.destroy();
    const inner = net.connect(port(this.inner), "127.0.0.1");
    for (const [from, to, way] of /** @type {const} */ ([[socket, inner, "up"], [inner, socket, "down"]])) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      let lane = Promise.resolve();
      /** @type {Promise<unknown>} */
      let delivery = Promise.resolve();
      let heldUntil = 0;
      from.on("data", (chunk) => {
        // What is on its way is bounded, as a real sender's window is.
        from.pause();
        heldUntil = Math.max(heldUntil, performance.now()) + this.#held(chunk.length);
        const at = Math.max(this.#slot(way, chunk.length), heldUntil);
        const arrives = at + this.quality.latencyMs;
        lane = lane.then(() => until(at)).then(() => void from.resume());
        delivery = Promise.all([delivery, lane.then(() => until(arrives))]).then(() => !to.destroyed && to.write(chunk));
        this.bytes[way] += chunk.length;
      });
      from.on("error", () => {});
      from.on("end", () => void delivery.then(() => to.end()));
      from.on("close", () => {
        this.#sockets.delete(from);
        void delivery.then(() => to.destroy());
      });
    }
  }

  /** When the last of so many bytes is through, all connections sharing one line. @param {"up" | "down"} way @param {number} length */
  #slot(way, length) {
    const begin = Math.max(this.#freeAt[way], performance.now());
    this.#freeAt[way] = begin + (length / this.quality.bytesPerSecond) * 1000;
    return this.#freeAt[way];
  }

  /** For how long lost segments hold a connection back. @param {number} length */
  #held(length) {
    let ms = 0;
    for (let sent = 0; sent < length; sent += SEGMENT_BYTES) {
      if (this.random() < this.quality.loss) ms += this.random() < 0.1 ? TIMEOUT_MS : 2 * this.quality.latencyMs;
    }
    return ms;
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  #forward(request, response) {
    const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
    this.asked.set(url.host, (this.asked.get(url.host) ?? 0) + 1);
    const blocked = [...this.#blocked].find(([begin]) => url.href.startsWith(begin))?.[1];
    if (blocked === "silent") return;
    if (blocked === "refused") return void request.socket.destroy();
    if (blocked === "page") return void response.writeHead(403, { "content-type": "text/html", "access-control-allow-origin": "*" }).end(BLOCK_PAGE);
    const { "proxy-connection": _, ...headers } = request.headers;
    const onward = http.request(url, { method: request.method, headers, agent: false }, (answer) => {
      if (blocked === "unanswered") return void request.socket.destroy();
      // How long a connection lives is between the browser and this proxy.
      const { connection: _, ...kept } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, kept);
      answer.pipe(response);
    });
    if (this.kept && request.method === "PUT") {
      /** @type {Buffer[]} */
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => this.kept?.push(Buffer.concat(parts)));
    }
    onward.on("error", () => request.socket.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  }
}

/** @param {net.Server | http.Server} server */
function port(server) {
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
}

/** @param {number} at @returns {Promise<void>} */
function until(at) {
  const ms = at - performance.now();
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). @param {number} seed */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
