/** Follow a parcel: paste a number or a whole message, see what is in it, add it. */

import { perform } from "./actions.js";
import { button, WaybillDialog } from "./dialog.js";
import { h, setText, show } from "./element.js";
import { feedOf } from "./feed.js";
import { clean } from "./foreign_text.js";
import { say } from "./words.js";

const PAUSE = 400;
const LONGEST_NUMBER = 60;
const LONG_WORD = /\s\p{L}{5,}|\p{L}{5,}\s/u;

/** Whether a text in which no number was found may be one of an unknown format. */
function couldBeNumber(text) {
  const short = text.length <= LONGEST_NUMBER && !text.includes("\n");
  return short && /\d/.test(text) && !LONG_WORD.test(text);
}

class AddDialog extends WaybillDialog {
  #text = h("textarea", { class: "letter paste", rows: "4", autofocus: true, on: { input: () => this.#typed() } });
  #hint = h("p", {});
  #name = h("ha-input", { class: "parcel-name" });
  #found = h("div", { class: "found", role: "list" });
  #add = null;
  #anyway = null;
  #timer = 0;
  #question = 0;
  #numbers = [];

  opened() {
    this.heading = say("add");
    setText(this.#hint, say("add_hint"));
    this.#text.value = "";
    this.#text.setAttribute("aria-label", say("add_text"));
    this.#text.placeholder = say("add_text");
    this.#name.label = say("fact_name");
    this.#name.value = "";
    this.#add = button(say("add_now"), "mdi:plus", (pressed) => this.attempt(pressed, () => this.#follow()), { appearance: "filled", "data-action": "add" });
    this.#anyway = button(say("add_anyway"), null, (pressed) => this.attempt(pressed, () => this.#follow(true)), { "data-action": "anyway" });
    this.body.replaceChildren(
      this.#hint,
      this.#text,
      this.#found,
      this.#name,
      this.message,
      h("div", { class: "actions" }, this.#add, this.#anyway),
    );
    this.#forget();
  }

  left() {
    clearTimeout(this.#timer);
    this.#question++;
  }

  #forget() {
    this.#numbers = [];
    this.#found.replaceChildren();
    show(this.#found, false);
    this.say("");
    show(this.#name, false);
    show(this.#add, false);
    show(this.#anyway, false);
  }

  #typed() {
    clearTimeout(this.#timer);
    const question = ++this.#question;
    this.#timer = setTimeout(() => this.#look(question), PAUSE);
  }

  async #look(question) {
    const text = this.#text.value.trim();
    if (!text) {
      this.#forget();
      return;
    }
    try {
      const { found } = await perform(this.hass, "add_from_text", { text, dry_run: true });
      // Somebody who types on asks about something else by now.
      if (question === this.#question) this.#showFound(found, text);
    } catch (error) {
      if (question !== this.#question) return;
      this.#forget();
      this.sayError(error);
    }
  }

  #showFound(found, text) {
    this.#forget();
    if (!found.length) {
      const alone = couldBeNumber(text);
      this.say(say(alone ? "found_unknown" : "found_none"));
      if (alone) this.#offer([{ number: text, chosen: true }]);
      return;
    }
    const numbers = found.map((one) => ({ ...one, chosen: one.reason !== "already_followed" }));
    this.#found.replaceChildren(...numbers.map((one) => this.#candidate(one)));
    show(this.#found, true);
    this.#offer(numbers.filter((one) => one.chosen));
  }

  #candidate(one) {
    const followed = one.reason === "already_followed";
    const box = h("input", { type: "checkbox", id: `found-${clean(one.number, 60)}`, checked: one.chosen, disabled: followed });
    box.addEventListener("change", () => {
      one.chosen = box.checked;
      show(this.#add, this.#numbers.some(({ chosen }) => chosen));
    });
    const carriers = one.candidates.map((candidate) => clean(candidate.carrier_name, 60));
    const told = followed ? this.#known(one) : carriers.join(", ") || say("carrier_unknown");
    return h(
      "div",
      { class: "candidate", role: "listitem" },
      box,
      h("label", { for: box.id }, h("bdi", { class: "number" }, clean(one.number, 60)), h("span", { class: "meta" }, told)),
    );
  }

  /** Says which parcel has a number already. */
  #known({ parcel_id: parcelId }) {
    const parcel = feedOf(this.hass.connection).parcels?.get(parcelId);
    return [clean(parcel?.name, 120), say("found_followed")].filter(Boolean).join(" · ");
  }

  #offer(numbers) {
    this.#numbers = numbers;
    show(this.#name, numbers.length === 1);
    show(this.#add, numbers.length > 0);
  }

  async #follow(force = false) {
    const chosen = this.#numbers.filter((one) => one.chosen);
    const name = (this.#name.value ?? "").trim();
    const added = [];
    for (const one of chosen) {
      try {
        const data = { tracking_number: one.number };
        if (name && chosen.length === 1) data.name = name;
        if (force) data.force = true;
        await perform(this.hass, "add_parcel", data);
        added.push(name && chosen.length === 1 ? name : one.number);
      } catch (error) {
        // What was added until then is found anew, as followed already.
        if (added.length) await this.#look(++this.#question);
        show(this.#anyway, error?.translation_key === "mistyped");
        throw error;
      }
    }
    this.#text.value = "";
    this.#name.value = "";
    this.#forget();
    this.#text.focus();
    this.say(say("added", { names: clean(added.join(", ")) }));
  }
}

customElements.get("waybill-add-dialog") ??
  customElements.define("waybill-add-dialog", AddDialog);
