/** The guide's five steps, and how far a parcel has come. */

import { h, setAttribute } from "./element.js";
import { say } from "./words.js";

/** Stages in which the step that was reached lies behind the parcel. */
const BEHIND = ["customs_cleared", "out_for_delivery", "ready_for_pickup", "delivery_failed", "delivered"];

/** Shows the steps of one parcel after another; unchanged ones are not touched. */
export class Stepper {
  element = h("div", { class: "stepper", role: "img" });
  #shown = "";

  update(parcel) {
    const { steps, reached, stage } = parcel;
    const labels = steps.map((step) => say(`step_${step}`));
    const last = steps.indexOf(reached);
    const done = BEHIND.includes(stage) ? last : last - 1;
    const shown = [...labels, last, done].join();
    if (shown === this.#shown) return;
    this.#shown = shown;
    setAttribute(this.element, "aria-label", this.#label(steps, last));
    this.element.replaceChildren(
      ...labels.map((label, at) => {
        const state = at <= done ? "done" : at === last ? "current" : "ahead";
        return h(
          "span",
          { class: `step ${state}` },
          h("span", { class: "mark" }),
          h("span", { class: "label" }, label),
        );
      }),
    );
  }

  #label(steps, last) {
    if (last < 0) return say("steps_none", { total: steps.length });
    const step = say(`step_${steps[last]}`);
    return say("steps_reached", { number: last + 1, total: steps.length, step });
  }
}
