// @ts-check
/**
 * Returns the address that opens a message to somebody, or calls them: `mailto:` with subject and text, or `tel:`.
 * @param {string} contact an e-mail address or a telephone number, as it was given
 * @param {string} subject
 * @param {string} text
 */
export function address(contact, subject, text) {
  // `+44 (0)7700 …` is dialled without the 0 from abroad and from here.
  if (!contact.includes("@")) return `tel:${contact.replace(/^(\+\d+)\s*\(0\)/, "$1").replace(/[^+\d]/g, "")}`;
  // Mail programs read %0D%0A as the end of a line (RFC 6068).
  const body = encodeURIComponent(text.replaceAll("\n", "\r\n"));
  return `mailto:${encodeURIComponent(contact).replaceAll("%40", "@")}?subject=${encodeURIComponent(subject)}&body=${body}`;
}
