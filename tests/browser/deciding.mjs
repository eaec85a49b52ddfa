// @ts-check
// How many photos a minute a moderator can decide on, by keyboard and by thumb, as far as the system is concerned: a script presses as soon
// as a decision counts. And what was promised: that each photo was whole on the screen before its decision, whoever presses how fast. Half
// of the photos are decided by keys at a desk, half by taps on a phone of 360 pixels.
//
//   node tests/browser/deciding.mjs [PHOTOS]    400 if not said

import { clearQueue, counted, eventually, fill, pressWithoutLooking, ready } from "./moderator.mjs";
import { observe } from "./observer.mjs";
import { DESKTOP, device, withSystem } from "./system.mjs";

const photos = Number(process.argv[2] ?? 400);
const each = Math.floor(photos / 4);

await withSystem(["--open-window"], async (system) => {
  const desk = await device(system, { viewport: DESKTOP });
  await desk.page.goto("/");
  const devices = await fill(system, desk.page, 4 * each);
  const is = async (/** @type {string} */ state) => counted(system, devices, state);
  await eventually("all photos wait", async () => (await is("pending")) === 4 * each);
  const atDesk = await observe(desk.page);
  await desk.page.goto(system.organiser);
  await desk.page.waitForURL("**/moderation/queue**");
  await ready(desk.page);
  /** @type {Record<string, object>} */
  const told = {};
  const timed = async (/** @type {string} */ how, /** @type {Awaited<ReturnType<typeof observe>>} */ seen, /** @type {() => Promise<object>} */ decide) => {
    const [begun, before] = [performance.now(), seen.decisions.length];
    const more = await decide();
    const seconds = (performance.now() - begun) / 1000;
    const n = seen.decisions.length - before;
    told[how] = { ...seen.prove(before + n), decisions: n, seconds: Number(seconds.toFixed(1)), a_minute: Math.round((n * 60) / seconds), ...more };
  };

  await timed("keys, each as soon as it counts", atDesk, async () => {
    const { next } = await clearQueue(desk.page, each);
    return { key_to_next_photo_ms: quantiles(next) };
  });
  await timed("keys, without looking", atDesk, async () => {
    const until = atDesk.decisions.length + each;
    return { presses: await pressWithoutLooking(desk.page, until, (n) => desk.page.keyboard.press(n % 10 === 9 ? "3" : "p"), () => atDesk.decisions.length) };
  });

  const phone = await device(system, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, storageState: await desk.context.storageState() });
  await desk.context.close();
  const atPhone = await observe(phone.page);
  await phone.page.goto("/moderation/queue");
  await ready(phone.page);
  const box = await phone.page.locator("[data-current]").getByRole("button", { name: "Publish" }).boundingBox();
  const tap = () => phone.page.touchscreen.tap((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2);
  await timed("taps, each as soon as it counts", atPhone, async () => {
    for (let n = 0; n < each; n += 1) {
      const before = atPhone.decisions.length;
      await ready(phone.page);
      // The second press within half a second belongs to a double tap.
      while (atPhone.decisions.length === before) {
        await tap();
        await phone.page.waitForTimeout(20);
      }
    }
    return {};
  });
  await timed("taps, without looking", atPhone, async () => {
    const until = atPhone.decisions.length + each;
    return { presses: await pressWithoutLooking(phone.page, until, tap, () => atPhone.decisions.length) };
  });

  const meant = (/** @type {string} */ action) => [...atDesk.decisions, ...atPhone.decisions].filter((one) => one.action === action).length;
  await eventually("every decision is carried out, and nothing else", async () => (await is("published")) === meant("publish") && (await is("rejected")) === meant("reject"));
  console.log(JSON.stringify({ photos: 4 * each, published: meant("publish"), rejected: meant("reject"), ...told }, null, 1));
});

/** @param {number[]} all */
function quantiles(all) {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (/** @type {number} */ share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) };
}
