// @ts-check
// Draws the clips of the sample day and has Chromium encode them, as a phone's browser does with what it sends:
//
//   node tests/browser/clips.mjs [FOLDER]
//
// A newer Chromium may write other bytes: look at the clips before they replace those of infra/cli/samples/videos.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { browser, withLab } from "./lab.mjs";

/** @typedef {{ width: number, height: number, seconds: number, fps: number, bitrate: number }} Shape */

/** @type {Record<string, Shape>} */
const CLIPS = {
  "titration.mp4": { width: 720, height: 960, seconds: 6, fps: 25, bitrate: 400_000 },
  "beats.mp4": { width: 640, height: 360, seconds: 6, fps: 20, bitrate: 120_000 },
};

/**
 * Runs in the page. Returns the clip's bytes in base64.
 * @param {import("./lab.mjs").Lab} lab @param {{ name: string, shape: Shape }} clip
 */
async function drawn(lab, { name, shape: { width, height, seconds, fps, bitrate } }) {
  /** @type {typeof import("../../shared/assets/js/film/boxes.js")} */
  const { TICKS, write } = await import(/** @type {string} */ ("/shared/assets/js/film/boxes.js"));
  const context = new OffscreenCanvas(width, height).getContext("2d", { alpha: false });
  if (!context) throw new Error("no canvas");
  const scene = name === "titration.mp4" ? titration : beats;
  const how = { count: seconds * fps, fps, keyEvery: 2 * fps, scale: TICKS, bitrate };
  const { frames, record } = await lab.encoded(context, how, (i) => scene(context, i / fps));
  const picture = { codedWidth: width, codedHeight: height, width, height, matrix: /** @type {[number, number, number, number]} */ ([1, 0, 0, 1]), colour: null, record, frames, lastSpan: TICKS / fps };
  return lab.base64(write(picture, null));

  /** A drop at a time from a burette, until the flask turns pink. @param {OffscreenCanvasRenderingContext2D} c @param {number} t in seconds */
  function titration(c, t) {
    c.fillStyle = "#e9e4d8";
    c.fillRect(0, 0, width, height);
    c.fillStyle = "#cfc6b4";
    c.fillRect(0, 850, width, 110);
    const [x, tip, level] = [width / 2, 430, 640];
    // The burette: glass, marks, and what is left in it.
    c.fillStyle = "#f7f9fa";
    c.fillRect(x - 26, 0, 52, 350);
    c.fillStyle = "#b9dbe8";
    c.fillRect(x - 22, 40 + t * 14, 44, 310 - t * 14);
    c.strokeStyle = "#56626b";
    c.lineWidth = 4;
    c.strokeRect(x - 26, -10, 52, 360);
    for (let mark = 0; mark < 12; mark += 1) {
      c.beginPath();
      c.moveTo(x + 26, 30 + mark * 26);
      c.lineTo(x + (mark % 5 ? 12 : 2), 30 + mark * 26);
      c.stroke();
    }
    c.fillStyle = "#30373c";
    c.fillRect(x - 60, 352, 120, 22);
    c.fillStyle = "#c9d6db";
    c.fillRect(x - 5, 374, 10, tip - 374);
    // The flask. It turns in the fourth second.
    const pink = Math.min(1, Math.max(0, (t - 3.4) / 0.8));
    const side = (/** @type {number} */ y) => 40 + Math.max(0, (y - 560) * 0.62);
    c.beginPath();
    c.moveTo(x - side(level), level);
    c.lineTo(x - side(840), 840);
    c.lineTo(x + side(840), 840);
    c.lineTo(x + side(level), level);
    c.closePath();
    c.fillStyle = `rgb(${Math.round(226 + pink * 12)} ${Math.round(238 - pink * 118)} ${Math.round(242 - pink * 66)})`;
    c.fill();
    c.lineWidth = 6;
    c.beginPath();
    for (const dir of [-1, 1]) {
      c.moveTo(x + dir * 40, 490);
      c.lineTo(x + dir * 40, 560);
      c.lineTo(x + dir * side(840), 840);
    }
    c.moveTo(x - side(840), 840);
    c.lineTo(x + side(840), 840);
    c.stroke();
    // Two drops in three seconds become one in two when the end is near.
    const every = t < 3 ? 0.6 : 1.2;
    const part = (t % every) / every;
    const y = tip + part * part * (level - tip);
    c.fillStyle = "#8fc3d8";
    c.beginPath();
    c.ellipse(x, y, 7, 10, 0, 0, 2 * Math.PI);
    c.fill();
    if (part < 0.25) {
      c.strokeStyle = "#8fa9b5";
      c.lineWidth = 3;
      c.beginPath();
      c.ellipse(x, level + 4, 20 + part * 120, 4 + part * 12, 0, 0, 2 * Math.PI);
      c.stroke();
    }
  }

  /** Two tones on an oscilloscope, and their sum. @param {OffscreenCanvasRenderingContext2D} c @param {number} t in seconds */
  function beats(c, t) {
    const [wide, high] = [960, 540];
    c.setTransform(width / wide, 0, 0, height / high, 0, 0);
    c.fillStyle = "#2b2f36";
    c.fillRect(0, 0, wide, high);
    c.fillStyle = "#07130f";
    c.fillRect(40, 40, wide - 80, high - 80);
    c.strokeStyle = "#1d3a30";
    c.lineWidth = 2;
    c.beginPath();
    for (let i = 1; i < 10; i += 1) {
      c.moveTo(40 + (i * (wide - 80)) / 10, 40);
      c.lineTo(40 + (i * (wide - 80)) / 10, high - 40);
    }
    for (let i = 1; i < 6; i += 1) {
      c.moveTo(40, 40 + (i * (high - 80)) / 6);
      c.lineTo(wide - 40, 40 + (i * (high - 80)) / 6);
    }
    c.stroke();
    const wave = (/** @type {string} */ colour, /** @type {number} */ middle, /** @type {(at: number) => number} */ of) => {
      c.strokeStyle = colour;
      c.lineWidth = 4;
      c.beginPath();
      for (let px = 0; px <= wide - 80; px += 4) c.lineTo(40 + px, middle - of(px / (wide - 80)));
      c.stroke();
    };
    const one = (/** @type {number} */ at) => 34 * Math.sin(2 * Math.PI * (9 * at - t * 0.5));
    const other = (/** @type {number} */ at) => 34 * Math.sin(2 * Math.PI * (10 * at - t * 0.75));
    wave("#ffd35a", 115, one);
    wave("#6fd6ff", 215, other);
    wave("#8cf0a4", 385, (at) => one(at) + other(at));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? fileURLToPath(new URL("../../infra/cli/samples/videos/", import.meta.url));
  try {
    await withLab(async (lab) => {
      for (const [name, shape] of Object.entries(CLIPS)) {
        const bytes = Buffer.from(await lab.evaluate(drawn, { name, shape }), "base64");
        writeFileSync(join(folder, name), bytes);
        console.log(`${name}: ${bytes.length} bytes`);
      }
    });
  } finally {
    // Outside a test nothing else does.
    await browser.close();
    process.exit();
  }
}
