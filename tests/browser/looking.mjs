// @ts-check
// Pictures of every page and state, to be looked at one by one: `node tests/browser/looking.mjs [words of names…]`. They are in
// target/screenshots/looking, four of each: a phone's, a tablet's, a laptop's and a 4K screen's width. Beside the suite, since only
// a person can say what is good; exits with 1 where something sticks out of a page, a picture is missing or a state is not reached.
//
// Whatever can be had is the running system's. Answers that would take a whole day or a broken one to get are given in its place.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { settingsWith } from "./command.mjs";
import { manyPhotos } from "./photos.mjs";
import { device, scrollThrough, shoot, withSystem } from "./system.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./system.mjs").System} System */
/**
 * @typedef {{system: System, files: string[], unfit: string[], photos: Photo[], photo: Photo, state: Awaited<ReturnType<import("playwright-core").BrowserContext["storageState"]>> | undefined}} Given `state` of a browser that is signed in
 * @typedef {{id: string, page: string, caption: string, credit: string, school: {key?: string} | null, renditions: {url: string}[]}} Photo
 * @typedef {(page: Page, given: Given) => Promise<unknown>} Way
 * @typedef {{
 *   before?: Way, then?: Way, window?: boolean, print?: boolean, dark?: boolean, script?: boolean, organiser?: boolean, app?: string
 * }} How what is done before the page is opened and after; whether only the window is taken; on paper, in the dark, without JavaScript,
 *   signed in; and the words by which another app's browser is known
 * @typedef {[name: string, path: string | ((given: Given) => string), how?: How]} Place
 */

/** What holds the page, and its windows: the same page is looked at in both of its hands. */
const HANDS = [
  { options: { hasTouch: true, isMobile: true }, windows: [{ width: 360, height: 780 }, { width: 768, height: 1024 }] },
  { options: {}, windows: [{ width: 1440, height: 900 }, { width: 3840, height: 2160 }] },
];
const FOLDER = fileURLToPath(new URL("../../target/screenshots/looking/", import.meta.url));

/** @type {(way: string) => (given: Given) => string} */
const ofPhoto = (way) => ({ photo }) => way.replace("{p}", photo.page);

/** @type {Place[]} */
const PUBLIC = [
  ["home", "/"],
  ["gallery", "/gallery"],
  ["gallery-filtered", "/gallery?discipline=science&nation=england", { then: (page) => page.locator(".filter-more summary").click() }],
  ["gallery-nothing", "/gallery?q=zzzz"],
  ["gallery-no-script", "/gallery", { script: false }],
  ["photo", ofPhoto("{p}")],
  ["photo-code", ofPhoto("{p}"), { then: (page) => page.locator(".photo-embed summary").click() }],
  ["photo-whole", ofPhoto("{p}"), { window: true, then: whole }],
  ["report", ofPhoto("{p}/report")],
  ["report-sent", ofPhoto("{p}/report"), { before: async (page, given) => given.photo = given.photos.pop() ?? given.photo, then: report }],
  ["withdrawn", ofPhoto("{p}"), { before: async (page, given) => given.photo = given.photos.pop() ?? given.photo, then: async (page, given) => { await page.goto(`${given.photo.page}/report`); await report(page); await page.goto(given.photo.page); } }],
  ["school", "/s/sample-academy"],
  ["certificate", "/s/sample-academy/certificate"],
  ["certificate-paper", "/s/sample-academy/certificate", { print: true }],
  ["sheet", "/s/sample-academy/sheet"],
  ["sheet-paper", "/s/sample-academy/sheet", { print: true }],
  ["thanks", "/s/sample-academy/thanks"],
  ["thanks-paper", "/s/sample-academy/thanks", { print: true }],
  ["poster", "/poster"],
  ["poster-paper", "/poster", { print: true }],
  ["schools", "/schools"],
  ["day", "/day"],
  ["stats", "/stats"],
  ["stats-table", "/stats", { then: async (page) => { for (const one of await page.locator(".numbers summary").all()) await one.click(); } }],
  ["transparency", "/transparency"],
  ["wall", "/wall", { window: true, then: slide }],
  ["wall-no-script", "/wall", { window: true, script: false }],
  ["embed-photo", ofPhoto("/embed{p}")],
  ["embed-gallery", "/embed/gallery"],
  ["take-part", "/take-part"],
  ["rules", "/rules"],
  ["safety", "/safety"],
  ["privacy", "/privacy"],
  ["accessibility", "/accessibility"],
  ["problems", "/problems/"],
  ["problem", "/problems/edition-closed"],
  ["not-found", "/nothing/here"],
  ["offline", "/offline"],
  ["sign-in", "/moderation/sign-in"],
  ["sign-in-refused", "/moderation/sign-in", { script: false, then: async (page) => { await page.getByLabel("One-time code").fill("wrong".repeat(9)); await page.getByRole("button", { name: "Sign in" }).click(); } }],
];

/** @type {Place[]} */
const ADDING = [
  ["add", "/add"],
  ["add-no-script", "/add", { script: false }],
  ["add-other-app", "/add", { app: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 350.0" }],
  ["add-getting-ready", "/add", { before: (page) => page.route("**/js/picture/worker.js", () => {}), then: (page, { files }) => choose(page, files.slice(0, 3), false) }],
  ["add-not-sent", "/add", { then: (page, { files }) => choose(page, files.slice(0, 3)) }],
  ["add-many", "/add", { then: (page, { files }) => choose(page, files) }],
  ["add-one-photo", "/add", { then: async (page, { files }) => { await choose(page, files.slice(0, 2)); await page.locator(".card-picture").first().click(); } }],
  ["add-incomplete", "/add", { then: async (page, { files }) => { await choose(page, files.slice(0, 2)); await page.getByLabel("Caption", { exact: true }).fill("Long ".repeat(45)); await press(page); await page.locator(".field-error:visible").first().waitFor(); } }],
  ["add-unfit", "/add", { then: async (page, { files, unfit }) => { await choose(page, [...unfit, ...files.slice(0, 1)], false); await page.locator('.card[data-state="unfit"]').nth(unfit.length - 1).waitFor(); } }],
  ["add-school", "/add", { then: async (page) => { await page.getByLabel("School or college").pressSequentially("sample"); await page.locator(".combo-option").first().waitFor(); } }],
  ["add-cover", "/add", { window: true, then: async (page, { files }) => { await choose(page, files.slice(0, 1)); await page.getByRole("button", { name: /^Cover faces/ }).click(); await page.getByRole("button", { name: "Add a cover" }).click(); } }],
  ["add-clear", "/add", { window: true, then: (page) => page.locator("#clear").click() }],
  ["add-sending", "/add", { then: async (page, { files }) => { await choose(page, files.slice(0, 4)); await slow(page); await send(page, "sending"); await page.waitForTimeout(4_000); } }],
  ["add-waiting", "/add", { then: async (page, { files }) => { await choose(page, files.slice(0, 3)); await page.context().setOffline(true); await send(page, "waiting"); } }],
  ["add-busy", "/add", { then: async (page, { files }) => { await choose(page, files.slice(0, 2)); await answer(page, 429, { title: "Too many requests at once" }, { "retry-after": "600" }); await send(page, "waiting"); } }],
  ["add-blocked", "/add", { then: async (page, { files }) => { await choose(page, files.slice(0, 3)); await page.route("**/api/v1/**", (route) => route.fulfill({ status: 403, contentType: "text/html", body: "<h1>Blocked</h1>" })); await send(page, "blocked"); } }],
  ["add-failed", "/add", { then: async (page, { files }) => { await choose(page, files.slice(0, 2)); await answer(page, 422, { detail: "The credit line has characters that are not accepted.", hint: "Change it and send again." }); await send(page, "failed"); } }],
  ["add-sent", "/add", { then: async (page, { files }) => { await choose(page, files.slice(0, 3)); await send(page, "done"); await page.getByText("3 of 3 sent").waitFor(); } }],
  ["mine-none", "/mine"],
  ["mine-no-script", "/mine", { script: false }],
  ["mine", "/mine", { before: own }],
  ["mine-words", "/mine", { window: true, before: own, then: (page) => page.getByRole("button", { name: /^Change the words|^Edit/ }).first().click() }],
  ["mine-withdraw", "/mine", { window: true, before: own, then: (page) => page.getByRole("button", { name: /^Withdraw/ }).first().click() }],
  ["mine-withdrawn", "/mine", { before: own, then: withdraw }],
  ["mine-link", "/mine", { before: own, then: async (page) => { await page.getByRole("button", { name: "Show my link" }).click(); await page.getByAltText("QR code of the link").waitFor(); } }],
  ["mine-by-link", `/mine#key=${"A".repeat(43)}`],
  ["mine-blocked", "/mine", { before: async (page, given) => { await own(page, given); await page.route("**/api/v1/uploads", (route) => route.fulfill({ status: 403, contentType: "text/html", body: "<h1>Blocked</h1>" })); } }],
  ["mine-no-connection", "/mine", { before: async (page, given) => { await own(page, given); await page.route("**/api/v1/uploads", (route) => route.abort()); } }],
  ["reminder", "/gallery", { before: async (page, { files }) => { await page.goto("/add"); await choose(page, files.slice(0, 2)); } }],
];

/** @type {Place[]} */
const WELSH = [
  ["welsh-home", "/cy/"],
  ["welsh-gallery", "/cy/gallery"],
  ["welsh-gallery-nothing", "/cy/gallery?q=zzzz"],
  ["welsh-photo", ofPhoto("/cy{p}")],
  ["welsh-take-part", "/cy/take-part"],
  ["welsh-add", "/cy/add"],
  ["welsh-add-not-sent", "/cy/add", { then: (page, { files }) => choose(page, files.slice(0, 3)) }],
  ["welsh-mine", "/cy/mine", { before: own }],
];

/** The main ones. @type {Place[]} */
const DARK = [
  ...["home", "gallery-filtered", "photo", "school", "certificate", "schools", "day", "stats", "not-found", "report"].map((name) => inTheDark(PUBLIC, name)),
  ...["add-not-sent", "add-sent", "add-unfit", "add-incomplete", "add-school", "add-cover", "mine"].map((name) => inTheDark(ADDING, name)),
];

/** @type {Place[]} */
const CONSOLE = ([
  ["queue", "/moderation/queue", { then: (page) => page.locator("[data-current]").waitFor() }],
  ["queue-held", "/moderation/queue?lane=held"],
  ["queue-reported", "/moderation/queue?lane=reported", { before: async (page, given) => { const photo = given.photos.pop() ?? given.photo; await page.goto(`${photo.page}/report`); await report(page); } }],
  ["queue-decided", "/moderation/queue", { window: true, then: decide }],
  ["queue-undone", "/moderation/queue", { window: true, then: async (page) => { await decide(page); await page.locator("[data-undo-button]").click(); await page.locator("[data-undo-button]").waitFor({ state: "hidden" }); } }],
  ["queue-dark", "/moderation/queue", { dark: true }],
  ["about-photo", ({ photo }) => `/moderation/photos/${photo.id}`],
  ["you", "/moderation/you"],
  ["quarantine", "/moderation/quarantine"],
  ["dashboard", "/organiser"],
  ["organiser-day", "/organiser/day"],
  ["people", "/organiser/people"],
  ["activity", "/organiser/activity"],
  ["draws", "/organiser/draws"],
  ["draw-drawn", "/organiser/draws/sample-noon"],
  ["draw-open", "/organiser/draws/sample-evening"],
]);
for (const place of CONSOLE) place[2] = { ...place[2], organiser: true };

/** What the phase of the event changes. @param {string} phase @returns {Place[]} */
const inPhase = (phase) => [
  [`${phase}-home`, "/"],
  [`${phase}-gallery`, "/gallery"],
  [`${phase}-add`, "/add"],
  [`${phase}-add-send`, "/add", { then: async (page, { files }) => { await choose(page, files.slice(0, 2)); await press(page); await page.waitForTimeout(1_500); } }],
  [`${phase}-day`, "/day"],
  [`${phase}-wall`, "/wall", { window: true, then: (page) => page.waitForTimeout(3_000) }],
];
/** What a day without a photo changes besides. @param {string} phase @returns {Place[]} */
const withoutPhotos = (phase) => [
  ...inPhase(phase),
  [`${phase}-stats`, "/stats"],
  [`${phase}-schools`, "/schools"],
  [`${phase}-transparency`, "/transparency"],
  [`${phase}-embed-gallery`, "/embed/gallery"],
  [`${phase}-poster`, "/poster"],
  [`${phase}-take-part`, "/take-part"],
];

/** @type {string[]} */
const wrong = [];
let taken = 0;
const asked = process.argv.slice(2);
const wanted = (/** @type {Place[]} */ places) => places.filter(([name]) => asked.length === 0 || asked.some((words) => name.includes(words)));
if (asked.length === 0) rmSync(FOLDER, { recursive: true, force: true });

await visit([...PUBLIC, ...ADDING, ...WELSH, ...DARK, ...CONSOLE], ["--sample", "30"]);
await visit(inPhase("grace"), ["--sample", "30"], { opens: -540, closes: -2, grace: 240 });
await visit([...inPhase("ended"), ["ended-dashboard", "/organiser", { organiser: true }]], ["--sample", "30"], { opens: -600, closes: -90, grace: 30 });
await visit(inPhase("paused"), ["--sample", "12"], undefined, async (page) => {
  const put = await page.request.post("/api/v1/organiser/phase", { data: { action: "pause" } });
  if (!put.ok()) wrong.push(`not paused: ${put.status()} ${await put.text()}`);
  // Kept for a few seconds by whoever has asked before.
  await page.waitForTimeout(6_000);
  await page.request.put("/api/v1/organiser/banner", { data: { banner: { text: "The storage has a hiccup. We will go on in a few minutes.", kind: "warning" } } });
});
await visit(withoutPhotos("before"), [], { opens: 12 * 24 * 60, closes: 12 * 24 * 60 + 300, grace: 30 });
await visit(withoutPhotos("empty"), ["--open-window"]);
await visit([["empty-queue", "/moderation/queue", { organiser: true }], ["empty-dashboard", "/organiser", { organiser: true }], ["empty-activity", "/organiser/activity", { organiser: true }]], ["--open-window"]);

console.log(`${taken} pictures in ${FOLDER}`);
for (const words of wrong) console.log(`wrong: ${words}`);
if (wrong.length > 0) process.exitCode = 1;

/**
 * Starts the system, and takes the pictures of these places.
 * @param {Place[]} all
 * @param {string[]} more arguments of `techognition run`
 * @param {Minutes} [day] when the day opens and closes, if not as the command says
 * @param {(page: Page) => Promise<void>} [prepare] what an organiser does first
 */
async function visit(all, more, day, prepare) {
  const places = wanted(all);
  if (places.length === 0) return;
  await withSystem(more, async (system) => {
    if (day) await system.restart(["--event", settings(system.folder, day)]);
    const { context, page } = await device(system, { serviceWorkers: "block" });
    await page.goto("/rules");
    const files = await manyPhotos(page, system.folder, 9, { width: 1600, height: 1200 });
    let state;
    if (prepare || places.some(([, , how]) => how?.organiser)) {
      await page.goto(system.organiser);
      await page.waitForURL("**/moderation/queue**");
      await prepare?.(page);
      state = await context.storageState();
    }
    const { photos } = await (await fetch(`${system.site}/api/v1/photos?limit=48`)).json();
    const photo = photos.find((/** @type {Photo} */ one) => one.school) ?? photos[0];
    const given = { system, files, unfit: unfit(system.folder), photos, photo, state };
    await context.close();
    for (const place of places) await look(given, place);
  });
}

/** @param {Given} given @param {Place} place */
async function look(given, [name, path, how = {}]) {
  for (const { options, windows } of HANDS) {
    const { context, page } = await device(given.system, {
      ...options, viewport: windows[0] ?? null, colorScheme: how.dark ? "dark" : "light", javaScriptEnabled: how.script ?? true, reducedMotion: "reduce",
      serviceWorkers: "block", ...(how.organiser && given.state ? { storageState: given.state } : {}), ...(how.app ? { userAgent: how.app } : {}),
    });
    page.setDefaultTimeout(20_000);
    const here = { ...given };
    try {
      await how.before?.(page, here);
      await page.goto(typeof path === "string" ? path : path(here), { waitUntil: "load" });
      if (how.print) await page.emulateMedia({ media: "print" });
      await page.waitForTimeout(300);
      await how.then?.(page, here);
    } catch (error) {
      wrong.push(`${name}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    }
    for (const window of windows) {
      await page.setViewportSize(window);
      const whole = !how.window && how.script !== false;
      let { wide, missing } = await state(page, whole);
      // What was drawn anew meanwhile is scrolled to once more.
      for (let tries = 0; whole && missing > 0 && tries < 3; tries += 1) ({ wide, missing } = await state(page, whole));
      if (wide > 0) wrong.push(`${name} at ${window.width}: ${wide} pixels too wide`);
      if (missing > 0) wrong.push(`${name} at ${window.width}: ${missing} pictures are missing`);
      await shoot(page, join("looking", `${name}-${window.width}`), { fullPage: !how.window });
      taken += 1;
    }
    await context.close();
  }
  console.log(name);
}

/**
 * Brings everything into sight that waits for it; tells how many pixels stick out and how many pictures are missing.
 * @param {Page} page
 * @param {boolean} whole whether all of the page is looked at, by scripts that may run
 */
async function state(page, whole) {
  if (whole) await scrollThrough(page);
  else await page.waitForTimeout(500);
  await page.waitForFunction(() => [...document.images].every((image) => image.complete || image.loading === "lazy"), undefined, { timeout: 10_000 }).catch(() => {});
  return page.evaluate((whole) => ({
    wide: document.documentElement.scrollWidth - innerWidth,
    missing: [...document.images].filter((image) => image.checkVisibility() && !image.naturalWidth && (whole || image.loading !== "lazy")).length,
  }), whole);
}

/** @param {Place[]} places @param {string} name @returns {Place} */
function inTheDark(places, name) {
  const [, path, how] = places.find((place) => place[0] === name) ?? [name, "/"];
  return [`dark-${name}`, path, { ...how, dark: true }];
}

// Ways to a state

/** Chooses photos, and says what is asked for. @param {Page} page @param {string[]} files @param {boolean} [ready] whether they are waited for */
async function choose(page, files, ready = true) {
  await page.locator("#upload").waitFor();
  await page.locator("#photos").setInputFiles(files);
  await page.locator("#cards .card").nth(files.length - 1).waitFor({ state: "attached" });
  if (!ready) return;
  await page.locator("#cards .card img").nth(files.length - 1).waitFor({ state: "attached" });
  await page.locator("#caption").fill("Forty seconds between two lessons");
  await page.locator("#credit").fill("Jo & the prep room");
  await page.locator("input[name=people]").first().check();
  await page.locator("input[name=web]").check();
}

/** @param {Page} page */
async function press(page) {
  await page.locator("#send").click();
}

/** Presses Send, and waits until a photo is in this state. @param {Page} page @param {string} state */
async function send(page, state) {
  await press(page);
  await page.locator(`.card[data-state="${state}"]`).first().waitFor();
}

/** A line of 8 kB/s. @param {Page} page */
async function slow(page) {
  const line = await page.context().newCDPSession(page);
  await line.send("Network.emulateNetworkConditions", { offline: false, latency: 150, downloadThroughput: 100_000, uploadThroughput: 8_000 });
}

/** Photos are registered with this problem. @param {Page} page @param {number} status @param {object} problem @param {Record<string, string>} [headers] */
async function answer(page, status, problem, headers = {}) {
  await page.route("**/api/v1/uploads", (route) => route.fulfill({ status, headers: { "x-techognition": "1", ...headers }, contentType: "application/problem+json", body: JSON.stringify({ status, ...problem }) }));
}

/** A device with a photo in each state. @param {Page} page @param {Given} given */
async function own(page, { photos }) {
  const secret = "B".repeat(42) + "A";
  await page.addInitScript((secret) => localStorage.setItem("techognition.uploader", secret), secret);
  const reasons = { rejected: "Thank you for this one. Names, addresses or numbers can be read in it. Cover or crop them and send it again.", hidden: "Somebody asked us to look at it once more." };
  const states = ["reserved", "pending", "published", "published", "rejected", "hidden", "expired"];
  const body = { photos: states.map((state, i) => {
    const photo = photos[i];
    const shown = state === "published" ? { page: photo?.page, thumbnail: photo?.renditions.at(-1)?.url } : {};
    return { id: photo?.id, state, caption: i === 1 ? "" : photo?.caption, credit: photo?.credit, alt: "", created_at: `2027-03-05T1${i}:05:00Z`, reason: /** @type {Record<string, string>} */ (reasons)[state], ...shown };
  }) };
  await page.route("**/api/v1/uploads", (route) => route.fulfill({ headers: { "x-techognition": "1" }, json: body }));
}

/** @param {Page} page */
async function withdraw(page) {
  const erasure = { site: "gone", site_at: null, storage: "going", storage_at: "2027-03-05T12:00:00Z", erased_at: null, edges: "going", edges_at: "2027-03-05T12:05:00Z" };
  await page.route(/api\/v1\/(uploads|photos)\/[a-z2-7]{26}/, (route) => route.fulfill({ headers: { "x-techognition": "1" }, json: erasure }));
  await page.getByRole("button", { name: /^Withdraw/ }).first().click();
  await page.locator("#withdraw-dialog").getByRole("button").first().click();
  await page.locator(".erasure").waitFor();
}

/** @param {Page} page */
async function whole(page) {
  await page.locator("[data-whole]").click();
  await page.waitForFunction(() => (/** @type {HTMLImageElement | null} */ (document.querySelector("dialog img"))?.naturalWidth ?? 0) > 0);
}

/** @param {Page} page */
async function slide(page) {
  await page.locator(".wall-slide.wall-shown img").last().waitFor();
  await page.waitForTimeout(1_000);
}

/** @param {Page} page */
async function report(page) {
  await page.getByLabel("A pupil can be recognised in it").check();
  await page.getByLabel(/What should we know/).fill("Second row, on the left");
  await page.getByRole("button", { name: "Send the report" }).click();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
}

/** Holds the first photo, as soon as that counts. @param {Page} page */
async function decide(page) {
  await page.locator("[data-current][data-ready]").waitFor();
  await page.waitForTimeout(500);
  await page.keyboard.press("h");
  await page.locator("[data-undo-button]").waitFor();
}

/** Files that cannot be sent: not a photo, one of a kind that browsers cannot open, an empty one. @param {string} folder */
function unfit(folder) {
  return /** @type {[string, Buffer][]} */ ([
    ["risk assessment.pdf", Buffer.from("%PDF-1.7 sample")],
    ["IMG_4711.HEIC", Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic and no more")])],
    ["empty.jpg", Buffer.alloc(0)],
  ]).map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  });
}

/** @typedef {{opens: number, closes: number, grace: number}} Minutes from now */

/**
 * Settings of a day by its minutes from now, on the clocks of a place where that is one day.
 * @param {string} folder
 * @param {Minutes} day
 */
function settings(folder, { opens, closes, grace }) {
  const now = Date.now();
  // Where it is then about the hour that the middle of the day needs.
  const middle = new Date(now + (opens + closes) * 30_000);
  const hours = 12 - middle.getUTCHours();
  const there = (/** @type {number} */ minutes) => new Date(now + minutes * 60_000 + hours * 3_600_000).toISOString();
  const path = join(folder, "day.toml");
  writeFileSync(path, settingsWith({
    date: there(opens).slice(0, 10), opens: there(opens).slice(11, 16), closes: there(closes).slice(11, 16), timezone: `Etc/GMT${hours > 0 ? "-" : "+"}${Math.abs(hours)}`, grace_minutes: grace,
  }));
  return path;
}
