// @ts-check
/** The list of published photos: it comes in parts, each of them a whole file of CSV, and is put together to one. */

/** Where a list begins. @param {string} edition @param {string} consent */
export const begins = (edition, consent) => `/api/v1/organiser/export?${new URLSearchParams({ edition, consent, format: "csv" })}`;

/** What the file is called. @param {string} edition @param {string} consent */
export const called = (edition, consent) => `techognition-${edition}-${consent}.csv`;

/** The address that a `Link` header gives for the next part. @param {string | null} link */
const next = (link) => /<([^>]*)>;\s*rel="?next\b/.exec(link ?? "")?.[1] ?? null;

/**
 * Takes a list, part after part; answers with the whole file and how many photos it has.
 * @param {string} address
 * @param {(address: string) => Promise<Response>} take
 */
export async function whole(address, take) {
  /** @type {string[]} */
  const lines = [];
  for (let at = /** @type {string | null} */ (address); at !== null; ) {
    const part = await take(at);
    // Reading text takes its byte-order mark away. No line breaks are in a cell: what people write has none.
    const [names, ...photos] = (await part.text()).split("\r\n").slice(0, -1);
    if (lines.length === 0) lines.push(names ?? "");
    lines.push(...photos);
    at = next(part.headers.get("link"));
  }
  return { photos: lines.length - 1, text: `\uFEFF${lines.join("\r\n")}\r\n` };
}
