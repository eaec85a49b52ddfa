// @ts-check
/**
 * Counts down by the server's clock: the page states its time when it was made, and a monotonic clock counts on from there, so that a
 * device with a wrong clock shows the right time.
 */

/**
 * Formats the time that is left as the page shows it: days as they are, the other parts with two digits.
 * @param {number} milliseconds
 */
export function left(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return {
    days: String(Math.floor(seconds / 86400)),
    hours: two(Math.floor(seconds / 3600) % 24),
    minutes: two(Math.floor(seconds / 60) % 60),
    seconds: two(seconds % 60),
  };
}

/** @param {HTMLElement} element */
function run(element) {
  const until = Number(element.dataset.until);
  const begun = Number(element.dataset.now) - performance.now();
  const tick = () => {
    const remaining = until - (begun + performance.now());
    for (const [unit, text] of Object.entries(left(remaining))) {
      const place = element.querySelector(`[data-unit="${unit}"]`);
      if (place && place.textContent !== text) place.textContent = text;
    }
    if (remaining <= 0) {
      // The day opens or closes now, and the page has other words then. The reloads are spread, so that not everybody asks in the same
      // second.
      setTimeout(() => location.reload(), 1000 + Math.random() * 4000);
      return;
    }
    setTimeout(tick, remaining % 1000 || 1000);
  };
  tick();
}

if (typeof document !== "undefined") {
  for (const element of document.querySelectorAll("[data-countdown]")) run(/** @type {HTMLElement} */ (element));
}
