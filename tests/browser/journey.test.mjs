// @ts-check
// The main job in a browser: photos go from a phone to everybody, and nothing that a file hides goes with them.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { violations } from "./axe.mjs";
import { eventually } from "./moderator.mjs";
import { SECRETS, manyPhotos, photos } from "./photos.mjs";
import { DESKTOP, PHONE, device, run, scrollThrough, shoot, signIn, withSystem } from "./system.mjs";

const CAPTION = "Prêt pour le prac 🔬 Ysgol Gŵyr, مختبر العلوم <script>alert(1)</script> & it's ready";

test("photos go from a phone to everybody", { timeout: 180_000 }, () => withSystem(["--open-window"], async (system) => {
  const phone = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
  const { page } = phone;
  await page.goto("/");
  await shoot(page, "journey-1-home-before-360");
  const files = await photos(page, system.folder);

  // A technician picks three photos, says what they share, and sends them.
  await page.getByRole("link", { name: "Add photos" }).first().click();
  await page.getByRole("button", { name: "Choose photos" }).waitFor();
  await page.locator("#photos").setInputFiles(files);
  await page.locator("#cards .card").nth(files.length - 1).waitFor();
  await page.getByRole("button", { name: "Send" }).click();
  // What is missing is asked for as soon as the last photo was taken in, and nothing is lost.
  await page.locator("#people-error", { hasText: "Say who" }).waitFor();
  assert.equal(await page.locator("#cards .card").count(), files.length);
  await page.getByLabel("Caption", { exact: true }).fill(CAPTION);
  await page.getByLabel("Nobody").check();
  await page.getByLabel("Who made this?").fill("The prep room");
  await page.getByLabel("School or college").fill("Sample Academy");
  await page.locator("#discipline").selectOption("science");
  await page.getByLabel("I agree.").check();
  assert.equal(await page.locator("#dock-news").innerText(), "", "nothing is said to be missing any more");
  await shoot(page, "journey-2-add-360", { fullPage: true });
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(`${files.length} of ${files.length} sent`).waitFor();
  await shoot(page, "journey-3-sent-360");
  await page.getByRole("link", { name: "My photos" }).last().click();
  // All of them, or the moderator below would find fewer.
  await page.locator('#own-photos > li[data-state="pending"]').nth(files.length - 1).waitFor();
  assert.equal(await page.locator("#own-photos > li:not(.own-more)").count(), 1, "what was sent together is one card");
  assert.equal(await page.getByRole("button", { name: /^Withdraw: / }).count(), files.length, "of which each photo can be withdrawn");
  await shoot(page, "journey-4-mine-360", { fullPage: true });

  // Nobody sees anything yet.
  const everybody = await device(system, { viewport: DESKTOP });
  await everybody.page.goto("/gallery");
  assert.equal(await everybody.page.locator("main img").count(), 0);
  await shoot(everybody.page, "journey-5-gallery-empty-1440");

  // A moderator publishes them by keyboard: first one by mistake, which is undone.
  const desk = await device(system, { viewport: DESKTOP });
  await signIn(desk.page, system);
  const queue = desk.page.locator("[data-card]:visible");
  await desk.page.locator("[data-current][data-ready]").waitFor();
  assert.ok((await queue.first().innerText()).includes(CAPTION), "the words arrive as they were written");
  await shoot(desk.page, "journey-6-queue-1440");
  await desk.page.keyboard.press("p");
  await desk.page.locator("[data-undo-text]", { hasText: /^Published: / }).waitFor();
  await desk.page.keyboard.press("u");
  await desk.page.locator("[data-undo-text]", { hasText: /^Undone: off the site again/ }).first().waitFor();
  for (const _ of files) {
    await desk.page.locator("[data-current][data-ready]").waitFor();
    await desk.page.keyboard.press("p");
  }
  await desk.page.getByRole("heading", { name: /nothing|empty|all done|clear/i }).waitFor();
  await shoot(desk.page, "journey-7-queue-empty-1440");

  // Everybody sees them, once the last decision has arrived.
  await eventually("all are public", async () => (await (await fetch(`${system.site}/api/v1/photos`)).json()).photos.length === files.length);
  // The edge may answer once with the page of before.
  await eventually("the gallery shows them", async () => {
    await everybody.page.reload();
    return (await everybody.page.locator("main img").count()) === files.length;
  });
  await scrollThrough(everybody.page);
  await shoot(everybody.page, "journey-8-gallery-1440");
  await everybody.page.locator("main a:has(img)").first().click();
  await everybody.page.waitForURL("**/p/*");
  assert.ok((await everybody.page.locator("main").innerText()).includes(CAPTION));
  assert.ok((await everybody.page.locator('meta[property="og:title"], meta[property="og:description"]').first().getAttribute("content"))?.includes("<script>"));
  await scrollThrough(everybody.page);
  await shoot(everybody.page, "journey-9-photo-1440");
  await page.goto(everybody.page.url());
  await scrollThrough(page);
  await shoot(page, "journey-9-photo-360", { fullPage: true });
  await page.goto("/mine");
  await page.getByText("Live", { exact: true }).first().waitFor();
  assert.equal(await page.locator("#mine-count").innerText(), `${files.length} photos. ${files.length} live.`);
  await page.getByRole("button", { name: /^Share: / }).first().waitFor();

  // Not a byte of what a file hides is in what everybody can fetch.
  const served = join(system.folder, "served");
  mkdirSync(served);
  const feed = await (await fetch(`${system.site}/api/v1/photos`)).json();
  const sizes = feed.photos.map((/** @type {{width: number, height: number}} */ photo) => `${photo.width}×${photo.height}`);
  if (!process.env.TECHOGNITION_PHOTOS) assert.deepEqual(sizes.sort(), ["1600×2400", "2400×1600", "2400×1600"], "orientation is applied");
  let count = 0;
  for (const photo of feed.photos) {
    for (const rendition of photo.renditions) {
      const bytes = Buffer.from(await (await fetch(new URL(rendition.url, system.site))).arrayBuffer());
      for (const secret of SECRETS) assert.ok(!bytes.includes(secret), `${rendition.url} says ${secret}`);
      writeFileSync(join(served, `${(count += 1)}.jpg`), bytes);
    }
  }
  const { stdout } = await run("exiftool", ["-j", "-G", "-a", "-u", served]);
  for (const facts of JSON.parse(stdout)) {
    const groups = new Set(Object.keys(facts).filter((name) => name.includes(":")).map((name) => name.split(":")[0]));
    const webp = facts["File:FileType"] === "WEBP";
    assert.deepEqual([...groups].sort(), ["Composite", "ExifTool", "File", webp ? "RIFF" : "JFIF"], JSON.stringify(facts));
    // The header that makes a file a JPEG or a WebP says no more than "square pixels", or the size.
    if (webp) {
      const said = Object.keys(facts).filter((name) => name.startsWith("RIFF:")).sort();
      const size = ["RIFF:HorizontalScale", "RIFF:ImageHeight", "RIFF:ImageWidth", "RIFF:VP8Version", "RIFF:VerticalScale"];
      assert.deepEqual(said, size, JSON.stringify(facts));
    } else {
      assert.deepEqual([facts["JFIF:ResolutionUnit"], facts["JFIF:XResolution"], facts["JFIF:YResolution"]], ["None", 1, 1]);
    }
  }
  console.log(`exiftool found no metadata in any of ${count} public renditions of ${files.length} photos (${sizes.join(", ")})`);

  // The technician takes one back, and is told how far it is erased.
  await page.getByRole("button", { name: /^Withdraw/ }).first().click();
  await page.getByRole("button", { name: "Withdraw it" }).click();
  await page.locator('#own-photos > li[data-state="published"]').nth(files.length - 1).waitFor({ state: "detached" });
  await eventually("it is gone from the gallery, at the edge too", async () => {
    await everybody.page.goto("/gallery");
    return (await everybody.page.locator("main img").count()) === files.length - 1;
  });
  const gone = page.locator('#own-photos > li[data-state="deleted"]');
  const erasure = gone.locator(".erasure-step");
  const once = erasure.filter({ hasText: /^Erased from our storage at .+ We look once more by .+, so that nothing comes back\.$/ });
  await once.waitFor();
  assert.equal(await erasure.first().innerText(), "Gone from the site.");
  assert.equal(await gone.locator(".erasure-gone").count(), 1);
  assert.ok(!(await gone.innerText()).includes(CAPTION), "its words are gone from this device's list too");
  await shoot(page, "journey-10-withdrawn-360", { fullPage: true });
  await page.reload();
  await once.waitFor();
  assert.equal(await erasure.count(), 3, "the server does not list it any more, this device does");
  // A quarter of an hour later nothing can come back: what is answered then is answered now, and nobody presses anything.
  await page.addInitScript(() => {
    const asked = globalThis.fetch;
    globalThis.fetch = async (what, how) => {
      const later = String(what).endsWith("/removal") && sessionStorage.getItem("later");
      return later ? Response.json({ site: "gone", storage: "gone", edges: "gone" }) : asked(what, how);
    };
  });
  await page.reload();
  await once.waitFor();
  await page.evaluate(() => sessionStorage.setItem("later", "yes"));
  await gone.locator(".erasure-gone").nth(2).waitFor();
  assert.deepEqual(await erasure.allInnerTexts(), ["Gone from the site.", "Erased from our storage.", "No copies on the delivery network."]);
  await page.reload();
  await gone.locator(".erasure-gone").nth(2).waitFor();
  await gone.getByRole("button", { name: /^Take it off this list/ }).click();
  await gone.waitFor({ state: "detached" });
  await page.reload();
  await page.locator('#own-photos > li[data-state="published"]').nth(files.length - 2).waitFor();
  assert.equal(await gone.count(), 0);

  assert.deepEqual([...phone.complaints, ...desk.complaints, ...everybody.complaints], []);
}));

test("six photos take twelve taps and two screens of a phone, and who has sent them is thanked", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const viewport = { width: 360, height: 740 };
  const { page, complaints } = await device(system, { viewport, hasTouch: true, isMobile: true, permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto("/add");
  const files = await manyPhotos(page, system.folder, 7);
  let taps = 0;
  const tap = (/** @type {import("playwright-core").Locator} */ there) => {
    taps += 1;
    return there.tap();
  };
  /** In the phone's own window for choosing: a tap for each photo, and one to end it. @param {string} name @param {string[]} chosen */
  const choose = async (name, chosen) => {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), tap(page.getByRole("button", { name }))]);
    await chooser.setFiles(chosen);
    taps += chosen.length + 1;
  };
  const caption = page.getByLabel("Caption", { exact: true });
  const send = page.getByRole("button", { name: /^Send \d/ });
  await choose("Choose photos", files.slice(0, 6));
  const cards = page.locator("#cards .card");
  await cards.locator("img").nth(5).waitFor();
  const tops = await cards.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
  assert.equal(new Set(tops).size, 2, "three photos beside each other");
  await shoot(page, "forty-seconds-1-chosen-360", { fullPage: true });
  const height = await page.locator(".consent").evaluate((one) => one.getBoundingClientRect().bottom + scrollY);
  console.log(`the page ends after ${(height / viewport.height).toFixed(2)} screens`);
  assert.ok(height <= 2 * viewport.height, `${height} pixels from the top to the end of what is asked`);
  await tap(caption);
  await page.keyboard.type("Six trays for six classes");
  await tap(page.getByLabel("Nobody"));
  await tap(page.getByText("I agree."));
  await tap(send);
  console.log(`${taps} taps`);
  assert.ok(taps <= 12, `${taps} taps`);

  // The form makes room for what becomes of them, and the focus is there.
  await page.locator("#caption").waitFor({ state: "hidden" });
  const thanks = page.locator("#sent");
  await thanks.getByText("All 6 are here. Thank you.").waitFor();
  await thanks.getByText("Next: a person checks every photo before it appears, usually the same day.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "dock-status");
  const left = await page.evaluate(() => (document.querySelector("main")?.getBoundingClientRect().height ?? Infinity) / innerHeight);
  assert.ok(left < 1.5, `${left} screens are left to look at`);
  await shoot(page, "forty-seconds-2-thanks-360");
  await thanks.getByRole("button", { name: "Tell a colleague" }).tap();
  await page.locator("#dock-news", { hasText: "Copied." }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `I have just sent photos of our work for #TECHOGNITION. Send yours too! ${system.site}/take-part`);
  assert.deepEqual(await violations(page), []);

  // One more: what is asked for each photo anew is asked, by links; a caption only once; who made it is remembered.
  await page.getByLabel("Who made this?").evaluate((/** @type {HTMLInputElement} */ one) => void (one.value = "Jo"));
  await choose("+ Add more", files.slice(6));
  await cards.locator("img").nth(6).waitFor();
  assert.equal(await caption.inputValue(), "", "the caption was of the photos before");
  assert.equal(await thanks.isVisible(), false);
  await page.getByLabel("I agree.").uncheck();
  await send.tap();
  const news = page.locator("#dock-news");
  await news.getByRole("link").nth(1).waitFor();
  assert.equal(await news.innerText(), "2 things to do: say who is in the photos · tick the agreement");
  assert.equal(await page.evaluate(() => /** @type {HTMLInputElement} */ (document.activeElement).name), "people");
  await news.getByRole("link", { name: "tick the agreement" }).tap();
  assert.equal(await page.evaluate(() => /** @type {HTMLInputElement} */ (document.activeElement).name), "web");
  await shoot(page, "forty-seconds-3-to-do-360");
  assert.deepEqual(await violations(page), []);
  await page.getByLabel("I agree.").check();
  assert.equal(await news.innerText(), "", "and is not asked again");
  await page.getByLabel("Nobody").check();
  await send.tap();
  await page.getByText("A line makes people stop and look. Send without one?").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Write one" }).tap();
  await page.waitForFunction(() => document.activeElement?.id === "caption");
  await send.tap();
  await thanks.getByText("All 7 are here, Jo. Thank you.").waitFor();
  assert.deepEqual(complaints, []);
}));

test("a technician who reads Welsh is led, put right and told in Welsh", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, complaints } = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true, reducedMotion: "reduce" });
  await page.goto("/cy/");
  const [file = ""] = await photos(page, system.folder);
  await page.getByRole("link", { name: "Anfon lluniau" }).first().click();
  await page.waitForURL("**/cy/add");
  await page.getByRole("button", { name: "Dewis lluniau" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "cy");
  assert.equal(await page.locator("link[hreflang='en-GB']").getAttribute("href"), `${system.site}/add`);
  assert.match(await page.locator("#consent-text").innerText(), /ar y wefan hon\.$/);
  assert.equal(await page.locator("#dock-status").innerText(), "Nid oes lluniau wedi'u dewis eto.");
  assert.doesNotMatch(await page.locator("main").innerText(), /\b(photos?|you|the)\b/i);

  await page.locator("#photos").setInputFiles([file]);
  await page.locator("#cards .card").waitFor();
  await page.getByRole("button", { name: /^Anfon/ }).click();
  await page.locator("#people-error", { hasText: "Dywedwch pwy sydd yn y lluniau." }).waitFor();
  await page.locator("#web-error", { hasText: "Heb eich cytundeb" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await shoot(page, "add-welsh-360", { fullPage: true });
  await page.getByLabel("Pennawd", { exact: true }).fill("Crisialau glas ar ôl deuddeg diwrnod");
  await page.getByLabel("Neb", { exact: true }).check();
  await page.getByLabel("Rwy'n cytuno.").check();
  await page.getByRole("button", { name: /^Anfon/ }).click();
  await page.locator("#dock-status", { hasText: "1 o 1 wedi'u hanfon." }).waitFor();
  await page.locator("#cards .card-state", { hasText: "Wedi'i anfon." }).waitFor();
  // It stands on the page of one's own photos, whose every word is Welsh too, and can be taken back there.
  await page.getByRole("link", { name: "Fy lluniau" }).last().click();
  await page.waitForURL("**/cy/mine");
  const own = page.locator('#own-photos > li[data-state="pending"]');
  await own.getByText("Yn cael ei wirio", { exact: true }).waitFor();
  assert.equal(await page.locator("#mine-count").innerText(), "1 llun. 1 yn cael ei wirio.");
  assert.doesNotMatch(await page.locator("main").innerText(), /\b(photos?|you|the)\b/i);
  assert.deepEqual(await violations(page), []);
  await shoot(page, "mine-welsh-360", { fullPage: true });
  await own.getByRole("button", { name: /^Tynnu'n ôl: Crisialau/ }).click();
  await page.getByRole("button", { name: "Ei dynnu'n ôl" }).click();
  await page.locator(".erasure-step", { hasText: "Wedi mynd o'r wefan." }).waitFor();
  // What waits on this device is waited for in Welsh on the other pages too, by the same link.
  await page.evaluate(() => localStorage.setItem("techognition.unsent", "2"));
  await page.goto("/cy/gallery");
  await page.getByText("2 lun ar ôl i'w hanfon.").waitFor();
  assert.equal(await page.getByRole("link", { name: "Parhau i anfon" }).getAttribute("href"), "/cy/add");
  assert.deepEqual(complaints, []);
}));

test("a photo that was on its way when the network went and the page was closed arrives when the page is opened again", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { context, page } = await device(system, { viewport: PHONE });
  await page.goto("/add");
  const files = await photos(page, system.folder);
  await page.locator("#photos").setInputFiles(files);
  await page.locator("#cards .card").nth(files.length - 1).waitFor();
  await page.getByLabel("Caption", { exact: true }).fill("Between two lessons");
  await page.getByLabel("Nobody").check();
  await page.getByLabel("I agree.").check();
  // Not a byte gets through from now on, neither to the storage nor to the site.
  await context.setOffline(true);
  await page.getByRole("button", { name: "Send" }).click();
  await page.locator("#dock-status", { hasText: "Waiting for a connection" }).waitFor();
  await page.locator("#dock-news", { hasText: "You can lock this" }).waitFor();
  await shoot(page, "offline-360");
  await page.close();
  await context.setOffline(false);
  const again = await context.newPage();
  await again.goto("/add");
  await again.getByText(`${files.length} of ${files.length} sent`).waitFor({ timeout: 60_000 });
  const own = await again.evaluate(() => fetch("/api/v1/photos").then((answer) => answer.json()));
  assert.deepEqual(own.photos, [], "sent, but not published");
  await signIn(again, system);
  // Renditions take a moment.
  for (let tries = 0; tries < 40 && (await again.locator("[data-card]").count()) < files.length; tries += 1) {
    await again.waitForTimeout(250);
    await again.reload();
  }
  assert.equal(await again.locator("[data-card]").count(), files.length);
}));
