// @ts-check
// Every button of every page, pressed by a thumb: something that a person can see comes of it, and nothing breaks. A button that nobody
// has wired looks as good as any other until it is pressed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { authenticator, counted, eventually, fill } from "./moderator.mjs";
import { openCard, pickAndSend } from "./phone.mjs";
import { manyPhotos } from "./photos.mjs";
import { PHONE, device, withSystem } from "./system.mjs";

/** @typedef {import("./system.mjs").System} System */
/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{path: string, ready?: (page: Page) => Promise<void>, last?: RegExp}} Place `last` names what ends something for the others there */

/** What comes of a press has to be seen within this time. */
const SEEN_MS = 2_000;
/** A page is at rest when nothing has changed for so long. */
const REST_MS = 150;

/** The console’s buttons about a favourite. */
const PICK = /^(Pick as a favourite|Take the pick back)$/;
/** What is not pressed, and why. What asks first is opened, and its way back is pressed. */
const LEFT = /** @type {const} */ ([
  [/^Sign out$/, "signs out"],
  [/^Revoke: Organiser\b/, "signs out: it ends one's own membership; who was invited when the sample day was made has the same name"],
  [/^End[:…] /, "signs out: the only session is one's own, and the question is called after when that began"],
  [/^Remove: My device$/, "signs out: it is the passkey that the session was begun with"],
  [/^Withdraw it$/, "erases for ever; it asks first, and the other answer is pressed"],
  [/^(Clear it|Ei chlirio)$/, "erases for ever; it asks first, and the other answer is pressed"],
  [/delete for good$/i, "erases for ever"],
]);

test("every button of every page, the console's too, does something", { timeout: 600_000 }, () => withSystem(["--sample", "30"], async (system) => {
  const feed = await (await fetch(`${system.site}/api/v1/photos?limit=48`)).json();
  const phones = [await asEverybody(system, feed.photos), await asOrganiser(system, feed.photos[0].id)];
  const pressed = phones.flatMap((phone) => phone.pressed);
  for (const { path, name, effect } of pressed) console.log(`${path} | ${name} | ${effect}`);
  for (const words of new Set(phones.flatMap((phone) => phone.left))) console.log(`not pressed: ${words}`);
  console.log(`${pressed.length} buttons pressed on ${new Set(pressed.map(({ path }) => path)).size} pages`);
  // What is asked of them must have been asked of some.
  assert.ok(pressed.length > 110, `${pressed.length} buttons`);
}));

/** What everybody can press, and who has sent photos. @param {System} system @param {{page: string, school: object | null}[]} photos */
async function asEverybody(system, photos) {
  const thumb = await presser(system);
  const { page } = thumb;
  await proveThatADeadOneIsFound(thumb);
  const photo = (photos.find((one) => one.school) ?? photos[0])?.page;
  for (const path of [
    "/", "/gallery", "/gallery?discipline=science", "/gallery?q=the", "/gallery?q=zzzz", `${photo}`, `/cy${photo}`, "/cy/take-part", "/cy/", "/cy/day", "/cy/s/sample-academy", "/cy/s/sample-academy/thanks", "/s/sample-academy",
    "/s/sample-academy/certificate", "/s/sample-academy/sheet", "/s/sample-academy/thanks", "/schools", "/day", "/stats", "/wall", `/embed${photo}`, "/embed/gallery",
    "/mine", "/take-part", "/rules", "/privacy", "/accessibility", "/safety", "/poster", "/problems/", "/nothing/here", "/transparency", `${photo}/report`, "/moderation/sign-in",
  ]) await thumb.pressAll({ path });

  // Who has sent two photos, and has chosen another.
  await page.goto("/add");
  const files = await manyPhotos(page, system.folder, 3);
  await pickAndSend(page, files.slice(0, 2));
  await page.locator('#cards .card[data-state="done"]').nth(1).waitFor();
  const ready = async (/** @type {Page} */ page) => {
    await page.locator("#upload").waitFor();
    if ((await page.locator("#cards .card").count()) === 0) await page.locator("#photos").setInputFiles(files.slice(2));
    await openCard(page);
    await page.locator("#cards .card-cover:visible").waitFor();
  };
  await thumb.pressAll({ path: "/add", ready });
  await thumb.pressAll({ path: "/cy/add", ready });
  await thumb.pressAll({ path: "/mine", ready: (page) => page.locator("#own-photos > li").first().waitFor() });
  return thumb;
}

/** What a safeguarding lead can press who is the organiser, too. @param {System} system @param {string} published */
async function asOrganiser(system, published) {
  const thumb = await presser(system);
  const { page } = thumb;
  await page.goto(system.organiser);
  await page.waitForURL("**/moderation/queue**");
  const waiting = await page.locator("[data-card]").evaluateAll((cards) => cards.map((card) => /** @type {HTMLElement} */ (card).dataset["id"] ?? ""));
  assert.ok(waiting.length > 4, "the sample day leaves enough to decide");
  // Each press of a decision takes a photo away for good.
  const devices = await fill(system, page, 40);
  await eventually("enough photos wait", async () => (await counted(system, devices, "pending")) === 40);
  const report = await fetch(`${system.site}/api/v1/photos/${published}/reports`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ reason: "me", text: "That is me at the back" }),
  });
  assert.equal(report.status, 202);
  // A passkey that was just used, for what asks for one.
  await page.goto("/moderation/you");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("listitem").filter({ hasText: "My device" }).waitFor();
  await lockOneAway(page, waiting[0] ?? "");

  const named = async (/** @type {Page} */ page) => {
    await page.getByLabel("Name", { exact: true }).fill("Sample moderator");
    await page.getByLabel("What it is for").fill("Sample script");
  };
  // What is shown again is not hidden any more, and cannot be kept so.
  const decided = /^(Publish|Show again|Hide|Delete or quarantine)/;
  // The other lanes have too little in them for a decision each; `queue.test.mjs` presses theirs.
  for (const place of /** @type {Place[]} */ ([
    { path: "/moderation/quarantine" }, { path: `/moderation/photos/${waiting[1]}`, last: decided }, { path: `/moderation/photos/${published}`, last: decided },
    { path: `/moderation/photos/${waiting[2]}/cover` }, { path: "/moderation/queue" },
    { path: "/organiser" }, { path: "/organiser/activity" }, { path: "/organiser/people", ready: named, last: /^Revoke: / },
    { path: "/moderation/you", last: /^Remove: / }, { path: "/organiser/day", last: /^Close/ },
  ])) await thumb.pressAll(place);
  return thumb;
}

/** Who is signed in takes the safeguarding duty, and locks a photo away. @param {Page} page @param {string} id */
async function lockOneAway(page, id) {
  const done = await page.evaluate(async (id) => {
    const send = (/** @type {string} */ method, /** @type {object} */ body) => ({ method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const { people } = await (await fetch("/api/v1/organiser/people")).json();
    const me = people.find((/** @type {{passkeys: number}} */ one) => one.passkeys > 0);
    await fetch("/api/v1/organiser/people", send("POST", { name: "Sample lead", role: "owner", duties: ["safeguarding"] }));
    const took = await fetch(`/api/v1/organiser/people/${me.id}`, send("PATCH", { duties: ["safeguarding"] }));
    const queue = await (await fetch("/moderation/queue")).text();
    const version = Number(new RegExp(`data-id="${id}" data-version="(\\d+)"`).exec(queue)?.[1]);
    const answer = await fetch("/api/v1/moderation/decisions", send("POST", { decisions: [{ id, version, action: "quarantine" }] }));
    return [took.status, (await answer.json()).decisions[0].state];
  }, id);
  assert.deepEqual(done, [200, "quarantined"]);
}

/** A button without a listener is told from the others, or none of this would mean anything. @param {Awaited<ReturnType<typeof presser>>} thumb */
async function proveThatADeadOneIsFound(thumb) {
  const { page } = thumb;
  await page.goto("/rules");
  await page.evaluate(() => {
    const button = document.createElement("button");
    button.textContent = "Dead";
    document.getElementById("main")?.prepend(button);
  });
  assert.equal(await thumb.press("Dead"), null);
}

/**
 * A phone and a thumb that presses, with what was pressed and what was left.
 * @param {System} system
 */
async function presser(system) {
  const { context, page, complaints } = await device(system, {
    viewport: PHONE, hasTouch: true, isMobile: true, reducedMotion: "reduce", permissions: ["clipboard-read", "clipboard-write"],
  });
  await context.addInitScript(watch);
  // Where there is none the browser asks for one in a window of its own, which stands before the page.
  await authenticator(page);
  /** What the page did that its document does not show. @type {string[]} */
  const happened = [];
  page.on("framenavigated", (frame) => {
    if (frame !== page.mainFrame()) return;
    happened.push("another page");
    asked.clear();
  });
  page.on("filechooser", () => happened.push("a file chooser"));
  page.on("download", () => happened.push("a download"));
  context.on("page", () => happened.push("a new tab"));
  page.on("dialog", (dialog) => {
    happened.push("a dialog of the browser");
    void (dialog.type() === "beforeunload" ? dialog.accept() : dialog.dismiss());
  });
  context.on("response", (response) => {
    if (response.status() >= 500 && new URL(response.url()).origin === system.site) complaints.push(`${response.status()} ${response.url()}`);
  });
  /** @type {{path: string, name: string, effect: string}[]} */
  const pressed = [];
  /** @type {string[]} */
  const left = [];

  /** Answers that the page waits for before it goes on. @type {Set<import("playwright-core").Request>} */
  const asked = new Set();
  page.on("request", (request) => (request.resourceType() === "fetch" || request.isNavigationRequest()) && asked.add(request));
  page.on("requestfinished", (request) => asked.delete(request));
  page.on("requestfailed", (request) => asked.delete(request));

  /** Waits until the page waits for nothing and nothing changes on it any more, within limits. */
  async function rest() {
    for (const until = Date.now() + 3_000; Date.now() < until; ) {
      await page.waitForLoadState("load");
      const still = await page.evaluate(() => /** @type {any} */ (globalThis).stillness()).catch(() => 0);
      if (still > REST_MS && asked.size === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** Presses what is called `name`; answers with what came of it, null where nothing did. @param {string} name */
  async function press(name) {
    await rest();
    const found = await page.evaluateHandle((name) => /** @type {any} */ (globalThis).pressables().get(name), name);
    const button = found.asElement();
    assert.ok(button, name);
    await button.evaluate((button) => /** @type {any} */ (globalThis).expectOf(button));
    happened.length = 0;
    await button.tap({ timeout: 10_000 });
    for (const until = Date.now() + SEEN_MS; Date.now() < until; ) {
      // While one page goes and another comes there is nothing to ask.
      const [effect] = [...happened, ...(await page.evaluate(() => /** @type {any} */ (globalThis).effects).catch(() => []))];
      if (effect) return String(effect);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return null;
  }

  /** Presses all that can be pressed at a place, and what comes to be seen by that. @param {Place} place */
  async function pressAll({ path, ready, last }) {
    /** What is pressed on the page as it is loaded, before each is there to be pressed. @type {Map<string, string[]>} */
    const ways = new Map();
    const here = () => new URL(page.url()).pathname === new URL(path, system.site).pathname;
    const note = (/** @type {string[]} */ names, /** @type {string[]} */ way) => {
      // A pick needs a photo that is public, and after it is taken back the page is as it was: first, before a decision ends that.
      const found = names.filter((name) => !ways.has(name)).sort((a, b) => Number(PICK.test(b)) - Number(PICK.test(a)));
      for (const name of found) ways.set(name, way);
      return found;
    };
    const open = async () => {
      await page.goto(path, { waitUntil: "load" });
      await ready?.(page);
      await rest();
      const names = await visible(page);
      todo.push(...note(names, []));
      if (last) todo.sort((a, b) => Number(last.test(a)) - Number(last.test(b)));
      return names.join("\n");
    };
    /** @type {string[]} */
    const todo = [];
    let before = await open();
    for (let name = todo.shift(); name !== undefined; name = todo.shift()) {
      const why = LEFT.find(([pattern]) => pattern.test(name ?? ""))?.[1];
      if (why) {
        left.push(`${name}: ${why}`);
        continue;
      }
      const way = ways.get(name) ?? [];
      const now = here() ? await visible(page) : [];
      // What a press has brought is pressed where it stands; for all others the page is as it came, if need be loaded anew.
      if (way.length ? !now.includes(name) : now.join("\n") !== before || happened.includes("another page")) {
        // A decision is refused while nobody can have seen the photo, and is pressed once more then.
        for (let tries = 0; tries === 0 || (tries < 3 && !(await visible(page)).includes(name)); tries += 1) {
          before = await open();
          if (tries > 0) await page.waitForTimeout(600);
          // Another press may have done a step already, or taken the photo back to where it is published from.
          for (const step of tries > 0 ? [...way, "Publish"] : way) {
            const now = await visible(page);
            if (!now.includes(name) && now.includes(step)) await press(step);
          }
          await rest();
        }
      }
      const there = await visible(page);
      const pressedHere = pressed.filter((one) => one.path === path).map((one) => one.name);
      assert.ok(there.includes(name), `${path}: “${name}” (after ${way.join(", ") || "nothing"}) was there, and is gone; there are ${there.join(", ")} on ${page.url()}; pressed were ${pressedHere.join(", ")}`);
      const effect = await press(name);
      assert.ok(effect, `${path}: nothing comes of “${name}”`);
      pressed.push({ path, name, effect });
      await rest();
      assert.deepEqual(complaints.filter((words) => !/\/nothing\/here.* 404 /.test(words)), [], `${path}: “${name}”`);
      const more = here() ? note(await visible(page), [...way, name]) : [];
      todo.unshift(...more.filter((one) => !last?.test(one)));
      todo.push(...more.filter((one) => last?.test(one)));
    }
  }

  return { page, press, pressAll, pressed, left };
}

/** The names of all that can be pressed. @param {Page} page @returns {Promise<string[]>} */
async function visible(page) {
  for (;;) {
    try {
      return await page.evaluate(() => [.../** @type {any} */ (globalThis).pressables().keys()]);
    } catch (error) {
      // The answer to a press may come after all the rest: the next page is looked at instead.
      if (!/Execution context was destroyed/.test(String(error))) throw error;
      await page.waitForLoadState("load");
    }
  }
}

/** In the page: notes what somebody could notice, and knows what can be pressed. */
function watch() {
  /** Clocks and counts that change by themselves. */
  const ALONE = "[role=timer], [data-tally], [data-count], [data-oldest], [data-fresh], [data-figure], [data-part]";
  /** @type {string[]} */
  let effects = [];
  /** @type {Element | null} */
  let expected = null;
  const all = /** @type {any} */ (globalThis);
  let changed = 0;
  let devices = 0;
  all.stillness = () => (devices ? 0 : performance.now() - changed);
  Object.defineProperty(all, "effects", { get: () => effects });
  const noticed = (/** @type {string} */ effect) => {
    changed = performance.now();
    if (expected) effects.push(effect);
  };
  all.expectOf = (/** @type {Element} */ button) => {
    effects = [];
    expected = button;
  };
  all.pressables = () => {
    const modal = [...document.querySelectorAll("dialog:modal")].at(-1);
    /** @type {Map<string, Element>} */
    const named = new Map();
    for (const one of (modal ?? document).querySelectorAll("button, summary, [role=button], input[type=submit], input[type=button], input[type=reset]")) {
      const shown = one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
      if (!shown || one.matches(":disabled, [aria-disabled=true], [inert] *")) continue;
      const name = (one.getAttribute("aria-label") ?? one.textContent ?? "").replace(/\s+/g, " ").trim() || one.outerHTML;
      let [n, unique] = [1, name];
      while (named.has(unique)) unique = `${name} (${(n += 1)})`;
      named.set(unique, one);
    }
    return named;
  };
  new MutationObserver((records) => {
    for (const { target } of records) {
      const place = target instanceof Element ? target : target.parentElement;
      if (!place?.closest(ALONE)) noticed("the page changes");
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  // That a press moves the focus to what is pressed, or to what is around it, is no answer.
  addEventListener("focusin", ({ target }) => target instanceof Node && !target.contains(expected) && noticed("the focus moves"), true);
  for (const type of ["fullscreenchange", "play"]) addEventListener(type, () => noticed(type), true);
  addEventListener("securitypolicyviolation", (event) => console.error(`refused by the policy: ${event.violatedDirective} ${event.blockedURI}`));
  for (const name of /** @type {const} */ (["get", "create"])) {
    const ask = /** @type {(options?: object) => Promise<Credential | null>} */ (CredentialsContainer.prototype[name]);
    CredentialsContainer.prototype[name] = async function (options) {
      devices += 1;
      return ask.call(this, options).finally(() => {
        devices -= 1;
        changed = performance.now();
      });
    };
  }
  all.print = () => noticed("printing");
  // A phone shares; the browser of a test has nobody to share with.
  Object.assign(Navigator.prototype, { canShare: () => true, share: async () => noticed("the device shares") });
  const { clipboard } = navigator;
  const write = clipboard?.writeText.bind(clipboard);
  if (clipboard) clipboard.writeText = (text) => (noticed("the clipboard"), write(text));
}
