/** The guide's five steps, and how far a parcel has come. */

import { h, setAttribute, setText } from "./element.js";
import { say } from "./words.js";

/** Shows the steps of one parcel after another; unchanged ones are not touched. */
export class Stepper {
  element = h("div", { class: "stepper", role: "img" });
  #shown = "";

  update(parcel) {
    const { steps, reached, stage } = parcel;
    const shown = `${steps.join()} ${reached} ${stage} ${document.documentElement.lang} ${say("step_customs")}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    const last = steps.indexOf(reached);
    setAttribute(this.element, "aria-label", this.#label(steps, last));
    this.element.replaceChildren(...steps.map((step, at) => this.#step(step, at, last, stage)));
  }

  #step(step, at, last, stage) {
    const state = at < last || stage === "delivered" ? "done" : at === last ? "current" : "ahead";
    const label = h("span", { class: "label" });
    setText(label, say(`step_${step}`));
    const settled = at <= last && (at < last || stage === "delivered" || stage === "customs_cleared");
    const mark = h("span", { class: "mark" }, settled && h("span", { class: "tick" }, "✓"));
    return h("span", { class: `step ${state}` }, mark, label);
  }

  #label(steps, last) {
    if (last < 0) return say("steps_none", { total: steps.length });
    const step = say(`step_${steps[last]}`);
    return say("steps_reached", { number: last + 1, total: steps.length, step });
  }
}
