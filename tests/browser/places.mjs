// @ts-check
// The pages that the public sees, for stories about each of them.

import assert from "node:assert/strict";

/** The public pages of a sample day. @param {string} site @returns {Promise<[string, string][]>} */
export async function publicPages(site) {
  const feed = await (await fetch(`${site}/api/v1/photos?limit=48`)).json();
  const photo = feed.photos.find((/** @type {{school: object | null}} */ one) => one.school) ?? feed.photos[0];
  const gallery = await (await fetch(`${site}/s/sample-academy`)).text();
  assert.match(gallery, /Sample Academy/);
  return [
    ["home", "/"], ["gallery", "/gallery"], ["discipline", "/gallery?discipline=science"], ["search", "/gallery?q=the"], ["nothing found", "/gallery?q=zzzz"],
    ["photo", photo.page], ["photo in Welsh", `/cy${photo.page}`], ["taking part in Welsh", "/cy/take-part"], ["home in Welsh", "/cy/"], ["rules in Welsh", "/cy/rules"], ["safety in Welsh", "/cy/safety"],
    ["report in Welsh", `/cy${photo.page}/report`], ["schools in Welsh", "/cy/schools"], ["school in Welsh", "/cy/s/sample-academy"], ["thanks in Welsh", "/cy/s/sample-academy/thanks"], ["day in Welsh", "/cy/day"], ["poster in Welsh", "/cy/poster"],
    ["school", "/s/sample-academy"], ["certificate", "/s/sample-academy/certificate"], ["sheet", "/s/sample-academy/sheet"], ["thanks", "/s/sample-academy/thanks"],
    ["schools", "/schools"], ["day", "/day"], ["stats", "/stats"], ["wall", "/wall"], ["embedded photo", `/embed${photo.page}`], ["embedded gallery", "/embed/gallery"],
    ["draw", "/draws/sample-noon"], ["draw that is open", "/draws/sample-evening"], ["draw in Welsh", "/cy/draws/sample-noon"], ["check of a draw", "/draws/sample-noon/verify"], ["check of a draw in Welsh", "/cy/draws/sample-noon/verify"],
    ["add", "/add"], ["add in Welsh", "/cy/add"], ["mine", "/mine"], ["mine in Welsh", "/cy/mine"], ["take part", "/take-part"], ["rules", "/rules"], ["privacy", "/privacy"], ["accessibility", "/accessibility"],
    ["safety", "/safety"], ["poster", "/poster"], ["problems", "/problems/"], ["not found", "/nothing/here"],
  ];
}
