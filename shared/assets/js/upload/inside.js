// @ts-check
// Browsers inside other apps: they stop a page as soon as the user leaves it, and some lose it while a photo is chosen.

const APPS = /** @type {const} */ ([
  ["Instagram", /\bInstagram\b/],
  ["Facebook", /\bFB(AN|AV|_IAB|IOS)\b|\bFB4A\b/],
  ["Messenger", /\bMessenger|Orca-Android\b/],
  ["LinkedIn", /\bLinkedInApp\b/],
  ["TikTok", /\b(TikTok|musical_ly|BytedanceWebview|trill_)/],
  ["Snapchat", /\bSnapchat\b/],
  ["X", /\bTwitter(Android)?\b/],
  ["LINE", /\bLine\/\d/],
  ["WeChat", /\bMicroMessenger\b/],
  ["Teams", /\bTeamsMobile-/],
]);

/**
 * Returns the app in whose own browser a page is open; empty in a real browser.
 * @param {string} userAgent
 */
export function insideOf(userAgent) {
  return APPS.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? "";
}
