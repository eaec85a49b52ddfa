// @ts-check
// Looking: further photos without losing one's place, from photo to photo, the day, the wall, and what other programs get.

import assert from "node:assert/strict";
import { test } from "node:test";

import { counted, eventually, send } from "./moderator.mjs";
import { DESKTOP, PHONE, device, shoot, signIn, withSystem } from "./system.mjs";

/** What a page has done wrong; that a phone's window changes its height while one page fades into another is the browser's own affair. */
const wrong = (/** @type {string[]} */ complaints) => complaints.filter((words) => !words.includes("Transition was aborted"));

/** Takes a photo down. @param {import("./system.mjs").Page} page of a moderator @param {string} id */
async function hide(page, id) {
  const answer = await page.evaluate(async (photo) => {
    const audit = await (await fetch(`/api/v1/moderation/photos/${photo}/audit`)).json();
    const { version } = audit.entries.at(-1);
    const decided = await fetch("/api/v1/moderation/decisions", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ decisions: [{ id: photo, version, action: "hide", reason: "A test" }] }),
    });
    return decided.text();
  }, id);
  assert.match(answer, /"state":"hidden"/, answer);
}

/** A finger that goes from one point to another. @param {import("./system.mjs").Page} page */
async function fingerOn(page) {
  const devtools = await page.context().newCDPSession(page);
  /** @typedef {{x: number, y: number}} Point @param {Point} from @param {Point} to */
  return async (from, to) => {
    await devtools.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [from] });
    for (let step = 1; step <= 6; step += 1) {
      const point = { x: from.x + ((to.x - from.x) * step) / 6, y: from.y + ((to.y - from.y) * step) / 6 };
      await devtools.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: [point] });
    }
    await devtools.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  };
}

/** Waits until the wall shows a picture, of a photo that was not seen. @param {import("./system.mjs").Page} page @param {string[]} seen @returns {Promise<string>} its id */
async function nextPicture(page, seen) {
  const found = await page.waitForFunction((before) => {
    const slide = [...document.querySelectorAll(".wall-slide.wall-shown")].at(-1);
    const [id, image] = [slide?.getAttribute("data-id"), slide?.querySelector("img")];
    return id && !before.includes(id) && image?.complete && image.naturalWidth > 0 ? id : null;
  }, seen, { timeout: 30_000 });
  return (await found.jsonValue()) ?? "";
}

test("the gallery opens at its top", { timeout: 120_000 }, () => withSystem(["--sample", "30"], async (system) => {
  for (const javaScriptEnabled of [true, false]) {
    for (const width of [768, 1440]) {
      const { context, page } = await device(system, { viewport: { width, height: 900 }, javaScriptEnabled });
      for (const path of ["/gallery", "/cy/gallery", "/gallery?discipline=science"]) {
        await page.goto(path, { waitUntil: "load" });
        // It has been painted.
        await page.screenshot();
        assert.equal(await page.evaluate(() => scrollY), 0, `${path} at ${width}, ${javaScriptEnabled ? "with" : "without"} JavaScript`);
        if (path.endsWith("/gallery")) assert.ok(await page.evaluate(() => document.documentElement.scrollHeight > 2 * innerHeight), `${path}: there is something to scroll`);
      }
      await context.close();
    }
  }
}));

test("older photos come below, and Back returns to the place", { timeout: 120_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const { page, complaints } = await device(system, { viewport: PHONE, isMobile: true, hasTouch: true });
  await page.goto("/gallery");
  const tiles = page.locator("[data-tiles] > li");
  const first = await tiles.count();
  await page.locator("a[data-older]").click();
  await page.waitForFunction((n) => document.querySelectorAll("[data-tiles] > li").length > n, first);
  const all = await tiles.count();
  const ids = await tiles.evaluateAll((items) => items.map((item) => item.getAttribute("data-id")));
  assert.equal(new Set(ids).size, all, "no photo twice");
  assert.equal(new URL(page.url()).pathname, "/gallery", "the page stayed");
  const last = tiles.nth(all - 2);
  await last.scrollIntoViewIfNeeded();
  // On a busy machine the click itself may scroll, so where the page was left is what counts.
  const leave = async () => {
    await page.evaluate(() => addEventListener("pagehide", () => sessionStorage.setItem("story.left", `${scrollY}`), { once: true }));
    await last.locator("a").click();
    await page.waitForURL("**/p/*");
  };
  const returned = async () => {
    await page.waitForFunction((n) => document.querySelectorAll("[data-tiles] > li").length >= n, all);
    await page.waitForFunction(() => Math.abs(scrollY - Number(sessionStorage.getItem("story.left"))) < 80);
    assert.ok(await page.evaluate(() => scrollY) > 500, "far below the top");
  };
  await leave();
  await page.goBack();
  await returned();

  // The page's own way back knows the place too, after keys have led from photo to photo.
  await leave();
  for (const _ of [1, 2]) {
    const before = page.url();
    await page.keyboard.press("ArrowLeft");
    await page.waitForURL((url) => url.href !== before);
    await page.waitForLoadState("load");
  }
  await page.getByRole("link", { name: "Back to the gallery" }).click();
  await returned();
  assert.deepEqual(wrong(complaints), []);
}));

/**
 * Five photos of one school, sent together and published.
 * @param {import("./system.mjs").System} system @param {import("./system.mjs").Page} page of a moderator @returns {Promise<string[]>} their ids
 */
async function batch(system, page) {
  const words = Array.from({ length: 5 }, () => ({ caption: "Prep room two, before the practical", alt: "Coloured squares" }));
  const { authorization, ids } = await send(system, page, words, { credit: "Jo Sample", school: { name: "Sample Batch School" } });
  await eventually("all five wait", async () => (await counted(system, [authorization], "pending")) === ids.length);
  const answer = await page.evaluate(async (photos) => {
    const decisions = photos.map((id) => ({ id, version: 2, action: "publish" }));
    const decided = await fetch("/api/v1/moderation/decisions", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ decisions }) });
    return decided.text();
  }, ids);
  assert.equal(answer.match(/"state":"published"/g)?.length, ids.length, answer);
  return ids;
}

test("photos that were sent together are one card that opens, and a school has a wall of its own", { timeout: 180_000 }, () => withSystem(["--sample", "12"], async (system) => {
  const moderator = await device(system, { viewport: DESKTOP });
  await signIn(moderator.page, system);
  const ids = await batch(system, moderator.page);
  await moderator.page.goto(`/moderation/photos/${ids[0]}`);
  const history = await moderator.page.locator("section", { has: moderator.page.locator("#trail") }).innerText();
  assert.match(history, /Registered[\s\S]*its sender[\s\S]*Published[\s\S]*Organiser/, "the history is told in words, with the names of people");
  const known = new Set(ids);
  for (const [viewport, javaScriptEnabled] of /** @type {const} */ ([[DESKTOP, true], [PHONE, true], [PHONE, false]])) {
    const { context, page, complaints } = await device(system, { viewport, javaScriptEnabled });
    for (const path of ["/gallery", "/s/sample-batch-school"]) {
      await page.goto(path);
      const shown = async () => {
        const all = await page.locator("[data-tiles] [data-id]:visible").evaluateAll((items) => items.map((item) => item.getAttribute("data-id") ?? ""));
        return all.filter((id) => known.has(id)).length;
      };
      assert.equal(await page.locator(".stacked").count(), 1, path);
      assert.equal(await shown(), 1, `${path} shows one of the batch`);
      await page.getByText("Show all 5 photos").click();
      await shoot(page, `stack-${viewport.width}${javaScriptEnabled ? "" : "-plain"}-${path.length}`, { fullPage: true });
      const links = await page.locator(".stacked .tile-link:visible").evaluateAll((items) => items.map((item) => item.getAttribute("href")));
      assert.equal(new Set(links).size, 4, `${path}: the others are below it`);
      const { scroll, inner } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, inner: innerWidth }));
      assert.ok(scroll <= inner, `${path}: nothing is wider than the page`);
    }
    assert.deepEqual(wrong(complaints), []);
    await context.close();
  }
  const { page, complaints } = await device(system, { viewport: { width: 1080, height: 1920 } });
  await page.goto("/s/sample-batch-school");
  await page.getByRole("link", { name: "Open the wall" }).click();
  await page.waitForURL("**/wall?school=sample-batch-school");
  const first = await nextPicture(page, []);
  const second = await nextPicture(page, [first]);
  assert.ok(known.has(first) && known.has(second), "only photos of the school are shown");
  assert.equal(await page.locator("[data-count]").innerText(), "5 photos so far");
  await shoot(page, "wall-school-1080");
  await hide(moderator.page, second);
  await page.waitForFunction((gone) => !document.querySelector(`[data-id="${gone}"]`), second, { timeout: 12_000 });
  assert.ok(known.has(await nextPicture(page, [second])));
  assert.deepEqual(wrong(complaints).filter((words) => !words.includes("404")), []);
}));

test("a photo whose picture does not come is shared by its words and its address", { timeout: 60_000 }, () => withSystem(["--sample", "12"], async (system) => {
  const { page } = await device(system, { viewport: PHONE, isMobile: true, hasTouch: true });
  await page.addInitScript(() => {
    /** The names of what was shared each time. @type {string[][]} */
    const shared = [];
    Object.assign(globalThis, { shared });
    navigator.canShare = () => true;
    navigator.share = async (data) => void shared.push(Object.keys(data ?? {}).sort());
  });
  const { photos: [photo] } = await (await fetch(`${system.site}/api/v1/photos?limit=1`)).json();
  await page.goto(photo.page);
  const share = page.getByRole("button", { name: "Share …" });
  const last = () => page.evaluate(() => /** @type {{shared: string[][]}} */ (/** @type {unknown} */ (globalThis)).shared.at(-1) ?? []);
  await share.tap();
  await eventually("it is shared with its picture", async () => (await last()).includes("files"));
  // From here on nothing answers for the picture.
  await page.route("**/m/**", () => {});
  await share.tap();
  await eventually("it is shared without", async () => (await last()).join() === "text,title");
}));

test("keys and buttons lead from photo to photo, and to the whole screen and back", { timeout: 120_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const { page, complaints } = await device(system, { viewport: DESKTOP });
  await page.goto("/gallery");
  await page.locator("[data-tiles] > li a").nth(1).click();
  await page.waitForURL("**/p/*");
  const second = page.url();
  await page.keyboard.press("ArrowLeft");
  await page.waitForURL((url) => url.href !== second);
  const newest = page.url();
  await page.keyboard.press("ArrowRight");
  await page.waitForURL(second);
  assert.notEqual(newest, second);
  await page.getByRole("button", { name: "Full screen" }).click();
  const dialog = page.locator("dialog[open]");
  await dialog.waitFor();
  await page.waitForFunction(() => (/** @type {HTMLImageElement | null} */ (document.querySelector("dialog img"))?.naturalWidth ?? 0) > 0);
  await shoot(page, "photo-whole-1440");
  // Arrows on the picture lead to the neighbours, and it stays whole.
  const seen = await page.locator("dialog[open] img").getAttribute("alt");
  const here = page.url();
  await page.locator("dialog[open]").getByRole("button", { name: "Older" }).click();
  await page.waitForURL((url) => url.pathname !== new URL(here).pathname);
  await page.locator("dialog[open] img").waitFor();
  assert.notEqual(await page.locator("dialog[open] img").getAttribute("alt"), seen);
  await page.locator("dialog[open]").getByRole("button", { name: "Newer" }).click();
  await page.waitForURL(here.replace(/#.*/, ""));
  await page.locator("dialog[open] img").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement?.hasAttribute("data-whole")), true, "focus returns to the button");
  // One step back is the gallery, however many photos were looked at.
  await page.goBack();
  assert.equal(new URL(page.url()).pathname, "/gallery");
  assert.deepEqual(wrong(complaints), []);
}));

test("a finger leads from photo to photo, on the page and on the whole screen, and Back to the place in the gallery", { timeout: 120_000 }, () => withSystem(["--sample", "12"], async (system) => {
  const { page, complaints } = await device(system, { viewport: PHONE, isMobile: true, hasTouch: true, reducedMotion: "reduce" });
  await page.goto("/gallery");
  const tiles = page.locator("[data-tiles] > li");
  const ids = await tiles.evaluateAll((all) => all.map((one) => one.getAttribute("data-id")));
  const at = ids.length - 3;
  await tiles.nth(at).scrollIntoViewIfNeeded();
  const y = await page.evaluate(() => scrollY);
  assert.ok(y > 300, `${y} pixels down`);
  await tiles.nth(at).locator("a").tap();
  const shows = async (/** @type {number} */ n) => {
    await page.waitForURL((url) => url.pathname === `/p/${ids[n]}`);
    // While one page fades into another the browser has no page below a finger.
    await page.waitForFunction(() => !(/** @type {any} */ (document).activeViewTransition));
  };
  await shows(at);
  const finger = await fingerOn(page);
  await page.locator("[data-frame] img").waitFor();
  // The photo goes to where the finger goes, and the next one, which is older, comes after it.
  await finger({ x: 300, y: 200 }, { x: 60, y: 215 });
  await shows(at + 1);
  await page.locator("[data-frame]").waitFor();
  await finger({ x: 60, y: 200 }, { x: 300, y: 190 });
  await shows(at);

  // On the whole screen too: it stays whole, and what is seen is the other photo.
  const whole = page.locator("dialog[open] img");
  const seen = () => page.waitForFunction(() => (/** @type {HTMLImageElement | null} */ (document.querySelector("dialog[open] img"))?.naturalWidth ?? 0) > 0);
  await page.getByRole("button", { name: "Full screen" }).tap();
  await seen();
  const first = await whole.getAttribute("alt");
  await finger({ x: 300, y: 500 }, { x: 60, y: 480 });
  await shows(at + 1);
  await seen();
  assert.notEqual(await whole.getAttribute("alt"), first);
  await shoot(page, "photo-whole-swiped-360");
  await finger({ x: 60, y: 500 }, { x: 300, y: 480 });
  await shows(at);
  await seen();
  await page.keyboard.press("ArrowRight");
  await shows(at + 1);
  await seen();
  // A finger that goes down is no swipe; one that taps, or Esc, ends it, and the page is the photo's own.
  await finger({ x: 200, y: 200 }, { x: 260, y: 500 });
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  assert.equal(page.url(), `${system.site}/p/${ids[at + 1]}`, "an address to share, with nothing behind it");
  assert.equal(await page.evaluate(() => document.activeElement?.hasAttribute("data-whole")), true, "focus is on the button");
  await page.reload();
  assert.equal(await page.locator("dialog[open]").count(), 0);

  await page.goBack();
  await page.waitForURL("**/gallery");
  await page.waitForFunction((wanted) => Math.abs(scrollY - wanted) < 80, y);
  assert.deepEqual(wrong(complaints), []);
}));

test("the wall shows what comes, and not for one poll longer what is taken down", { timeout: 120_000 }, () => withSystem(["--sample", "12"], async (system) => {
  const { page, complaints } = await device(system, { viewport: { width: 1920, height: 1080 } });
  await page.goto("/wall");
  const shown = page.locator(".wall-slide.wall-shown img").last();
  await shown.waitFor({ timeout: 30_000 });
  await shoot(page, "wall-1920");
  const id = (await page.locator(".wall-slide.wall-shown").last().getAttribute("data-id")) ?? "";
  assert.match(id, /^[a-z2-7]{26}$/);
  const moderator = await device(system, { viewport: DESKTOP });
  await signIn(moderator.page, system);
  await hide(moderator.page, id);
  // The poll's five seconds, and what an answer takes.
  // Its turn on the screen may be over before: what is kept tells that the wall has learnt of it.
  await page.waitForFunction((gone) => !document.querySelector(`[data-id="${gone}"]`) && !(localStorage.getItem("wall") ?? "").includes(gone), id, { timeout: 12_000 });
  // What the organiser says is on the wall with the next question, and gone with the one after it was taken back.
  const banner = (/** @type {object | null} */ said) => moderator.page.evaluate(async (banner) => {
    const answer = await fetch("/api/v1/organiser/banner", { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify({ banner }) });
    return answer.status;
  }, said);
  const words = "Cake in the staff room at four <b>today</b> 🍰";
  assert.equal(await banner({ text: words, kind: "info" }), 200);
  await page.waitForFunction((wanted) => document.querySelector("[data-news]")?.textContent === wanted, words, { timeout: 12_000 });
  await shoot(page, "wall-news-1920");
  assert.equal(await banner(null), 200);
  await page.waitForFunction((wanted) => document.querySelector("[data-news]")?.textContent !== wanted, words, { timeout: 12_000 });
  // Without a network the wall goes on.
  await page.context().setOffline(true);
  const before = await page.locator(".wall-slide.wall-shown").last().innerText();
  await page.waitForFunction((words) => [...document.querySelectorAll(".wall-slide.wall-shown")].at(-1)?.textContent !== words, before, { timeout: 30_000 });
  await page.context().setOffline(false);
  assert.deepEqual(wrong(complaints).filter((words) => !/ERR_INTERNET_DISCONNECTED|404/.test(words)), []);
}));

test("the wall goes on with pictures without a network, begins with them after a power cut, and then learns what was taken down", { timeout: 240_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const { context, page, complaints } = await device(system, { viewport: { width: 1920, height: 1080 } });
  await page.goto("/wall");
  const { photos } = await (await fetch(`${system.site}/api/v1/wall`)).json();
  assert.ok(photos.length >= 12, `${photos.length} photos`);
  const kept = () => page.evaluate(async () => (await (await caches.open("wall")).keys()).map(({ url }) => url));
  await eventually("all pictures are kept", async () => (await kept()).length === photos.length);
  await eventually("and the page", () => page.evaluate(async () => navigator.serviceWorker.controller !== null && (await caches.match("/wall")) !== undefined));

  await context.setOffline(true);
  // As after the minute for which a browser keeps a picture by itself.
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.clearBrowserCache");
  /** @type {string[]} */
  const seen = [];
  for (let i = 0; i < 3; i += 1) seen.push(await nextPicture(page, seen));
  await page.locator("[data-offline]").waitFor({ timeout: 30_000 });
  await shoot(page, "wall-offline-1920");
  await page.reload();
  for (let i = 0; i < 2; i += 1) seen.push(await nextPicture(page, seen));

  // Meanwhile the photo that it shows is taken down, and the newest, which is on the page that was kept.
  const moderator = await device(system, { viewport: DESKTOP });
  await signIn(moderator.page, system);
  const taken = [...new Set([await nextPicture(page, []), photos[0].id])];
  for (const id of taken) await hide(moderator.page, id);
  await context.setOffline(false);
  // Their turns on the screen may be over before: what is kept tells that the wall has learnt of it.
  await page.waitForFunction((ids) => ids.every((id) => !document.querySelector(`[data-id="${id}"]`) && !(localStorage.getItem("wall") ?? "").includes(id)), taken, { timeout: 12_000 });
  await eventually("their files are deleted", async () => (await kept()).every((url) => !taken.some((id) => url.includes(id))));

  // Nor does it come back from what was kept.
  await context.setOffline(true);
  await page.reload();
  const first = await nextPicture(page, []);
  assert.ok(!taken.includes(first));
  assert.deepEqual(await page.evaluate((ids) => ids.filter((id) => document.querySelector(`[data-id="${id}"]`)), taken), []);
  assert.deepEqual(wrong(complaints).filter((words) => !/ERR_INTERNET_DISCONNECTED|404/.test(words)), []);
}));

test("the day is gone through by its slider, and each half hour is a page", { timeout: 120_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const { page, complaints } = await device(system, { viewport: DESKTOP });
  await page.goto("/day");
  const before = await page.locator("#half").innerText();
  await page.locator("[data-scrub]").focus();
  await page.keyboard.press("End");
  await page.waitForFunction((words) => document.querySelector("#half")?.textContent !== words, before);
  assert.match(page.url(), /half=/);
  const after = await page.locator("#half").innerText();
  await page.reload();
  assert.equal(await page.locator("#half").innerText(), after, "the address shows the same");
  await page.getByRole("button", { name: "Play the day" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  assert.deepEqual(wrong(complaints), []);
}));

test("reading, filtering, searching, paging and reporting need no JavaScript", { timeout: 120_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const { page, complaints } = await device(system, { viewport: PHONE, javaScriptEnabled: false });
  await page.goto("/gallery");
  const tiles = page.locator("[data-tiles] > li");
  const idOf = (/** @type {number} */ n) => tiles.nth(n).getAttribute("data-id");
  const newest = await idOf(0);
  await page.getByRole("link", { name: "Science", exact: true }).click();
  await page.waitForURL("**/gallery?discipline=science");
  assert.deepEqual([...new Set(await page.locator("[data-tiles] .tile-tab").allTextContents())], ["Science"]);
  await page.locator("summary", { hasText: "Nation, school and time" }).click();
  await page.getByRole("link", { name: /^Scotland/ }).click();
  const both = new URL(page.url()).searchParams;
  assert.equal(both.get("discipline"), "science");
  assert.equal(both.get("nation"), "scotland");
  assert.ok(await tiles.count() > 0);

  await page.goto("/gallery");
  await page.getByRole("searchbox").or(page.locator("input[name=q]")).first().fill("kiln");
  await page.getByRole("button", { name: "Search" }).click();
  assert.equal(new URL(page.url()).searchParams.get("q"), "kiln");
  assert.ok(await tiles.count() > 0, "something says so");
  for (const words of await tiles.allInnerTexts()) assert.match(words, /kiln/i);

  await page.goto("/gallery");
  const seen = new Set(await tiles.evaluateAll((items) => items.map((item) => item.getAttribute("data-id"))));
  await page.locator("a[data-older]").click();
  assert.match(page.url(), /after=/);
  for (const id of await tiles.evaluateAll((items) => items.map((item) => item.getAttribute("data-id")))) assert.ok(!seen.has(id), "a photo twice");

  await page.goto(`/p/${newest}`);
  assert.equal(await page.getByRole("button", { name: "Full screen" }).isVisible(), false, "nothing that only a script could do");
  await page.locator("a[data-older]").click();
  await page.waitForURL((url) => url.pathname.startsWith("/p/") && !url.pathname.endsWith(newest ?? ""));
  const reported = new URL(page.url()).pathname;
  await page.getByRole("link", { name: "Report this photo" }).click();
  // Pressed too early, the browser itself says what is missing.
  await page.getByRole("button", { name: "Send the report" }).click();
  assert.match(page.url(), /\/report$/);
  await page.getByLabel("A pupil can be recognised in it").check();
  await page.getByLabel(/What should we know/).fill("Second row, on the left");
  await page.getByRole("button", { name: "Send the report" }).click();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
  assert.match(await page.locator("main strong").innerText(), /^[0-9A-Z]{4,}-?[0-9A-Z]*/);
  await shoot(page, "report-taken-360", { fullPage: true });
  await eventually("it is hidden, at the edge too", async () => (await page.goto(reported))?.status() === 410);
  assert.deepEqual(wrong(complaints).filter((words) => !words.includes("410")), []);
}));

/** Words that no Welsh text of ours has. */
const ENGLISH = /\b(the|and|of|photos?|you|is)\b/i;

test("a family that reads Welsh is led from the home page to a photo and on in Welsh", { timeout: 120_000 }, () => withSystem(["--sample", "12"], async (system) => {
  const { page, complaints } = await device(system, { viewport: PHONE, permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto("/");
  await page.getByRole("link", { name: "Cymraeg" }).click();
  await page.waitForURL("**/cy/");
  await page.locator(".mosaic a, [data-tiles] > li a").first().click();
  await page.waitForURL("**/cy/p/*");
  const welsh = new URL(page.url()).pathname;
  assert.equal(await page.locator("html").getAttribute("lang"), "cy");
  assert.match(await page.locator("time").innerText(), /^\d+ (Ionawr|Chwefror|Mawrth|Ebrill|Mai|Mehefin|Gorffennaf|Awst|Medi|Hydref|Tachwedd|Rhagfyr) \d{4}, \d\d:\d\d$/);
  assert.equal(await page.locator("link[rel=canonical]").getAttribute("href"), `${system.site}${welsh}`);
  assert.equal(await page.locator("link[hreflang='en-GB']").getAttribute("href"), `${system.site}${welsh.replace("/cy", "")}`);
  await page.locator("a[data-older]").click();
  await page.waitForURL((url) => url.pathname.startsWith("/cy/p/") && url.pathname !== welsh);
  await page.getByRole("link", { name: "Sut i gymryd rhan" }).click();
  await page.waitForURL("**/cy/take-part");
  await page.getByRole("link", { name: "Rheolau" }).click();
  await page.waitForURL("**/cy/rules");
  // But for what an organiser has written, who may write English only.
  await page.locator("main [lang=en]").first().waitFor();
  const said = await page.locator("main").evaluate((main) => [...main.querySelectorAll("h1, h2, p, li")].filter((one) => !one.closest("[lang=en]")).map((one) => one.textContent).join("\n"));
  assert.ok(said.length > 800 && said.includes("Rafflau"));
  assert.doesNotMatch(said, ENGLISH);

  // To its school, which is thanked in Welsh by a card that says so itself.
  await page.getByRole("link", { name: "Ysgolion", exact: true }).click();
  await page.waitForURL("**/cy/schools");
  await page.getByRole("link", { name: "Sample Academy" }).click();
  await page.waitForURL("**/cy/s/sample-academy");
  await page.getByRole("button", { name: "Copïo'r geiriau" }).click();
  await page.getByText("Wedi'u copïo.").waitFor();
  await page.getByRole("link", { name: "Ysgrifennu cerdyn diolch" }).click();
  await page.waitForURL("**/cy/s/sample-academy/thanks");
  await page.getByLabel("Oddi wrth").fill("Y pennaeth");
  assert.match(decodeURIComponent(await page.locator("[data-thanks-mail]").getAttribute("href") ?? ""), /^mailto:\?subject=Diolch, dechnegwyr[^]*Y pennaeth/);

  // Through the day, half hour by half hour.
  await page.goto("/cy/day");
  const step = page.locator("a.day-step").first();
  await step.click();
  await page.waitForURL("**/cy/day?half=*");
  await page.locator("#half", { hasText: / tan / }).waitFor();
  await page.getByRole("button", { name: "Chwarae'r diwrnod" }).click();
  await page.getByRole("button", { name: "Oedi" }).click();
  await page.getByRole("button", { name: "Chwarae'r diwrnod" }).waitFor();

  // And where something is wrong with a photo, it is told and answered in Welsh.
  await page.goto(welsh);
  await page.getByRole("link", { name: "Adrodd am y llun hwn" }).click();
  await page.waitForURL(`**${welsh}/report`);
  assert.doesNotMatch(await page.locator("form").innerText(), ENGLISH);
  await page.getByLabel("Mae'n sarhaus").check();
  await page.getByRole("button", { name: "Anfon yr adroddiad" }).click();
  await page.getByRole("heading", { name: "Diolch" }).waitFor();
  assert.equal(new URL(page.url()).pathname, `${welsh}/report`);
  assert.match(await page.locator("main strong").innerText(), /^[0-9A-Z]{4,}-?[0-9A-Z]*/);

  // What does not speak Welsh is led to as it is.
  await page.getByRole("link", { name: "Preifatrwydd" }).click();
  await page.waitForURL((url) => url.pathname === "/privacy");
  assert.equal(await page.locator("html").getAttribute("lang"), "en-GB");
  assert.deepEqual(wrong(complaints), []);
}));

test("feeds and oEmbed are what their readers expect", { timeout: 120_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const rss = await (await fetch(`${system.site}/feed.xml`)).text();
  const { page } = await device(system, { viewport: DESKTOP });
  await page.goto("about:blank");
  const read = await page.evaluate((text) => {
    const xml = new DOMParser().parseFromString(text, "application/xml");
    const media = "http://search.yahoo.com/mrss/";
    return {
      error: xml.querySelector("parsererror")?.textContent ?? null,
      items: xml.querySelectorAll("item").length,
      pictures: [...xml.getElementsByTagNameNS(media, "content")].map((one) => one.getAttribute("url") ?? ""),
      dates: [...xml.querySelectorAll("pubDate")].map((one) => Date.parse(one.textContent ?? "")),
    };
  }, rss);
  assert.equal(read.error, null);
  assert.ok(read.items > 10 && read.pictures.length === read.items);
  assert.ok(read.dates.every((date) => date > 0) && read.dates.every((date, i) => i === 0 || date <= (read.dates[i - 1] ?? 0)), "newest first");
  const picture = await fetch(read.pictures[0] ?? "");
  assert.equal(picture.headers.get("content-type"), "image/jpeg");
  const json = await (await fetch(`${system.site}/feed.json`)).json();
  assert.equal(json.version, "https://jsonfeed.org/version/1.1");
  assert.equal(json.items.length, read.items);
  const small = await (await fetch(`${system.site}/oembed?url=${encodeURIComponent(json.items[0].url)}&maxwidth=320&format=json`)).json();
  assert.equal(small.type, "photo");
  assert.ok(small.width <= 320, `${small.width}`);
  const gallery = await (await fetch(`${system.site}/oembed?url=${encodeURIComponent(`${system.site}/gallery`)}`)).json();
  assert.match(gallery.html, /^<iframe src="/);
  const asked = async (/** @type {string} */ url, more = "") => (await fetch(`${system.site}/oembed?url=${encodeURIComponent(url)}${more}`)).status;
  assert.equal(await asked(json.items[0].url.replace("/p/", "/cy/p/")), 200, "a page has an answer in each language");
  assert.equal(await asked(json.items[0].url, "&maxwidth=&maxheight=&format="), 200, "a name without a value is no limit");
  assert.equal(await asked(json.items[0].url, "&maxwidth=wide"), 400);
  assert.equal(await asked(json.items[0].url, "&format=xml"), 501, "as the specification says of a format that is not offered");
  assert.equal((await fetch(`${system.site}/oembed?url=${encodeURIComponent("https://elsewhere.example/p/x")}`)).status, 404);
  const framed = await fetch(`${system.site}/embed/gallery`);
  assert.match(framed.headers.get("content-security-policy") ?? "", /frame-ancestors \*/);
}));
