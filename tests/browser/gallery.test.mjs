// @ts-check
// Looking: further photos without losing one's place, from photo to photo, the day, the wall, and what other programs get.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DESKTOP, PHONE, device, shoot, signIn, withSystem } from "./system.mjs";

/** What a page has done wrong; that a phone's window changes its height while one page fades into another is the browser's own affair. */
const wrong = (/** @type {string[]} */ complaints) => complaints.filter((words) => !words.includes("Transition was aborted"));

test("older photos come below, and Back returns to the place", { timeout: 120_000 }, () => withSystem(["--sample", "40"], async (system) => {
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
  const y = await page.evaluate(() => scrollY);
  await last.locator("a").click();
  await page.waitForURL("**/p/*");
  await page.goBack();
  await page.waitForFunction((n) => document.querySelectorAll("[data-tiles] > li").length >= n, all);
  await page.waitForFunction((wanted) => Math.abs(scrollY - wanted) < 80, y);
  assert.deepEqual(wrong(complaints), []);
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
  await page.getByRole("button", { name: "Whole screen" }).click();
  const dialog = page.locator("dialog[open]");
  await dialog.waitFor();
  await page.waitForFunction(() => (document.querySelector("dialog img")?.naturalWidth ?? 0) > 0);
  await shoot(page, "photo-whole-1440");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement?.hasAttribute("data-whole")), true, "focus returns to the button");
  // One step back is the gallery, however many photos were looked at.
  await page.goBack();
  assert.equal(new URL(page.url()).pathname, "/gallery");
  assert.deepEqual(wrong(complaints), []);
}));

test("the wall shows what comes, and not for one poll longer what is taken down", { timeout: 120_000 }, () => withSystem(["--sample", "12"], async (system) => {
  const { page, complaints } = await device(system, { viewport: { width: 1920, height: 1080 } });
  await page.goto("/wall");
  const shown = page.locator(".wall-slide.wall-shown img").last();
  await shown.waitFor({ timeout: 30_000 });
  await shoot(page, "wall-1920");
  const address = (await shown.getAttribute("src")) ?? "";
  const id = address.split("/")[2] ?? "";
  assert.match(id, /^[a-z2-7]{26}$/);
  const moderator = await device(system, { viewport: DESKTOP });
  await signIn(moderator.page, system);
  const answer = await moderator.page.evaluate(async (photo) => {
    const audit = await (await fetch(`/api/v1/moderation/photos/${photo}/audit`)).json();
    const { version } = audit.entries.at(-1);
    const decided = await fetch("/api/v1/moderation/decisions", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ decisions: [{ id: photo, version, action: "hide", reason: "A test" }] }),
    });
    return decided.text();
  }, id);
  assert.match(answer, /"state":"hidden"/, answer);
  // The poll's five seconds, and what an answer takes.
  await page.waitForFunction((gone) => !document.querySelector(`.wall-slide img[src*="${gone}"]`), id, { timeout: 12_000 });
  assert.doesNotMatch(await page.evaluate(() => localStorage.getItem("wall") ?? ""), new RegExp(id), "it is not kept either");
  // Without a network the wall goes on.
  await page.context().setOffline(true);
  const before = await page.locator(".wall-slide.wall-shown").last().innerText();
  await page.waitForFunction((words) => [...document.querySelectorAll(".wall-slide.wall-shown")].at(-1)?.textContent !== words, before, { timeout: 30_000 });
  await page.context().setOffline(false);
  assert.deepEqual(wrong(complaints).filter((words) => !/ERR_INTERNET_DISCONNECTED|404/.test(words)), []);
}));

test("the day is gone through by its slider, and each half hour is a page", { timeout: 120_000 }, () => withSystem(["--sample", "40"], async (system) => {
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
  assert.equal((await fetch(`${system.site}/oembed?url=${encodeURIComponent("https://elsewhere.example/p/x")}`)).status, 404);
  const framed = await fetch(`${system.site}/embed/gallery`);
  assert.match(framed.headers.get("content-security-policy") ?? "", /frame-ancestors \*/);
}));
