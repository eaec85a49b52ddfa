// @ts-check
// Captions, credits and schools that try to be more than text, or are more than most: the same words everywhere, and nothing but words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { counted, eventually, send } from "./moderator.mjs";
import { DESKTOP, PHONE, device, scrollThrough, shoot, signIn, withSystem } from "./system.mjs";

/** @typedef {import("./system.mjs").System} System */
/** @typedef {import("playwright-core").Page} Page */

/** Each as a caption; the mark at its beginning tells them apart. */
const SENT = [
  "A1 <script>document.title='broken'</script><img src=x onerror=alert(1)> &amp; \"quoted\" it's",
  "B2 ]]></description></item><!-- --></textarea></style></title><svg onload=alert(1)>",
  "C3 👩🏽‍🔬🏳️‍🌈🏴󠁧󠁢󠁷󠁬󠁳󠁿🇬🇧 five graphemes, of many code points each",
  "D4 مختبر العلوم جاهز للصباح (٣) שלום English again",
  `E5 ${"Z̡̲̝͕̑̃͊a̷̛̮̘͇͋͝l̸̢̺̯̏͆g̵̨̞̳̈́͗o̶̤͓̍͑".repeat(3)} stays in its place`,
  `F6 ${"👩🏽‍🔬".repeat(197)}`,
  `G7 ${"W".repeat(197)}`,
  "H8 {{constructor.constructor('alert(1)')()}} ${7*7} %3Cscript%3E javascript:alert(1) ' OR 1=1; --",
];
/** What is kept of them: all of it, but for marks over and under one letter beyond the fourth, which no language has. */
const CAPTIONS = SENT.map((caption) => caption.normalize("NFC").replace(/(\P{M}\p{M}{0,4})\p{M}*/gu, "$1"));
const CREDIT = "<b>Sam</b> & Jo's \"prep\" 🧪";
const SCHOOL = "St <i>Hostile</i> & Sons' \"School\" عربي";

test("captions are the same words on every page, feed, card and frame, and nothing but words", { timeout: 240_000 }, () => withSystem(["--open-window"], async (system) => {
  const { page, complaints } = await device(system, { viewport: PHONE });
  page.on("dialog", (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto("/rules");
  const ids = await publish(system, page, SENT);
  const feed = await (await fetch(`${system.site}/api/v1/photos?limit=48`)).json();
  const byMark = new Map(feed.photos.map((/** @type {{caption: string, id: string}} */ photo) => [photo.caption.slice(0, 2), photo]));
  for (const caption of CAPTIONS) {
    const photo = /** @type {{id: string, caption: string, credit: string, page: string, school: {name: string}} | undefined} */ (byMark.get(caption.slice(0, 2)));
    assert.equal(photo?.caption, caption);
    assert.equal(photo?.credit, CREDIT);
    assert.equal(photo?.school.name, SCHOOL);
  }
  const school = new URL(await hrefOf(page, `/p/${ids[0]}`, ".facts a[href^='/s/']"), system.site).pathname;
  const lists = ["/", "/gallery", "/cy/", "/cy/gallery", school, `${school}/sheet`, "/day", "/embed/gallery", "/gallery?q=graphemes", `/cy${school}`, "/cy/day"];
  for (const viewport of [PHONE, DESKTOP]) {
    await page.setViewportSize(viewport);
    for (const path of [...lists, "/schools", "/stats", `${school}/certificate`, `${school}/thanks`, "/wall", ...ids.flatMap((id) => [`/p/${id}`, `/cy/p/${id}`, `/p/${id}/report`, `/cy/p/${id}/report`, `/embed/p/${id}`])]) {
      assert.equal((await page.goto(path))?.status(), 200, path);
      if (path !== "/wall") await scrollThrough(page);
      const found = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth - innerWidth,
        // What only a caption of these could have made.
        made: document.querySelectorAll("main i, main b i, main script, main img[src='x'], main svg[onload], [onerror], [onload]").length,
        title: document.title,
      }));
      assert.ok(found.wide <= 0, `${path} at ${viewport.width}: ${found.wide} pixels too wide`);
      assert.equal(found.made, 0, path);
      assert.notEqual(found.title, "broken", path);
    }
  }
  for (const path of ["/gallery", "/cy/gallery", "/embed/gallery"]) {
    await page.goto(path);
    const shown = await page.locator("[data-tiles] .tile-caption").allTextContents();
    for (const caption of CAPTIONS) assert.ok(shown.includes(caption), `${path}: ${caption.slice(0, 60)} among ${shown.map((one) => one.slice(0, 20))}`);
  }
  await page.goto("/gallery");
  await scrollThrough(page);
  await shoot(page, "hostile-gallery-1440", { fullPage: true });

  for (const [i, id] of ids.entries()) {
    const caption = CAPTIONS[i] ?? "";
    await page.goto(`/p/${id}`);
    assert.equal(await page.locator("h1").textContent(), caption);
    const meta = await page.evaluate(() => Object.fromEntries([...document.querySelectorAll("meta[property], meta[name]")].map((one) => [one.getAttribute("property") ?? one.getAttribute("name"), one.getAttribute("content")])));
    assert.equal(meta["og:title"], caption);
    assert.equal(meta["twitter:title"], caption);
    assert.match(meta["og:description"] ?? "", /St <i>Hostile<\/i>/);
    await page.goto(`/embed/p/${id}`);
    assert.ok((await page.locator("body").textContent())?.includes(caption), `the frame of ${caption.slice(0, 20)}`);
    const answer = await (await fetch(`${system.site}/oembed?url=${encodeURIComponent(`${system.site}/p/${id}`)}&format=json`)).json();
    assert.equal(answer.title, caption);
  }

  // A reader parses the feed as what it says it is, and unpacks the description as the markup that it is then.
  await page.goto("about:blank");
  const rss = await (await fetch(`${system.site}/feed.xml`)).text();
  const items = await page.evaluate((text) => {
    const xml = new DOMParser().parseFromString(text, "application/xml");
    const error = xml.querySelector("parsererror");
    if (error) throw new Error(error.textContent ?? "");
    return [...xml.querySelectorAll("item")].map((item) => {
      const html = new DOMParser().parseFromString(item.querySelector("description")?.textContent ?? "", "text/html");
      return { title: item.querySelector("title")?.textContent, made: html.querySelectorAll("script, [onerror], [onload], svg, i").length };
    });
  }, rss);
  assert.deepEqual(items.map((item) => item.title).sort(), [...CAPTIONS].sort());
  assert.ok(items.every((item) => item.made === 0), "nothing in a description but what we put there");
  const json = await (await fetch(`${system.site}/feed.json`)).json();
  for (const caption of CAPTIONS) {
    const item = json.items.find((/** @type {{title?: string, content_text?: string}} */ one) => one.title === caption || one.content_text?.includes(caption));
    assert.ok(item, `the JSON feed has ${caption.slice(0, 20)}`);
    assert.ok(!/<(script|svg|i)\b/.test(item.content_html ?? ""), "escaped once");
  }
  assert.deepEqual(complaints, []);
}));

/** @param {Page} page @param {string} path @param {string} selector */
async function hrefOf(page, path, selector) {
  await page.goto(path);
  return (await page.locator(selector).first().getAttribute("href")) ?? "";
}

/**
 * Sends one photo for each caption and publishes them all.
 * @param {System} system @param {Page} page any page of the site, whose canvas draws them @param {string[]} captions
 * @returns {Promise<string[]>} their ids, in this order
 */
async function publish(system, page, captions) {
  const words = captions.map((caption) => ({ caption, alt: caption.slice(0, 80) }));
  const { authorization, ids } = await send(system, page, words, { credit: CREDIT, school: { name: SCHOOL } });
  await eventually("all wait for a decision", async () => (await counted(system, [authorization], "pending")) === ids.length);
  const moderator = await device(system, { viewport: DESKTOP });
  await signIn(moderator.page, system);
  const decided = await moderator.page.evaluate(async (all) => {
    const decisions = [];
    for (const id of all) {
      const audit = await (await fetch(`/api/v1/moderation/photos/${id}/audit`)).json();
      decisions.push({ id, version: audit.entries.at(-1).version, action: "publish" });
    }
    const answer = await fetch("/api/v1/moderation/decisions", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ decisions }) });
    return answer.text();
  }, ids);
  assert.equal(decided.match(/"state":"published"/g)?.length, ids.length, decided);
  await moderator.context.close();
  return ids;
}
