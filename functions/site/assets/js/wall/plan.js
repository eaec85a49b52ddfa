// @ts-check
/**
 * What the wall shows next. Pure: no clock, no chance, no page. A photo that has not been shown comes before any that has; of those
 * that have, the one that was shown longest ago. Sponsors never get more than 15 % of the time.
 */

/** Photos that are kept for hours without a network. */
export const KEPT = 200;
/** Milliseconds of one photo, and of one slide of a sponsor or an announcement. */
export const PHOTO_MS = 8_000;
export const SLIDE_MS = 8_000;
/** The most of the time that slides may take. */
export const SLIDES_SHARE = 0.15;

/** @typedef {{type: string, width: number, height: number, url: string}} Rendition */
/** @typedef {{id: string, caption: string, alt: string, credit: string, school: {name: string} | null, discipline: string | null, published_at: string, width: number, height: number, color: string, renditions: Rendition[]}} Photo */
/** @typedef {{name: string, url?: string | null, handle?: string | null}} Slide */
/** @typedef {{edition: string, seq: number, whole: boolean, photos: Photo[], gone: string[], count: number, announcements: string[], slides: Slide[]}} Answer */
/** @typedef {{edition: string, seq: number, count: number, photos: Photo[], shown: Record<string, number>, turn: number, slides: Slide[], announcements: string[], photoMs: number, slideMs: number, slide: number}} State */
/** @typedef {{kind: "photo", photo: Photo} | {kind: "slide", slide: Slide} | {kind: "empty"}} Next */

/** @returns {State} */
export function empty() {
  return { edition: "", seq: 0, count: 0, photos: [], shown: {}, turn: 0, slides: [], announcements: [], photoMs: 0, slideMs: 0, slide: 0 };
}

/**
 * Takes an answer in: what is gone is gone before anything else happens.
 * @param {State} state
 * @param {Answer} answer
 * @returns {State}
 */
export function take(state, answer) {
  const fresh = answer.whole || answer.edition !== state.edition;
  const gone = new Set(answer.gone);
  const coming = new Set(answer.photos.map((photo) => photo.id));
  const kept = fresh ? [] : state.photos.filter((photo) => !gone.has(photo.id) && !coming.has(photo.id));
  const photos = [...answer.photos, ...kept]
    .sort((one, other) => other.published_at.localeCompare(one.published_at) || other.id.localeCompare(one.id))
    .slice(0, KEPT);
  const here = new Set(photos.map((photo) => photo.id));
  const shown = Object.fromEntries(Object.entries(state.shown).filter(([id]) => here.has(id)));
  return { ...state, edition: answer.edition, seq: answer.seq, count: answer.count, photos, shown, slides: answer.slides, announcements: answer.announcements };
}

/**
 * What to show now, and the state after it.
 * @param {State} state
 * @returns {{next: Next, state: State}}
 */
export function advance(state) {
  if (state.photos.length === 0) return { next: { kind: "empty" }, state };
  const waiting = state.photos.some((photo) => state.shown[photo.id] === undefined);
  const slide = state.slides[state.slide % Math.max(1, state.slides.length)];
  const share = (state.slideMs + SLIDE_MS) / (state.photoMs + state.slideMs + SLIDE_MS);
  // A new photo is never kept waiting by a sponsor.
  if (slide && !waiting && share <= SLIDES_SHARE) {
    return { next: { kind: "slide", slide }, state: { ...state, slide: state.slide + 1, slideMs: state.slideMs + SLIDE_MS } };
  }
  const photo = pick(state);
  const turn = state.turn + 1;
  return { next: { kind: "photo", photo }, state: { ...state, turn, photoMs: state.photoMs + PHOTO_MS, shown: { ...state.shown, [photo.id]: turn } } };
}

/** @param {State} state @returns {Photo} */
function pick(state) {
  const rank = (/** @type {Photo} */ photo) => state.shown[photo.id] ?? 0;
  // Of those that were never shown the oldest first: so they come in the order of the day.
  return [...state.photos].reverse().reduce((best, photo) => (rank(photo) < rank(best) ? photo : best));
}

/**
 * The file for a screen: the smallest that fills it.
 * @param {Photo} photo
 * @param {number} pixels the screen's width in its own pixels
 */
export function file(photo, pixels) {
  const jpegs = photo.renditions.filter((one) => one.type === "image/jpeg" && !/\/card\./.test(one.url)).sort((one, other) => one.width - other.width);
  return (jpegs.find((one) => one.width >= pixels) ?? jpegs.at(-1))?.url ?? "";
}

/**
 * Pixels by which everything is moved, so that nothing burns into the screen: round a small square in nine steps.
 * @param {number} turn
 */
export function shift(turn) {
  const step = 6;
  return { x: ((turn % 3) - 1) * step, y: ((Math.floor(turn / 3) % 3) - 1) * step };
}
