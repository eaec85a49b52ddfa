// @ts-check
/** Describes the result of a decision. Nothing is called done that is not done. */

/** @typedef {import("./decision-buffer.js").Entry} Entry */

const SENDING = /** @type {Record<string, string>} */ ({
  publish: "Publishing", hold: "Putting on hold", release: "Putting back", reject: "Rejecting", hide: "Hiding", restore: "Showing again",
});
const FAILED = /** @type {Record<string, string>} */ ({
  publish: "Not published", hold: "Not put on hold", release: "Not put back", reject: "Still in the queue", hide: "Not hidden", restore: "Not shown again",
});
/** The lanes' names as in their tabs. */
export const LANES = /** @type {Record<string, string>} */ ({ normal: "To decide", held: "Held", reported: "Reported", unseen: "Shown without a check" });

/**
 * Describes a decision at its present stage.
 * @param {Entry} entry
 * @param {string} caption the photo's
 * @param {string} problem what went wrong, in words; empty if nothing did
 */
export function news({ decision: { action }, undo, stage, outcome, picked, done_at, undone_at }, caption, problem) {
  switch (stage) {
    case "sending":
      return `${SENDING[action] ?? "Sending"}: ${caption}`;
    case "failed":
      return `${FAILED[action] ?? "Not done"}: ${caption}. ${problem}`;
    case "done":
      if (picked !== undefined) return `${picked ? "Picked as a favourite" : "Pick taken back"}: ${caption}`;
      return `${done(action, outcome?.state ?? "", outcome?.lane ?? "")}: ${caption}`;
    case "undoing":
      return `Undoing: ${caption}`;
    case "kept":
      return `Not undone: ${caption}. ${problem}`;
    case "undone":
      return undone(action, undo, outcome?.lane ?? "", undone_at - done_at);
  }
}

/** @param {string} action @param {string} state @param {string} lane */
function done(action, state, lane) {
  if (state === "published") return action === "restore" ? "Shown again" : action === "release" ? "Still shown" : "Published";
  // Two people must agree to show a photo again that was hidden to protect a child.
  if (action === "publish" || action === "restore") return "Noted. A second person must agree before it is shown";
  if (state === "hidden") return "Hidden";
  if (state === "rejected") return "Not shown";
  return lane === "held" ? "Held" : "Back in the queue";
}

/** @param {string} action @param {string} undo @param {string} lane where it waits now @param {number} shown_ms */
function undone(action, undo, lane, shown_ms) {
  const waits = `It is in the lane “${LANES[lane] ?? LANES["normal"]}”.`;
  if (undo !== "unpublish") return `Undone. ${waits}`;
  // A photo that was public before the decision has been public for longer.
  if (action === "release") return `Undone: off the site now. ${waits}`;
  const seconds = Math.max(1, Math.ceil(shown_ms / 1000));
  return `Undone: off the site again. It was public for ${seconds === 1 ? "a second" : `${seconds} seconds`}. ${waits}`;
}
