// @ts-check
/** A card of thanks: what is typed stands on the card and in the mail at once, and stays in this tab. Nothing of it is sent by us. */

import { byId, say } from "../dom.js";
import { phrase } from "../words.js";

/** The fields of the card. @typedef {{ to: string, words: string, from: string }} Card */

/**
 * The card as a mail's text.
 * @param {Card} card
 * @param {string} address the school's page
 */
export function letter({ to, words, from }, address) {
  return [to ? `${to},` : "", words, from, address].filter((part) => part !== "").join("\n\n");
}

/**
 * A link that opens a mail.
 * @param {string} subject
 * @param {string} body
 */
export function mailto(subject, body) {
  // RFC 6068: lines end with CRLF.
  return `mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body.replaceAll("\n", "\r\n"))}`;
}

/**
 * What the tab has kept, if it is a card.
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

  // Browsers have no clipboard for pages that came over an open connection.
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
 * The tab's storage; nothing where the browser has none for us.
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
