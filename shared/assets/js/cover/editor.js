// @ts-check
// Draws covers on a picture: with a pointer, with a keyboard, and with buttons for people who have neither a steady hand nor a keyboard.
//
//   const editor = new CoverEditor(picture, { boxes, name: "this photo", onChange: (boxes) => … });
//   place.append(editor.element);
//
// The editor takes the picture into itself; its caller decides what happens with the boxes. Styles: css/components/cover.css.

import { el, say } from "../dom.js";
import { phrase } from "../words.js";
import { Covers, MOST, drawn, moved, place, sized } from "./boxes.js";

/** @import { Box, Edge, Point } from "./boxes.js" */

/** Distance of one press of an arrow key, in fractions of the picture; with Alt it is smaller. */
const STEP = 0.02;
const FINE = 0.004;
const EDGES = /** @type {const} */ (["nw", "n", "ne", "e", "se", "s", "sw", "w"]);
const ARROWS = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] });

/**
 * The action of the pointer that is down.
 * @typedef {{ kind: "draw", from: Point, to: Point }
 *   | { kind: "move", index: number, from: Point, before: Box, step: string }
 *   | { kind: "size", index: number, edge: Edge, from: Point, before: Box, step: string }} Drag
 */

let editors = 0;

export class CoverEditor {
  #covers;
  #chosen = -1;
  /** @type {Drag | null} */
  #drag = null;
  #drags = 0;
  /** @type {HTMLElement[]} */
  #marks = [];

  /**
   * @param {HTMLImageElement | HTMLCanvasElement} picture as it is seen; it is moved into the editor
   * @param {{ boxes?: readonly Box[], name?: string, onChange?: (boxes: readonly Box[]) => void }} [wishes] `name` is what screen
   *   readers call the picture
   */
  constructor(picture, { boxes = [], name = phrase("cover_this"), onChange = () => {} } = {}) {
    this.#covers = new Covers(boxes);
    this.onChange = onChange;
    const help = `cover-help-${(editors += 1)}`;
    picture.classList.add("cover-picture");
    if (picture instanceof HTMLImageElement) picture.draggable = false;
    this.sketch = el("div", { class: "cover-sketch", hidden: true });
    this.stage = el("div", { class: "cover-stage", role: "group", "aria-label": phrase("cover_stage", { name }), "aria-describedby": help }, picture, this.sketch);
    this.addButton = button(phrase("cover_add"), "button button-quiet", () => this.add());
    this.undoButton = button(phrase("cover_undo"), "button button-quiet", () => this.undo());
    this.removeButton = button(phrase("cover_remove"), "button button-quiet", () => this.remove());
    this.count = el("p", { class: "cover-count" });
    this.live = el("p", { class: "visually-hidden", role: "status" });
    this.pad = el("div", { class: "cover-pad", role: "group", "aria-label": phrase("cover_chosen") },
      ...pad().map(([text, label, dx, dy, what]) => {
        const made = button(text, "button button-quiet", () => this.#nudge(this.#chosen, what, dx * STEP, dy * STEP));
        made.setAttribute("aria-label", label);
        return made;
      }));
    this.more = el("details", { class: "cover-more" }, el("summary", {}, phrase("cover_buttons")), this.pad);
    this.element = el("div", { class: "cover-editor" },
      el("p", { class: "field-hint", id: help }, phrase("cover_help"), " ", el("span", { class: "cover-keys" }, phrase("cover_keys"))),
      this.stage,
      el("div", { class: "cover-bar" }, this.addButton, this.undoButton, this.removeButton, this.count),
      this.more, this.live);
    this.stage.addEventListener("pointerdown", (event) => this.#down(event));
    this.stage.addEventListener("pointermove", (event) => this.#move(event));
    this.stage.addEventListener("pointerup", (event) => this.#up(event));
    this.stage.addEventListener("pointercancel", () => this.#cancel());
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.#show();
  }

  /** Returns the present covers. @returns {readonly Box[]} */
  get boxes() {
    return this.#covers.boxes;
  }

  /** Adds a cover in the middle and moves the focus to it. */
  add() {
    const index = this.#covers.add();
    if (index < 0) return say(this.live, phrase("cover_most", { n: MOST }));
    this.#changed(phrase("cover_added", { number: index + 1, place: place(this.#box(index)) }));
    this.#choose(index);
    this.#marks[index]?.focus();
  }

  /** Undoes the last step. The focus stays in the editor, even if the element that had it is gone. */
  undo() {
    const focused = document.activeElement;
    if (!this.#covers.undo()) return;
    this.#chosen = Math.min(this.#chosen, this.boxes.length - 1);
    this.#changed(phrase("cover_undone", { covers: this.#counted() }));
    const lost = focused === this.undoButton ? this.undoButton.disabled : focused !== null && !focused.isConnected;
    if (lost) (this.#marks[this.#chosen] ?? this.addButton).focus();
  }

  /** Removes the selected cover. */
  remove() {
    const index = this.#chosen;
    if (index < 0) return;
    this.#covers.remove(index);
    this.#chosen = Math.min(index, this.boxes.length - 1);
    this.#changed(phrase("cover_removed", { covers: this.#counted() }));
    (this.#marks[this.#chosen] ?? this.addButton).focus();
  }

  /** @param {number} index */
  #box(index) {
    return /** @type {Box} */ (this.boxes[index]);
  }

  #counted() {
    const count = this.boxes.length;
    return count ? phrase("cover_count", { n: count }) : phrase("cover_none");
  }

  /** @param {string} [news] for screen readers */
  #changed(news = "") {
    this.#show();
    if (news) say(this.live, news);
    this.onChange(this.boxes);
  }

  // Display

  #show() {
    while (this.#marks.length > this.boxes.length) this.#marks.pop()?.remove();
    for (const [i, box] of this.boxes.entries()) {
      const mark = this.#marks[i] ?? this.#mark(i);
      laid(mark, box);
      mark.setAttribute("aria-label", phrase("cover_of_all", { number: i + 1, n: this.boxes.length, place: place(box) }));
      mark.classList.toggle("cover-chosen", i === this.#chosen);
    }
    const chosen = this.#chosen >= 0;
    this.undoButton.disabled = !this.#covers.undoable;
    this.removeButton.disabled = !chosen;
    this.more.hidden = !chosen;
    this.addButton.disabled = this.boxes.length >= MOST;
    say(this.count, this.#counted());
  }

  /** @param {number} index */
  #mark(index) {
    // The role `application` makes screen readers pass the arrow keys on.
    const mark = el("div", { class: "cover-mark", role: "application", "aria-roledescription": phrase("cover_role"), tabindex: "0" },
      ...EDGES.map((edge) => el("span", { class: "cover-edge", "data-edge": edge })));
    mark.addEventListener("focus", () => this.#choose(this.#marks.indexOf(mark)));
    this.#marks[index] = mark;
    this.stage.append(mark);
    return mark;
  }

  /** @param {number} index */
  #choose(index) {
    this.#chosen = index;
    this.#show();
  }

  // Pointer

  /** @param {PointerEvent} event @returns {Point} */
  #point(event) {
    const { left, top, width, height } = this.stage.getBoundingClientRect();
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0 || this.#drag) return;
    const from = this.#point(event);
    const target = event.target instanceof Element ? event.target : null;
    const mark = /** @type {HTMLElement | null} */ (target?.closest(".cover-mark") ?? null);
    const index = mark ? this.#marks.indexOf(mark) : -1;
    const edge = /** @type {Edge | undefined} */ (target instanceof HTMLElement ? target.dataset["edge"] : undefined);
    const step = `drag ${(this.#drags += 1)}`;
    if (index >= 0 && edge) this.#drag = { kind: "size", index, edge, from, before: this.#box(index), step };
    else if (index >= 0) this.#drag = { kind: "move", index, from, before: this.#box(index), step };
    else if (this.boxes.length < MOST) this.#drag = { kind: "draw", from, to: from };
    this.stage.setPointerCapture(event.pointerId);
    event.preventDefault();
    mark?.focus();
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const drag = this.#drag;
    if (!drag) return;
    const at = this.#point(event);
    if (drag.kind === "draw") {
      drag.to = at;
      const box = drawn(drag.from, at);
      this.sketch.hidden = !box;
      if (box) laid(this.sketch, box);
      return;
    }
    const [dx, dy] = [at.x - drag.from.x, at.y - drag.from.y];
    const box = drag.kind === "move" ? moved(drag.before, dx, dy) : sized(drag.before, drag.edge, dx, dy);
    this.#covers.change(drag.index, box, drag.step);
    this.#show();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    this.#move(event);
    const drag = this.#drag;
    this.#cancel();
    if (!drag) return;
    if (drag.kind !== "draw") return this.#changed(phrase("cover_at", { number: drag.index + 1, place: place(this.#box(drag.index)) }));
    const box = drawn(drag.from, drag.to);
    if (!box) return;
    const index = this.#covers.add(box);
    this.#chosen = index;
    this.#changed(phrase("cover_added", { number: index + 1, place: place(this.#box(index)) }));
    this.#marks[index]?.focus();
  }

  #cancel() {
    this.#drag = null;
    this.sketch.hidden = true;
  }

  // Keyboard

  /** @param {KeyboardEvent} event */
  #key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !event.shiftKey) {
      event.preventDefault();
      return this.undo();
    }
    const index = this.#marks.indexOf(/** @type {HTMLElement} */ (event.target));
    if (index < 0 || event.ctrlKey || event.metaKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const step = event.altKey ? FINE : STEP;
      this.#nudge(index, event.shiftKey ? "size" : "move", arrow[0] * step, arrow[1] * step);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.remove();
    } else {
      return;
    }
    // Single-key shortcuts of the surrounding page must not act as well.
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} index @param {"move" | "size"} what @param {number} dx @param {number} dy */
  #nudge(index, what, dx, dy) {
    const box = this.boxes[index];
    if (!box) return;
    this.#covers.change(index, what === "move" ? moved(box, dx, dy) : sized(box, "se", dx, dy), what);
    this.#changed(place(this.#box(index)));
  }
}

/**
 * Returns the buttons of the pad: the symbol on each, its label, and what it does.
 * @returns {[string, string, number, number, "move" | "size"][]}
 */
function pad() {
  const [wider, narrower, taller, shorter] = [phrase("cover_wider"), phrase("cover_narrower"), phrase("cover_taller"), phrase("cover_shorter")];
  return [
    ["←", phrase("cover_left"), -1, 0, "move"],
    ["→", phrase("cover_right"), 1, 0, "move"],
    ["↑", phrase("cover_up"), 0, -1, "move"],
    ["↓", phrase("cover_down"), 0, 1, "move"],
    [wider, wider, 1, 0, "size"],
    [narrower, narrower, -1, 0, "size"],
    [taller, taller, 0, 1, "size"],
    [shorter, shorter, 0, -1, "size"],
  ];
}

/** @param {string} text @param {string} kind @param {() => void} press */
function button(text, kind, press) {
  const made = el("button", { type: "button", class: kind }, text);
  made.addEventListener("click", press);
  return made;
}

/** @param {HTMLElement} element @param {Box} box */
function laid(element, box) {
  for (const [name, value] of Object.entries(box)) element.style.setProperty(`--${name}`, `${value * 100}%`);
}
