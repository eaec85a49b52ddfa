// @ts-check
// What the processes of a browser hold.

import { readFileSync } from "node:fs";

/** Bytes that the processes which show this browser's pages hold for themselves. @param {import("playwright-core").CDPSession} browser */
export async function renderers(browser) {
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  return processInfo.filter((one) => one.type === "renderer").reduce((sum, one) => sum + own(one.id), 0);
}

/** @param {number} pid */
function own(pid) {
  try {
    const [, pages, shared] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ").map(Number);
    return ((pages ?? 0) - (shared ?? 0)) * 4096;
  } catch {
    return 0;
  }
}
