// @ts-check
// Photos as phones make them: with a place in them, with the colours of Display P3, lying on their side.

import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { run } from "./system.mjs";

/** What must never be seen again; exiftool puts each of them into a file, and stories look for them in what is served. */
export const SECRETS = ["Secret Camera", "Secret Owner", "Secret XMP", "Secret IPTC", "Secret Comment"];

/**
 * Three photos in `folder`; those of the folder TECHOGNITION_PHOTOS instead, if it is said.
 * @param {import("playwright-core").Page} page any page, whose canvas draws them
 * @param {string} folder
 * @returns {Promise<string[]>} their paths
 */
export async function photos(page, folder) {
  const real = process.env.TECHOGNITION_PHOTOS;
  if (real) return readdirSync(real).filter((name) => /\.(jpe?g|png|webp)$/i.test(name)).sort().map((name) => join(real, name));
  const files = [];
  for (const [name, hue, space, type] of /** @type {const} */ ([
    ["bench.jpg", 20, "srgb", "image/jpeg"],
    ["P3 on its side.jpg", 150, "display-p3", "image/jpeg"],
    ["screen.png", 260, "srgb", "image/png"],
  ])) {
    const path = join(folder, name);
    await writeFile(path, Buffer.from(await page.evaluate(draw, { hue, space, type }), "base64"));
    const hidden = ["-overwrite_original", "-q", "-GPSLatitude=51.5", "-GPSLatitudeRef=N", "-GPSLongitude=0.12", "-GPSLongitudeRef=W",
      `-Model=${SECRETS[0]}`, `-Artist=${SECRETS[1]}`, `-XMP-dc:Description=${SECRETS[2]}`, `-Comment=${SECRETS[4]}`];
    if (type === "image/jpeg") hidden.push(`-IPTC:Caption-Abstract=${SECRETS[3]}`);
    if (name.startsWith("P3")) hidden.push("-Orientation#=6");
    await run("exiftool", [...hidden, path]);
    files.push(path);
  }
  return files;
}

/** Draws 2400 × 1600 pixels in the page; answers with the file in base64. @param {{hue: number, space: "srgb" | "display-p3", type: string}} how */
async function draw({ hue, space, type }) {
  const canvas = new OffscreenCanvas(2400, 1600);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { colorSpace: space }));
  const sky = context.createLinearGradient(0, 0, 0, 1600);
  sky.addColorStop(0, `hsl(${hue} 60% 85%)`);
  sky.addColorStop(1, `hsl(${hue + 40} 70% 35%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, 2400, 1600);
  for (let i = 0; i < 60; i += 1) {
    context.fillStyle = `hsl(${hue + i * 5} 80% ${30 + (i % 5) * 10}% / 0.5)`;
    context.fillRect((i * 397) % 2300, (i * 211) % 1500, 60 + (i * 53) % 300, 60 + (i * 31) % 300);
  }
  context.fillStyle = "white";
  context.font = "bold 160px sans-serif";
  context.fillText("SAMPLE", 120, 1480);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type, quality: 0.9 })).arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 32_768) text += String.fromCharCode(...bytes.subarray(i, i + 32_768));
  return btoa(text);
}

/**
 * So many different photos, drawn quickly: noise of few colours, so that what is made of them for sending stays small.
 * @param {import("playwright-core").Page} page any page, whose canvas draws them
 * @param {string} folder
 * @param {number} count
 * @param {{width: number, height: number}} [size] in pixels
 * @returns {Promise<string[]>} their paths
 */
export async function manyPhotos(page, folder, count, size = { width: 800, height: 600 }) {
  const files = [];
  for (let i = 0; i < count; i += 1) {
    const path = join(folder, `photo ${String(i + 1).padStart(2, "0")}.jpg`);
    await writeFile(path, Buffer.from(await page.evaluate(drawOne, { i, ...size }), "base64"));
    files.push(path);
  }
  return files;
}

/** @param {{i: number, width: number, height: number}} which */
async function drawOne({ i, width, height }) {
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = `hsl(${i * 47} 60% 70%)`;
  context.fillRect(0, 0, width, height);
  for (let n = 0; n < 220; n += 1) {
    context.fillStyle = `hsl(${i * 47 + n * 7} 70% ${20 + ((n * 37 + i) % 60)}%)`;
    context.fillRect((n * 397 + i * 31) % width, (n * 211 + i * 17) % height, 8 + ((n * 53) % 90), 8 + ((n * 31) % 90));
  }
  context.font = `bold ${height / 3}px sans-serif`;
  context.fillText(String(i + 1), width / 10, height * 0.8);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 })).arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}
