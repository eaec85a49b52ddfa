// @ts-check
// Every page on a sample day: at a phone's and at a laptop's width, without JavaScript, and within its budget of bytes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { photos } from "./photos.mjs";
import { DESKTOP, PHONE, arrived, device, picture, scrollThrough, shoot, signIn, withSystem } from "./system.mjs";

/** Of JavaScript on any page of a day with prize draws, compressed as the edge would; and of everything on the first view of the home page. */
const SCRIPT_BYTES = 26_850;
const HOME_BYTES = 150_000;
/** Other widths at which nothing may stick out: the narrowest by which zoom is judged, a tablet, a screen of 4 K. */
const WIDTHS = [320, 768, 3840];

const PAGES = [
  ["home", "/"],
  ["gallery", "/gallery"],
  ["science", "/gallery?discipline=science"],
  ["add", "/add"],
  ["add-welsh", "/cy/add"],
  ["mine", "/mine"],
  ["take-part", "/take-part"],
  ["schools", "/schools"],
  ["thanks", "/s/sample-academy/thanks"],
  ["day", "/day"],
  ["stats", "/stats"],
  ["transparency", "/transparency"],
  ["rules-welsh", "/cy/rules"],
  ["safety-welsh", "/cy/safety"],
  ["schools-welsh", "/cy/schools"],
  ["school-welsh", "/cy/s/sample-academy"],
  ["thanks-welsh", "/cy/s/sample-academy/thanks"],
  ["day-welsh", "/cy/day"],
  ["nothing-found", "/gallery?q=zzzz"],
  ["rules", "/rules"],
  ["privacy", "/privacy"],
  ["accessibility", "/accessibility"],
  ["safety", "/safety"],
  ["problems", "/problems/"],
  ["not-found", "/nothing/here"],
  ["sign-in", "/moderation/sign-in"],
];

test("every page holds together at both widths", { timeout: 300_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const feed = await (await fetch(`${system.site}/api/v1/photos?limit=48`)).json();
  const photo = feed.photos.find((/** @type {{school: object | null}} */ one) => one.school) ?? feed.photos[0];
  const pages = [...PAGES, ["photo", photo.page], ["report-welsh", `/cy${photo.page}/report`]];
  if (photo.school) pages.push(["school", `/s/${photo.school.urn ?? photo.school.key ?? "sample-academy"}`]);
  for (const [width, viewport] of /** @type {const} */ ([["360", PHONE], ["1440", DESKTOP]])) {
    const { page, context, complaints } = await device(system, { viewport, hasTouch: width === "360", isMobile: width === "360" });
    for (const [name, path] of pages) {
      /** @type {{script: boolean, bytes: number}[]} */
      const fetched = [];
      const noted = (/** @type {import("playwright-core").Response} */ response) => {
        const script = response.request().resourceType() === "script";
        const text = /text|javascript|json|svg/.test(response.headers()["content-type"] ?? "");
        waiting.push(response.body().then((body) => void fetched.push({ script, bytes: text ? gzipSync(body).length : body.length }), () => {}));
      };
      /** @type {Promise<void>[]} */
      const waiting = [];
      page.on("response", noted);
      const response = await page.goto(path, { waitUntil: "load" });
      await arrived(waiting);
      page.off("response", noted);
      assert.equal(response?.status(), name === "not-found" ? 404 : 200, path);
      const sum = (/** @type {typeof fetched} */ list) => list.reduce((total, one) => total + one.bytes, 0);
      const scripts = sum(fetched.filter((one) => one.script));
      assert.ok(scripts <= SCRIPT_BYTES, `${name}: ${scripts} bytes of JavaScript`);
      if (name === "home" && width === "360") {
        console.log(`first view of the home page at ${width} px: ${sum(fetched)} bytes, ${fetched.length} requests`);
        assert.ok(sum(fetched) <= HOME_BYTES, `${sum(fetched)} bytes`);
      }
      if (name === "add" && width === "360") console.log(`JavaScript of the page that adds photos: ${scripts} bytes compressed`);
      assert.equal(await page.evaluate(() => scrollY), 0, `${name} at ${width} opens at its top`);
      await scrollThrough(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name} at ${width}: ${wide} pixels too wide`);
      assert.equal(await page.locator("h1").count(), 1, `${name}: one heading of the first level`);
      assert.match(await page.title(), /\S/);
      assert.equal(await page.evaluate(() => [...document.images].filter((image) => image.checkVisibility() && !image.naturalWidth).length), 0, `${name}: a picture is missing`);
      await shoot(page, `${name}-${width}`, { fullPage: true });
      if (name === "home" && width === "1440") await picture(page, "home-1440");
      for (const other of width === "1440" ? WIDTHS : []) {
        await page.setViewportSize({ width: other, height: viewport.height });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${name} at ${other}: ${wide} pixels too wide`);
        if (process.env.TECHOGNITION_WIDTHS) await shoot(page, `${name}-${other}`, { fullPage: true });
      }
      await page.setViewportSize(viewport);
    }
    await context.close();
    // The address that does not exist is complained of by the browser itself.
    assert.deepEqual(complaints.filter((words) => !words.includes("/nothing/here")), []);
  }
  const { page, complaints } = await device(system, { viewport: PHONE });
  await signIn(page, system);
  for (const [width, viewport] of /** @type {const} */ ([["360", PHONE], ["1440", DESKTOP]])) {
    await page.setViewportSize(viewport);
    for (const [name, path] of [["queue", "/moderation/queue"], ["queue-held", "/moderation/queue?lane=held"], ["about-photo", `/moderation/photos/${photo.id}`]]) {
      assert.equal((await page.goto(path))?.status(), 200, path);
      await scrollThrough(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name} at ${width}: ${wide} pixels too wide`);
      await shoot(page, `${name}-${width}`, { fullPage: true });
    }
  }
  assert.deepEqual(complaints, []);
}));

test("what is put up on a wall or given to somebody is printed on one sheet", { timeout: 120_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const { page, complaints } = await device(system, { viewport: DESKTOP });
  const academy = "/s/sample-academy";
  for (const path of ["/poster", "/cy/poster", `${academy}/certificate`, `/cy${academy}/certificate`, `${academy}/sheet`, `${academy}/thanks`, `/cy${academy}/thanks`]) {
    assert.equal((await page.goto(path))?.status(), 200, path);
    await scrollThrough(page);
    for (const printBackground of [true, false]) {
      const printed = (await page.pdf({ format: "A4", preferCSSPageSize: true, printBackground })).toString("latin1");
      assert.equal(printed.match(/\/Type\s*\/Page\b(?!s)/g)?.length, 1, `${path}: pages`);
      const [, width = "", height = ""] = /\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/.exec(printed) ?? [];
      const sides = [Number(width), Number(height)].sort((a, b) => a - b).map(Math.round);
      assert.deepEqual(sides, [595, 842], `${path}: A4, in points`);
    }
  }
  // A certificate for one technician: the name is on the paper, and nowhere else.
  await page.goto(`${academy}/certificate`);
  await page.getByLabel(/^One technician’s name/).fill("Sam Sample of the long name in the science prep room <b>");
  await page.getByRole("heading", { level: 1, name: "With thanks to Sam Sample of the long name in the science prep room <b> one of the technicians of Sample Academy" }).waitFor();
  await shoot(page, "certificate-named-1440", { fullPage: true });
  const named = (await page.pdf({ format: "A4", preferCSSPageSize: true })).toString("latin1");
  assert.equal(named.match(/\/Type\s*\/Page\b(?!s)/g)?.length, 1, "it is still one sheet");
  assert.ok(!(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]))).includes("Sam Sample"));
  assert.deepEqual(complaints, []);
}));

test("looking and deciding work without JavaScript, and adding says what it needs", { timeout: 120_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const { page } = await device(system, { viewport: DESKTOP, javaScriptEnabled: false });
  await page.goto("/gallery");
  const tiles = page.locator("main a[href^='/p/']");
  const first = await tiles.count();
  assert.ok(first >= 12, `${first} tiles`);
  const older = page.locator("a[data-older]");
  await older.click();
  assert.match(page.url(), /after=/);
  await tiles.first().click();
  await page.waitForURL("**/p/*");
  assert.match(await page.locator("h1").innerText(), /\S/);
  await page.goto("/add");
  await page.locator("noscript strong", { hasText: "Adding photos needs JavaScript." }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Send" }).count(), 0);
  await shoot(page, "add-without-javascript-1440");

  // A moderator without JavaScript pastes the code, and decides with plain forms.
  await page.goto("/moderation/sign-in");
  await page.getByLabel("One-time code").fill(new URL(system.organiser).hash.replace("#code=", ""));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/moderation/queue**");
  const cards = page.locator("[data-card]");
  const waiting = await cards.count();
  if (waiting > 0) {
    const id = await cards.first().getAttribute("data-id");
    await cards.first().getByRole("button", { name: /^Publish/ }).click();
    assert.match(page.url(), /\/moderation\/queue/);
    assert.equal(await page.locator(`[data-id="${id}"]`).count(), 0);
    const answer = await fetch(`${system.site}/api/v1/photos/${id}`);
    assert.equal(answer.status, 200);
  }
  assert.ok(waiting > 0, "the sample day leaves something to decide");
  await shoot(page, "queue-without-javascript-1440");
}));

test("everything is reached by the keyboard alone, and the focus is always seen", { timeout: 180_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const { page } = await device(system, { viewport: DESKTOP });
  const feed = await (await fetch(`${system.site}/api/v1/photos?limit=2`)).json();
  let pressed = 0;
  for (const path of [...PAGES.map(([, path]) => path), feed.photos[0].page, `${feed.photos[0].page}/report`]) {
    await page.goto(path, { waitUntil: "load" });
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(() => resolve(undefined), { timeout: 3_000 })));
    const wanted = await page.evaluate(() => {
      const groups = new Set();
      let n = 0;
      for (const one of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]"))) {
        const radio = one instanceof HTMLInputElement && one.type === "radio";
        const open = one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: false }) && !one.closest("[inert]");
        if (!open || one.tabIndex < 0 || one.matches(":disabled") || (radio && groups.has(one.name))) continue;
        // Of radio buttons, the keys of the arrows reach the others.
        if (radio) groups.add(one.name);
        one.dataset["wanted"] = radio ? one.name : `#${n}`;
        n += 1;
      }
      return n;
    });
    const reached = new Set();
    let out = false;
    // Scripts may bring more than was there; what never ends is a trap.
    for (let n = 0; n < wanted + 200 && !out; n += 1) {
      await page.keyboard.press("Tab");
      pressed += 1;
      const here = await page.evaluate(() => {
        const one = /** @type {HTMLElement} */ (document.activeElement);
        if (one === document.body) return null;
        // A card's whole area is its link's: the ring is then drawn by what is around it.
        let seen = false;
        for (let around = /** @type {HTMLElement | null} */ (one); around && !seen; around = around.parentElement) {
          const { outlineStyle, outlineWidth } = getComputedStyle(around);
          seen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
        }
        const name = one.dataset["wanted"] ?? (one instanceof HTMLInputElement ? one.name : "");
        return { name, seen, words: one.outerHTML.slice(0, 120) };
      });
      out = here === null;
      if (!here) break;
      assert.ok(here.seen, `${path}: no ring around ${here.words}`);
      reached.add(here.name);
    }
    const missed = await page.evaluate((reached) => [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-wanted]"))]
      .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches(":disabled") && !reached.includes(one.dataset["wanted"] ?? "")).map((one) => one.outerHTML.slice(0, 120)), [...reached]);
    assert.deepEqual(missed, [], path);
    assert.ok(out, `${path}: the keyboard does not come out of it`);
  }
  console.log(`${pressed} presses of the Tab key`);

  // A photo is sent without a mouse; only the device's own window for choosing files is left out.
  const [file] = await photos(page, system.folder);
  await page.goto("/add");
  await page.locator("#photos").setInputFiles(file ?? "");
  await page.locator("#cards .card").first().waitFor();
  /** @param {import("playwright-core").Locator} there */
  const tabTo = async (there) => {
    for (let n = 0; n < 80 && !(await there.evaluate((one) => one === document.activeElement)); n += 1) await page.keyboard.press("Tab");
    assert.ok(await there.evaluate((one) => one === document.activeElement), `never reached ${there}`);
  };
  await tabTo(page.getByLabel("Caption", { exact: true }).first());
  await page.keyboard.type("Sent without a mouse");
  await tabTo(page.locator("input[name=people]").first());
  await page.keyboard.press("Space");
  await tabTo(page.locator("input[name=web]"));
  await page.keyboard.press("Space");
  await tabTo(page.getByRole("button", { name: /^Send/ }));
  await page.keyboard.press("Enter");
  await page.getByText("Sent. A person checks every photo before it appears.").first().waitFor({ timeout: 60_000 });
}));
