// @ts-check
// Moderators and organisers in a browser: passkeys, two hundred photos by keyboard, every page of the console at both widths.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { violations } from "./axe.mjs";
import { WITHOUT_CACHE } from "./command.mjs";
import { authenticator, clearQueue, counted, eventually, fill, ready } from "./moderator.mjs";
import { DESKTOP, PHONE, device, run, shoot, withSystem } from "./system.mjs";

/** Photos that a moderator clears here: more than one page of the queue. `deciding.mjs` takes two hundred. */
const QUEUE = 30;

test("a passkey is made, signs in, and is asked for again before a key is made", { timeout: 120_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page } = await device(system, { viewport: DESKTOP });
  const finger = await authenticator(page);
  await page.goto(system.organiser);
  await page.waitForURL("**/moderation/queue**");

  // The code signs in once; a passkey is made for the next times.
  await page.goto("/moderation/you");
  await page.getByLabel("Name of the passkey").fill("Sample laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("listitem").filter({ hasText: "Sample laptop" }).waitFor();
  await shoot(page, "you-1440", { fullPage: true });

  // It proves who is there, so a link for somebody else can be made at once.
  await page.goto("/organiser/people");
  await page.getByLabel("Name", { exact: true }).fill("Sample moderator");
  await page.getByRole("button", { name: "Invite" }).click();
  await page.locator("[data-shown-secret]", { hasText: "/moderation/sign-in#code=" }).waitFor();
  const link = await page.locator("[data-shown-secret]").innerText();
  await shoot(page, "people-1440", { fullPage: true });

  // Signing out, and in again without a code. A device that does not verify its user is refused.
  await page.getByRole("button", { name: "Sign out" }).click();
  await finger.verified(false);
  await page.goto("/moderation/sign-in");
  await page.getByRole("button", { name: "Sign in with your passkey" }).click();
  await page.locator("[data-sign-in-status]", { hasText: "passkey was not used" }).waitFor();
  await finger.verified(true);
  await page.getByRole("button", { name: "Sign in with your passkey" }).click();
  await page.waitForURL("**/moderation/queue**");

  // Somebody else signs in by their link; their sessions end at once when they are revoked.
  const other = await device(system, { viewport: PHONE });
  await other.page.goto(link);
  await other.page.waitForURL("**/moderation/queue**");
  assert.equal((await other.page.goto("/organiser/people"))?.status(), 403);

  // Without a passkey and signed out, they get in again by a new link.
  await other.page.goto("/moderation/you");
  await other.page.getByRole("button", { name: "Sign out" }).click();
  await other.page.waitForURL((url) => url.pathname === "/");
  await page.goto("/organiser/people");
  await page.getByRole("button", { name: "New link: Sample moderator" }).click();
  await page.locator("[data-shown-secret]", { hasText: "/moderation/sign-in#code=" }).waitFor();
  await other.page.goto(await page.locator("[data-shown-secret]").innerText());
  await other.page.waitForURL("**/moderation/queue**");

  // Their role changes, and their next request feels it. Somebody must remain an owner.
  const theirs = page.locator("[data-person]", { hasText: "Sample moderator" });
  await theirs.locator("[data-change] summary").click();
  await page.getByLabel("Role: Sample moderator").selectOption("organiser");
  await page.getByRole("button", { name: "Save: Sample moderator" }).click();
  await theirs.getByText("Saved.").waitFor();
  assert.equal(await theirs.locator("[data-may]").innerText(), "organiser");
  assert.equal((await other.page.goto("/organiser/people"))?.status(), 200);
  assert.equal(await other.page.locator("[data-change] summary").count(), 1, "an organiser changes no owner");
  const own = page.locator("[data-person]", { hasText: "1 passkey" });
  await own.locator("[data-change] summary").click();
  await own.locator("select").selectOption("moderator");
  await own.getByRole("button", { name: "Save" }).click();
  await own.getByRole("alert").filter({ hasText: "last owner" }).waitFor();
  await shoot(page, "people-refused-1440", { fullPage: true });
  await page.goto("/organiser/people");
  await page.locator("summary", { hasText: "Revoke… Sample moderator" }).click();
  await page.getByText("They are signed out everywhere at once.").filter({ visible: true }).waitFor();
  await page.getByRole("button", { name: "Revoke: Sample moderator" }).click();
  await page.getByText("left ").waitFor();
  await other.page.goto("/moderation/queue");
  assert.match(other.page.url(), /\/moderation\/sign-in/);

  // A session by code is not fresh: making a key asks for the passkey first, then goes on by itself.
  await own.getByRole("button", { name: "New link" }).click();
  await page.locator("[data-shown-secret]", { hasText: "/moderation/sign-in#code=" }).waitFor();
  await page.goto(await page.locator("[data-shown-secret]").innerText());
  await page.waitForURL("**/moderation/queue**");
  const before = await page.evaluate(async () => (await (await fetch("/api/v1/session")).json()).verified_at);
  assert.equal(before, null);
  await page.goto("/organiser/people");
  await page.getByLabel("What it is for").fill("Sample script");
  await page.getByRole("button", { name: "Make the key" }).click();
  await page.locator("[data-shown-secret]", { hasText: /^tgk_/ }).waitFor();
  const after = await page.evaluate(async () => (await (await fetch("/api/v1/session")).json()).verified_at);
  assert.ok(after, "the passkey was used");
}));

test("a moderator clears the queue by keyboard, and what is undone waits again", { timeout: 600_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, complaints } = await device(system, { viewport: DESKTOP });
  await page.goto("/");
  const devices = await fill(system, page, QUEUE);
  await eventually("all photos wait", async () => (await counted(system, devices, "pending")) === QUEUE);
  await page.goto(system.organiser);
  await page.waitForURL("**/moderation/queue**");
  const card = page.locator("[data-current]");
  await card.waitFor();
  await shoot(page, "queue-keyboard-1440");

  // Published by mistake and undone: off the site, and in the queue.
  await ready(page);
  await page.keyboard.press("p");
  await page.locator("[data-undo-text]", { hasText: /^Published: / }).waitFor();
  assert.equal((await (await fetch(`${system.site}/api/v1/photos`)).json()).photos.length, 1);
  await page.keyboard.press("u");
  await page.locator("[data-undo-text]", { hasText: /^Undone: off the site again/ }).first().waitFor();
  await eventually("it is off the site, at the edge too", async () => (await (await fetch(`${system.site}/api/v1/photos`)).json()).photos.length === 0);

  // Held, brought forward, and back again.
  await ready(page);
  await page.keyboard.press("h");
  await page.locator("[data-undo-text]", { hasText: /^Held: / }).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const begun = performance.now();
  const { rejected } = await clearQueue(page, QUEUE - 1);
  const seconds = (performance.now() - begun) / 1000;
  console.log(`${QUEUE - 1} photos decided by keyboard in ${seconds.toFixed(1)} s: ${Math.round(((QUEUE - 1) * 60) / seconds)} a minute`);
  const published = QUEUE - 1 - rejected;
  await eventually("every decision is carried out", async () => (await counted(system, devices, "published")) === published && (await counted(system, devices, "rejected")) === rejected);
  const own = await (await fetch(`${system.site}/api/v1/uploads`, { headers: { authorization: devices[0] ?? "" } })).json();
  const reason = own.photos.find((/** @type {{state: string}} */ photo) => photo.state === "rejected").reason;
  assert.match(reason, /^Thank you .* send it again\.$/, "in kind words that say what to do");
  assert.deepEqual(complaints, []);
}));

// Without the edge's cache: edges drop their copies some seconds after a banner was set, and this story does not wait for them.
test("every page of the console holds together at both widths, by day and by night", { timeout: 400_000 }, () => withSystem(["--sample", "30", WITHOUT_CACHE], async (system) => {
  const desk = await device(system, { viewport: DESKTOP, reducedMotion: "reduce" });
  const feed = await (await fetch(`${system.site}/api/v1/photos?limit=3`)).json();
  await desk.page.goto(system.organiser);
  await desk.page.waitForURL("**/moderation/queue**");
  const waiting = await desk.page.locator("[data-card]").first().getAttribute("data-id");
  const report = await fetch(`${system.site}/api/v1/photos/${feed.photos[0].id}/reports`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ reason: "me", text: "That is me at the back" }),
  });
  assert.equal(report.status, 202);
  // The safeguarding lead sees what is locked away. Who is invited needs a passkey that was just used.
  await authenticator(desk.page);
  await desk.page.goto("/moderation/you");
  await desk.page.getByRole("button", { name: "Add a passkey" }).click();
  await desk.page.getByRole("listitem").filter({ hasText: "My device" }).waitFor();
  await desk.page.goto("/organiser/people");
  await desk.page.getByLabel("Name", { exact: true }).fill("Sample lead");
  await desk.page.locator("#invite-role").selectOption("owner");
  await desk.page.locator("[data-invite]").getByLabel("Safeguarding lead").check();
  await desk.page.getByRole("button", { name: "Invite" }).click();
  const shown = desk.page.locator("[data-shown-secret]", { hasText: "#code=" });
  await shown.waitFor();
  await shoot(desk.page, "console-people-shown-1440", { fullPage: true });
  // The same passkey is fresh enough for the list of photos, which comes as one file.
  await desk.page.goto("/organiser/day");
  const saved = desk.page.waitForEvent("download");
  await desk.page.getByRole("button", { name: "For the press" }).click();
  const list = await saved;
  assert.match(list.suggestedFilename(), /^techognition-.+-press\.csv$/);
  const lines = (await readFile(await list.path(), "utf8")).split("\r\n");
  assert.match(lines[0] ?? "", /^\uFEFF"id","page","image",/);
  assert.ok(lines.length > 3 && lines.at(-1) === "", `${lines.length} lines`);
  await shoot(desk.page, "console-day-list-1440", { fullPage: true });
  // The press kit is one file: what the press may use, whom to credit, and words to begin with.
  const packed = desk.page.waitForEvent("download");
  await desk.page.getByRole("button", { name: "Press kit (ZIP)" }).click();
  const kit = await packed;
  assert.match(kit.suggestedFilename(), /^techognition-.+-press-kit\.zip$/);
  const program = "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint('\\n'.join(z.namelist()))";
  const { stdout } = await run("python3", ["-c", program, await kit.path()]);
  const names = stdout.trim().split("\n");
  assert.deepEqual(names.slice(-2), ["credits.csv", "press-release.txt"]);
  assert.equal(names.length - 2, lines.length - 2, "one photo for each line of the list");
  assert.ok(names.slice(0, -2).every((name) => /^photos\/\d{4}[A-Za-z0-9-]*\.jpg$/.test(name)), stdout);
  await desk.page.getByText("captions and credits, and a press release to edit").waitFor();
  // So it is for how winners of a prize draw are reached. All questions of the page are looked at, too.
  await desk.page.goto("/organiser/draws/sample-noon");
  await desk.page.getByRole("button", { name: "Show contacts" }).click();
  const text = desk.page.getByLabel("A text for Sample entrant").first();
  await text.waitFor();
  assert.match(await text.inputValue(), /^Dear Sample entrant \d,\n\nYou have won a prize in Sample draw at noon: /);
  assert.match((await desk.page.locator("[data-contact] a").first().getAttribute("href")) ?? "", /^mailto:entrant\d@example\.org\?subject=You%20have%20won/);
  await desk.page.locator("main details").evaluateAll((all) => { for (const one of all) one.setAttribute("open", ""); });
  assert.deepEqual(await violations(desk.page), []);
  await shoot(desk.page, "console-draw-contacts-1440", { fullPage: true });
  // The owner takes that duty, too.
  await desk.page.goto("/organiser/people");
  const own = desk.page.locator("[data-person]", { hasText: "1 passkey" });
  await own.locator("[data-change] summary").click();
  await own.getByLabel("Safeguarding lead").check();
  const [took] = await Promise.all([
    desk.page.waitForResponse((answer) => answer.request().method() === "PATCH"),
    own.getByRole("button", { name: "Save" }).click(),
  ]);
  assert.equal(took.status(), 200);
  await own.getByText("owner, safeguarding").waitFor();
  await desk.page.goto("/moderation/queue");
  const card = desk.page.locator("[data-card]").nth(1);
  const [locked, version] = [await card.getAttribute("data-id"), Number(await card.getAttribute("data-version"))];
  const quarantined = await desk.page.evaluate(async (decision) => {
    const answer = await fetch("/api/v1/moderation/decisions", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ decisions: [decision] }) });
    return (await answer.json()).decisions[0];
  }, { id: locked, version, action: "quarantine" });
  assert.equal(quarantined.state, "quarantined", JSON.stringify(quarantined));
  const pages = [
    ["queue", "/moderation/queue"], ["queue-empty", "/moderation/queue?lane=held"], ["queue-reported", "/moderation/queue?lane=reported"],
    ["queue-told", "/moderation/queue?problem=version-outdated"], ["about-photo", `/moderation/photos/${waiting}`], ["about-reported", `/moderation/photos/${feed.photos[0].id}`],
    ["about-locked", `/moderation/photos/${locked}`], ["cover", `/moderation/photos/${waiting}/cover`], ["quarantine", "/moderation/quarantine"],
    ["you", "/moderation/you"], ["dashboard", "/organiser"], ["day", "/organiser/day"], ["people", "/organiser/people"],
    ["activity", "/organiser/activity"], ["draws", "/organiser/draws"], ["draw-drawn", "/organiser/draws/sample-noon"], ["draw-open", "/organiser/draws/sample-evening"],
    ...["incomplete", "awaiting", "observed", "settled"].map((state) => [`sample-draw-${state}`, `/moderation/styleguide/draw-${state}`]), ["transparency", "/transparency"], ["report", `/p/${feed.photos[1].id}/report`],
  ];
  const phone = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true, reducedMotion: "reduce", storageState: await desk.context.storageState() });
  const stranger = await device(system, { viewport: PHONE, reducedMotion: "reduce" });
  let checked = 0;
  /** @type {string[]} */
  const found = [];
  for (const [where, { page }, all] of /** @type {const} */ ([["1440", desk, pages], ["360", phone, pages], ["360", stranger, [["sign-in", "/moderation/sign-in"]]]])) {
    for (const [name, path] of all) {
      assert.equal((await page.goto(path))?.status(), 200, path);
      await page.locator("h1").waitFor();
      assert.equal(await page.locator("h1").count(), 1, name);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) found.push(`${name} at ${where}: ${wide} pixels too wide`);
      for (const colorScheme of /** @type {const} */ (["dark", "light"])) {
        await page.emulateMedia({ colorScheme });
        found.push(...(await violations(page)).map((violation) => `${name} at ${where}, ${colorScheme}: ${violation}`));
        checked += 1;
        await shoot(page, `console-${name}-${where}${colorScheme === "dark" ? "-dark" : ""}`, { fullPage: true });
      }
    }
  }
  assert.deepEqual(found, []);
  console.log(`axe: ${checked} views of the console, no violation`);

  // The form about somebody fits a phone.
  await phone.page.goto("/organiser/people");
  await phone.page.locator("[data-change] summary", { hasText: "Sample lead" }).click();
  await phone.page.getByRole("button", { name: "Save: Sample lead" }).waitFor();
  const sticksOut = await phone.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(sticksOut <= 0, `${sticksOut} pixels too wide`);
  assert.deepEqual(await violations(phone.page), []);
  await shoot(phone.page, "console-people-change-360", { fullPage: true });

  // A cover is drawn by keyboard, and the photo waits again with it.
  const { page } = desk;
  await page.goto(`/moderation/photos/${waiting}/cover`);
  await page.getByRole("button", { name: "Add a cover" }).click();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Shift+ArrowDown");
  await page.getByRole("button", { name: "Cover these parts" }).click();
  await page.waitForURL(`**/moderation/photos/${waiting}`);
  await eventually("the covers are on it", async () => {
    await page.reload();
    return (await page.locator("main").innerText()).includes("redacted");
  });
  await shoot(page, "console-covered-1440", { fullPage: true });

  // The day is paused and goes on again, by forms alone; what everybody is told is on the public pages.
  await page.goto("/organiser/day");
  await page.getByRole("button", { name: "Pause uploads" }).click();
  await page.getByText("is paused").waitFor();
  await page.getByRole("button", { name: "Resume uploads" }).click();
  await page.getByText("is open").waitFor();
  await page.getByLabel("Message to every visitor").fill("Back at noon");
  await page.getByRole("button", { name: "Save the banner" }).click();
  await page.waitForURL(/\/organiser\/day\?saved=banner/);
  await eventually("the wall says it", async () => (await (await fetch(`${system.site}/api/v1/wall`)).json()).announcements[0] === "Back at noon");
  for (const path of ["/", "/add", "/mine", "/gallery", `/p/${feed.photos[1].id}`, "/schools", "/s/sample-academy", "/day", "/stats", "/take-part", "/transparency"]) {
    await stranger.page.goto(path);
    await stranger.page.getByText("Back at noon").waitFor();
  }
  assert.deepEqual([...desk.complaints, ...phone.complaints, ...stranger.complaints], []);
}));

test("a report of a pupil hides the photo at once from gallery, page, feeds and wall", { timeout: 120_000 }, () => withSystem(["--sample", "12"], async (system) => {
  const feed = await (await fetch(`${system.site}/api/v1/photos?limit=2`)).json();
  const [{ id, caption, renditions }] = feed.photos;
  const { seq } = await (await fetch(`${system.site}/api/v1/wall`)).json();
  const { page } = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true });
  // By the link on the photo's own page.
  await page.goto(`/p/${id}`);
  await page.getByRole("link", { name: /report/i }).first().click();
  await page.getByLabel("A pupil can be recognised in it").check();
  await page.getByLabel("What should we know?").fill("Second from the left");
  await page.getByRole("button", { name: "Send the report" }).click();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
  assert.match(await page.locator("main .typed").innerText(), /^[A-Z0-9-]{6,}$/, "a reference to quote");
  await shoot(page, "console-report-thanks-360", { fullPage: true });

  const text = async (/** @type {string} */ path) => (await fetch(`${system.site}${path}`)).text();
  for (const path of ["/", "/gallery", "/feed.xml", "/feed.json", "/api/v1/photos"]) await eventually(`it is not in ${path}, at the edge either`, async () => !(await text(path)).includes(id));
  await eventually("its page is gone", async () => [404, 410].includes((await fetch(`${system.site}/p/${id}`)).status));
  assert.ok(!(await text(`/p/${id}`)).includes(caption));
  await eventually("the wall takes it away", async () => {
    const wall = await (await fetch(`${system.site}/api/v1/wall?since=${seq}`)).json();
    // A wall that has heard nothing for long is told everything, and drops what it has besides.
    return (wall.whole || wall.gone.includes(id)) && !JSON.stringify(wall.photos).includes(id);
  });
  for (const { url } of renditions) await eventually(`${url} is gone`, async () => [404, 410].includes((await fetch(new URL(url, system.site))).status));
}));

test("a moderator without JavaScript decides by forms", { timeout: 120_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const { page } = await device(system, { viewport: PHONE, javaScriptEnabled: false });
  await page.goto("/moderation/sign-in");
  await page.getByLabel("One-time code").fill(new URL(system.organiser).hash.replace("#code=", ""));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL("**/moderation/queue**");
  const cards = page.locator("[data-card]");
  const before = await cards.count();
  assert.ok(before > 1);
  const [first, second] = [await cards.first().getAttribute("data-id"), await cards.nth(1).getAttribute("data-id")];
  await cards.first().getByRole("button", { name: /^Publish/ }).first().click();
  await page.waitForURL("**/moderation/queue**");
  assert.equal((await fetch(`${system.site}/p/${first}`)).status, 200);
  await page.locator(`[data-id="${second}"]`).locator("summary", { hasText: "Don’t show" }).click();
  await page.locator(`[data-id="${second}"]`).getByRole("button", { name: "Too dark or blurred" }).click();
  await page.waitForURL("**/moderation/queue**");
  await page.goto(`/moderation/photos/${second}`);
  await page.locator(".tab", { hasText: "rejected" }).first().waitFor();
}));
