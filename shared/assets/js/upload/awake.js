// @ts-check
// Keeps the screen on while photos are sent: a phone that locks itself stops the page.

/** @type {WakeLockSentinel | null} */
let lock = null;
let wanted = false;

/**
 * Says whether the screen should stay on. The system may refuse, for example with a low battery: then sending continues when the page is
 * visible again.
 * @param {boolean} wish
 */
export function stayAwake(wish) {
  if (wish === wanted) return;
  wanted = wish;
  void settle();
}

/** A wake lock ends by itself whenever the page is hidden. */
document.addEventListener("visibilitychange", () => void settle());

async function settle() {
  if (!wanted) {
    await lock?.release().catch(() => {});
    lock = null;
  } else if (document.visibilityState === "visible" && (lock === null || lock.released)) {
    lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
    if (!wanted) await settle();
  }
}
