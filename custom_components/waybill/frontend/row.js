/** One parcel of the list. */

import { h, arrange, setAttribute, setText, show } from "./element.js";
import { estimateOf } from "./estimate.js";
import { clean } from "./foreign_text.js";
import { iconOf, toneOf } from "./looks.js";
import { Stepper } from "./stepper.js";
import { ageInWords, dayInWords } from "./times.js";
import { alertInWords, say, stageInWords } from "./words.js";

export class Row {
  #parcel = null;
  #stepper = new Stepper();
  #icon = h("ha-icon", { class: "icon", "aria-hidden": "true" });
  #name = h("bdi");
  #open;
  #stage = h("span", { class: "stage" });
  #carrier = h("bdi", { class: "carrier" });
  #when = h("div", { class: "when" });
  #chips = h("ul", { class: "chips" });
  #last = h("bdi");
  #town = h("bdi");
  // What stands between is outside of the strangers' words: theirs may run the other way.
  #place = h("span", {}, this.#town);
  #age = h("span", { class: "age" });
  #event;

  /** @param {(parcel: object) => void} open called when the person wants to see more */
  constructor(open) {
    this.#open = h(
      "button",
      { type: "button", class: "name", on: { click: () => open(this.#parcel) } },
      this.#name,
    );
    this.#event = h("div", { class: "event" }, this.#last, this.#place, this.#age);
    this.element = h(
      "li",
      { class: "parcel" },
      h("span", { class: "badge" }, this.#icon),
      h(
        "div",
        { class: "what" },
        h("h3", {}, this.#open),
        h("div", { class: "where" }, this.#stage, this.#carrier),
      ),
      this.#when,
      this.#chips,
      this.#stepper.element,
      this.#event,
    );
  }

  /** Shows a parcel as it is at a moment; what stays the same is not touched. */
  update(parcel, now, hass) {
    this.#parcel = parcel;
    const { stage, last_event: last } = parcel;
    setAttribute(this.element, "data-parcel", parcel.parcel_id);
    setAttribute(this.element, "data-tone", toneOf(stage));
    setAttribute(this.#icon, "icon", iconOf(stage));
    setText(this.#name, clean(parcel.name, 120));
    setText(this.#stage, stageInWords(stage));
    setText(this.#carrier, clean(parcel.carrier_name ?? say("carrier_unknown"), 60));
    this.#updateChips(parcel);
    this.#stepper.update(parcel);
    const text = clean(last?.description, 160);
    const place = clean(last?.location, 60);
    setText(this.#last, text || say(last ? "no_words" : "no_event"));
    // Some name the place in their words already.
    setText(this.#town, text.includes(place) ? "" : place);
    show(this.#place, this.#town.textContent !== "");
    this.updateTimes(now, hass);
  }

  /** Shows times as they are said at a moment. */
  updateTimes(now, hass) {
    const parcel = this.#parcel;
    const estimate = estimateOf(parcel, now, hass);
    setText(this.#when, estimate?.text ?? arrivalOf(parcel, now, hass));
    setAttribute(this.#when, "data-late", estimate?.late);
    show(this.#when, this.#when.textContent !== "");
    const { time, local_time: local } = parcel.last_event ?? {};
    // A time whose zone nobody told is of no known age: its day is all that can be said.
    const age = time ? ageInWords(new Date(time), now, hass) : local ? localDay(local, now, hass) : "";
    setText(this.#age, age);
    show(this.#age, age !== "");
  }

  #updateChips(parcel) {
    const kinds = parcel.alerts.map((alert) => alert.kind);
    const shown = [...this.#chips.children].map((chip) => chip.textContent).join();
    const wanted = kinds.map(alertInWords);
    if (shown === wanted.join()) return;
    arrange(this.#chips, wanted.map((text) => h("li", { class: "chip" }, text)));
  }
}

function arrivalOf(parcel, now, hass) {
  if (parcel.stage !== "delivered" || !parcel.delivered_at) return "";
  return dayInWords(new Date(parcel.delivered_at), now, hass);
}

function localDay(local, now, hass) {
  return dayInWords(new Date(local), now, hass);
}
