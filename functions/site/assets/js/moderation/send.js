// @ts-check
/** Sends one decision and gives its outcome, a problem in words included. It never throws. */

/** @typedef {import("./outbox.js").Decision} Decision */
/** @typedef {import("./outbox.js").Outcome} Outcome */

/**
 * @param {Decision} decision
 * @param {typeof fetch} [request]
 * @returns {Promise<Outcome>}
 */
export async function send(decision, request = fetch) {
  const failed = (/** @type {string} */ detail) => ({ id: decision.id, problem: { detail } });
  try {
    const response = await request("/api/v1/moderation/decisions", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ decisions: [decision] }),
      credentials: "same-origin",
      // The last decision also leaves when the page is closed.
      keepalive: true,
    });
    const body = await response.json();
    if (!response.ok) return { id: decision.id, problem: body };
    return body.decisions?.[0] ?? failed("The answer was empty. Load the queue again.");
  } catch {
    return failed("No connection. The decision was not sent.");
  }
}

/** Whether the photo is not what was looked at any more, so that the same decision can never be taken. @param {NonNullable<Outcome["problem"]>} problem */
export function isOver(problem) {
  const type = /** @type {{type?: string}} */ (problem).type ?? "";
  return ["/version-outdated", "/illegal-move", "/photo-not-found"].some((end) => type.endsWith(end));
}

/** What a problem says to a moderator. @param {NonNullable<Outcome["problem"]>} problem */
export function words(problem) {
  const type = /** @type {{type?: string}} */ (problem).type ?? "";
  if (type.endsWith("/version-outdated")) return "Someone else has decided, or the uploader has changed it. Nothing was done.";
  if (problem.status === 401) return "You are no longer signed in. Open the organiser's link again.";
  return [problem.detail ?? problem.title, problem.hint].filter(Boolean).join(" ") || "That did not work. Try again.";
}
