// @ts-check
/**
 * What the wall shows next. Pure: no clock, no randomness, no page. Photos that have just come go before everything, newest first; then
 * those never shown, oldest first, in the order of the day; then those shown longest ago. Photos that one person sent together are shown in
 * turn with others. Sponsors never get more than 15 % of the time.
 *
 * Decision: the time owed to sponsors is kept as an account, which each photo fills and each of their slides empties, and not as a share of
 * all time so far. After an hour of new photos, a share would be paid back with a row of sponsors; of the account, anything beyond one
 * slide is forgiven. That costs them some of their time on a busy day. The account is in milliseconds, so it is also right for photos and
 * slides of different lengths.
 */

/** Number of photos that are kept for hours without a network. */
export const KEPT = 200;
/** Milliseconds for one photo, and for one slide of a sponsor or an announcement. */
export const PHOTO_MS = 8_000;
export const SLIDE_MS = 8_000;
/** Longest time for which a video plays, in milliseconds. */
export const FILM_MS = 20_000;
/** Largest share of the time for slides. */
export const SLIDES_SHARE = 0.15;
/** Milliseconds of slides that are owed for one photo. */
const OWED_MS = (PHOTO_MS * SLIDES_SHARE) / (1 - SLIDES_SHARE);
/** Milliseconds owed at which a sponsor is shown although new photos wait: if they keep coming, one slide in thirty is a sponsor's. */
const LONGEST_OWED_MS = 5 * SLIDE_MS;

/** @typedef {{type: string, width: number, height: number, url: string}} Rendition */
/** @typedef {{id: string, caption: string, alt: string, credit: string, school: {name: string} | null, discipline: string | null, published_at: string, picked_at?: string | null, width: number, height: number, color: string, renditions: Rendition[], video?: {url: string} | null}} Photo */
/** @typedef {{name: string, url?: string | null, handle?: string | null, logo?: {url: string, width: number, height: number} | null}} Slide */
/** @typedef {{edition: string, seq: number, whole: boolean, photos: Photo[], gone: string[], count: number, announcements: string[], slides: Slide[]}} Answer */
/** @typedef {{edition: string, seq: number, count: number, photos: Photo[], shown: Record<string, number>, fresh: string[], turn: number, slides: Slide[], announcements: string[], owed: number, slide: number}} State `photos` newest first; `shown` the turn of each; `fresh` what came while the wall was up and was not shown yet */
/** @typedef {{kind: "photo", photo: Photo} | {kind: "slide", slide: Slide} | {kind: "empty"}} Next */
/** @typedef {(photo: Photo) => boolean} Ready whether a photo can be shown at once */

/** @returns {State} */
export function empty() {
  return { edition: "", seq: 0, count: 0, photos: [], shown: {}, fresh: [], turn: 0, slides: [], announcements: [], owed: 0, slide: 0 };
}

/**
 * Applies an answer. Photos that are gone are removed before anything else happens.
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
  const picks = new Set(picked(state, answer));
  const shown = Object.fromEntries(Object.entries(begins ? {} : state.shown).filter(([id]) => here.has(id) && !picks.has(id)));
  const fresh = begins ? [] : [...new Set([...state.fresh, ...news(state, answer), ...picks])].filter((id) => here.has(id) && shown[id] === undefined);
  return { ...state, edition: answer.edition, seq: answer.seq, count: answer.count, photos, shown, fresh, slides: answer.slides, announcements: answer.announcements };
}

/**
 * Returns what has just come. A whole answer, as after a reload or an hour without a network, contains everything: then photos count as new
 * if they are younger than all that were known.
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
 * Returns what moderators have picked since: it is shown again at once, like a photo that has just come.
 * @param {State} state
 * @param {Answer} answer
 */
function picked(state, answer) {
  const known = new Map(state.photos.map((photo) => [photo.id, photo]));
  return answer.photos.filter(({ id, picked_at }) => picked_at && known.has(id) && !known.get(id)?.picked_at).map(({ id }) => id);
}

/**
 * Returns what to show now, and the state after it.
 * @param {State} state
 * @param {Ready} ready if no photo is ready, any of them is taken
 * @returns {{next: Next, state: State}}
 */
export function advance(state, ready = () => true) {
  const waiting = order(state);
  const choice = waiting.some(ready) ? waiting.filter(ready) : waiting;
  const last = before(state);
  const photo = choice.find((one) => !together(one, last)) ?? choice[0];
  if (!photo) return { next: { kind: "empty" }, state };
  const slide = state.slides[state.slide % Math.max(1, state.slides.length)];
  // A new photo does not wait for a sponsor; one that has waited since the wall was opened does.
  if (slide && state.owed >= (state.fresh.includes(photo.id) ? LONGEST_OWED_MS : SLIDE_MS)) {
    const owed = Math.min(state.owed, SLIDE_MS + OWED_MS) - SLIDE_MS;
    return { next: { kind: "slide", slide }, state: { ...state, slide: state.slide + 1, owed } };
  }
  const turn = state.turn + 1;
  const fresh = state.fresh.filter((id) => id !== photo.id);
  // If there are no sponsors, nothing is owed to the first who comes.
  const owed = slide ? state.owed + OWED_MS : 0;
  return { next: { kind: "photo", photo }, state: { ...state, turn, fresh, owed, shown: { ...state.shown, [photo.id]: turn } } };
}

/** Returns the photo that was shown last, while it is known. @param {State} state */
function before(state) {
  return state.turn > 0 ? state.photos.find((photo) => state.shown[photo.id] === state.turn) : undefined;
}

/**
 * Whether two photos were sent together: they have the same caption, credit and school.
 * @param {Photo} one
 * @param {Photo | undefined} other
 */
function together(one, other) {
  if (!other || !(one.caption || one.credit)) return false;
  return one.caption === other.caption && one.credit === other.credit && one.school?.name === other.school?.name;
}

/**
 * Returns the state after a photo that could not be shown: it took no time, and its turn comes again after the others.
 * @param {State} state
 * @returns {State}
 */
export function missed(state) {
  return { ...state, owed: Math.max(0, state.owed - OWED_MS) };
}

/**
 * Returns the state after a video that was on the screen for this many milliseconds: sponsors are owed their share of them, too.
 * @param {State} state
 * @param {number} ms
 * @returns {State}
 */
export function lasted(state, ms) {
  const owed = state.slides.length > 0 ? state.owed + (Math.max(0, ms - PHOTO_MS) * OWED_MS) / PHOTO_MS : 0;
  return { ...state, owed };
}

/**
 * Returns all photos in the order in which they would be shown if nothing else came.
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

/** Number of photos between two milestones, and minutes before closing in which those left are counted. */
const MILESTONE = 50;
const LAST_MINUTES = 15;

/**
 * Returns the milestone that was passed between two states of one edition; 0 if none was.
 * @param {Pick<State, "edition" | "count">} before
 * @param {Pick<State, "edition" | "count">} now
 */
export function milestone(before, now) {
  const passed = Math.floor(now.count / MILESTONE);
  // A screen that has just been switched on has missed nothing.
  const known = before.count > 0 && before.edition === now.edition;
  return known && passed > Math.floor(before.count / MILESTONE) ? passed * MILESTONE : 0;
}

/**
 * Returns the whole minutes in which photos can still be added, counting the one that has begun, in the last quarter of an hour; 0 before
 * that, and after closing.
 * @param {number} ms until closing
 */
export function minutesLeft(ms) {
  return ms > 0 && ms <= LAST_MINUTES * 60_000 ? Math.ceil(ms / 60_000) : 0;
}

/** Milliseconds for which one prize draw is announced before the next one. */
const PRIZES_MS = 20_000;

/**
 * Returns what to say about prizes: one draw after the other, of those that can still be entered. Empty if there is none.
 * @param {[number, string][]} draws until when each can be entered, in milliseconds since 1970, and what is said
 * @param {number} now milliseconds since 1970
 */
export function toBeWon(draws, now) {
  const open = draws.filter(([until]) => until > now);
  return open[Math.floor(now / PRIZES_MS) % Math.max(1, open.length)]?.[1] ?? "";
}

/**
 * Returns the file for a screen: the smallest that fills it.
 * @param {Photo} photo
 * @param {number} pixels the screen's width in its own pixels
 */
export function file(photo, pixels) {
  const jpegs = photo.renditions.filter((one) => one.type === "image/jpeg" && !/\/card\./.test(one.url)).sort((one, other) => one.width - other.width);
  return (jpegs.find((one) => one.width >= pixels) ?? jpegs.at(-1))?.url ?? "";
}

/**
 * Returns the pixels by which everything is moved, so that nothing burns into the screen: round a small square in nine steps.
 * @param {number} turn
 */
export function shift(turn) {
  const step = 6;
  return { x: ((turn % 3) - 1) * step, y: ((Math.floor(turn / 3) % 3) - 1) * step };
}
