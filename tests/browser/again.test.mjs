// @ts-check
// A photo that is not shown is put right and sent again: why is read in kind words, and nothing that was typed before is typed twice.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";

import { openCard, ownPhotos, secretOf, settledPhotos } from "./phone.mjs";
import { manyPhotos } from "./photos.mjs";
import { DESKTOP, PHONE, device, shoot, signIn, withSystem } from "./system.mjs";

/** @typedef {import("./system.mjs").System} System */
/** @typedef {import("playwright-core").Page} Page */

const TYPED = { caption: "Signed for: the new fume cupboard", credit: "Jo & the prep room", school: "Sample Academy" };

test("a technician reads what to cover, covers it and sends the photo again, with all that was typed before", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { phone, desk, file, first } = await rejected(system, (page) => page.keyboard.press("3"));
  const { page } = phone;
  const old = page.locator('#own-photos > li[data-state="rejected"]');
  assert.equal(await old.locator(".stamp").innerText(), "Not shown");
  const why = await old.innerText();
  assert.match(why, /Thank you for this one\. Names, addresses or numbers can be read in it\. Cover or crop them and send it again\./);
  assert.ok(why.includes(TYPED.caption), "it is said of which photo");
  await shoot(page, "again-1-mine-360", { fullPage: true });

  // One press leads to where it is put right.
  await old.getByRole("link", { name: `Fix it and send it again: ${TYPED.caption}` }).click();
  await page.waitForURL("**/add");
  await page.locator("#dock-news", { hasText: "The words of your photo are filled in. Choose it once more" }).waitFor();
  assert.deepEqual(await filled(page), { ...TYPED, discipline: "science" });
  assert.equal(await page.locator("#cards .card").count(), 0, "what was sent is not sent along");
  assert.equal(await page.getByLabel("I agree.").isChecked(), false, "agreeing is for this photo alone");

  // The file is the same, and is not taken for one that is here already.
  await page.locator("#photos").setInputFiles([file]);
  await page.locator("#cards .card img").waitFor();
  await openCard(page);
  await page.getByRole("button", { name: /^Cover faces or names on / }).click();
  await page.getByRole("button", { name: "Add a cover" }).click();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText("Covered in one place.").waitFor();
  await page.getByLabel("Caption", { exact: true }).fill("The new fume cupboard, signature covered");
  await answer(page);

  const second = await latest(page, system, first);
  assert.deepEqual((await settledPhotos(system, await secretOf(page))).map(({ id, state }) => [id, state]).sort(), [[first, "rejected"], [second, "pending"]].sort());
  await page.goto("/mine");
  await page.locator('#own-photos > li[data-state="pending"]').waitFor();
  assert.deepEqual(await page.locator("#own-photos > li").evaluateAll((all) => all.map((one) => one.getAttribute("data-state"))), ["rejected", "pending"], "what needs its sender comes first");
  assert.match(await page.locator('#own-photos > li[data-state="pending"]').innerText(), /The new fume cupboard, signature covered[^]*Jo & the prep room/);
  assert.equal(await page.locator("#mine-count").innerText(), "1 needs you. 2 photos. 1 being checked.");
  await shoot(page, "again-2-mine-360", { fullPage: true });

  // The moderator has one photo to look at, with all the words; the words are for one time.
  await desk.page.goto("/moderation/queue");
  const card = desk.page.locator("[data-card]");
  assert.equal(await card.count(), 1);
  assert.equal(await card.getAttribute("data-id"), second);
  const seen = await card.innerText();
  for (const words of ["signature covered", TYPED.credit, TYPED.school, "Science"]) assert.ok(seen.includes(words), words);
  await page.goto("/add");
  await page.locator("#choose").waitFor();
  assert.deepEqual(await filled(page), { ...TYPED, caption: "", discipline: "science" });
  assert.deepEqual([...phone.complaints, ...desk.complaints], []);
}));

test("the same photo with a better caption is sent again, though not a byte of it has changed", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const own = "Thank you! We would love to show it. Leave the name out of the caption and send it again";
  const { phone, desk, file, first } = await rejected(system, async (page) => {
    await page.keyboard.press("r");
    await page.keyboard.type(own);
    await page.keyboard.press("Enter");
  });
  const { page } = phone;
  const old = page.locator('#own-photos > li[data-state="rejected"]');
  assert.ok((await old.innerText()).includes(`${own}.`), "in the moderator's own words, as a sentence");
  await old.getByRole("link", { name: /^Fix it and send it again/ }).click();
  await page.waitForURL("**/add");
  await page.locator("#dock-news", { hasText: "filled in" }).waitFor();
  await page.locator("#photos").setInputFiles([file]);
  await page.locator("#cards .card img").waitFor();
  const caption = page.getByLabel("Caption", { exact: true });
  assert.equal(await caption.inputValue(), TYPED.caption);
  await caption.fill("The new fume cupboard");
  await answer(page);
  const second = await latest(page, system, first);
  const now = new Map((await settledPhotos(system, await secretOf(page))).map(({ id, state }) => [id, state]));
  assert.deepEqual([now.size, now.get(first), now.get(second)], [2, "rejected", "pending"]);
  assert.deepEqual([...phone.complaints, ...desk.complaints], []);
}));

test("a photo that is not whole is not sent as a whole one with grey below: a moderator is told how much is missing", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { phone, page, file } = await withPhoto(system);
  const whole = await readFile(file);
  await writeFile(file, whole.subarray(0, whole.length * 0.9));
  await page.locator("#photos").setInputFiles([file]);
  await page.locator("#cards .card").waitFor();
  await fillIn(page);
  await answer(page);
  const [sent] = await settledPhotos(system, await secretOf(page));
  assert.equal(sent?.state, "pending");
  const desk = await device(system, { viewport: DESKTOP });
  await signIn(desk.page, system);
  await desk.page.locator("[data-card]", { hasText: /The file ends early\. About \d+ % of the picture is missing and was cut off\./ }).waitFor();
  assert.deepEqual([...phone.complaints, ...desk.complaints], []);
}));

/**
 * A phone that has sent a photo, and shows on its page of own photos that a moderator has rejected it.
 * @param {System} system
 * @param {(page: Page) => Promise<void>} reject presses on the queue what rejects the photo
 */
async function rejected(system, reject) {
  const { phone, page, file } = await withPhoto(system);
  await page.locator("#photos").setInputFiles([file]);
  await page.locator("#cards .card img").waitFor();
  await fillIn(page);
  await answer(page);
  const [sent] = await settledPhotos(system, await secretOf(page));
  assert.equal(sent?.state, "pending");
  await page.goto("/mine");
  await page.locator('#own-photos > li[data-state="pending"]').waitFor();

  const desk = await device(system, { viewport: DESKTOP });
  await signIn(desk.page, system);
  await desk.page.locator("[data-current][data-ready]").waitFor();
  await reject(desk.page);
  await desk.page.locator("[data-undo-text]", { hasText: /^Not shown: / }).waitFor();
  await desk.page.getByRole("heading", { name: /nothing|empty|all done|clear/i }).waitFor();
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.locator('#own-photos > li[data-state="rejected"]').waitFor();
  return { phone, desk, file, first: sent?.id ?? "" };
}

/** A phone on the page that adds photos, and a photo for it. @param {System} system */
async function withPhoto(system) {
  const phone = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true });
  const { page } = phone;
  await page.goto("/add");
  const [file = ""] = await manyPhotos(page, system.folder, 1);
  return { phone, page, file };
}

/** Types what is asked once for all photos. @param {Page} page */
async function fillIn(page) {
  await page.getByLabel("Caption", { exact: true }).fill(TYPED.caption);
  await page.getByLabel("Who made this?").fill(TYPED.credit);
  await page.getByLabel("School or college").fill(TYPED.school);
  await page.locator("#discipline").selectOption("science");
}

/** Answers what is asked for every photo anew, and sends. @param {Page} page */
async function answer(page) {
  await page.getByLabel("Nobody").check();
  await page.getByLabel("I agree.").check();
  await page.getByRole("button", { name: /^Send/ }).click();
  await page.getByText("1 of 1 sent").waitFor();
}

/** What the shared fields hold. @param {Page} page */
async function filled(page) {
  return {
    caption: await page.getByLabel("Caption", { exact: true }).inputValue(),
    credit: await page.getByLabel("Who made this?").inputValue(),
    school: await page.getByLabel("School or college").inputValue(),
    discipline: await page.locator("#discipline").inputValue(),
  };
}

/** The photo that the device has sent besides the first. @param {Page} page @param {System} system @param {string} first */
async function latest(page, system, first) {
  const others = (await ownPhotos(system, await secretOf(page))).filter(({ id }) => id !== first);
  assert.equal(others.length, 1, "sent once");
  return others[0]?.id ?? "";
}
