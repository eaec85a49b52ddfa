// @ts-check
/** Recognises swipes: one finger, more sideways than down, and not while the page is zoomed, when a finger moves the view. */

/** Least distance of a swipe, in CSS pixels. */
const FAR = 60;

/**
 * Returns what a movement of a finger means.
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
 * @param {number} zoom 1 if the page is not zoomed
 * @returns {"left" | "right" | null}
 */
export function direction(from, to, zoom) {
  const [across, down] = [to.x - from.x, to.y - from.y];
  if (zoom > 1.05 || Math.abs(across) < FAR || Math.abs(across) < 2 * Math.abs(down)) return null;
  return across < 0 ? "left" : "right";
}

/**
 * @param {HTMLElement} place
 * @param {{left: () => void, right: () => void}} to
 */
export function swipe(place, to) {
  /** @type {{x: number, y: number} | null} */
  let from = null;
  place.addEventListener("touchstart", (event) => {
    const [touch] = event.touches;
    from = event.touches.length === 1 && touch ? { x: touch.clientX, y: touch.clientY } : null;
  }, { passive: true });
  place.addEventListener("touchend", (event) => {
    const [touch] = event.changedTouches;
    if (!from || !touch) return;
    const went = direction(from, { x: touch.clientX, y: touch.clientY }, visualViewport?.scale ?? 1);
    from = null;
    if (went) to[went]();
  }, { passive: true });
}
