/** One parcel: its whole timeline, and all that can be done about it. */

import { addressOf, copy, letter, perform } from "./actions.js";
import { button, form, lead, WaybillDialog } from "./dialog.js";
import { h, show } from "./element.js";
import { feedOf } from "./feed.js";
import { clean } from "./foreign_text.js";
import { toneOf } from "./looks.js";
import { factsOf, linksOf } from "./parcel_facts.js";
import { Stepper } from "./stepper.js";
import { timeline } from "./timeline.js";
import { momentInWords } from "./times.js";
import { alertInWords, choiceInWords, refusalInWords, say } from "./words.js";

const PROBLEMS = ["not_delivered", "damaged", "missing_item", "wrong_item"];
const FORMATS = ["pdf", "html", "json"];

class ParcelDialog extends WaybillDialog {
  #parcelId = null;
  #seen = null;
  #parcel = null;
  #stop = null;
  #stepper = new Stepper();
  #chips = h("ul", { class: "chips" });
  #facts = h("dl", { class: "facts" });
  #links = h("div", { class: "links" });
  #actions = h("div", { class: "actions plain", role: "group" });
  #panel = h("div", { class: "panel" });
  #timeline = h("div", { class: "timeline" });

  opened({ parcelId }) {
    this.#parcelId = parcelId;
    this.#seen = this.#parcel = null;
    this.say(say("loading"));
    this.body.replaceChildren(
      this.#chips,
      this.#stepper.element,
      this.#facts,
      this.#links,
      this.#actions,
      this.message,
      this.#panel,
      this.#timeline,
    );
    this.#panel.replaceChildren();
    this.#timeline.replaceChildren();
    this.#actions.replaceChildren();
    this.#actions.setAttribute("aria-label", say("actions"));
    this.#offer();
    const feed = feedOf(this.hass.connection);
    this.#stop?.();
    this.#stop = feed.listen(() => this.#news(feed));
    this.#news(feed);
  }

  left() {
    this.#stop?.();
    this.#stop = null;
  }

  async #news(feed) {
    const parcel = feed.parcels?.get(this.#parcelId);
    if (parcel === undefined || parcel === this.#seen) return;
    this.#seen = parcel;
    this.#show(parcel);
    try {
      const { parcels } = await perform(this.hass, "get_parcels", { parcel_id: this.#parcelId });
      if (this.message.textContent === say("loading")) this.say("");
      this.#parcel = parcels[0];
      this.#timeline.replaceChildren(...timeline(this.#parcel, this.hass));
      this.#facts.replaceChildren(...factsOf(this.#parcel, this.hass));
    } catch (error) {
      this.sayError(error);
    }
  }

  #show(parcel) {
    this.heading = clean(parcel.name, 120);
    this.body.dataset.tone = toneOf(parcel.stage);
    this.#stepper.update(parcel);
    this.#chips.replaceChildren(
      ...parcel.alerts.map(({ kind }) => h("li", { class: "chip" }, alertInWords(kind))),
    );
    this.#facts.replaceChildren(...factsOf(parcel, this.hass));
    this.#links.replaceChildren(...linksOf(parcel));
    // What has come without trouble leaves nothing to ask the seller.
    const settled = parcel.stage === "delivered" && !parcel.needs_attention;
    const write = this.#actions.querySelector('[data-action="message"]');
    if (write) show(write, !settled);
  }

  #offer() {
    const actions = [
      ["refresh", "mdi:refresh", (pressed) => this.attempt(pressed, () => this.#refresh())],
      ["rename", "mdi:rename-outline", () => this.#askName()],
      ["message", "mdi:email-edit-outline", (pressed) => this.attempt(pressed, () => this.#write())],
      ["report", "mdi:alert-octagon-outline", () => this.#askProblem()],
      ["export", "mdi:file-certificate-outline", () => this.#askFormat()],
      ["archive", "mdi:archive-arrow-down-outline", (pressed) => this.attempt(pressed, () => this.#archive())],
    ];
    this.#actions.replaceChildren(
      ...actions.map(([key, icon, work]) => button(say(`action_${key}`), icon, work, { "data-action": key })),
    );
  }

  /** Shows a part of the dialog in which something is to be done, and leads there. */
  #ask(...parts) {
    this.say("");
    this.#panel.replaceChildren(...parts);
    const first = parts.find((part) => part.matches("a, ha-button, ha-form, textarea, [tabindex]"));
    lead(first).then(() => {
      for (const part of [this.#panel, this.message]) part.scrollIntoView({ block: "nearest" });
    });
  }

  /** Ends what was asked with a message; leads back to the action it began with. */
  #done(action, text) {
    this.#panel.replaceChildren();
    lead(this.#actions.querySelector(`[data-action="${action}"]`));
    this.say(text);
  }

  get #which() {
    return { parcel_id: this.#parcelId };
  }

  async #refresh() {
    const { asked, refused } = await perform(this.hass, "refresh", this.#which);
    if (asked.length) {
      this.say(say("refreshed"));
      return;
    }
    const [{ reason, retry_at: retry } = {}] = refused;
    const until = retry ? momentInWords(new Date(retry), this.hass) : say("later");
    this.say(reason ? refusalInWords(reason, { parcel: this.#name, until }) : say("nothing_asked"));
  }

  get #name() {
    return clean(this.#seen?.name, 120);
  }

  #askName() {
    const filled = form(this.hass, [{ name: "name", required: true, selector: { text: {} } }], { name: this.#seen?.name ?? "" }, () => say("fact_name"));
    const save = button(say("save"), null, (pressed) =>
      this.attempt(pressed, async () => {
        const name = (filled.data.name ?? "").trim();
        if (!name) {
          this.say(say("name_missing"));
          return;
        }
        await perform(this.hass, "update_parcel", { ...this.#which, name });
        this.#done("rename", say("renamed", { name: clean(name, 120) }));
      }), { appearance: "filled" });
    filled.addEventListener("keydown", ({ key, isComposing }) => key === "Enter" && !isComposing && save.click());
    this.#ask(filled, save);
  }

  async #write() {
    this.#ask(...this.#letter(await letter(this.hass, this.#parcelId)));
  }

  /** Returns what lets a person change a letter and copy it. */
  #letter(text) {
    const area = h("textarea", { class: "letter", "aria-label": say("action_message") });
    area.value = text;
    area.setSelectionRange(0, 0);
    const take = button(say("copy"), "mdi:content-copy", (pressed) =>
      this.attempt(pressed, async () => {
        this.say(say((await copy(area.value, area)) ? "copied" : "copy_by_hand"));
      }), { appearance: "filled" });
    return [h("p", {}, say("message_hint")), area, take];
  }

  #askProblem() {
    const options = PROBLEMS.map((value) => ({ value, label: choiceInWords("problem", value) }));
    const schema = [
      { name: "problem", required: true, selector: { select: { mode: "list", options } } },
      { name: "description", selector: { text: { multiline: true } } },
      { name: "photos", selector: { media: { accept: ["image/*"], multiple: true } } },
    ];
    const filled = form(this.hass, schema, {}, (name) => say(`problem_${name}`));
    const send = button(say("report_now"), null, (pressed) =>
      this.attempt(pressed, async () => {
        const { problem, description, photos } = filled.data;
        if (!problem) {
          this.say(say("problem_missing"));
          return;
        }
        const told = { ...this.#which, problem };
        if (description) told.description = description;
        if (photos?.length) told.photos = photos;
        const { advice, message } = await perform(this.hass, "report_problem", told);
        this.#ask(h("p", { class: "message", tabindex: "-1" }, advice), ...this.#letter(message));
        this.say(say("reported"));
      }), { appearance: "filled" });
    this.#ask(filled, send);
  }

  #askFormat() {
    const options = FORMATS.map((value) => ({ value, label: choiceInWords("evidence_format", value) }));
    const schema = [{ name: "format", required: true, selector: { select: { mode: "list", options } } }];
    const filled = form(this.hass, schema, { format: FORMATS[0] }, () => say("export_format"));
    const make = button(say("export_now"), null, (pressed) =>
      this.attempt(pressed, async () => {
        this.say(say("exporting"));
        const { format } = filled.data;
        const made = await perform(this.hass, "export_evidence", { ...this.#which, format });
        const href = await addressOf(this.hass, made.media_content_id);
        this.#ask(h("a", { href, target: "_blank", rel: "noopener noreferrer" }, say("export_open")));
        this.say(say(made.chain_valid ? "exported" : "exported_broken"));
      }), { appearance: "filled" });
    this.#ask(h("p", {}, say("export_hint")), filled, make);
  }

  async #archive() {
    await perform(this.hass, "archive_parcel", this.#which);
    this.#stop?.();
    this.#stop = null;
    this.#actions.replaceChildren();
    const undo = button(say("undo"), "mdi:undo", (pressed) =>
      this.attempt(pressed, async () => {
        await perform(this.hass, "restore_parcel", this.#which);
        this.opened({ parcelId: this.#parcelId });
        this.#done("archive", say("restored"));
      }), { appearance: "filled" });
    this.#ask(undo);
    this.say(say("archived", { name: this.#name }));
  }
}

customElements.get("waybill-parcel-dialog") ??
  customElements.define("waybill-parcel-dialog", ParcelDialog);
