// @ts-check
/**
 * Decisions on their way: each waits for its own ten seconds, in which it can be undone, and only then leaves. So nothing is ever
 * public and taken back within that time, and undoing needs no second decision that others would see. Pure but for the timer and
 * the sender that it is given.
 *
 * @typedef {{id: string, version: number, action: string, reason?: string}} Decision
 * @typedef {{id: string, state?: string, version?: number, problem?: {title?: string, detail?: string, hint?: string, status?: number}}} Outcome
 */

export class Outbox {
  /** @type {{decision: Decision, timer: unknown}[]} */
  #waiting = [];

  /**
   * @param {object} parts
   * @param {(decision: Decision) => Promise<Outcome>} parts.send
   * @param {(decision: Decision, outcome: Outcome) => void} parts.sent
   * @param {number} parts.delay milliseconds
   * @param {(run: () => void, delay: number) => unknown} parts.start
   * @param {(timer: any) => void} parts.stop
   */
  constructor({ send, sent, delay, start, stop }) {
    this.send = send;
    this.sent = sent;
    this.delay = delay;
    this.start = start;
    this.stop = stop;
  }

  /** How many decisions can still be undone. */
  get waiting() {
    return this.#waiting.length;
  }

  /** Takes a decision. @param {Decision} decision */
  put(decision) {
    const entry = { decision, timer: /** @type {unknown} */ (null) };
    entry.timer = this.start(() => void this.#leave(entry), this.delay);
    this.#waiting.push(entry);
  }

  /** Takes back the latest decision that has not left yet; null where there is none. */
  undo() {
    const entry = this.#waiting.pop();
    if (!entry) return null;
    this.stop(entry.timer);
    return entry.decision;
  }

  /** Sends all that waits, now. */
  async flush() {
    await Promise.all([...this.#waiting].map((entry) => this.#leave(entry)));
  }

  /** @param {{decision: Decision, timer: unknown}} entry */
  async #leave(entry) {
    if (!this.#waiting.includes(entry)) return;
    this.#waiting = this.#waiting.filter((other) => other !== entry);
    this.stop(entry.timer);
    this.sent(entry.decision, await this.send(entry.decision));
  }
}
