// @ts-check
/** Sponsors' logos: draws any picture that this browser shows into a small PNG file, and sends it. */

import { call } from "../moderation/passkey.js";
import { smaller, within } from "./logo-size.js";

/** The most bytes of a logo's file, as `domain/logo.rs` has it. */
const BYTES = 60_000;

/**
 * Returns the picture as a PNG within the limits.
 * @param {File} file
 */
async function drawn(file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    // An SVG file without a size has none here.
    let size = within(image.naturalWidth || 600, image.naturalHeight || 300);
    for (let tries = 0; tries < 8; tries += 1) {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [size.width, size.height];
      canvas.getContext("2d")?.drawImage(image, 0, 0, size.width, size.height);
      const blob = await new Promise((/** @type {(blob: Blob | null) => void} */ resolve) => canvas.toBlob(resolve, "image/png"));
      if (blob && blob.size <= BYTES) return blob;
      size = smaller(size);
    }
  } catch {
    throw new Error("This file is not a picture that this browser can show. Try a PNG, JPEG or SVG file.");
  } finally {
    URL.revokeObjectURL(image.src);
  }
  throw new Error("This picture stays too large. Try a simpler one, without photos in it.");
}

/** @param {Blob} blob */
async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** @param {string} sponsor @param {string | null} png */
async function save(sponsor, png) {
  await call("/api/v1/organiser/logos", { sponsor, png }, "PUT");
  // The same address with a fragment would only scroll.
  if (location.search === "?saved=logos") location.reload();
  else location.assign("/organiser/day?saved=logos#logos");
}

/**
 * Does something about a sponsor, and says in the sponsor's row that it is under way, or why it did not work.
 * @param {HTMLElement} row @param {() => Promise<void>} does
 */
async function trying(row, does) {
  const say = (/** @type {string} */ text) => row.querySelector("[data-logo-status]")?.replaceChildren(text);
  say("Saving. This takes a few seconds.");
  try {
    await does();
  } catch (error) {
    say(error instanceof Error ? error.message : "That did not work. Try again.");
  }
}

for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-sponsor]"))) {
  const sponsor = row.dataset["sponsor"] ?? "";
  const input = /** @type {HTMLInputElement | null} */ (row.querySelector("[data-logo]"));
  input?.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) void trying(row, async () => save(sponsor, await base64(await drawn(file))));
    input.value = "";
  });
  row.querySelector("[data-remove]")?.addEventListener("click", () => void trying(row, () => save(sponsor, null)));
}
