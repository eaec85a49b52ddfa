// @ts-check
// A published video is played, and moved through, in the engines of iPhones and of Firefox, from an edge that answers parts of files.

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { deleteAtExit, settingsWith, start } from "../browser/command.mjs";
import { ENGINES, Window } from "./engine.mjs";

for (const [engine, { there }] of Object.entries(ENGINES)) {
  test(`${engine}: a video is played, and moved through`, { timeout: 300_000, skip: !there && `${engine} is not on this machine` }, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "techognition-films-"));
    deleteAtExit(folder);
    const event = join(folder, "event.toml");
    writeFileSync(event, settingsWith({ video_seconds: 60 }));
    const { told, stop } = await start(join(folder, "data"), ["--sample", "13", "--event", event]);
    try {
      const { photos } = await (await fetch(`${told.site}/api/v1/photos?limit=48`)).json();
      const films = photos.filter((/** @type {{ kind: string }} */ photo) => photo.kind === "video");
      assert.equal(films.length, 2);
      await Window.with(engine, 1280, 900, async (window) => {
        for (const { page } of films) {
          await window.goto(new URL(page, told.site).href);
          await window.until("there is a player", () => document.querySelector("video") !== null);
          // Without a decoder of H.264, as some builds are, there is nothing to be seen here.
          if (!(await window.ask(() => document.createElement("video").canPlayType('video/mp4; codecs="avc1.64001f"')))) return context.skip(`${engine} has no decoder of H.264 on this machine`);
          await window.ask(() => {
            const film = /** @type {HTMLVideoElement} */ (document.querySelector("video"));
            film.muted = true;
            void film.play();
          });
          await window.until("it plays", () => /** @type {HTMLVideoElement} */ (document.querySelector("video")).currentTime > 0.5);
          await window.ask(() => void (/** @type {HTMLVideoElement} */ (document.querySelector("video")).currentTime = 5));
          await window.until("it goes on from where it was moved to, to its end", () => {
            const film = /** @type {HTMLVideoElement} */ (document.querySelector("video"));
            return film.ended && film.error === null && Math.round(film.duration) === 6 && film.videoWidth > 0;
          });
          await window.picture("film");
        }
      });
    } finally {
      await stop();
    }
  });
}
