// @ts-check
// What axe has against a page, and what it cannot know: the spacing of text that somebody needs.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(new URL("../tools/package.json", import.meta.url)).resolve("axe-core/axe.min.js"), "utf8");

/** WCAG 1.4.12: the spacing that a reader may set. */
export const SPACING = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-block-end: 2em !important }";

/**
 * What axe has against a page, in short.
 * @param {import("playwright-core").Page} page
 */
export async function violations(page) {
  // Evaluated by the browser's own tools, which the page's policy does not hold back.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = /** @type {{axe: {run: (where: Document, how: object) => Promise<{violations: {id: string, nodes: {html: string, failureSummary: string}[]}[]}>}}} */ (/** @type {unknown} */ (globalThis));
    const found = await axe.run(document, { resultTypes: ["violations"] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`).join(" | ").slice(0, 600)}`);
  });
}
