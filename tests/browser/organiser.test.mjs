// @ts-check
// The organiser before the day and on it: what is left to do, what was saved, and nothing that ends something by one press.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { violations } from "./axe.mjs";
import { authenticator, eventually, makePasskey } from "./moderator.mjs";
import { DESKTOP, PHONE, device, shoot, withSystem } from "./system.mjs";

test("an organiser is led through what is left to do, and nothing begins or ends by one press", { timeout: 120_000 }, () => withSystem([], async (system) => {
  const { page } = await device(system, { viewport: PHONE });
  await authenticator(page);
  const sees = async (/** @type {string} */ words) => assert.match(await page.locator("main").innerText(), new RegExp(words));
  const stateOf = (/** @type {string} */ task) => page.locator(".tasks > li", { hasText: task }).locator(".task-state").innerText();
  const said = (/** @type {string} */ section) => page.locator(`section[aria-labelledby="${section}"]`).getByRole("status");
  const submits = async (/** @type {string} */ button) => {
    await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: button }).click()]);
  };

  // The first sign-in leads to the list, not to an empty queue.
  await page.goto(system.organiser);
  await page.waitForURL("**/organiser");
  assert.equal(await stateOf("Add a passkey"), "To do");
  assert.equal(await stateOf("Say who is responsible"), "To do");
  assert.deepEqual(await violations(page), []);
  await shoot(page, "checklist-360", { fullPage: true });
  await page.getByRole("link", { name: /^You ?: Add a passkey$/ }).click();
  await makePasskey(page);
  await page.goto("/organiser");
  assert.equal(await stateOf("Add a passkey"), "✓ Done");

  // What was saved says so where it was pressed.
  await page.goto("/organiser/day");
  await page.getByLabel("Message to every visitor").fill("Sample news");
  await submits("Save the banner");
  assert.equal(await said("banner").innerText(), "Saved.");
  assert.ok(await said("banner").evaluate((one) => one.getBoundingClientRect().top < innerHeight), "it is on the screen");
  assert.equal(await said("settings").count(), 0);

  // What is refused names the field and what was got, and nothing that was typed is lost.
  const closes = page.getByRole("textbox", { name: "Closes" });
  await page.getByLabel("Name of the edition").fill("Sample day");
  await closes.fill("2027-03-05T07:00");
  await submits("Save the settings");
  await sees("Not saved. The day must close 5 minutes to 7 days after it opens.");
  assert.equal(await closes.inputValue(), "2027-03-05T07:00");
  assert.equal(await page.getByLabel("Name of the edition").inputValue(), "Sample day");
  await closes.fill("2027-03-05T18:00");
  await submits("Save the settings");
  assert.equal(await said("settings").innerText(), "Saved.");

  // Opening and closing say first what happens.
  for (const [question, consequence, after] of [["Open now…", "Everyone can add photos from now on", "is open"], ["Close now…", "You can open again here", "is closed"]]) {
    const button = page.getByRole("button", { name: question?.replace("…", "") ?? "" });
    assert.equal(await button.isVisible(), false, "not before its question");
    await page.locator("summary", { hasText: question ?? "" }).click();
    await sees(consequence ?? "");
    assert.deepEqual(await violations(page), []);
    await submits(question?.replace("…", "") ?? "");
    await sees(after ?? "");
  }

  // Closed a moment ago, at a time with seconds: the form still takes what it shows, and the day can be opened again as it was.
  assert.ok(await page.locator("#settings").locator("..").locator("form").evaluate((form) => /** @type {HTMLFormElement} */ (form).checkValidity()));
  await submits("Save the settings");
  await sees("is closed");
  await submits("Open again");
  await sees("is open");
  assert.equal(await closes.inputValue(), "2027-03-05T18:00");
}));

test("visitors read who is responsible, and whom to call about a child", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "organiser-"));
  const file = join(folder, "event.toml");
  const own = await readFile("infra/event.toml", "utf8");
  const table = own.match(/^# \[organiser\]\n(?:# .+\n)+/m)?.[0] ?? "";
  assert.match(table, /safeguarding/, "the project's own file shows how");
  await writeFile(file, own.replace(table, table.replaceAll(/^# /gm, "")));
  try {
    await withSystem(["--event", file], async (system) => {
      const { page } = await device(system, { viewport: PHONE });
      for (const [path, words] of /** @type {const} */ ([
        ["/", ["Organised by Your association", "day@example.org"]],
        ["/cy/", ["Trefnir gan Your association"]],
        ["/nothing-here", ["day@example.org"]],
        ["/privacy", ["1 Your Street", "controller"]],
        ["/accessibility", ["Tell Your association what you wanted to do"]],
        ["/safety", ["Your safeguarding lead", "01632 960 000"]],
      ])) {
        await page.goto(path);
        const body = await page.locator("body").innerText();
        for (const one of words) assert.ok(body.includes(one), `${path}: ${one}`);
        assert.deepEqual(await violations(page), [], path);
      }
      assert.equal(await page.getByRole("link", { name: "01632 960 000" }).getAttribute("href"), "tel:01632960000");
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("any picture that the browser shows becomes a sponsor's logo, on the home page and on walls, until it is removed", { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "logos-"));
  const file = join(folder, "event.toml");
  const settings = await readFile(new URL("../../infra/event.toml", import.meta.url), "utf8");
  await writeFile(file, `${settings}\n[[sponsors]]\nname = "Sample & Sons"\nurl = "https://example.org"\n`);
  const drawing = join(folder, "logo.svg");
  const svg = (/** @type {string} */ text) => `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="300"><script>fetch("https://elsewhere.example")</script><rect width="900" height="300" fill="#B5440B"/><text x="40" y="200" font-size="140" fill="white">${text}</text></svg>`;
  await writeFile(drawing, svg("SAMPLE"));
  const none = join(folder, "logo.pdf");
  await writeFile(none, "%PDF-1.7");
  try {
    await withSystem(["--open-window", "--event", file], async (system) => {
      const { page, complaints } = await device(system, { viewport: DESKTOP });
      await page.goto(system.organiser);
      await page.waitForURL(/\/(organiser|moderation\/queue)/);
      await page.goto("/organiser/day");
      const choose = page.getByLabel("Choose a logo for Sample & Sons");
      await choose.setInputFiles(none);
      await page.getByText("This file is not a picture").waitFor();
      complaints.length = 0;
      await choose.setInputFiles(drawing);
      await page.waitForURL(/saved=logos/, { timeout: 30_000 });
      const logo = page.getByRole("img", { name: "The present logo of Sample & Sons" });
      assert.deepEqual(await logo.evaluate((/** @type {HTMLImageElement} */ image) => [image.naturalWidth, image.naturalHeight]), [600, 200]);
      assert.deepEqual(await violations(page), []);
      await shoot(page, "day-logos-1440", { fullPage: true });

      const visitor = await device(system, { viewport: PHONE });
      await visitor.page.goto("/");
      const shown = visitor.page.getByRole("link", { name: "Sample & Sons" }).getByRole("img");
      await shown.scrollIntoViewIfNeeded();
      await visitor.page.waitForFunction(() => (/** @type {HTMLImageElement | null} */ (document.querySelector(".sponsor-logo img"))?.naturalWidth ?? 0) === 600);
      await shoot(visitor.page, "home-logos-360", { fullPage: true });
      assert.deepEqual(await violations(visitor.page), []);
      const screen = await device(system, { viewport: { width: 1920, height: 1080 } });
      await screen.page.goto("/wall");
      await screen.page.locator(".wall-strip img").waitFor({ timeout: 30_000 });
      await shoot(screen.page, "wall-strip-1920");

      await page.getByRole("button", { name: "Remove the logo of Sample & Sons" }).click();
      await page.waitForFunction(() => !document.querySelector(".logo"), null, { timeout: 30_000 });
      await eventually("edges are told", async () => {
        await visitor.page.goto("/");
        return (await visitor.page.locator(".sponsor-logo").count()) === 0;
      });
      assert.deepEqual([...complaints, ...visitor.complaints, ...screen.complaints], []);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
