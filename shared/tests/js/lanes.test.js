// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { Lanes, tally, title } from "../../assets/js/moderation/lanes.js";

const said = (/** @type {number} */ photos, /** @type {number} */ here, /** @type {number | null} */ elsewhere) => tally({ lane: "normal", photos, elsewhere }, here);

// The server writes the same: `the_numbers_of_a_lane_add_up` in pages/moderation/queue.rs.
test("the numbers of a lane add up", () => {
  assert.equal(said(0, 0, 0), "Nothing is waiting here.");
  assert.equal(said(12, 12, 0), "12 to decide.");
  assert.equal(said(12, 9, 3), "12 to decide: 9 here, 3 on another moderator’s screen.");
  assert.equal(said(3, 0, 3), "3 to decide: 3 on another moderator’s screen.");
  assert.equal(said(1234, 24, null), "1,234 to decide: 24 here, 1,210 more.");
  assert.equal(said(11, 9, 3), "12 to decide: 9 here, 3 on another moderator’s screen.");
  assert.equal(said(2, 0, 0), "2 to decide.");
  for (let photos = 0; photos < 40; photos += 1) {
    for (let here = 0; here < 26; here += 1) {
      for (const elsewhere of [null, 0, 1, 7]) {
        const [all = 0, ...parts] = [...said(photos, here, elsewhere).matchAll(/\d+/g)].map(Number);
        if (parts.length) assert.equal(parts.reduce((sum, n) => sum + n, 0), all, said(photos, here, elsewhere));
      }
    }
  }
});

test("each lane says what its photos wait for", () => {
  const what = ["normal", "held", "reported", "unseen"].map((lane) => tally({ lane, photos: 2, elsewhere: 0 }, 2));
  assert.deepEqual(what, ["2 to decide.", "2 held.", "2 reported.", "2 to check."]);
});

test("the title tells a report before everything else", () => {
  assert.equal(title(0, 0), "Queue");
  assert.equal(title(0, 1234), "(1,234) Queue");
  assert.equal(title(2, 1234), "(2 reported) Queue");
});

/** @typedef {{ lane: string, photos: number, elsewhere: number | null, oldest_at: string | null }} Waiting */

/**
 * A page of the queue with its tabs, and what its lanes do with it.
 * @param {Record<string, string>} counts what the tabs say
 * @param {Record<string, string>} [dataset] the page's
 */
function page(counts, dataset = { lane: "normal", elsewhere: "3" }) {
  const tabs = Object.entries(counts).map(([tab, textContent]) => {
    const count = { textContent };
    return {
      dataset: { tab }, count, rings: false,
      querySelector: (/** @type {string} */ one) => (one === "[data-count]" ? count : null),
      toggleAttribute(/** @type {string} */ name, /** @type {boolean} */ on) {
        assert.equal(name, "data-rings");
        this.rings = on;
      },
    };
  });
  const [oldest, tallied, doneTally] = [{ textContent: "before" }, { textContent: "" }, { textContent: "" }];
  const element = {
    dataset,
    querySelectorAll: (/** @type {string} */ which) => (which === "[data-tab]" ? tabs : which === "[data-tally], [data-done-tally]" ? [tallied, doneTally] : []),
    querySelector: (/** @type {string} */ which) => (which === "[data-oldest]" ? oldest : tabs.find(({ dataset: { tab } }) => which === `[data-tab="${tab}"]`) ?? null),
  };
  /** @type {[() => void, number][]} */
  const every = [];
  /** @type {[string, () => void][]} */
  const listeners = [];
  /** @type {{ address: unknown, how: unknown, answer: (lanes: Waiting[], status?: number, date?: string) => void, fail: () => void }[]} */
  const asked = [];
  const document = { hidden: false, title: "", addEventListener: (/** @type {string} */ type, /** @type {() => void} */ what) => void listeners.push([type, what]) };
  Object.assign(globalThis, {
    document,
    setInterval: (/** @type {() => void} */ what, /** @type {number} */ ms) => void every.push([what, ms]),
    fetch: (/** @type {unknown} */ address, /** @type {unknown} */ how) => new Promise((resolve, reject) => {
      const answer = (/** @type {Waiting[]} */ lanes, status = 200, date = "Fri, 05 Mar 2027 12:00:00 GMT") => resolve(new Response(JSON.stringify({ lanes }), { status, headers: { date } }));
      asked.push({ address, how, answer, fail: () => reject(new TypeError("Failed to fetch")) });
    }),
  });
  let here = 4;
  /** @type {(string | number)[]} */
  const told = [];
  const lanes = new Lanes(/** @type {any} */ (element), () => here, (reported) => told.push(reported), () => told.push("fresh"));
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { lanes, tabs, oldest, tallied, doneTally, every, listeners, asked, document, told, settled, stay: (/** @type {number} */ n) => void (here = n) };
}

test("a page's own numbers are those of its tabs, until an answer has others", async () => {
  const { lanes, tabs, oldest, tallied, doneTally, asked, document, told, settled } = page({ normal: "1,234", held: "7", reported: "0" });
  assert.equal(lanes.rest, 1234 - 3 - 4);
  assert.equal(lanes.sentence, "1,234 to decide: 4 here, 3 on another moderator’s screen, 1,227 more.");
  const asking = lanes.ask();
  assert.deepEqual([asked[0]?.address, asked[0]?.how], ["/api/v1/moderation/waiting", { headers: { accept: "application/json" }, credentials: "same-origin" }]);
  void lanes.ask();
  assert.equal(asked.length, 1, "one request at a time");
  asked[0]?.answer([
    { lane: "normal", photos: 40, elsewhere: 1, oldest_at: "2027-03-05T11:48:00.000Z" }, { lane: "held", photos: 8, elsewhere: 0, oldest_at: null },
    { lane: "reported", photos: 2, elsewhere: 0, oldest_at: null },
  ]);
  await asking;
  assert.deepEqual(tabs.map(({ count, rings }) => [count.textContent, rings]), [["40", false], ["8", false], ["2", true]]);
  assert.equal(oldest.textContent, "The oldest has waited for 12 minutes.");
  assert.deepEqual([tallied.textContent, doneTally.textContent], Array(2).fill("40 to decide: 4 here, 1 on another moderator’s screen, 35 more."));
  assert.equal(document.title, "(2 reported) Queue · #TECHOGNITION");
  assert.deepEqual(told, [2, "fresh"], "a report rings once");
  void lanes.ask();
  asked[1]?.answer([{ lane: "reported", photos: 2, elsewhere: 0, oldest_at: null }]);
  await settled();
  await settled();
  assert.deepEqual(told, [2, "fresh", "fresh"]);
});

test("another lane of the same page knows nothing of other screens", () => {
  assert.equal(page({ normal: "9", held: "8" }, { lane: "held", elsewhere: "2" }).lanes.rest, 8 - 2 - 4);
  assert.equal(page({ normal: "9" }, {}).lanes.rest, 9 - 4);
  const { lanes, stay } = page({ normal: "9" });
  stay(20);
  assert.equal(lanes.rest, 0, "never less than none");
  assert.equal(page({ held: "9" }).lanes.sentence, "4 to decide.", "a lane without a tab");
});

test("what was decided meanwhile is not in an answer that was asked for before", async () => {
  const { lanes, tabs, oldest, asked, told, settled, stay, document } = page({ normal: "10", held: "0" });
  const before = lanes.ask();
  lanes.move("normal", -1);
  lanes.move("held", 1);
  assert.deepEqual(tabs.map(({ count }) => count.textContent), ["9", "1"]);
  lanes.move("reported", 1);
  assert.deepEqual(tabs.map(({ rings }) => rings), [false, false], "another lane than that of reports rings for nobody");
  lanes.move("reported", -1);
  assert.equal(document.title, "(9) Queue · #TECHOGNITION");
  asked[0]?.answer([{ lane: "normal", photos: 10, elsewhere: 0, oldest_at: null }]);
  await before;
  assert.deepEqual([tabs[0]?.count.textContent, told.length], ["9", 0]);
  const after = lanes.ask();
  asked[1]?.answer([{ lane: "normal", photos: 9, elsewhere: 0, oldest_at: null }]);
  await after;
  assert.deepEqual([tabs[0]?.count.textContent, oldest.textContent, told], ["9", "", ["fresh"]]);
  stay(0);
  oldest.textContent = "The oldest has waited for 12 minutes.";
  lanes.move("normal", -12);
  assert.deepEqual([tabs[0]?.count.textContent, oldest.textContent], ["0", ""], "nothing waits");
  await settled();
});

test("one report rings, and none does not", async () => {
  const { lanes, tabs, asked, settled } = page({ normal: "1", reported: "0" });
  for (const [i, photos] of [1, 0].entries()) {
    void lanes.ask();
    asked[i]?.answer([{ lane: "reported", photos, elsewhere: 0, oldest_at: null }]);
    await settled();
    await settled();
    assert.deepEqual(tabs.map(({ rings }) => rings), [false, photos > 0]);
  }
});

test("a page asks every ten seconds and when it is seen again, and a failure is no end", async () => {
  const { lanes, every, listeners, asked, told, document, oldest } = page({ normal: "10" });
  assert.deepEqual([every.map(([, ms]) => ms), listeners.map(([type]) => type)], [[10_000], ["visibilitychange"]]);
  document.hidden = true;
  every[0]?.[0]();
  listeners[0]?.[1]();
  await lanes.ask();
  assert.equal(asked.length, 0);
  document.hidden = false;
  every[0]?.[0]();
  assert.equal(asked.length, 1);
  asked[0]?.fail();
  await new Promise((resolve) => setImmediate(resolve));
  listeners[0]?.[1]();
  assert.equal(asked.length, 2);
  asked[1]?.answer([{ lane: "normal", photos: 1, elsewhere: 0, oldest_at: null }], 503);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([told, lanes.rest], [[], 10 - 3 - 4]);
  const last = lanes.ask();
  asked[2]?.answer([{ lane: "normal", photos: 0, elsewhere: 0, oldest_at: "2027-03-05T11:48:00.000Z" }]);
  await last;
  assert.equal(oldest.textContent, "", "none is the oldest where none waits");
  const undated = lanes.ask();
  asked[3]?.answer([{ lane: "normal", photos: 5, elsewhere: 0, oldest_at: "2027-03-05T11:48:00.000Z" }], 200, "");
  await undated;
  assert.equal(oldest.textContent, "", "by no clock but the server's");
});
