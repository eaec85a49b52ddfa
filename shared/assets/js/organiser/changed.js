// @ts-check
/** Determines what of a form about a person is sent: only what was changed, so that another organiser's changes in the meantime stay. */

/** @typedef {{role: string, duties: string[]}} May */

/**
 * Returns what differs; undefined if nothing does.
 * @param {May} was as the page shows it
 * @param {May} now as the form has it
 * @returns {Partial<May> | undefined}
 */
export function changed(was, now) {
  const role = was.role !== now.role;
  const duties = was.duties.length !== now.duties.length || now.duties.some((duty) => !was.duties.includes(duty));
  if (!role && !duties) return undefined;
  return { ...(role && { role: now.role }), ...(duties && { duties: now.duties }) };
}
