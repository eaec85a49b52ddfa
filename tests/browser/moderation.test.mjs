// @ts-check
// Moderators and organisers in a browser: passkeys, two hundred photos by keyboard, every page of the console at both widths.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";

import { DESKTOP, PHONE, device, shoot, withSystem } from "./system.mjs";

/** @typedef {import("./system.mjs").System} System */
/** @typedef {import("playwright-core").Page} Page */

/** Photos of the run by keyboard; TECHOGNITION_QUEUE=200 makes a measurement of it. */
const QUEUE = Number(process.env.TECHOGNITION_QUEUE ?? 30);

/** Passkeys belong to a name, so the laptop is `localhost` here. @param {System} system @returns {System} */
function named(system) {
  const to = (/** @type {string} */ address) => address.replace("127.0.0.1", "localhost");
  return { ...system, site: to(system.site), organiser: to(system.organiser) };
}

/** A device that verifies its user, as a phone with a fingerprint does. @param {Page} page */
async function authenticator(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return { verified: (/** @type {boolean} */ isUserVerified) => devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }) };
}

/** Sends photos that differ, and waits until they wait for a decision. @param {System} system @param {Page} page @param {number} n */
async function fill(system, page, n) {
  const { consent } = await (await fetch(`${system.site}/api/v1/event`)).json();
  const authorization = `Uploader ${randomBytes(32).toString("base64url")}`;
  const files = await page.evaluate(async (count) => {
    const all = [];
    for (let i = 0; i < count; i += 1) {
      const canvas = new OffscreenCanvas(480, 320);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
      for (let k = 0; k < 24; k += 1) {
        context.fillStyle = `hsl(${(i * 47 + k * 31) % 360} 70% ${25 + ((i * 7 + k * 13) % 60)}%)`;
        context.fillRect(((i + 3) * (k + 1) * 53) % 480, ((i + 5) * (k + 2) * 37) % 320, 90, 70);
      }
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 })).arrayBuffer());
      all.push(btoa(String.fromCharCode(...bytes)));
    }
    return all;
  }, n);
  for (let from = 0; from < n; from += 20) {
    const batch = files.slice(from, from + 20).map((file) => Buffer.from(file, "base64"));
    const photos = batch.map((file, i) => ({
      ref: `k${from + i}`, type: "image/jpeg", size_bytes: file.length, sha256: createHash("sha256").update(file).digest("hex"),
      caption: `Sample number ${from + i}`, alt: "Coloured squares", people: "none",
    }));
    const answer = await fetch(`${system.site}/api/v1/uploads`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify({ consent: { version: consent.version, web: true, social: false, press: false }, credit: "Sample", school: null, discipline: "science", photos }),
    });
    assert.equal(answer.status, 201);
    const reserved = (await answer.json()).photos;
    await Promise.all(reserved.map(async (/** @type {{upload: {url: string, headers: Record<string, string>}}} */ one, /** @type {number} */ i) => {
      const put = await fetch(one.upload.url, { method: "PUT", headers: one.upload.headers, body: new Uint8Array(batch[i]) });
      assert.equal(put.status, 200);
    }));
  }
  return authorization;
}

/** How many photos of a device have this state. @param {System} system @param {string} authorization @param {string} state */
async function counted(system, authorization, state) {
  const answer = await (await fetch(`${system.site}/api/v1/uploads`, { headers: { authorization } })).json();
  return answer.photos.filter((/** @type {{state: string}} */ photo) => photo.state === state).length;
}

/** @param {string} what @param {() => Promise<boolean>} ask */
async function eventually(what, ask) {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    if (await ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`not within a minute: ${what}`);
}

test("a passkey is made, signs in, and is asked for again before a key is made", { timeout: 120_000 }, () => withSystem(["--open-window"], async (plain) => {
  const system = named(plain);
  const { page } = await device(system, { viewport: DESKTOP });
  const finger = await authenticator(page);
  await page.goto(system.organiser);
  await page.waitForURL("**/moderation/queue**");

  // The code signs in once; a passkey is made for the next times.
  await page.goto("/moderation/you");
  await page.getByLabel("What to call it").fill("Sample laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("cell", { name: "Sample laptop" }).waitFor();
  await shoot(page, "you-1440", { fullPage: true });

  // It proves who is there, so a link for somebody else can be made at once.
  await page.goto("/organiser/people");
  await page.getByLabel("Name", { exact: true }).fill("Sample moderator");
  await page.getByRole("button", { name: "Invite" }).click();
  await page.locator("[data-shown-secret]", { hasText: "/moderation/sign-in#code=" }).waitFor();
  const link = (await page.locator("[data-shown-secret]").innerText()).replace("127.0.0.1", "localhost");
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
  await page.goto("/organiser/people");
  await page.getByRole("button", { name: "Revoke: Sample moderator" }).click();
  await page.getByText("left ").waitFor();
  await other.page.goto("/moderation/queue");
  assert.match(other.page.url(), /\/moderation\/sign-in/);

  // A session by code is not fresh: making a key asks for the passkey first, then goes on by itself.
  const again = await page.evaluate(async () => {
    const { people } = await (await fetch("/api/v1/organiser/people")).json();
    const me = people.find((/** @type {{name: string, passkeys: number}} */ one) => one.passkeys > 0);
    const answer = await fetch("/api/v1/organiser/people", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ person: me.id }) });
    return (await answer.json()).link;
  });
  await page.goto(again.replace("127.0.0.1", "localhost"));
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

test("a moderator clears the queue by keyboard, and what is undone within ten seconds was never public", { timeout: 600_000 }, () => withSystem(["--open-window"], async (plain) => {
  const system = named(plain);
  const { page, complaints } = await device(system, { viewport: DESKTOP });
  await page.goto("/");
  const authorization = await fill(system, page, QUEUE);
  await eventually("all photos wait", async () => (await counted(system, authorization, "pending")) === QUEUE);
  await page.goto(system.organiser);
  await page.waitForURL("**/moderation/queue**");
  const card = page.locator("[data-current]");
  await card.waitFor();
  await shoot(page, "queue-keyboard-1440");

  // Published by mistake and undone: nobody ever sees it.
  await page.keyboard.press("p");
  await page.getByText(/^Published: /).waitFor();
  assert.equal((await (await fetch(`${system.site}/api/v1/photos`)).json()).photos.length, 0);
  await page.keyboard.press("u");
  await page.getByText("Undone.").waitFor({ state: "attached" });

  const begun = Date.now();
  let decided = 0;
  while (decided < QUEUE) {
    if ((await page.locator("[data-current]").count()) === 0) {
      // All decided here: on to the next ones.
      await Promise.all([page.waitForNavigation(), page.keyboard.press("n")]);
      continue;
    }
    await page.locator("[data-current] img").evaluate((/** @type {HTMLImageElement} */ image) => image.decode());
    await page.keyboard.press(decided % 10 === 9 ? "3" : decided % 10 === 8 ? "h" : "p");
    decided += 1;
  }
  await page.keyboard.press("n");
  const seconds = (Date.now() - begun) / 1000;
  console.log(`${QUEUE} photos decided by keyboard in ${seconds.toFixed(1)} s: ${Math.round((QUEUE * 60) / seconds)} a minute`);
  const rejected = Math.floor(QUEUE / 10);
  const published = QUEUE - rejected - Math.floor((QUEUE + 1) / 10);
  await eventually("every decision is carried out", async () => (await counted(system, authorization, "published")) === published && (await counted(system, authorization, "rejected")) === rejected);
  const own = await (await fetch(`${system.site}/api/v1/uploads`, { headers: { authorization } })).json();
  const reason = own.photos.find((/** @type {{state: string}} */ photo) => photo.state === "rejected").reason;
  assert.match(reason, /^Thank you .* send it again\.$/, "in kind words that say what to do");
  assert.deepEqual(complaints, []);
}));

test("every page of the console holds together at both widths", { timeout: 300_000 }, () => withSystem(["--sample", "30"], async (plain) => {
  const system = named(plain);
  const { page, complaints } = await device(system, { viewport: PHONE });
  const feed = await (await fetch(`${system.site}/api/v1/photos?limit=3`)).json();
  await page.goto(system.organiser);
  await page.waitForURL("**/moderation/queue**");
  const waiting = await page.locator("[data-card]").first().getAttribute("data-id");
  const report = await fetch(`${system.site}/api/v1/photos/${feed.photos[0].id}/reports`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ reason: "me", text: "That is me at the back" }),
  });
  assert.equal(report.status, 202);
  const pages = [
    ["queue", "/moderation/queue"], ["queue-held", "/moderation/queue?lane=held"], ["queue-reported", "/moderation/queue?lane=reported"],
    ["queue-told", "/moderation/queue?problem=version-outdated"], ["about-photo", `/moderation/photos/${waiting}`], ["about-reported", `/moderation/photos/${feed.photos[0].id}`],
    ["cover", `/moderation/photos/${waiting}/cover`], ["you", "/moderation/you"], ["dashboard", "/organiser"], ["day", "/organiser/day"],
    ["people", "/organiser/people"], ["activity", "/organiser/activity"], ["transparency", "/transparency"], ["report", `/p/${feed.photos[1].id}/report`],
  ];
  for (const [width, viewport] of /** @type {const} */ ([["360", PHONE], ["1440", DESKTOP]])) {
    await page.setViewportSize(viewport);
    for (const [name, path] of pages) {
      assert.equal((await page.goto(path))?.status(), 200, path);
      await page.locator("h1").waitFor();
      assert.equal(await page.locator("h1").count(), 1, name);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name} at ${width}: ${wide} pixels too wide`);
      await shoot(page, `console-${name}-${width}`, { fullPage: true });
    }
  }

  // A cover is drawn by keyboard, and the photo waits again with it.
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

  // The day is paused and goes on again, by forms alone.
  await page.goto("/organiser/day");
  await page.getByRole("button", { name: "Pause uploads" }).click();
  await page.getByText("is paused").waitFor();
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("is open").waitFor();
  assert.deepEqual(complaints, []);
}));
