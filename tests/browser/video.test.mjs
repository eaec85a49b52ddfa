// @ts-check
// A video from a phone to everybody: picked, cut, made ready, sent in parts, watched by a moderator, and played.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { violations } from "./axe.mjs";
import { settingsWith } from "./command.mjs";
import { folder, withLab } from "./lab.mjs";
import { PHONE, device, shoot, signIn, withSystem } from "./system.mjs";

const SECRET = "PLANTED-SECRET-7f3a";

/** Writes settings that accept videos, and returns their file. */
function accepting() {
  const path = join(folder, "event.toml");
  writeFileSync(path, settingsWith({ video_seconds: 60 }));
  return path;
}

/** Films ten seconds with a sound, as a phone would, and returns the file. */
async function filmed() {
  const path = join(folder, "IMG_0042.MOV");
  await withLab(async (lab) => {
    const file = await lab.evaluate(async (lab, secret) => lab.base64(await lab.filmed({ width: 1280, height: 720, count: 300, sound: true, secret })), SECRET);
    writeFileSync(path, Buffer.from(file, "base64"));
  });
  assert.ok(readFileSync(path).includes(SECRET));
  return path;
}

/** @param {import("playwright-core").Page} page */
const modules = (page) => page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => name.includes("/js/film/")));

test("a video goes from a phone to everybody, and nothing that it hid", { timeout: 400_000 }, async () => {
  const clip = await filmed();
  await withSystem(["--open-window", "--event", accepting()], async (system) => {
    const { context, page, complaints } = await device(system, { viewport: PHONE, hasTouch: true, isMobile: true });
    await page.goto("/add");
    await page.locator("#choose").waitFor();
    assert.deepEqual(await modules(page), [], "nobody who adds photos fetches what is for videos");

    // A page that ends before the video is ready says so when it is opened again, and the video is chosen once more.
    await page.locator("#photos").setInputFiles(clip);
    await page.getByRole("status").filter({ hasText: "From 0:00 to 0:10" }).waitFor();
    await page.reload();
    await page.getByText("This page was closed before the video was ready. Choose it again.").waitFor();
    assert.deepEqual(await violations(page), []);
    await shoot(page, "video-lost", { fullPage: true });

    // What is missing is said before anything is sent.
    await page.locator("#photos").setInputFiles(clip);
    await page.getByRole("status").filter({ hasText: "From 0:00 to 0:10" }).waitFor();
    await page.locator('#cards .card[data-state="unfit"]').getByRole("button", { name: /^Remove/ }).click();
    assert.equal(await page.locator("#cards .card").count(), 1);
    await page.locator("#dock-status").filter({ hasText: "1 video not sent yet." }).waitFor();
    await page.getByRole("button", { name: "Send 1 video", exact: true }).waitFor();
    await page.getByRole("checkbox", { name: "Keep the sound" }).check();
    await page.getByLabel("Caption", { exact: true }).first().fill("A pump is tried out");
    await page.getByLabel("Pupils", { exact: false }).first().check();
    await page.getByLabel("I agree.").check();
    await page.getByRole("button", { name: /^Send/ }).click();
    for (const words of ["A video can't have faces covered.", "Say in a sentence what is seen.", "Say in a sentence what is heard."]) await page.getByText(words).first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByLabel("Nobody").first().check();
    const card = page.locator("#cards .card");
    await card.locator("textarea[id^=alt]").fill("Numbers on coloured squares");
    await card.locator("textarea[id^=transcript]").fill("A pump runs, and stops.");
    await shoot(page, "video-chosen", { fullPage: true });

    // Stop stops it; what is chosen next is made ready, and its last part does not arrive while this page is open.
    await page.getByRole("button", { name: "Make it ready" }).click();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped. Choose a part").waitFor();
    await page.getByRole("button", { name: "Make it ready" }).click();
    await page.getByText(/^Ready: 10 s, /).waitFor({ timeout: 120_000 });
    /** @type {string[]} */
    const sent = [];
    context.on("requestfinished", (request) => void (request.method() === "PUT" && sent.push(new URL(request.url()).pathname.slice(-2))));
    await context.route(/\/01\?/, (route) => route.abort());
    await page.getByRole("button", { name: /^Send/ }).click();
    await page.locator('#cards .card[data-state="waiting"]').waitFor({ timeout: 60_000 });
    assert.equal(sent[0], "00");
    await page.close();

    // Opened again, the page goes on with what the storage lacks; nobody picks anything.
    await context.unroute(/\/01\?/);
    sent.length = 0;
    const again = await context.newPage();
    await again.goto("/add");
    await again.locator('#cards .card[data-state="done"]').waitFor({ timeout: 90_000, state: "attached" });
    assert.equal(sent[0], "01");
    assert.deepEqual(complaints.filter((one) => !one.includes("Failed to load resource")), []);

    // My photos counts it as a video. What is heard can be put right there, and nothing that was typed is lost when it cannot be saved.
    await again.goto("/mine");
    await again.locator("#mine-count").filter({ hasText: "1 video." }).waitFor();
    await again.getByRole("button", { name: /^Edit: / }).click();
    const heardIn = again.locator("#edit-transcript");
    assert.equal(await heardIn.inputValue(), "A pump runs, and stops.");
    await heardIn.fill(" ");
    await again.getByRole("button", { name: "Save", exact: true }).click();
    await again.getByText("Say in a sentence what is heard.").waitFor();
    await context.route("**/api/v1/uploads/*", (route) => route.abort());
    await heardIn.fill("A pump runs and stopps.");
    await again.getByRole("button", { name: "Save", exact: true }).click();
    await again.locator("#edit-error").filter({ hasText: "Not saved." }).waitFor();
    assert.equal(await heardIn.inputValue(), "A pump runs and stopps.");
    assert.deepEqual(await violations(again), []);
    await shoot(again, "video-edited");
    await context.unroute("**/api/v1/uploads/*");
    await again.getByRole("button", { name: "Save", exact: true }).click();
    await again.locator("#edit-dialog").waitFor({ state: "hidden" });

    // A moderator corrects it, and has reasons of a video to choose from. They cannot publish what they have not watched and heard.
    const desk = await device(system, { viewport: { width: 1280, height: 900 } });
    await signIn(desk.page, system);
    await desk.page.getByRole("link", { name: "Watch the video (0:10)" }).first().click();
    await desk.page.getByLabel("What is heard").fill("A pump runs, and stops.");
    await desk.page.getByRole("button", { name: "Save the text" }).click();
    await desk.page.getByText("Its uploader says what is heard: “A pump runs, and stops.”").waitFor();
    const reasons = await desk.page.locator("#reason option").allInnerTexts();
    for (const reason of ["A pupil’s name is spoken", "Music is heard that is not theirs", "Too shaky, dark or blurred"]) assert.ok(reasons.includes(reason), `${reasons}`);
    for (const viewport of [PHONE, { width: 1280, height: 900 }]) {
      await desk.page.setViewportSize(viewport);
      assert.ok(await desk.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than the screen");
      await shoot(desk.page, `video-moderated-${viewport.width}`, { fullPage: true });
    }
    assert.deepEqual(await violations(desk.page), []);
    const video = desk.page.locator("video");
    await video.waitFor();
    const publish = desk.page.getByRole("button", { name: /^Publish$/ });
    await publish.click();
    await desk.page.getByText("You have not watched this video").waitFor();
    // From where the page says, until it says that all of it was seen: a busy machine skips some.
    for (const heard = desk.page.getByText("Listen to the sound first"); !(await heard.isVisible()); await publish.click()) {
      await video.evaluate(async (/** @type {HTMLVideoElement} */ film) => {
        await film.play();
        await new Promise((resolve) => film.addEventListener("ended", resolve, { once: true }));
      });
    }
    await desk.page.getByLabel("I have listened to it").check();
    await publish.click();
    await desk.page.getByText("Published").first().waitFor();
    assert.deepEqual(desk.complaints, []);

    // Everybody sees it, by parts of the file, with the words for what is heard.
    const { photos } = await (await fetch(`${system.site}/api/v1/photos`)).json();
    assert.equal(photos.length, 1);
    const [photo] = photos;
    const whole = Buffer.from(await (await fetch(system.site + photo.video.url)).arrayBuffer());
    assert.deepEqual([whole.length, whole.includes(SECRET), whole.includes("+51.5007")], [photo.video.bytes, false, false]);
    const visitor = await device(system, { viewport: PHONE });
    /** @type {number[]} */
    const statuses = [];
    visitor.page.on("response", (response) => void (response.url().endsWith("film.mp4") && statuses.push(response.status())));
    await visitor.page.goto(photo.page);
    await visitor.page.getByText("A pump runs, and stops.").waitFor();
    const played = await visitor.page.locator("video").evaluate(async (/** @type {HTMLVideoElement} */ film) => {
      film.muted = true;
      await film.play();
      while (film.currentTime < 0.5) await new Promise((resolve) => setTimeout(resolve, 50));
      film.currentTime = 8;
      await new Promise((resolve) => film.addEventListener("seeked", resolve, { once: true }));
      return { width: film.videoWidth, height: film.videoHeight, duration: film.duration };
    });
    assert.deepEqual([played.width, played.height, Math.round(played.duration)], [1280, 720, 10]);
    assert.ok(statuses.includes(206), `${statuses}`);
    assert.deepEqual(await violations(visitor.page), []);
    assert.deepEqual(visitor.complaints, []);
    await shoot(visitor.page, "video-shown");

    // The wall plays it once, without sound, and lets go of it.
    const screen = await device(system, { viewport: { width: 1280, height: 720 } });
    await screen.page.goto("/wall");
    const onWall = screen.page.locator(".wall-slide video");
    await onWall.waitFor({ timeout: 30_000 });
    assert.deepEqual(await onWall.evaluate((/** @type {HTMLVideoElement} */ film) => [film.muted, film.paused, film.controls]), [true, false, false]);
    await shoot(screen.page, "video-wall");
    await onWall.waitFor({ state: "detached", timeout: 30_000 });
    assert.deepEqual(screen.complaints, []);
    // A screen that asks for stillness shows its picture.
    const still = await device(system, { viewport: { width: 1280, height: 720 }, reducedMotion: "reduce" });
    /** @type {string[]} */
    const fetched = [];
    still.page.on("request", (request) => void fetched.push(new URL(request.url()).pathname));
    await still.page.goto("/wall");
    await still.page.locator(".wall-slide img").waitFor({ timeout: 30_000 });
    await still.page.waitForTimeout(3_000);
    assert.deepEqual([await still.page.locator("video").count(), fetched.some((path) => path.endsWith("film.mp4"))], [0, false]);
  });
});
