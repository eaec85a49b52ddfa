// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { END_S, STEP_S, Watched } from "../../assets/js/moderation/watched.js";

/** Plays from one moment to another, a quarter of a second at a time. @param {Watched} watched @param {number} from @param {number} to */
function play(watched, from, to) {
  for (let time = from; time < to; time += 0.25) watched.at(time);
  watched.at(to);
}

test("a video that was played to its end was seen", () => {
  const watched = new Watched();
  assert.equal(watched.missing(10), 0, "nothing was seen yet");
  play(watched, 0, 6);
  assert.equal(watched.missing(10), 6);
  play(watched, 6, 10 - END_S);
  assert.equal(watched.missing(10), null);
});

test("a jump sees nothing of what it leaps over, and the rest can be seen later, in any order", () => {
  const watched = new Watched();
  play(watched, 7, 10);
  assert.equal(watched.missing(10), 0);
  play(watched, 0, 3);
  assert.equal(watched.missing(10), 3);
  watched.at(3 + STEP_S + 0.1);
  assert.equal(watched.missing(10), 3, "a step that is too long is a jump");
  play(watched, 5, 7.5);
  assert.equal(watched.missing(10), 3);
  play(watched, 2.5, 5.5);
  assert.equal(watched.missing(10), null);
});

test("a video can be moved through by hand, also backwards", () => {
  const watched = new Watched();
  for (let time = 10; time >= 0; time -= STEP_S) watched.at(time);
  assert.equal(watched.missing(10), null);
});

test("of a video of a moment the beginning is enough, and one moment alone is nothing", () => {
  const watched = new Watched();
  watched.at(0);
  assert.equal(watched.missing(0.4), 0);
  watched.at(0.2);
  assert.equal(watched.missing(0.4), null);
});
