// @ts-check
// A slip of a moderator publishes nothing: on every screen the photo is whole and the decisions in reach, nothing is decided about what
// nobody has looked at, and what was published all the same is taken back.

import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";

import { violations } from "./axe.mjs";
import { authenticator, clearQueue, counted, eventually, fill, invite, makePasskey, pressWithoutLooking, ready, send } from "./moderator.mjs";
import { observe } from "./observer.mjs";
import { CHROMIUM, DESKTOP, device, shoot, withSystem } from "./system.mjs";

/** @typedef {import("./system.mjs").System} System */
/** @typedef {import("playwright-core").Page} Page */

/** A phone whose browser shows its address bar, and others. What is decided on must fit each of them. */
const SCREENS = /** @type {const} */ ([
  { width: 360, height: 740 }, { width: 360, height: 616 }, { width: 740, height: 360 }, { width: 390, height: 844 }, { width: 768, height: 1024 },
  { width: 1024, height: 600 }, { width: 1440, height: 900 }, { width: 1920, height: 1080 },
  // 1280 by 1024 pixels, enlarged four times.
  { width: 320, height: 256 },
]);
const THUMB = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const LONG = "Copper sulphate crystals, day twelve, grown for Year 8 in the small prep room, kept because nobody could throw them away and everybody asks for them";

/** Photos that wait, and a moderator who is signed in. @param {System} system @param {number} photos @param {import("playwright-core").BrowserContextOptions} options */
async function atTheQueue(system, photos, options) {
  const one = await device(system, options);
  await one.page.goto("/");
  const words = Array.from({ length: photos }, (_, i) => ({ caption: i % 2 ? LONG : `Sample number ${i}`, alt: LONG }));
  const { authorization, ids } = await send(system, one.page, words, { credit: "Sample", school: null });
  await eventually("all photos wait", async () => (await counted(system, [authorization], "pending")) === photos);
  const is = async (/** @type {string} */ state) => counted(system, [authorization], state);
  const seen = await observe(one.page);
  await one.page.goto(system.organiser);
  await one.page.waitForURL("**/moderation/queue**");
  await one.page.locator("[data-current]").waitFor();
  return { ...one, authorization, ids, is, seen };
}

/** The state of one photo, and whether everybody can have it. @param {System} system @param {string} id */
async function isPublic(system, id) {
  return (await fetch(`${system.site}/api/v1/photos/${id}`)).status === 200;
}

/** Waits until the bar says what became of a decision. @param {Page} page @param {RegExp} words */
const told = (page, words) => page.locator("[data-undo-text]", { hasText: words }).waitFor();

/** The id of the photo that is shown. @param {Page} page */
const shown = (page) => page.locator("[data-current]").getAttribute("data-id");

/** Where a decision's button is. @param {Page} page @param {string} name */
async function middle(page, name) {
  const box = await page.locator("[data-current]").getByRole("button", { name }).boundingBox();
  assert.ok(box, name);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** What is where on the screen. @param {Page} page */
function layout(page) {
  return page.evaluate(() => {
    const card = document.querySelector("[data-current]");
    const box = (/** @type {Element | null | undefined} */ one) => {
      const { left = 0, top = 0, right = 0, bottom = 0 } = one?.getBoundingClientRect() ?? {};
      return { left, top, right, bottom, width: right - left, height: bottom - top };
    };
    const targets = [...(card?.querySelectorAll("[data-decide] :is(.decide-buttons button, summary)") ?? []), document.querySelector("[data-pick]:not([hidden])"), document.querySelector("[data-undo-button]:not([hidden])")].filter((one) => one !== null);
    return {
      width: document.documentElement.clientWidth, height: document.documentElement.clientHeight, wide: document.documentElement.scrollWidth, scrolled: scrollY,
      photo: box(card?.querySelector("[data-frame] img")), undo: box(document.querySelector("[data-undo]")),
      targets: targets.map((one) => ({ name: one.textContent?.trim().replace(/\s+/g, " "), ...box(one), onTop: one.contains(document.elementFromPoint(box(one).left + box(one).width / 2, box(one).top + box(one).height / 2)) })),
    };
  });
}

test("on every screen the whole photo and all decisions are seen, before and after one, and Undo lies over none", { timeout: 300_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, context, is } = await atTheQueue(system, 20, { viewport: { width: 1440, height: 900 } });
  const storageState = await context.storageState();
  await page.close();
  let decided = 0;
  for (const viewport of SCREENS) {
    const where = `${viewport.width} by ${viewport.height}`;
    const phone = viewport.width < 760;
    const one = await device(system, { viewport, hasTouch: phone, isMobile: phone, storageState, reducedMotion: "reduce" });
    await one.page.goto("/moderation/queue");
    for (const time of ["as it came", "after a decision"]) {
      await ready(one.page);
      const { photo, targets, undo, ...screen } = await layout(one.page);
      const at = `${where}, ${time}: ${JSON.stringify({ photo, undo, screen })}`;
      assert.ok(photo.top >= -1 && photo.left >= -1 && photo.bottom <= screen.height + 1 && photo.right <= screen.width + 1, `the photo is whole; ${at}`);
      // Of a window of 256 pixels little is left.
      assert.ok(Math.max(photo.width, photo.height) >= (viewport.height < 300 ? 90 : 200), `the photo can be looked at; ${at}`);
      assert.ok(screen.wide <= screen.width, `nothing is too wide; ${at}`);
      assert.equal(targets.length, time === "as it came" ? 3 : 5);
      for (const target of targets) {
        assert.ok(target.width >= 44 && target.height >= 44, `${target.name} is a target for a thumb; ${JSON.stringify(target)}; ${where}`);
        assert.ok(target.top >= 0 && target.bottom <= screen.height + 1, `${target.name} is on the screen; ${JSON.stringify(target)}; ${at}`);
        assert.ok(target.onTop, `nothing lies over ${target.name}; ${at}`);
      }
      if (time === "as it came" && viewport.height >= 600) assert.equal(screen.scrolled, 0, `the page opens at its top; ${where}`);
      await shoot(one.page, `queue-${viewport.width}x${viewport.height}-${time === "as it came" ? "before" : "after"}`);
      if (viewport.width === 360 && viewport.height === 740) {
        for (const colorScheme of /** @type {const} */ (["dark", "light"])) {
          await one.page.emulateMedia({ colorScheme });
          assert.deepEqual(await violations(one.page), [], `${where}, ${colorScheme}`);
          await shoot(one.page, `queue-360-${colorScheme}`);
        }
      }
      if (time !== "as it came") continue;
      await one.page.locator("[data-current]").getByRole("button", { name: /^Publish/ }).click();
      decided += 1;
      await told(one.page, /^Published: /);
    }
    // The reasons can all be read and reached.
    await one.page.locator("[data-current] summary", { hasText: "Don’t show" }).click();
    const panel = one.page.locator("[data-current] .decide-reasons");
    await panel.getByRole("button").last().scrollIntoViewIfNeeded();
    const box = await panel.boundingBox();
    assert.ok(box && box.y >= 0 && box.y + box.height <= viewport.height && box.x >= 0 && box.x + box.width <= viewport.width, `${where}: ${JSON.stringify(box)}`);
    await shoot(one.page, `queue-${viewport.width}x${viewport.height}-reasons`);
    assert.deepEqual(one.complaints, []);
    await one.context.close();
  }
  assert.equal(await is("published"), decided);
}));

test("nothing is decided about a photo that did not load, and it is said why and what to do", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, context, is, authorization } = await atTheQueue(system, 3, THUMB);
  // A school's filter blocks the pictures; another one sends its own.
  const pictures = /-review\/|\.(jpg|webp|avif)(\?|$)/;
  for (const [how, answer] of /** @type {const} */ ([["blocked", "abort"], ["another picture", "other"]])) {
    await context.unroute(pictures);
    await context.route(pictures, (route) => answer === "abort" ? route.abort("blockedbyclient") : route.fulfill({
      contentType: "image/png", body: Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64"),
    }));
    await page.reload();
    await page.getByText("The photo did not load.").first().waitFor();
    const first = await shown(page);
    for (const key of ["p", "h", "1", "r"]) await page.keyboard.press(key);
    const { x, y } = await middle(page, "Publish");
    await page.touchscreen.tap(x, y);
    await page.locator("[data-undo-text]", { hasText: "The photo did not load, so nothing was decided" }).waitFor();
    assert.equal(await shown(page), first, how);
    assert.equal(await page.locator("[data-why][open]").count(), 0, how);
    assert.equal(await is("pending"), 3, how);
    assert.equal((await fetch(`${system.site}/api/v1/uploads`, { headers: { authorization } })).status, 200);
    assert.deepEqual(await violations(page), [], how);
    await shoot(page, `queue-360-missing-${answer}`);
  }
  // Left for another moderator, and tried again once the filter lets it through.
  const first = await shown(page);
  await page.locator("[data-current]").getByRole("button", { name: "Leave it for now" }).tap();
  assert.notEqual(await shown(page), first);
  await context.unroute(pictures);
  await page.locator("[data-current]").getByRole("button", { name: "Try again" }).tap();
  await ready(page);
  await page.keyboard.press("p");
  await told(page, /^Published: /);
}));

test("who scrolls, zooms, pans, holds a key or taps twice decides nothing by it", { timeout: 180_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, is, seen, context } = await atTheQueue(system, 9, THUMB);
  const devtools = await context.newCDPSession(page);
  const touch = (/** @type {"touchStart" | "touchMove" | "touchEnd"} */ type, /** @type {[number, number][]} */ points) =>
    devtools.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  /** A tap at a time in milliseconds since 1970. @param {number} x @param {number} y @param {number} at */
  const tapAt = async (x, y, at) => {
    await devtools.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x, y, id: 0 }], timestamp: at / 1000 });
    await devtools.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [], timestamp: at / 1000 + 0.02 });
  };
  const across = async (/** @type {number} */ from, /** @type {number} */ to, y = 300) => {
    await touch("touchStart", [[from, y]]);
    for (let i = 1; i <= 8; i += 1) await touch("touchMove", [[from + ((to - from) * i) / 8, y]]);
    await touch("touchEnd", []);
  };
  /** Two fingers, each so far from their middle, go together or apart. @param {number} from @param {number} to */
  const pinch = async (from, to, [x, y] = [180, 300]) => {
    await touch("touchStart", [[x - from, y]]);
    for (let i = 0; i <= 10; i += 1) {
      const far = from + ((to - from) * i) / 10;
      await touch(i === 0 ? "touchStart" : "touchMove", [[x - far, y], [x + far, y]]);
      await page.waitForTimeout(20);
    }
    await touch("touchEnd", [[x - to, y]]);
    await touch("touchEnd", []);
    await page.waitForTimeout(300);
  };
  const nothing = async (/** @type {string} */ what) => {
    await page.waitForTimeout(200);
    assert.equal(seen.noted.length, before, what);
  };
  let before = 0;

  // The details are read: the photo is off the screen.
  await ready(page);
  await page.locator("[data-current] [data-more] summary").tap();
  await page.evaluate(() => scrollTo({ top: 400, behavior: "instant" }));
  await page.waitForTimeout(400);
  const publish = await middle(page, "Publish");
  await page.touchscreen.tap(publish.x, publish.y);
  await page.locator("[data-undo-text]", { hasText: "Look at the photo first" }).waitFor();
  await nothing("scrolled away");
  await ready(page);
  const { photo, height } = await layout(page);
  assert.ok(photo.top >= -1 && photo.bottom <= height, "the press has brought it back");

  // Two fingers zoom, one moves what is seen.
  await pinch(30, 120);
  assert.ok(await page.evaluate(() => (visualViewport?.scale ?? 1) > 2), "zoomed");
  await across(100, 300);
  await across(300, 60);
  await page.keyboard.press("p");
  await page.locator("[data-undo-text]", { hasText: "Zoom out first" }).waitFor();
  await nothing("zoomed");
  await pinch(120, 12);
  assert.ok(await page.evaluate(() => (visualViewport?.scale ?? 1) < 1.02), "as before");
  await ready(page);
  // The photo is under the fingers again.
  await page.evaluate(() => scrollTo({ top: 0, behavior: "instant" }));
  // A second finger joins, or the page was moved just before.
  await ready(page);
  await page.waitForTimeout(500);
  await touch("touchStart", [[100, 300]]);
  await touch("touchStart", [[100, 300], [200, 300]]);
  await touch("touchMove", [[300, 300], [320, 300]]);
  await touch("touchEnd", [[300, 300]]);
  await touch("touchEnd", []);
  await nothing("two fingers");
  await page.evaluate(() => scrollBy({ top: 4, behavior: "instant" }));
  await page.waitForTimeout(40);
  await across(100, 300);
  await nothing("moved just before");
  await page.evaluate(() => scrollBy({ top: -4, behavior: "instant" }));
  await page.waitForTimeout(600);
  await across(4, 300);
  await nothing("from the edge, by which devices go back");
  await page.waitForTimeout(600);

  // A swipe that is meant decides, once.
  await ready(page);
  const first = await shown(page);
  await across(100, 300);
  await told(page, /^Published: /);
  before = 1;
  assert.deepEqual(seen.noted.map(({ id, action }) => [id, action]), [[first, "publish"]]);
  await ready(page);
  await page.waitForTimeout(500);
  await across(300, 100);
  await told(page, /^Held: /);
  before = 2;

  // Two taps where one was meant, as fast as a system calls double, and slower; the last on a phone that hears of the second one late,
  // and too far from the first for the browser to call it double. The browser is told when each finger came down, so that the pace of the
  // machine that runs this does not count.
  for (const [apart, heard] of /** @type {const} */ ([[60, 60], [250, 250], [420, 420], [420, 900]])) {
    await ready(page);
    await page.waitForTimeout(500);
    const { x, y } = await middle(page, "Publish");
    const first = Date.now();
    await tapAt(x, y, first);
    await page.waitForTimeout(Math.max(0, first + heard - Date.now()));
    await tapAt(heard === apart ? x : x + 40, y, first + apart);
    before += 1;
    await nothing(`two taps, ${apart} ms apart, of which the page heard ${heard} ms apart`);
  }

  // A key that is held down: eight repeats, 40 ms apart, go on for longer than a look.
  await ready(page);
  await page.keyboard.down("p");
  for (let i = 0; i < 16; i += 1) {
    await page.waitForTimeout(40);
    await page.keyboard.down("p");
  }
  await page.keyboard.up("p");
  before += 1;
  await nothing("a key held down");
  await told(page, /^Published: /);
  await page.keyboard.down("u");
  for (let i = 0; i < 16; i += 1) {
    await page.waitForTimeout(40);
    await page.keyboard.down("u");
  }
  await page.keyboard.up("u");
  before += 1;
  await nothing("Undo held down undoes one");
  await told(page, /^Undone: /);
  // So is Enter on the button itself.
  await ready(page);
  await page.locator("[data-current]").getByRole("button", { name: "Publish" }).focus();
  await page.keyboard.down("Enter");
  for (let i = 0; i < 16; i += 1) {
    await page.waitForTimeout(40);
    await page.keyboard.down("Enter");
  }
  await page.keyboard.up("Enter");
  before += 1;
  await nothing("Enter held down");
  seen.prove(8);
  await eventually("as many are public as were meant", async () => (await is("published")) === 6);
}));

test("every photo was on the screen for 300 milliseconds before its decision, however fast thumbs and keys press", { timeout: 400_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, seen, is, authorization } = await atTheQueue(system, 60, THUMB);
  const { x, y } = await middle(page, "Publish");
  const taps = await pressWithoutLooking(page, 30, async (n) => (n % 9 === 4 ? page.touchscreen.tap(x + 100, y) : page.touchscreen.tap(x, y)), () => seen.decisions.length);
  const thumb = seen.prove(30);
  const presses = await pressWithoutLooking(page, 56, async (n) => page.keyboard.press(n % 10 === 9 ? "3" : n % 7 === 3 ? "h" : "p"), () => seen.decisions.length);
  const keys = seen.prove(56);
  console.log(`looked at before each decision: ${taps} taps ${JSON.stringify(thumb)}, with ${presses} keys ${JSON.stringify(keys)}`);
  const meant = (/** @type {string} */ action) => seen.decisions.filter((one) => one.action === action).length;
  await eventually("what was decided is carried out, and nothing else", async () => (await is("published")) === meant("publish") && (await is("rejected")) === meant("reject"));
  assert.equal(new Set(seen.decisions.map(({ id }) => id)).size, seen.decisions.length, "none twice");
  assert.equal(await counted(system, [authorization], "pending"), 60 - meant("publish") - meant("reject"));
}));

/**
 * Resolves once a request has left the browser: its own event comes before that, while the page still hands it over.
 * @param {import("playwright-core").CDPSession} devtools @param {string} path
 */
async function hasLeft(devtools, path) {
  // They come in any order.
  /** @type {Set<string>} */
  const asked = new Set();
  /** @type {Set<string>} */
  const sent = new Set();
  devtools.on("Network.requestWillBeSent", ({ requestId, request }) => {
    if (new URL(request.url).pathname === path) asked.add(requestId);
  });
  devtools.on("Network.requestWillBeSentExtraInfo", ({ requestId }) => sent.add(requestId));
  await devtools.send("Network.enable");
  return () => eventually(`a request to ${path} leaves`, async () => [...asked].some((id) => sent.has(id)));
}

test("a decision is sent at once, so a killed browser loses none", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { context, is, ids } = await atTheQueue(system, 4, { viewport: DESKTOP });
  const cookies = await context.cookies();
  for (let n = 1; n <= 3; n += 1) {
    const type = system.browser.browserType();
    const server = await type.launchServer({ executablePath: CHROMIUM, chromiumSandbox: process.getuid?.() !== 0, args: ["--disable-gpu", "--no-first-run"] });
    try {
      const browser = await type.connect(server.wsEndpoint());
      const other = await browser.newContext({ baseURL: system.site, viewport: DESKTOP });
      await other.addCookies(cookies);
      const page = await other.newPage();
      await page.goto("/moderation/queue");
      await ready(page);
      const left = await hasLeft(await other.newCDPSession(page), "/api/v1/moderation/decisions");
      const begun = performance.now();
      await page.keyboard.press("p");
      await left();
      // Its headers are written next, by a process of the browser that a busy machine may keep waiting.
      await new Promise((resolve) => setTimeout(resolve, 250));
      assert.ok(performance.now() - begun < 2_000, "it does not wait for anybody to undo it");
    } finally {
      // SIGKILL, for the whole of it. A browser that is left open would keep this process from ending.
      await server.kill();
    }
    await eventually(`decision ${n} is carried out`, async () => (await is("published")) === n);
  }
  assert.equal((await Promise.all(ids.map((id) => isPublic(system, id)))).filter(Boolean).length, 3);
}));

test("Published is said when it is, and Undo takes it off the site and says for how long it was public", { timeout: 180_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, context, is, ids, seen } = await atTheQueue(system, 3, { viewport: DESKTOP });
  const text = page.locator("[data-undo-text]");
  // The answer takes its time.
  /** @type {(() => void)[]} */
  const held = [];
  await context.route("**/api/v1/moderation/decisions", async (route) => {
    await new Promise((resolve) => held.push(() => resolve(undefined)));
    await route.continue();
  });
  await ready(page);
  await page.keyboard.press("p");
  await told(page, /^Publishing: /);
  assert.equal(await page.getByText(/^Published: /).count(), 0);
  await eventually("the request waits", async () => held.length === 1);
  held[0]?.();
  await told(page, /^Published: /);
  assert.ok(await isPublic(system, ids[0] ?? ""), "it is said when it is so");
  await context.unroute("**/api/v1/moderation/decisions");

  // Taken back: off the site, in the queue again, on the screen.
  await page.waitForTimeout(1_500);
  await page.getByRole("button", { name: /^Undo/ }).click();
  await text.filter({ hasText: /^Undone: off the site again\. It was public for \d+ seconds\. It is in the lane “To decide”\.$/ }).waitFor();
  await eventually("it is off the site, at the edge too", async () => !(await isPublic(system, ids[0] ?? "")) && (await (await fetch(`${system.site}/api/v1/photos`)).json()).photos.length === 0);
  assert.equal(await shown(page), ids[0]);
  await shoot(page, "queue-undone-1440");
  await ready(page);
  await page.keyboard.press("p");
  await eventually("it is published once more", async () => isPublic(system, ids[0] ?? ""));

  // The last photo of the queue, too, and what was not shown for a reason.
  await ready(page);
  await page.keyboard.press("2");
  await told(page, /^Not shown: /);
  await ready(page);
  await page.keyboard.press("p");
  await page.getByRole("heading", { name: "All done here." }).waitFor();
  await told(page, /^Published: /);
  await shoot(page, "queue-done-1440");
  await page.keyboard.press("u");
  await text.filter({ hasText: /^Undone: off the site again/ }).waitFor();
  assert.equal(await shown(page), ids[2]);
  await page.keyboard.press("u");
  await text.filter({ hasText: /^Undone\. It is in the lane “To decide”\.$/ }).waitFor();
  assert.equal(await shown(page), ids[1]);
  assert.deepEqual([await is("published"), await is("pending"), await is("rejected")], [1, 2, 0]);
  await ready(page);
  // Nobody answers: it is not called published, and comes back.
  await context.route("**/api/v1/moderation/decisions", (route) => route.abort());
  await page.keyboard.press("p");
  await text.filter({ hasText: /^Not published: .*No connection/ }).waitFor({ timeout: 15_000 });
  await context.unroute("**/api/v1/moderation/decisions");
  await page.keyboard.press("j");
  assert.equal(await shown(page), ids[1]);
  await page.locator("[data-current] [data-problem]", { hasText: "No connection" }).waitFor();
  await ready(page);
  await page.keyboard.press("p");
  await eventually("the second try is carried out", async () => isPublic(system, ids[1] ?? ""));
  seen.prove(5);
}));

test("one press after Publish makes a favourite that everybody is shown, and one takes it back", { timeout: 180_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, complaints, context } = await atTheQueue(system, 8, THUMB);
  const press = page.locator("[data-pick]");
  assert.ok(await press.isHidden(), "nothing is published yet");
  await ready(page);
  const id = (await shown(page)) ?? "";
  await page.locator("[data-current]").getByRole("button", { name: /^Publish/ }).click();
  await told(page, /^Published: /);
  await press.click();
  await told(page, /^Picked as a favourite: /);
  assert.equal(await press.getAttribute("aria-pressed"), "true");
  await shoot(page, "queue-picked-360");
  assert.deepEqual(await violations(page), []);
  const picked = async () => (await (await fetch(`${system.site}/api/v1/photos/${id}`)).json()).picked_at ?? null;
  await eventually("edges are told", async () => (await picked()) !== null);

  // By the key, and once more.
  await page.locator("[data-queue]").focus();
  await page.keyboard.press("f");
  await told(page, /^Pick taken back: /);
  await eventually("edges are told", async () => (await picked()) === null);
  await page.keyboard.press("f");
  await told(page, /^Picked as a favourite: /);

  // The next decision is about another photo, which is none.
  for (let n = 0; n < 7; n += 1) {
    await ready(page);
    await page.keyboard.press("p");
    await told(page, /^Published: /);
    assert.equal(await press.getAttribute("aria-pressed"), "false");
  }

  // Everybody is shown it.
  const visitor = await device(system, { viewport: DESKTOP });
  await visitor.page.goto("/");
  await visitor.page.locator(".picked", { hasText: /^Moderators’ favourite at \d\d:\d\d$/ }).first().waitFor();
  await shoot(visitor.page, "home-picked-1440");
  assert.deepEqual(await violations(visitor.page), []);
  await visitor.page.getByRole("link", { name: "Moderators’ favourites" }).click();
  await visitor.page.getByRole("heading", { level: 1, name: "Moderators’ favourites" }).waitFor();
  assert.equal(await visitor.page.locator("[data-tiles] > li").count(), 1);
  await visitor.page.locator(".tile-link").click();
  await visitor.page.getByText(/^Moderators’ favourite at /).first().waitFor();
  await visitor.page.goto("/wall");
  await visitor.page.locator(".wall-picked").waitFor({ timeout: 90_000 });
  await shoot(visitor.page, "wall-picked-1440");

  // On its page in the console the pick can be taken back without a script.
  const bare = await device(system, { viewport: DESKTOP, javaScriptEnabled: false, storageState: await context.storageState() });
  await bare.page.goto(`/moderation/photos/${id}`);
  await bare.page.getByText("Picked.", { exact: true }).waitFor();
  await shoot(bare.page, "moderation-photo-picked-1440");
  await bare.page.getByRole("button", { name: "Take the pick back" }).click();
  await bare.page.getByRole("button", { name: "Pick as a favourite" }).waitFor();
  await eventually("edges are told", async () => (await picked()) === null);
  assert.deepEqual([...complaints, ...visitor.complaints, ...bare.complaints], []);
}));

test("all counts agree, for two moderators at once, and a report rings", { timeout: 240_000 }, () => withSystem(["--open-window"], async (system) => {
  const one = await atTheQueue(system, 30, { viewport: DESKTOP });
  const { page } = one;
  await authenticator(page);
  await makePasskey(page);
  const link = await invite(system, page);
  const said = (/** @type {Page} */ page) => page.locator("[data-tally]").innerText();
  const tab = (/** @type {Page} */ page, /** @type {string} */ lane) => page.locator(`[data-tab="${lane}"] [data-count]`).innerText();

  await page.goto("/moderation/queue");
  assert.equal(await said(page), "30 to decide: 15 here, 15 more.");
  assert.match(await page.title(), /^\(30\) Queue/);
  const other = await device(system, { ...THUMB, viewport: { width: 360, height: 740 } });
  await other.page.goto(link);
  await other.page.waitForURL("**/moderation/queue**");
  assert.equal(await said(other.page), "30 to decide: 15 here, 15 on another moderator’s screen.");
  assert.equal(await tab(other.page, "normal"), "30");
  await shoot(other.page, "queue-other-360");
  // What the server has written is what the page says by itself.
  const bare = await device(system, { viewport: DESKTOP, javaScriptEnabled: false, storageState: await other.context.storageState() });
  await bare.page.goto("/moderation/queue");
  assert.equal(await said(bare.page), await said(other.page));

  // Each decision is counted at once, wherever it leads.
  await ready(page);
  await page.keyboard.press("p");
  await ready(page);
  await page.keyboard.press("h");
  await told(page, /^Held: /);
  await eventually("they are counted", async () => (await tab(page, "normal")) === "28" && (await tab(page, "held")) === "1");
  const [all = 0, ...parts] = [...(await said(page)).matchAll(/\d+/g)].map(Number);
  assert.deepEqual([all, parts.reduce((sum, n) => sum + n, 0)], [28, 28], await said(page));
  await eventually("the other one is told, too", async () => (await tab(other.page, "normal")) === "28" && (await tab(other.page, "held")) === "1");

  // Nothing is left for a third look: who has it is said, and when it comes.
  const empty = await device(system, { viewport: DESKTOP, storageState: await other.context.storageState() });
  await other.page.waitForTimeout(1);
  await empty.page.goto("/moderation/queue?lane=reported");
  await empty.page.getByRole("heading", { name: "Nothing is reported." }).waitFor();
  await empty.page.waitForTimeout(500);

  // A report rings in the title and in its colour wherever somebody decides, and shows itself where nothing was.
  const published = (await (await fetch(`${system.site}/api/v1/photos`)).json()).photos[0];
  const report = await fetch(`${system.site}/api/v1/photos/${published.id}/reports`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ reason: "pupil", text: "Second from the left" }),
  });
  assert.equal(report.status, 202);
  await eventually("it rings", async () => (await page.title()).startsWith("(1 reported) Queue") && (await page.locator('[data-tab="reported"][data-rings]').count()) === 1);
  assert.equal(await tab(page, "reported"), "1");
  await shoot(page, "queue-rings-1440");
  await empty.page.locator(`[data-current][data-id="${published.id}"]`).waitFor({ timeout: 30_000 });

  // To keep it hidden comes first, under a key of its own; the key of publishing shows nothing.
  const buttons = await empty.page.locator("[data-current] .decide-buttons button").allInnerTexts();
  assert.deepEqual(buttons.map((name) => name.replace(/\s+/g, " ")), ["Keep hidden X", "Show again S"]);
  await shoot(empty.page, "queue-reported-1440");
  assert.deepEqual(await violations(empty.page), []);
  await ready(empty.page);
  await empty.page.keyboard.press("p");
  await empty.page.keyboard.press("h");
  await empty.page.waitForTimeout(300);
  assert.equal(await shown(empty.page), published.id);
  await empty.page.keyboard.press("x");
  await told(empty.page, /^Hidden: /);
  assert.equal(await empty.page.getByRole("button", { name: /^Undo/ }).count(), 0, "nothing is shown by undoing");
  assert.ok(!(await isPublic(system, published.id)));
  await eventually("it rings no more", async () => (await page.title()).startsWith("(28) Queue"));
  assert.deepEqual([...one.complaints, ...other.complaints, ...empty.complaints], []);
}));

for (const [screen, options] of /** @type {const} */ ([["a phone", THUMB], ["a laptop", { viewport: DESKTOP }]])) {
  test(`on ${screen} a reason without words is asked for above the decisions, and Escape leads back to keys that work`, { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
    const { page } = await atTheQueue(system, 3, options);
    await ready(page);
    const card = page.locator("[data-current]");
    const bar = card.locator("[data-decide]");
    const size = async () => /** @type {{width: number, height: number}} */ (await bar.boundingBox());
    const before = await size();
    await card.locator("[data-why] summary").click();
    await card.locator(".decide-own button").click();
    const problem = card.locator("[data-problem]");
    await problem.waitFor();
    const told = await problem.boundingBox();
    assert.ok(told && told.width > before.width * 0.8, `it is ${told?.width} of ${before.width} pixels wide`);
    assert.ok((await size()).height < before.height + 90, `the bar is ${(await size()).height} pixels high`);
    await shoot(page, `queue-no-words-${screen.replace(" ", "-")}`);
    await page.keyboard.press("Escape");
    await problem.waitFor({ state: "hidden" });
    assert.equal((await size()).height, before.height);
    const first = await shown(page);
    await page.keyboard.press("j");
    await eventually("the next photo is shown", async () => (await shown(page)) !== first);
  }));
}

test("what strangers had hidden comes back by one press, but only what was looked at and left ticked", { timeout: 180_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, context, ids, is, seen, complaints } = await atTheQueue(system, 6, THUMB);
  await page.evaluate(async (ids) => {
    const decisions = ids.map((id) => ({ id, version: 2, action: "publish" }));
    await fetch("/api/v1/moderation/decisions", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ decisions }) });
  }, ids);
  seen.noted.length = 0;
  assert.equal(await is("published"), 6);
  // One stranger hides five photos; two say that a child is in the last one of them.
  for (const id of ids.slice(0, 5)) assert.equal((await reportFrom("127.0.0.2", system, id)), 202);
  const lane = await page.evaluate(async () => (await (await fetch("/api/v1/moderation/reports")).json()).photos.map((/** @type {any} */ one) => one.photo.id));
  const confirmed = lane[4];
  assert.equal(await reportFrom("127.0.0.3", system, confirmed), 202);
  assert.equal(await is("hidden"), 5);

  await page.goto("/moderation/queue?lane=reported");
  await ready(page);
  const press = page.locator("[data-together-button]");
  assert.equal(await press.innerText(), "Show the one again");
  await shoot(page, "queue-together-360");
  assert.deepEqual(await violations(page), []);
  // What was on the screen for a moment only does not count.
  const next = page.getByRole("button", { name: "Next" });
  await page.evaluate(() => {
    const button = /** @type {HTMLElement} */ (document.querySelector("[data-next]"));
    for (let n = 0; n < 2; n += 1) button.click();
  });
  await ready(page);
  assert.equal(await press.innerText(), "Show these 2 again");
  // One that was looked at is left out.
  await next.tap();
  await ready(page);
  assert.equal(await press.innerText(), "Show these 3 again");
  const spared = await shown(page);
  await page.locator("[data-current] [data-tick]").uncheck();
  assert.equal(await press.innerText(), "Show these 2 again");
  await next.tap();
  await ready(page);
  assert.equal(await shown(page), confirmed);
  assert.equal(await page.locator("[data-current] [data-tick]").count(), 0, "it needs a decision of its own");
  assert.equal(await press.innerText(), "Show these 2 again");
  await page.waitForTimeout(600);
  await press.tap();
  await page.getByText("Shown again: 2 of 2 photos.").waitFor();
  assert.deepEqual([await is("published"), await is("hidden")], [3, 3]);
  assert.equal(seen.prove(2).decisions, 2);
  assert.ok(spared && !(await isPublic(system, spared)));

  // Undo reverses them one by one.
  await page.getByRole("button", { name: /^Undo/ }).tap();
  await page.locator("[data-undo-text]", { hasText: /^Undone: off the site again/ }).waitFor();
  assert.equal(await is("published"), 2);

  // Without JavaScript the same by ticks.
  const plainly = await device(system, { ...THUMB, javaScriptEnabled: false, storageState: await context.storageState() });
  await plainly.page.goto("/moderation/queue?lane=reported");
  const ticks = plainly.page.getByLabel("Show it again together with the others");
  assert.equal(await ticks.count(), 2);
  await ticks.first().check();
  await plainly.page.getByRole("button", { name: "Show all ticked" }).tap();
  await eventually("it is shown", async () => (await is("published")) === 3);
  await eventually("the others are left", async () => (await ticks.count()) === 1);
  assert.deepEqual([...complaints, ...plainly.complaints], []);
}));

/** Reports a photo for a pupil from another address of this machine; answers with the status. @param {string} localAddress @param {System} system @param {string} id */
function reportFrom(localAddress, system, id) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(system.site.replace("localhost", "127.0.0.1"));
    const headers = { "content-type": "application/json" };
    const sent = request({ hostname, port, localAddress, method: "POST", path: `/api/v1/photos/${id}/reports`, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.on("error", reject).end(JSON.stringify({ reason: "pupil" }));
  });
}

test("a lane that is longer than a page goes on by itself, and ends in words", { timeout: 180_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, seen, is, complaints } = await atTheQueue(system, 30, { viewport: DESKTOP });
  await clearQueue(page, 30);
  await page.getByRole("heading", { name: "All done here." }).waitFor();
  await eventually("each is decided once", async () => (await is("published")) === 27 && (await is("rejected")) === 3);
  assert.equal(await page.locator("[data-done-tally]").innerText(), "Nothing is waiting here.");
  // So nothing has waited: the page learns of its last decisions with its next question.
  await page.locator(".queue-tally", { hasText: "Nothing is waiting here." }).waitFor();
  seen.prove(30);
  // What comes in is shown by itself.
  const late = await fill(system, page, 1);
  await eventually("it waits", async () => (await counted(system, late, "pending")) === 1);
  await page.locator("[data-current]").waitFor({ timeout: 30_000 });
  assert.deepEqual(complaints, []);
}));

test("who is signed out in between signs in again where they are, and nothing is lost", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, context, is, ids } = await atTheQueue(system, 2, { viewport: DESKTOP });
  await authenticator(page);
  await makePasskey(page);
  await page.goto("/moderation/queue");
  await ready(page);
  await context.clearCookies();
  await page.keyboard.press("r");
  await page.keyboard.type("Too dark to see the crystals.");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "You are signed out" });
  await dialog.waitFor();
  assert.deepEqual(await violations(page), []);
  await shoot(page, "queue-signed-out-1440");
  assert.match((await dialog.getByRole("link").getAttribute("href")) ?? "", /^\/moderation\/sign-in\?next=%2Fmoderation%2Fqueue/);
  await dialog.getByRole("button", { name: "Sign in with your passkey" }).click();
  await dialog.waitFor({ state: "hidden" });
  // The photo comes next, with what was written.
  await page.keyboard.press("j");
  assert.equal(await shown(page), ids[0]);
  await ready(page);
  await page.locator("[data-current] summary", { hasText: "Don’t show" }).click();
  const own = page.locator("[data-current]").getByLabel("Or in your own words");
  assert.equal(await own.inputValue(), "Too dark to see the crystals.");
  await own.press("Enter");
  await told(page, /^Not shown: /);
  await eventually("it is carried out", async () => (await is("rejected")) === 1);
}));

test("a link in a mail leads a moderator who is signed in to the page that it names", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, context } = await atTheQueue(system, 1, { viewport: DESKTOP });
  const session = (await context.cookies()).find(({ httpOnly }) => httpOnly);
  assert.equal(session?.sameSite, "Strict");
  // 127.0.0.1 is another site than localhost.
  for (const to of ["/moderation/queue?lane=held", "/organiser/day"]) {
    await page.goto(`${system.site.replace("localhost", "127.0.0.1")}/rules`);
    await page.evaluate((href) => {
      const link = document.createElement("a");
      link.href = href;
      link.textContent = "From a mail";
      document.getElementById("main")?.prepend(link);
    }, `${system.site}${to}`);
    await page.getByRole("link", { name: "From a mail" }).click();
    await page.waitForURL(`${system.site}${to}`);
  }
  // Who is not signed in stays where signing in is done, and comes to that page afterwards.
  await context.clearCookies();
  await page.goto("/organiser/day");
  await page.waitForURL("**/moderation/sign-in?next=**");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
}));

test("on a photo's own page nothing is shown by Enter, nor before somebody has looked", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, context, is, ids } = await atTheQueue(system, 1, THUMB);
  const pictures = /-review\//;
  /** What a press leads to is loaded before something else is asked for. @param {() => Promise<void>} press */
  const follow = async (press) => {
    const loaded = page.waitForEvent("load");
    await press();
    await loaded;
  };
  await page.goto(`/moderation/photos/${ids[0]}`);
  await page.getByLabel("In your own words").fill("Too dark to see");
  await follow(() => page.keyboard.press("Enter"));
  // Words say why it is not shown.
  await eventually("it is rejected", async () => (await is("rejected")) === 1);
  await page.goto(`/moderation/photos/${ids[0]}`);
  await follow(() => page.getByRole("button", { name: "Back to the queue" }).tap());
  await eventually("it waits", async () => (await is("pending")) === 1);
  await context.route(pictures, (route) => route.abort());
  await page.goto(`/moderation/photos/${ids[0]}`);
  await page.getByRole("button", { name: "Publish" }).tap();
  await page.getByRole("alert").filter({ hasText: "The photo did not load" }).waitFor();
  assert.equal(await is("published"), 0);
  await context.unroute(pictures);
  await page.goto(`/moderation/photos/${ids[0]}`);
  await page.locator("[data-frame] img").scrollIntoViewIfNeeded();
  await page.waitForTimeout(600);
  await follow(() => page.getByRole("button", { name: "Publish" }).tap());
  await eventually("it is published", async () => (await is("published")) === 1);
  // And taken back from there.
  await page.goto(`/moderation/photos/${ids[0]}`);
  await follow(() => page.getByRole("button", { name: "Unpublish: back to the queue" }).tap());
  await eventually("it waits again", async () => (await is("pending")) === 1 && !(await isPublic(system, ids[0] ?? "")));
}));
