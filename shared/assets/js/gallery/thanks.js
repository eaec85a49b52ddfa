// @ts-check
/** A thank-you card: what is typed appears on the card and in the mail at once, and stays in this tab. The site sends none of it. */

import { byId, say } from "../dom.js";
import { phrase } from "../words.js";

/** The fields of the card. @typedef {{ to: string, words: string, from: string }} Card */

/**
 * Returns the card as the text of a mail.
 * @param {Card} card
 * @param {string} address the school's page
 */
export function letter({ to, words, from }, address) {
  return [to ? `${to},` : "", words, from, address].filter((part) => part !== "").join("\n\n");
}

/**
 * Returns a link that opens a mail.
 * @param {string} subject
 * @param {string} body
 */
export function mailto(subject, body) {
  // RFC 6068: lines end with CRLF.
  return `mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body.replaceAll("\n", "\r\n"))}`;
}

/**
 * Parses what the tab has kept; null if it is not a card.
 * @param {string | null} text
 * @returns {Card | null}
 */
export function kept(text) {
  try {
    const card = JSON.parse(text ?? "null");
    return ["to", "words", "from"].every((name) => typeof card?.[name] === "string") ? card : null;
  } catch {
    return null;
  }
}

/** @param {HTMLElement} page */
function run(page) {
  const fields = {
    to: byId("thanks-to", HTMLInputElement),
    words: byId("thanks-words", HTMLTextAreaElement),
    from: byId("thanks-from", HTMLInputElement),
  };
  const mail = /** @type {HTMLAnchorElement} */ (page.querySelector("[data-thanks-mail]"));
  const copy = /** @type {HTMLButtonElement} */ (page.querySelector("[data-thanks-copy]"));
  const news = /** @type {HTMLElement} */ (page.querySelector("[data-thanks-news]"));
  const { subject = "", address = "" } = page.dataset;
  const there = new URL(address, location.href).href;
  const key = `thanks ${address}`;

  const typed = () => ({ to: fields.to.value.trim(), words: fields.words.value.trim(), from: fields.from.value.trim() });
  const show = () => {
    const card = typed();
    for (const place of page.querySelectorAll("[data-thanks-shown]")) {
      const name = /** @type {keyof Card} */ (/** @type {HTMLElement} */ (place).dataset["thanksShown"]);
      say(/** @type {HTMLElement} */ (place), card[name]);
    }
    mail.href = mailto(subject, letter(card, there));
  };
  const before = kept(storage((shelf) => shelf.getItem(key)));
  if (before) for (const name of /** @type {(keyof Card)[]} */ (["to", "words", "from"])) fields[name].value = before[name];
  show();
  page.addEventListener("input", () => {
    show();
    storage((shelf) => shelf.setItem(key, JSON.stringify(typed())));
  });

  // Browsers offer no clipboard to pages that came over an unencrypted connection.
  if (!navigator.clipboard) return copy.remove();
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(letter(typed(), there));
      say(news, phrase("words_copied"));
    } catch {
      say(news, phrase("copy_refused"));
    }
  });
}

/**
 * Uses the tab's storage; returns null if the browser has none.
 * @template T
 * @param {(shelf: Storage) => T} use
 * @returns {T | null}
 */
function storage(use) {
  try {
    return use(sessionStorage);
  } catch {
    return null;
  }
}

const page = typeof document === "undefined" ? null : /** @type {HTMLElement | null} */ (document.querySelector("[data-thanks]"));
if (page) run(page);
