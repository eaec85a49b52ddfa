// @ts-check
// What holds of every page that the public sees, and of every sample of one: no violation that axe knows, nothing that sticks out at 320
// pixels with the widest spacing of text, and words without JavaScript.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SPACING, violations } from "./axe.mjs";
import { publicPages } from "./places.mjs";
import { DESKTOP, PHONE, device, withSystem } from "./system.mjs";

test("axe finds nothing on any public page, by day and by night", { timeout: 300_000 }, () => withSystem(["--sample", "30"], async (system) => {
  let checked = 0;
  for (const [scheme, viewport] of /** @type {const} */ ([["light", PHONE], ["dark", DESKTOP]])) {
    const { context, page } = await device(system, { viewport, colorScheme: scheme, reducedMotion: "reduce" });
    for (const [name, path] of await publicPages(system.site)) {
      await page.goto(path, { waitUntil: "load" });
      assert.deepEqual(await violations(page), [], `${name}, ${scheme}`);
      checked += 1;
    }
    await context.close();
  }
  console.log(`axe: ${checked} pages, no violation`);
}));

test("with the system's own colours the current page is told by one bar, and no sign of a subject shrinks", { timeout: 60_000 }, () => withSystem(["--sample", "12"], async (system) => {
  const { page } = await device(system, { viewport: PHONE, forcedColors: "active" });
  await page.goto("/gallery");
  const bars = await page.locator(".site-nav a").evaluateAll((links) => links.map((link) => {
    const { borderBlockStartColor, borderBlockEndColor } = getComputedStyle(link);
    const ground = getComputedStyle(document.documentElement).backgroundColor;
    return [borderBlockStartColor, borderBlockEndColor].filter((colour) => colour !== ground).length;
  }));
  assert.deepEqual(bars, [1, 0, 0]);
  await page.goto("/");
  const widths = await page.locator(".tray svg").evaluateAll((signs) => signs.map((sign) => Math.round(sign.getBoundingClientRect().width)));
  assert.deepEqual([...new Set(widths)], [widths[0]]);
}));

test("axe finds nothing on any sample of a page", { timeout: 300_000 }, () => withSystem([], async (system) => {
  const { page } = await device(system, { viewport: DESKTOP, reducedMotion: "reduce" });
  /** @type {string[]} */
  const samples = [];
  for (const guide of ["/styleguide", "/moderation/styleguide"]) {
    await page.goto(guide);
    const links = page.locator(`main a[href^='${guide}/']`);
    samples.push(...await links.evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? "")));
  }
  assert.ok(samples.length > 50, `${samples.length} samples`);
  for (const path of samples) {
    await page.goto(path, { waitUntil: "domcontentloaded" });
    assert.deepEqual(await violations(page), [], path);
  }
  console.log(`axe: ${samples.length} samples, no violation`);
}));

test("no word of the home page's headline breaks, before, on and after the day", { timeout: 120_000 }, () => withSystem([], async (system) => {
  const { page } = await device(system, { viewport: PHONE });
  for (const width of [320, 360, 768, 1000, 1440, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    for (const sample of ["home", "home-welsh", "home-before", "home-after"]) {
      await page.goto(`/styleguide/${sample}`);
      const broken = await page.locator("main h1").evaluate((heading) => {
        const text = /** @type {Text} */ ([...heading.childNodes].find((node) => node.nodeType === Node.TEXT_NODE));
        const words = [...(text.textContent ?? "").matchAll(/\S+/g)];
        const range = document.createRange();
        const lines = words.map(({ 0: word, index }) => (range.setStart(text, index), range.setEnd(text, index + word.length), { word, lines: range.getClientRects().length }));
        return lines.filter(({ lines }) => lines !== 1);
      });
      assert.deepEqual(broken, [], `${sample} at ${width} px`);
    }
  }
}));

test("no page is wider than 320 pixels with the widest spacing of text, nor without JavaScript", { timeout: 300_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const { page } = await device(system, { viewport: { width: 320, height: 640 } });
  const bare = await device(system, { viewport: { width: 320, height: 640 }, javaScriptEnabled: false });
  for (const [name, path] of await publicPages(system.site)) {
    await page.goto(path, { waitUntil: "load" });
    // By the browser's own tools: the page's policy would refuse a style of ours.
    const session = await page.context().newCDPSession(page);
    await session.send("Page.setBypassCSP", { enabled: true });
    await page.reload({ waitUntil: "load" });
    await page.addStyleTag({ content: SPACING });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${name}: ${wide} pixels too wide`);
    await session.detach();
    const answer = await bare.page.goto(path, { waitUntil: "load" });
    assert.equal(answer?.status(), name === "not found" ? 404 : 200, path);
    assert.match(await bare.page.locator("h1").first().innerText(), /\S/, `${name} without JavaScript`);
  }
}));
