// @ts-check
/** The list of published photos. It comes in parts, each of them a whole CSV file, which are joined to one. */

/** Returns the address of a list's first part. @param {string} edition @param {string} consent */
export const begins = (edition, consent) => `/api/v1/organiser/export?${new URLSearchParams({ edition, consent, format: "csv" })}`;

/** Returns the name of the file. @param {string} edition @param {string} consent */
export const called = (edition, consent) => `techognition-${edition}-${consent}.csv`;

/** Returns the address of the next part from a `Link` header. @param {string | null} link */
export const next = (link) => /<([^>]*)>;\s*rel="?next\b/.exec(link ?? "")?.[1] ?? null;

/**
 * Fetches a list, part after part. Returns the whole file and its number of photos.
 * @param {string} address
 * @param {(address: string) => Promise<Response>} take
 */
export async function whole(address, take) {
  /** @type {string[]} */
  const lines = [];
  for (let at = /** @type {string | null} */ (address); at !== null; ) {
    const part = await take(at);
    // Reading text removes the byte-order mark. Cells have no line breaks, because users' texts have none.
    const [names, ...photos] = (await part.text()).split("\r\n").slice(0, -1);
    if (lines.length === 0) lines.push(names ?? "");
    lines.push(...photos);
    at = next(part.headers.get("link"));
  }
  return { photos: lines.length - 1, text: `\uFEFF${lines.join("\r\n")}\r\n` };
}
