// @ts-check
/**
 * What the wall shows next. Pure: no clock, no chance, no page. What has just come goes before everything, the newest first; then what
 * was never shown, the oldest first, in the order of the day; then what was shown longest ago. Sponsors never get more than 15 % of
 * the time.
 *
 * Decision: what sponsors are owed is kept as an account, which each photo fills and each of their slides empties, and not as the share
 * of all time so far. After an hour of new photos a share would be paid back with a row of sponsors; of the account more than one slide
 * is forgiven. It costs them some of their time on a busy day. A wall whose photos and slides are of different lengths would still be
 * right, since the account is in milliseconds.
 */

/** Photos that are kept for hours without a network. */
export const KEPT = 200;
/** Milliseconds of one photo, and of one slide of a sponsor or an announcement. */
export const PHOTO_MS = 8_000;
export const SLIDE_MS = 8_000;
/** The most of the time that slides may take. */
export const SLIDES_SHARE = 0.15;
/** Milliseconds of slides that one photo stands for. */
const OWED_MS = (PHOTO_MS * SLIDES_SHARE) / (1 - SLIDES_SHARE);
/** Milliseconds owed at which a sponsor comes though new photos wait: where they come without end, one slide in thirty is a sponsor's. */
const LONGEST_OWED_MS = 5 * SLIDE_MS;

/** @typedef {{type: string, width: number, height: number, url: string}} Rendition */
/** @typedef {{id: string, caption: string, alt: string, credit: string, school: {name: string} | null, discipline: string | null, published_at: string, width: number, height: number, color: string, renditions: Rendition[]}} Photo */
/** @typedef {{name: string, url?: string | null, handle?: string | null}} Slide */
/** @typedef {{edition: string, seq: number, whole: boolean, photos: Photo[], gone: string[], count: number, announcements: string[], slides: Slide[]}} Answer */
/** @typedef {{edition: string, seq: number, count: number, photos: Photo[], shown: Record<string, number>, fresh: string[], turn: number, slides: Slide[], announcements: string[], owed: number, slide: number}} State `photos` newest first; `shown` the turn of each; `fresh` what came while the wall was up and was not shown yet */
/** @typedef {{kind: "photo", photo: Photo} | {kind: "slide", slide: Slide} | {kind: "empty"}} Next */
/** @typedef {(photo: Photo) => boolean} Ready whether a photo can be shown at once */

/** @returns {State} */
export function empty() {
  return { edition: "", seq: 0, count: 0, photos: [], shown: {}, fresh: [], turn: 0, slides: [], announcements: [], owed: 0, slide: 0 };
}

/**
 * Takes an answer in: what is gone is gone before anything else happens.
 * @param {State} state
 * @param {Answer} answer
 * @returns {State}
 */
export function take(state, answer) {
  const begins = answer.edition !== state.edition;
  const gone = new Set(answer.gone);
  const coming = new Set(answer.photos.map((photo) => photo.id));
  const kept = begins || answer.whole ? [] : state.photos.filter((photo) => !gone.has(photo.id) && !coming.has(photo.id));
  const photos = [...answer.photos, ...kept]
    .sort((one, other) => other.published_at.localeCompare(one.published_at) || other.id.localeCompare(one.id))
    .slice(0, KEPT);
  const here = new Set(photos.map((photo) => photo.id));
  const shown = Object.fromEntries(Object.entries(begins ? {} : state.shown).filter(([id]) => here.has(id)));
  const fresh = begins ? [] : [...state.fresh, ...news(state, answer)].filter((id) => here.has(id) && shown[id] === undefined);
  return { ...state, edition: answer.edition, seq: answer.seq, count: answer.count, photos, shown, fresh, slides: answer.slides, announcements: answer.announcements };
}

/**
 * What has just come. A whole answer, as after a reload or an hour without a network, has everything: new is what is younger than all
 * that was known.
 * @param {State} state
 * @param {Answer} answer
 */
function news(state, answer) {
  const known = new Set(state.photos.map((photo) => photo.id));
  const [newest] = state.photos;
  const coming = answer.photos.filter((photo) => !known.has(photo.id) && !state.fresh.includes(photo.id));
  return coming.filter((photo) => !answer.whole || (newest && photo.published_at > newest.published_at)).map((photo) => photo.id);
}

/**
 * What to show now, and the state after it.
 * @param {State} state
 * @param {Ready} ready where no photo is, any of them is taken
 * @returns {{next: Next, state: State}}
 */
export function advance(state, ready = () => true) {
  const waiting = order(state);
  const photo = waiting.find(ready) ?? waiting[0];
  if (!photo) return { next: { kind: "empty" }, state };
  const slide = state.slides[state.slide % Math.max(1, state.slides.length)];
  // What has just come is not kept waiting by a sponsor; what has waited since the wall was opened is.
  if (slide && state.owed >= (state.fresh.includes(photo.id) ? LONGEST_OWED_MS : SLIDE_MS)) {
    const owed = Math.min(state.owed, SLIDE_MS + OWED_MS) - SLIDE_MS;
    return { next: { kind: "slide", slide }, state: { ...state, slide: state.slide + 1, owed } };
  }
  const turn = state.turn + 1;
  const fresh = state.fresh.filter((id) => id !== photo.id);
  // Where there are no sponsors nothing is owed to the first who comes.
  const owed = slide ? state.owed + OWED_MS : 0;
  return { next: { kind: "photo", photo }, state: { ...state, turn, fresh, owed, shown: { ...state.shown, [photo.id]: turn } } };
}

/**
 * The state after a photo that could not be shown: it took no time, and its turn comes again after the others.
 * @param {State} state
 * @returns {State}
 */
export function missed(state) {
  return { ...state, owed: Math.max(0, state.owed - OWED_MS) };
}

/**
 * All photos, in the order in which they would be shown if nothing else came.
 * @param {State} state
 * @returns {Photo[]}
 */
export function order(state) {
  const turn = (/** @type {Photo} */ photo) => state.shown[photo.id] ?? 0;
  const [old, shown] = [state.photos.filter((photo) => turn(photo) === 0), state.photos.filter((photo) => turn(photo) > 0)];
  const fresh = new Set(state.fresh);
  return [
    ...old.filter((photo) => fresh.has(photo.id)),
    ...old.filter((photo) => !fresh.has(photo.id)).reverse(),
    ...shown.sort((one, other) => turn(one) - turn(other)),
  ];
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
