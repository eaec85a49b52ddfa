// @ts-check
// What is seen only once something was opened, filled in, or went wrong: photos in each of their states, dialogs, lists, messages. Axe has
// nothing against any of it, by day and by night, and nothing of it is lost at 400 % zoom with the widest spacing of text.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { SPACING, violations } from "./axe.mjs";
import { openCard } from "./phone.mjs";
import { manyPhotos } from "./photos.mjs";
import { PHONE, device, scrollThrough, shoot, withSystem } from "./system.mjs";

/** @typedef {import("./system.mjs").System} System */
/** @typedef {import("./system.mjs").Page} Page */

/** A window of 1280 × 1024 pixels at 400 %. */
const ZOOMED = { width: 320, height: 256 };
const INSTAGRAM = "Mozilla/5.0 (Linux; Android 15; Pixel 8 Build/AP4A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/132.0.0.0 Mobile Safari/537.36 Instagram 365.0.0.33.101 Android (35/15; 420dpi)";
const LONG = "Kristallzüchtungsversuchsanordnungsbeschreibung of the blue crystals that Year 9 have grown since September";

test("what opens, is filled in or went wrong has no violation by day and by night, and is whole at 400 % with the widest letters", { timeout: 300_000 }, () => withSystem(["--sample", "12"], async (system) => {
  // Not as a phone, which would make a page smaller that is too wide, and nobody would notice.
  const { page } = await device(system, { userAgent: INSTAGRAM, viewport: PHONE, hasTouch: true, reducedMotion: "reduce", bypassCSP: true });
  /** @type {string[]} */
  const found = [];
  let states = 0;
  await throughStates(system, page, async (name) => {
    const picture = `state-${name.replaceAll(" ", "-")}`;
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      await page.emulateMedia({ colorScheme });
      found.push(...(await violations(page)).map((violation) => `${name}, ${colorScheme}: ${violation}`));
      await shoot(page, `${picture}-${colorScheme}-360`);
    }
    await page.setViewportSize(ZOOMED);
    const spacing = await page.addStyleTag({ content: SPACING });
    found.push(...(await page.evaluate(lost)).map((words) => `${name}, 400 %: ${words}`));
    await shoot(page, `${picture}-320`);
    await spacing.evaluate((style) => /** @type {Element} */ (style).remove());
    await page.setViewportSize(PHONE);
    states += 1;
  });
  assert.deepEqual(found, []);
  console.log(`${states} states, by day, by night and at 400 %: no violation, nothing lost`);
}));

/** In the page: what sticks out of the window, what of a text is cut off by the box around it, and what stands before too much of the rest. */
function lost() {
  const out = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) out.push(`${wide} pixels too wide`);
  const modal = document.querySelector("dialog:modal");
  for (const one of /** @type {NodeListOf<HTMLElement>} */ ((modal ?? document.body).querySelectorAll("*"))) {
    // What is a pixel wide is for those who listen.
    if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || one.clientWidth === 1 || one.closest(".visually-hidden, .skip-link, svg")) continue;
    const name = `${one.outerHTML.slice(0, 100).replaceAll("\n", " ")}…`;
    const { left, right, width, height } = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    if (/fixed|sticky/.test(style.position) && height > innerHeight / 2) out.push(`${height} of ${innerHeight} pixels stand still: ${name}`);
    // A row that is moved by a finger or the keyboard is longer than the window.
    let moved = one.parentElement;
    while (moved && moved !== document.body && !/auto|scroll/.test(getComputedStyle(moved).overflowX)) moved = moved.parentElement;
    const free = !moved || moved === document.body || moved === modal;
    if (free && width && (left < -1 || right > innerWidth + 1)) out.push(`from ${Math.round(left)} to ${Math.round(right)}: ${name}`);
    const cut = /** @type {const} */ ([["overflowX", one.scrollWidth - one.clientWidth], ["overflowY", one.scrollHeight - one.clientHeight]]);
    for (const [way, more] of cut) if (/hidden|clip/.test(style[way]) && more > 1 && one.innerText?.trim()) out.push(`${more} pixels cut off: ${name}`);
  }
  return out;
}

/**
 * Brings about each state and has it looked at.
 * @param {System} system @param {Page} page @param {(name: string) => Promise<void>} look
 */
async function throughStates(system, page, look) {
  await page.goto("/add");
  await page.locator("#upload").waitFor();
  const files = await manyPhotos(page, system.folder, 11);
  await adding(page, files, look);
  await page.goto("/rules");
  await own(page, look);
  await looking(system, page, look);
}

/** The page that adds photos. @param {Page} page @param {string[]} files @param {(name: string) => Promise<void>} look */
async function adding(page, files, look) {
  const send = page.getByRole("button", { name: /^Send/ });
  await send.click();
  await page.locator("#photos-error", { hasText: "Choose at least one photo first." }).waitFor();
  await look("add without photos");

  const school = page.getByLabel("School or college");
  await school.fill("sample");
  await page.locator(".combo-option").nth(1).waitFor();
  await page.keyboard.press("ArrowDown");
  await look("schools");
  await page.keyboard.press("Enter");

  // One that cannot be sent, and one that is covered.
  const [first = "", ...more] = files;
  const fake = join(first, "..", "not a photo.jpg");
  writeFileSync(fake, "not a photo");
  await page.locator("#photos").setInputFiles([fake, first]);
  await page.locator("#cards .card img").waitFor();
  await page.locator('.card[data-state="unfit"]').waitFor();
  await openCard(page);
  await page.getByRole("button", { name: /^Cover faces or names on/ }).click();
  await page.getByRole("button", { name: "Add a cover" }).click();
  await page.getByText("Move and size it by buttons").click();
  await look("cover editor");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText("Covered in one place.").waitFor();
  const card = page.locator('.card[data-state="held"]');
  await card.getByLabel("Caption of this photo").fill(LONG.repeat(3));
  await page.getByLabel("Caption", { exact: true }).fill(LONG.repeat(3));
  await page.getByLabel("Who made this?").fill(LONG);
  await send.click();
  await card.locator(".field-error").first().waitFor();
  await look("add with mistakes");
  await page.getByRole("button", { name: "Clear this device" }).click();
  await page.getByRole("button", { name: "Keep everything" }).waitFor();
  await look("clear this device");
  await page.getByRole("button", { name: "Keep everything" }).click();

  // All that can become of a photo, at once.
  await card.getByLabel("Caption of this photo").fill(LONG);
  await page.getByLabel("Caption", { exact: true }).fill(LONG);
  await page.getByLabel("Who made this?").fill("The prep room");
  await page.getByLabel("Nobody").check();
  await page.getByLabel("I agree.").check();
  await fates(page);
  await page.locator("#photos").setInputFiles(more.slice(0, 8));
  await page.locator("#cards .card-picture img").nth(8).waitFor();
  await send.click();
  for (const state of ["failed", "closed", "waiting", "blocked", "confirming", "done", "sending", "ready"]) await page.locator(`#cards .card[data-state="${state}"]`).first().waitFor({ state: "attached" });
  await page.locator("#photos").setInputFiles(more.slice(8, 9));
  await page.locator('#cards .card[data-state="held"]').waitFor({ state: "attached" });
  await page.locator("#cards .card-picture img").nth(9).waitFor();
  const states = await page.locator("#cards .card").evaluateAll((cards) => cards.map((one) => one.getAttribute("data-state")));
  assert.deepEqual([...new Set(states)].sort(), ["blocked", "closed", "confirming", "done", "failed", "held", "ready", "sending", "unfit", "waiting"]);
  await page.locator("#cards").scrollIntoViewIfNeeded();
  await look("photos in every state");
  await page.unrouteAll({ behavior: "ignoreErrors" });
}

/** Answers to each photo of the next request with another fate. @param {Page} page */
async function fates(page) {
  const headers = { "x-techognition": "1" };
  const upload = (/** @type {string} */ id) => ({ method: "PUT", url: new URL(`/techognition-originals/${id}`, page.url()).href, headers: {}, expires_at: "2100-01-01T00:00:00Z" });
  const ends = ["failed", "closed", "waiting", "blocked", "confirming", "done"];
  await page.route("**/api/v1/uploads", async (route) => {
    if (route.request().method() === "GET") {
      return route.fulfill({ headers, json: { photos: [{ id: "done", state: "published", page: "/p/done" }, { id: "confirming", state: "reserved" }] } });
    }
    const { photos } = route.request().postDataJSON();
    const problem = (/** @type {number} */ status, /** @type {string} */ type) => ({ type: `/problems/${type}`, status, title: "It was not taken", detail: LONG, retry_after_s: 3600 });
    const answers = photos.map((/** @type {{ref: string}} */ { ref }, /** @type {number} */ i) => {
      const id = ends[i] ?? `stuck${i}`;
      if (id === "failed") return { ref, problem: problem(400, "something") };
      if (id === "closed") return { ref, problem: problem(409, "edition-closed") };
      if (id === "waiting") return { ref, problem: problem(429, "too-many") };
      return { ref, id, state: "reserved", upload: upload(id) };
    });
    return route.fulfill({ status: 201, headers, json: { photos: answers } });
  });
  await page.route("**/techognition-originals/*", (route) => {
    if (route.request().url().endsWith("/blocked")) return route.fulfill({ status: 403, contentType: "text/html", body: "Blocked" });
    // Those that are stuck are never answered, so that one that is next has no room.
    return route.request().url().includes("/stuck") ? undefined : route.fulfill({ status: 200, headers });
  });
}

/** The page of one's own photos. @param {Page} page @param {(name: string) => Promise<void>} look */
async function own(page, look) {
  const headers = { "x-techognition": "1" };
  const states = ["reserved", "pending", "published", "hidden", "rejected", "expired"];
  const photos = states.map((state, i) => ({ id: `own${i}`, state, caption: LONG, credit: "The prep room", created_at: `2026-11-2${i}T10:00:00Z`, reason: state === "rejected" ? "Cover the names and send it again" : null, page: state === "published" ? "/p/own2" : null }));
  await page.route("**/api/v1/uploads", (route) => route.fulfill({ headers, json: { photos } }));
  await page.route("**/api/v1/uploads/own1", (route) => route.fulfill({ headers, json: { site: "gone", site_at: null, storage: "pending", erased_at: "2026-11-28T10:00:00Z", storage_at: "2026-11-28T10:15:00Z", edges: "pending", edges_at: "2026-11-28T10:15:00Z" } }));
  await page.route("**/api/v1/uploads/own1/removal", (route) => route.abort());
  await page.goto("/mine");
  await page.locator("#own-photos > li").nth(states.length - 1).waitFor();
  await page.getByRole("button", { name: "Show my link" }).click();
  await page.getByAltText("QR code of the link").waitFor();
  await look("link to my photos");
  await page.locator('[data-state="published"]').getByRole("button", { name: /^Edit:/ }).click();
  await page.locator("#edit-caption").fill(LONG.repeat(3));
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("#edit-caption-error", { hasText: "Take out" }).waitFor();
  await look("new words with a mistake");
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await page.locator('[data-state="pending"]').getByRole("button", { name: /^Withdraw/ }).click();
  await page.getByRole("button", { name: "Withdraw it" }).waitFor();
  await look("withdraw");
  await page.getByRole("button", { name: "Withdraw it" }).click();
  await page.locator(".erasure-step").nth(2).waitFor();
  await look("my photos in every state");
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.route("**/api/v1/uploads", (route) => route.abort());
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.locator("#mine-error").waitFor();
  await page.locator("#mine-error").scrollIntoViewIfNeeded();
  await look("my photos without a connection");
  await page.unrouteAll({ behavior: "ignoreErrors" });
}

/** What everybody sees. @param {System} system @param {Page} page @param {(name: string) => Promise<void>} look */
async function looking(system, page, look) {
  await page.goto("/");
  await scrollThrough(page);
  await look("home");
  await page.goto("/gallery?discipline=science");
  await page.locator("summary", { hasText: "Nation, school and time" }).click();
  await look("filters of the gallery");
  const { photos: [photo] } = await (await fetch(`${system.site}/api/v1/photos?limit=1`)).json();
  await page.goto(photo.page);
  await page.locator(".photo-embed summary").click();
  await look("photo with its frame to embed");
  await page.getByRole("button", { name: "Full screen" }).click();
  await page.waitForFunction(() => (/** @type {HTMLImageElement | null} */ (document.querySelector("dialog[open] img"))?.naturalWidth ?? 0) > 0);
  await look("photo on the whole screen");
  await page.goto(`${photo.page}/report`);
  // As a browser sends it that does not look at what is needed.
  await page.locator("main form").evaluate((/** @type {HTMLFormElement} */ form) => void (form.noValidate = true));
  await page.getByLabel("What should we know?").fill(LONG);
  await page.getByRole("button", { name: "Send the report" }).click();
  await page.locator("main .notice").waitFor();
  await look("report with a mistake");
  await page.goto("/s/sample-academy/thanks");
  await page.getByLabel("To", { exact: true }).fill(LONG);
  await page.getByLabel("Your words").fill(LONG.repeat(2));
  await page.getByLabel("From", { exact: true }).fill(LONG);
  await page.locator("[data-thanks-shown=from]", { hasText: LONG }).waitFor();
  await look("card of thanks");
  await page.goto("/moderation/sign-in#code=that-is-not-a-code-of-anybody");
  await page.locator("[data-sign-in-status]", { hasText: /\w+\. \w+/ }).waitFor();
  await look("sign in with a wrong code");
}
