// @ts-check
// Entering the prize draws of the day with one photo, and taking the entry back.

import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { violations } from "./axe.mjs";
import { deleteAtExit } from "./command.mjs";
import { send } from "./moderator.mjs";
import { pickAndSend } from "./phone.mjs";
import { manyPhotos } from "./photos.mjs";
import { PHONE, device, shoot, withSystem } from "./system.mjs";

const folder = mkdtempSync(join(tmpdir(), "techognition-entering-"));
deleteAtExit(folder);

test("the form of the draws comes once a photo is sent", { timeout: 180_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const { page, complaints } = await device(system, { viewport: PHONE, isMobile: true, hasTouch: true });
  const name = page.getByLabel("Your name", { exact: true });
  for (const path of ["/add", "/mine"]) {
    await page.goto(path);
    await page.getByText("Add a photo first. When it is sent, enter here.").waitFor();
    assert.equal(await name.isVisible(), false, path);
  }
  await page.goto("/add");
  await pickAndSend(page, await manyPhotos(page, folder, 1));
  await page.locator("#sent").waitFor();
  await name.waitFor();
  assert.equal(await page.locator("#enter-first").isVisible(), false);
  await shoot(page, "add-sent-entering-360", { fullPage: true });
  assert.deepEqual(complaints, []);
}));

test("somebody enters the draws with one photo, keeps a ticket, and takes the entry back", { timeout: 180_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const { page } = await device(system, { viewport: PHONE, isMobile: true, hasTouch: true });
  await page.goto("/");
  const { authorization } = await send(system, page, [{ caption: "Sorting glassware", alt: "Coloured squares" }], { credit: "Sample", school: null });
  await page.goto(`/mine#key=${authorization.replace("Uploader ", "")}`);
  const focused = (/** @type {string} */ id) => page.waitForFunction((wanted) => document.activeElement?.id === wanted, id);
  await page.getByRole("heading", { name: "Enter the prize draws" }).waitFor();

  // What is wrong is said, and the field has the focus.
  await page.getByLabel("Your name", { exact: true }).fill("Sample entrant");
  await page.getByLabel("E-mail or telephone").fill("nobody");
  await page.getByLabel("I am one of those who may win.").check();
  await page.getByLabel("I agree to the rules of each draw.").check();
  await page.getByRole("button", { name: "Enter", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "This is neither an e-mail address nor a telephone number." }).waitFor();
  await focused("enter-contact");
  // Each choice is as large as a finger.
  for (const choice of await page.locator("#enter-form .choice").all()) {
    const box = await choice.boundingBox();
    assert.ok(box && box.height >= 44, `${box?.height} pixels`);
  }
  assert.deepEqual(await violations(page), []);
  await shoot(page, "mine-entering-360", { fullPage: true });

  await page.getByLabel("E-mail or telephone").fill("sample@example.org");
  await page.getByRole("button", { name: "Enter", exact: true }).click();
  await focused("enter-entered");
  assert.equal(await page.locator("#enter-form").isVisible(), false);
  // Of the two draws of the sample day one is drawn, which takes no entries.
  const tickets = await page.locator("#enter-tickets code").allInnerTexts();
  assert.equal(tickets.length, 1);
  assert.match(tickets[0] ?? "", /^[a-z2-7]{26}$/);
  assert.deepEqual(await violations(page), []);
  await shoot(page, "mine-entered-360", { fullPage: true });
  await page.reload();
  await page.locator("#enter-tickets code", { hasText: tickets[0] ?? "" }).waitFor();

  await page.getByRole("button", { name: "Take my entries back" }).click();
  await focused("enter-left");
  assert.equal(await page.locator("#enter-entered").isVisible(), false);
  assert.equal(await page.locator("#enter-form").isVisible(), true);
}));
