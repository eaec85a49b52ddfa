// @ts-check
/**
 * Decisions on their way: each waits for a few seconds, in which it can be undone, and leaves early when the next one comes. Pure
 * but for the timer and the sender that it is given.
 *
 * @typedef {{id: string, version: number, action: string, reason?: string}} Decision
 * @typedef {{id: string, state?: string, version?: number, problem?: {title?: string, detail?: string, hint?: string, status?: number}}} Outcome
 */

export class Outbox {
  /** @type {Decision | null} */
  #waiting = null;
  /** @type {unknown} */
  #timer = null;

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

  /** The decision that can still be undone. */
  get waiting() {
    return this.#waiting;
  }

  /** Takes a decision; the one before it leaves now. @param {Decision} decision */
  put(decision) {
    void this.flush();
    this.#waiting = decision;
    this.#timer = this.start(() => void this.flush(), this.delay);
  }

  /** Takes back the decision that has not left yet; null where there is none. */
  undo() {
    return this.#take();
  }

  /** Sends what waits, now. */
  async flush() {
    const decision = this.#take();
    if (decision) this.sent(decision, await this.send(decision));
  }

  #take() {
    const decision = this.#waiting;
    if (decision) this.stop(this.#timer);
    this.#waiting = null;
    return decision;
  }
}
