// @ts-check
// The main journeys in the engines of iPhones and of Firefox: photos are added over a connection that breaks, shown under "My photos",
// decided on, and seen by everybody. What Chromium shows of them in detail stands in ../browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { counted, eventually } from "../browser/moderator.mjs";
import { SECRETS, photos } from "../browser/photos.mjs";
import { device, withSystem } from "../browser/system.mjs";
import { ENGINES, Window } from "./engine.mjs";

// No emoji: WebKit's driver types none.
const CAPTION = "Prêt pour le prac, Ysgol Gŵyr";

for (const [engine, { there }] of Object.entries(ENGINES)) {
  test(`${engine}: photos go from a phone to everybody, over a connection that breaks`, { timeout: 400_000, skip: !there && `${engine} is not on this machine` }, () => withSystem(["--open-window"], async (system) => {
    const { page, context } = await device(system, {});
    await page.goto("/");
    const files = await photos(page, system.folder);
    await context.close();
    // Passkeys belong to names, and cookies of a moderator to the address that was printed.
    const at = (/** @type {string} */ path) => new URL(path, system.site).href;

    await Window.with(engine, 360, 780, async (phone) => {
      await phone.goto(at("/add"));
      await phone.until("the form can be seen", () => !(/** @type {HTMLElement} */ (document.querySelector("#upload")).hidden));
      await phone.choose("#photos", files);
      await phone.until("all photos are taken in", (n) => document.querySelectorAll("#cards .card").length === n, files.length);
      await phone.click("Send");
      await phone.says("Say who");
      await phone.type("Caption", CAPTION);
      await phone.click("Nobody");
      await phone.type("Who made this?", "The prep room");
      await phone.type("School or college", "Sample Academy");
      await phone.click("I agree.");
      await phone.picture("add");
      // Nobody answers just as Send is pressed.
      const back = system.restart(["--open-window"]);
      await phone.click("Send");
      await back;
      await phone.says(`${files.length} of ${files.length} sent`);
      await phone.picture("sent");
      // Loaded anew, nothing is sent twice and nothing is forgotten.
      await phone.goto(at("/mine"));
      await phone.until("all wait for a moderator", (n) => document.querySelectorAll('#own-photos > li[data-state="pending"]').length === n, files.length);
      await phone.until("all thumbnails are there", (n) => [...document.querySelectorAll("#own-photos img")].filter((image) => /** @type {HTMLImageElement} */ (image).naturalWidth > 0).length >= n, files.length);
      await phone.picture("mine");
    });

    await Window.with(engine, 1280, 900, async (desk) => {
      await desk.goto(system.organiser);
      await desk.until("somebody is signed in", () => location.pathname === "/moderation/queue");
      const ready = () => document.querySelector("[data-current][data-ready]") !== null;
      await desk.until("the photo was looked at", ready);
      await desk.picture("queue");
      await desk.press("p");
      await desk.says("Published: ");
      await desk.press("u");
      await desk.says("Undone: off the site again");
      for (let n = files.length; n > 0; n -= 1) {
        await desk.until(`${n} wait`, (n) => document.querySelector("[data-current][data-ready]") !== null && document.body.innerText.includes(`${n} to decide`), n);
        await desk.press("p");
      }
      await desk.says("All done here.");
      await desk.picture("queue-done");
    });

    await Window.with(engine, 1280, 900, async (everybody) => {
      await everybody.goto(at("/gallery"));
      await everybody.until("all photos can be seen", (n) => {
        const images = /** @type {HTMLImageElement[]} */ ([...document.querySelectorAll("main img")]);
        images.forEach((image) => image.scrollIntoView());
        return images.length === n && images.every((image) => image.complete && image.naturalWidth > 100);
      }, files.length);
      await everybody.picture("gallery");
      const first = await everybody.ask(() => /** @type {HTMLAnchorElement} */ (document.querySelector("main a:has(img)")).href);
      await everybody.goto(first);
      await everybody.says(CAPTION);
      await everybody.until("the photo can be seen", () => [...document.querySelectorAll("main img")].some((image) => /** @type {HTMLImageElement} */ (image).naturalWidth > 300));
      await everybody.picture("photo");
      // What stood in the files is in none that is served.
      const served = await everybody.ask(() => [...document.querySelectorAll("main img")].map((image) => /** @type {HTMLImageElement} */ (image).currentSrc).filter((address) => address.startsWith("http")));
      assert.ok(served.length > 0);
      for (const address of served) {
        const bytes = Buffer.from(await (await fetch(address)).arrayBuffer()).toString("latin1");
        for (const secret of SECRETS) assert.ok(!bytes.includes(secret), `${secret} in ${address}`);
      }
      await everybody.click("Report this photo");
      await everybody.click("A pupil can be recognised in it");
      await everybody.click("Send the report");
      await everybody.says("Thank you");
      await eventually("it is hidden", async () => (await fetch(first)).status !== 200);
    });
  }));
}
