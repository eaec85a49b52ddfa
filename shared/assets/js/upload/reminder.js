// @ts-check
// Runs on every page: reminds the user of photos that wait on this device.

import { phrase, spoken } from "../words.js";

const count = (() => {
  try {
    return Number(localStorage.getItem("techognition.unsent"));
  } catch {
    return 0;
  }
})();

const main = document.getElementById("main");
const add = spoken("/add");
if (count > 0 && main && location.pathname !== add) {
  const link = document.createElement("a");
  link.href = add;
  link.textContent = phrase("unsent_go_on");
  const text = document.createElement("p");
  text.append(phrase("unsent", { n: count }), " ", link);
  const notice = document.createElement("aside");
  notice.className = "notice notice-amber";
  notice.append(text);
  const wrap = document.createElement("div");
  wrap.className = "wrap";
  wrap.style.setProperty("padding-block-start", "var(--space-4)");
  wrap.append(notice);
  main.before(wrap);
}
