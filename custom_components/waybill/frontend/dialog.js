/** What the dialogs share: opening, closing, and saying what happened. */

import { h, setAttribute, setText, tell } from "./element.js";
import { DIALOG } from "./styles.js";
import { errorInWords, loadWords } from "./words.js";

export class WaybillDialog extends HTMLElement {
  #hass = null;
  #busy = new WeakSet();
  body = h("div", { class: "body" });
  message = h("div", { class: "message", role: "status" });
  frame = h("ha-dialog", { width: "medium", on: { closed: (event) => this.#closed(event) } }, this.body);

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).append(h("style", {}, DIALOG), this.frame);
  }

  set hass(hass) {
    this.#hass = hass;
  }

  get hass() {
    return this.#hass;
  }

  /** Called by Home Assistant. */
  async showDialog(params) {
    await loadWords(this.#hass);
    this.opened(params);
    this.frame.open = true;
  }

  /** Called by Home Assistant, for example by the browser's "back". */
  closeDialog() {
    this.frame.open = false;
    return true;
  }

  /** Fills the dialog. */
  opened() {}

  /** Empties the dialog. */
  left() {}

  set heading(text) {
    this.frame.headerTitle = text;
    setAttribute(this.frame, "header-title", text);
  }

  say(text) {
    setAttribute(this.message, "data-wrong", false);
    setText(this.message, text);
  }

  sayError(error) {
    setAttribute(this.message, "data-wrong", true);
    setText(this.message, errorInWords(error));
  }

  /**
   * Does something once, however often its button is pressed; says what failed.
   * The button is not disabled meanwhile: it would lose the focus.
   */
  async attempt(button, work) {
    if (this.#busy.has(button)) return;
    this.#busy.add(button);
    button.loading = true;
    try {
      await work();
    } catch (error) {
      this.sayError(error);
    } finally {
      button.loading = false;
      this.#busy.delete(button);
    }
  }

  #closed({ target }) {
    // What is closed in it is not the dialog.
    if (target !== this.frame) return;
    // Home Assistant's dialog closes by itself, and would not open again without this.
    this.frame.open = false;
    this.left();
    tell(this, "dialog-closed", { dialog: this.localName });
  }
}

/** A button with an icon, as Home Assistant's are. */
export function button(text, icon, work, settings = {}) {
  const made = h(
    "ha-button",
    { appearance: "plain", size: "small", ...settings },
    icon && h("ha-icon", { icon, slot: "start", "aria-hidden": "true" }),
    text,
  );
  made.addEventListener("click", () => work(made));
  return made;
}

const FRAMES = 40;

/** Moves the focus to an element as soon as something in it can have it. */
export async function lead(element) {
  await element.updateComplete;
  for (let frame = 0; frame < FRAMES && element.isConnected; frame++) {
    // A form does not hand on the focus that it is given; its fields do.
    (element.shadowRoot?.querySelector("ha-selector") ?? element).focus();
    if (element.getRootNode().activeElement === element) return;
    await new Promise(requestAnimationFrame);
  }
}

/** A form of Home Assistant's own; `data` is what was filled in. */
export function form(hass, schema, data, labelOf) {
  const made = document.createElement("ha-form");
  Object.assign(made, { hass, schema, data, computeLabel: ({ name }) => labelOf(name) });
  made.addEventListener("value-changed", (event) => {
    event.stopPropagation();
    made.data = event.detail.value;
  });
  return made;
}
