/** The card: a list of parcels, the most urgent first. */

import { configForm } from "./editor.js";
import { arrange, h, setAttribute, setText, show, tell } from "./element.js";
import { feedOf } from "./feed.js";
import { Row } from "./row.js";
import { CARD } from "./styles.js";
import { chosen, STAGES } from "./urgency.js";
import { haveWords, loadWords, say } from "./words.js";

const LOOK_AGAIN = 30_000;
const DEFAULT_ROWS = 20;

export class WaybillCard extends HTMLElement {
  static getConfigForm() {
    return configForm();
  }

  static getStubConfig() {
    return {};
  }

  #config = {};
  #hass = null;
  #feed = null;
  #stop = null;
  #timer = 0;
  #all = false;
  #rows = new Map();
  #shown = [];
  #surroundings = "";

  #title = h("h2", { class: "title" });
  #add = h(
    "ha-icon-button",
    { class: "add", on: { click: () => this.#openAdd() } },
    h("ha-icon", { icon: "mdi:plus" }),
  );
  #note = h("p", { class: "note", role: "status" });
  #list = h("ul", { class: "list", role: "list" });
  #more = h("button", { type: "button", class: "more", on: { click: () => this.#showAll() } });
  #card = h(
    "ha-card",
    {},
    h("div", { class: "header" }, this.#title, this.#add),
    this.#note,
    this.#list,
    this.#more,
  );

  constructor() {
    super();
    const style = h("style", {}, CARD);
    this.attachShadow({ mode: "open" }).append(style, this.#card);
    this.#card.hidden = true;
  }

  /** Takes the card's configuration; throws where it cannot be right. */
  setConfig(config) {
    check(config);
    this.#config = config;
    this.#all = false;
    setAttribute(this, "data-layout", config.layout === "compact" ? "compact" : "full");
    this.#render();
  }

  set hass(hass) {
    const before = this.#hass;
    this.#hass = hass;
    if (before === null || before.connection !== hass.connection) this.#follow();
    const surroundings = surroundingsOf(hass);
    if (before !== null && surroundings === this.#surroundings && !this.#namesChanged(before)) return;
    this.#surroundings = surroundings;
    loadWords(hass).then(
      () => this.#render(),
      () => (this.#surroundings = ""),
    );
  }

  get hass() {
    return this.#hass;
  }

  connectedCallback() {
    this.#follow();
    this.#timer = setInterval(() => this.#tick(), LOOK_AGAIN);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#stop?.();
    this.#stop = null;
  }

  getCardSize() {
    const each = this.#config.layout === "compact" ? 1 : 3;
    return 1 + Math.min(this.#shown.length || 1, this.#most) * each;
  }

  getGridOptions() {
    return { columns: 12, min_columns: 6, rows: "auto", min_rows: 2 };
  }

  get #most() {
    return this.#all ? Infinity : (this.#config.max_rows ?? DEFAULT_ROWS);
  }

  /** Whether what filters by name or label may choose others now. */
  #namesChanged(before) {
    const { parcels = [], labels = [] } = this.#config;
    if (!parcels.length && !labels.length) return false;
    return before.entities !== this.#hass.entities || before.devices !== this.#hass.devices;
  }

  #follow() {
    if (!this.isConnected || this.#hass === null) return;
    this.#stop?.();
    this.#feed = feedOf(this.#hass.connection);
    this.#stop = this.#feed.listen(() => this.#render());
    this.#render();
  }

  /** `later`: whether time alone has passed, so that ages and days may read otherwise. */
  #render({ later = false } = {}) {
    const feed = this.#feed;
    if (feed === null || !haveWords()) return;
    this.#card.hidden = false;
    const { title, show_add: mayAdd } = this.#config;
    setText(this.#title, title ?? say("title"));
    show(this.#title, title !== "");
    show(this.#add, mayAdd !== false && !feed.away);
    this.#add.label = say("add");
    const now = new Date();
    const parcels = feed.parcels?.values() ?? [];
    this.#shown = chosen(parcels, this.#config, now, this.#hass);
    this.#renderRows(now, later);
    this.#renderNote();
    const hidden = this.#shown.length - this.#rows.size;
    show(this.#more, hidden > 0);
    setText(this.#more, hidden > 0 ? say("show_more", { count: hidden }) : "");
  }

  #renderRows(now, later) {
    const rows = new Map();
    for (const parcel of this.#shown.slice(0, this.#most)) {
      const known = this.#rows.get(parcel.parcel_id);
      const row = known?.row ?? new Row((wanted) => this.#openParcel(wanted));
      const words = this.#surroundings;
      if (known?.parcel !== parcel || known.words !== words) row.update(parcel, now, this.#hass);
      else if (later) row.updateTimes(now, this.#hass);
      rows.set(parcel.parcel_id, { row, parcel, words });
    }
    this.#rows = rows;
    arrange(this.#list, [...rows.values()].map(({ row }) => row.element));
    show(this.#list, rows.size > 0);
  }

  #renderNote() {
    const feed = this.#feed;
    let note = "";
    if (feed.away) note = say("away");
    else if (feed.parcels === null) note = say("loading");
    else if (feed.parcels.size === 0) note = say("list_empty");
    else if (this.#shown.length === 0) note = say("list_filtered");
    setText(this.#note, note);
    show(this.#note, note !== "");
  }

  #tick() {
    // Nobody looks at a page in the background.
    if (!document.hidden) this.#render({ later: true });
  }

  #showAll() {
    this.#all = true;
    const first = this.#rows.size;
    this.#render();
    this.#list.children[first]?.querySelector("button").focus();
  }

  #openParcel({ parcel_id: parcelId }) {
    tell(this, "show-dialog", {
      dialogTag: "waybill-parcel-dialog",
      dialogImport: () => import("./parcel_dialog.js"),
      dialogParams: { parcelId },
    });
  }

  #openAdd() {
    tell(this, "show-dialog", {
      dialogTag: "waybill-add-dialog",
      dialogImport: () => import("./add_dialog.js"),
      dialogParams: {},
    });
  }
}

function surroundingsOf(hass) {
  const { language, time_format: clock, time_zone: zone } = hass.locale;
  return [hass.language, language, clock, zone, hass.config.time_zone].join();
}

/** What the visual editor cannot make may be written by hand. */
function check({ stages = [], parcels = [], labels = [], max_rows: most = 1, layout = "full" }) {
  for (const [name, list] of Object.entries({ stages, parcels, labels })) {
    if (!Array.isArray(list)) throw new Error(`${name}: a list is expected`);
  }
  const unknown = stages.find((stage) => !STAGES.includes(stage));
  if (unknown !== undefined) throw new Error(`stages: ${unknown} is none of ${STAGES.join(", ")}`);
  if (!Number.isInteger(most) || most < 1) throw new Error("max_rows: a whole number from 1 on is expected");
  if (!["full", "compact"].includes(layout)) throw new Error("layout: full or compact is expected");
}
