// @ts-check
/** Sends decisions and returns their outcomes, including problems in words. It never throws. */

/** @typedef {import("./decision-buffer.js").Decision} Decision */
/** @typedef {import("./decision-buffer.js").Outcome} Outcome */
/** @typedef {import("./decision-buffer.js").Problem} Problem */

/** Milliseconds before each further attempt after a request without an answer. */
const AGAIN_MS = [500, 2_000];
/** Largest number of decisions in one request. */
export const AT_ONCE = 48;
const EMPTY = "The server’s answer was empty. Reload the queue.";
/**
 * The state that a decision leads to, if no other decision leads there. It reveals an earlier attempt that was carried out but not
 * answered.
 */
const LEADS_TO = /** @type {Record<string, string>} */ ({ publish: "published", restore: "published", reject: "rejected", hide: "hidden" });

/**
 * @param {Decision} decision
 * @param {typeof fetch} [request]
 * @param {(ms: number) => Promise<void>} [pause]
 * @returns {Promise<Outcome>}
 */
export async function send(decision, request = fetch, pause = later) {
  const [outcome] = await sendAll([decision], request, pause);
  return outcome ?? { id: decision.id, problem: { detail: EMPTY } };
}

/**
 * Sends up to `AT_ONCE` decisions in one request; each is carried out by itself.
 * @param {Decision[]} decisions
 * @param {typeof fetch} [request]
 * @param {(ms: number) => Promise<void>} [pause]
 * @returns {Promise<Outcome[]>} in the same order
 */
export async function sendAll(decisions, request = fetch, pause = later) {
  for (const [tries, wait] of [...AGAIN_MS, null].entries()) {
    const outcomes = await once(decisions, request);
    if (outcomes) return decisions.map((decision, i) => {
      const outcome = outcomes[i] ?? { id: decision.id, problem: { detail: EMPTY } };
      return tries > 0 ? known(decision, outcome) : outcome;
    });
    if (wait !== null) await pause(wait);
  }
  const detail = "No connection. Check that you are online, then decide again.";
  return decisions.map(({ id }) => ({ id, problem: { detail } }));
}

/**
 * Picks a published photo as a favourite, or takes the pick back.
 * @param {string} id
 * @param {number} version the version of the photo that was seen
 * @param {boolean} picked
 * @param {typeof fetch} [request]
 * @returns {Promise<Outcome>}
 */
export async function sendPick(id, version, picked, request = fetch) {
  try {
    const response = await request(`/api/v1/moderation/photos/${id}/pick`, {
      method: "PUT",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ version, picked }),
      credentials: "same-origin",
      keepalive: true,
    });
    const body = await response.json();
    return response.ok ? body : { id, problem: body };
  } catch {
    return { id, problem: { detail: "No connection. Check that you are online, then try again." } };
  }
}

/** @param {number} ms @returns {Promise<void>} */
function later(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Makes one attempt. Null if there was no answer.
 * @param {Decision[]} decisions @param {typeof fetch} request @returns {Promise<Outcome[] | null>}
 */
async function once(decisions, request) {
  try {
    const response = await request("/api/v1/moderation/decisions", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ decisions }),
      credentials: "same-origin",
      // The request is also sent if the page is closed meanwhile.
      keepalive: true,
    });
    const body = await response.json();
    if (!response.ok) return decisions.map(({ id }) => ({ id, problem: body }));
    return body.decisions ?? [];
  } catch {
    return null;
  }
}

/**
 * Returns the outcome of a further attempt: an earlier one may have been carried out.
 * @param {Decision} decision @param {Outcome} outcome @returns {Outcome}
 */
function known(decision, outcome) {
  const { problem } = outcome;
  if (!problem?.type?.endsWith("/version-outdated") || problem.version !== decision.version + 1) return outcome;
  const { state = "", version } = problem;
  return state === LEADS_TO[decision.action] ? { id: decision.id, state, version } : outcome;
}

/** Whether the photo has changed since it was looked at, so that the same decision can never succeed. @param {Problem} problem */
export function isOver(problem) {
  return ["/version-outdated", "/illegal-move", "/photo-not-found"].some((end) => problem.type?.endsWith(end));
}

/** Whether the session has ended. @param {Problem} problem */
export function isSignedOut(problem) {
  return problem.status === 401;
}

/** Returns the text of a problem for a moderator. @param {Problem} problem */
export function words(problem) {
  if (problem.type?.endsWith("/version-outdated")) return "Someone else decided first, or the uploader changed the photo. Your decision was not saved.";
  if (isSignedOut(problem)) return "You are signed out. Sign in, then decide again.";
  return [problem.detail ?? problem.title, problem.hint].filter(Boolean).join(" ") || "That did not work. Try again.";
}
