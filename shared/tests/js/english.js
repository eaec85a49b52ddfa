// @ts-check
// Lets the modules speak English, as a page's words do. Imported by tests of what is said.

import { readFileSync } from "node:fs";

import { speak } from "../../assets/js/words.js";

/**
 * What the scripts say in one language, as `messages/scripts/` has it: of TOML only what those files need.
 * @param {"en" | "cy"} language
 */
export function phrasesOf(language) {
  /** @type {Record<string, string | Record<string, string>>} */
  const phrases = {};
  for (const line of readFileSync(new URL(`../../messages/scripts/${language}.toml`, import.meta.url), "utf8").split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [, key = "", form = "", text = '""'] = /^([a-z_]+)(?:\.([a-z]+))? = (".*")$/.exec(line) ?? [];
    if (!key) throw new SyntaxError(`${language}.toml: ${line}`);
    if (form) phrases[key] = { .../** @type {Record<string, string>} */ (phrases[key] ?? {}), [form]: JSON.parse(text) };
    else phrases[key] = JSON.parse(text);
  }
  return phrases;
}

speak("en-GB", phrasesOf("en"));
