// @ts-check
/**
 * Decisions that are being sent. Each is sent at once, so that none is lost with the tab, and none is called done before the answer says
 * so. Undoing one is a second decision, which waits for the answer to the first. Pure except for the sender and the clock that it is given.
 *
 * @typedef {{id: string, version: number, action: string, reason?: string}} Decision
 * @typedef {{title?: string, detail?: string, hint?: string, status?: number, type?: string, version?: number, state?: string}} Problem
 * @typedef {{id: string, state?: string, lane?: string, version?: number, problem?: Problem}} Outcome
 *
 * @typedef {object} Entry
 * @property {Decision} decision
 * @property {string} undo the decision that leads back; empty if there is none
 * @property {"sending" | "done" | "failed" | "undoing" | "kept" | "undone"} stage `failed`: it was not taken; `kept`: it was not undone
 * @property {Outcome | null} outcome the latest answer
 * @property {number} done_at when it was done, by the clock
 * @property {number} undone_at when it was undone, by the clock
 * @property {boolean} [picked] whether the published photo was picked as a favourite since; absent if neither that nor taken back
 * @property {Promise<void>} answered settled once the decision is done or has failed
 */

export class DecisionBuffer {
  /** The decisions that are being sent or are done, oldest first. @type {Entry[]} */
  #entries = [];

  /**
   * @param {object} parts
   * @param {(decision: Decision) => Promise<Outcome>} parts.send never throws
   * @param {(decisions: Decision[]) => Promise<Outcome[]>} [parts.sendAll] never throws; answers in the same order
   * @param {(entry: Entry) => void} parts.changed told of each stage that an entry comes to
   * @param {() => number} parts.now milliseconds, by a clock that only goes forward
   */
  constructor({ send, sendAll = (decisions) => Promise.all(decisions.map((decision) => send(decision))), changed, now }) {
    this.send = send;
    this.sendAll = sendAll;
    this.changed = changed;
    this.now = now;
  }

  /** Number of decisions without an answer. */
  get sending() {
    return this.#entries.filter(({ stage }) => stage === "sending").length;
  }

  /** Returns the latest decision; null if there is none. */
  get last() {
    return this.#entries.at(-1) ?? null;
  }

  /** Sends a decision. @param {Decision} decision @param {string} undo @returns {Entry} */
  put(decision, undo) {
    return this.#put(decision, undo, this.send(decision));
  }

  /**
   * Sends decisions together. Each is an entry of its own, and can be undone by itself.
   * @param {{decision: Decision, undo: string}[]} all @returns {Entry[]}
   */
  putAll(all) {
    const answers = this.sendAll(all.map(({ decision }) => decision));
    return all.map(({ decision, undo }, i) => this.#put(decision, undo, answers.then((outcomes) => outcomes[i] ?? { id: decision.id, problem: {} })));
  }

  /** @param {Decision} decision @param {string} undo @param {Promise<Outcome>} answer @returns {Entry} */
  #put(decision, undo, answer) {
    /** @type {Entry} */
    const entry = { decision, undo, stage: "sending", outcome: null, done_at: 0, undone_at: 0, answered: Promise.resolve() };
    this.#entries.push(entry);
    entry.answered = this.#answered(entry, answer);
    this.changed(entry);
    return entry;
  }

  /** Undoes the latest decision as soon as it is done. If that fails, it can be tried again. */
  async undo() {
    const entry = this.last;
    if (!entry || !entry.undo || entry.stage === "undoing") return;
    await entry.answered;
    if ((entry.stage !== "done" && entry.stage !== "kept") || !entry.outcome) return;
    const { outcome } = entry;
    this.#comes(entry, "undoing");
    const answer = await this.send({ id: entry.decision.id, version: outcome.version ?? entry.decision.version, action: entry.undo });
    if (answer.problem) {
      entry.outcome = { ...outcome, problem: answer.problem };
      this.#comes(entry, "kept");
      return;
    }
    this.forget(entry);
    entry.undone_at = this.now();
    entry.outcome = answer;
    this.#comes(entry, "undone");
  }

  /** Drops a decision that cannot be undone any more. @param {Entry} entry */
  forget(entry) {
    this.#entries = this.#entries.filter((other) => other !== entry);
  }

  /** @param {Entry} entry @param {Promise<Outcome>} answer */
  async #answered(entry, answer) {
    entry.outcome = await answer;
    entry.done_at = this.now();
    if (entry.outcome.problem) this.forget(entry);
    this.#comes(entry, entry.outcome.problem ? "failed" : "done");
  }

  /** @param {Entry} entry @param {Entry["stage"]} stage */
  #comes(entry, stage) {
    entry.stage = stage;
    this.changed(entry);
  }
}
