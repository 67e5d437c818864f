/** The dashboard "Waybill": a finished page, without a line of YAML. */

import { ARRIVED, STAGES } from "./urgency.js";
import { loadWords, sayOfDashboard } from "./words.js";

const CARD = "custom:waybill-card";
/** A home follows no more than these at a time, as a rule. */
const MOST = 50;
const BADGES = {
  active: "blue",
  in_customs: "purple",
  out_for_delivery: "light-green",
  ready_for_pickup: "teal",
  next_delivery: "blue-grey",
};

export class WaybillDashboard extends HTMLElement {
  static async generate(config, hass) {
    await loadWords(hass);
    const hub = hubOf(hass);
    const beside = [...attention(hub), ...deliveries(hub), ...recent()];
    const sections = [section(parcels()), section(beside)];
    return {
      title: "Waybill",
      views: [
        {
          title: sayOfDashboard("title"),
          path: "parcels",
          icon: "mdi:package-variant",
          type: "sections",
          max_columns: 2,
          badges: badges(hub),
          sections,
        },
      ],
    };
  }

  static getCreateSuggestions() {
    return { title: "Waybill", icon: "mdi:package-variant" };
  }
}

/** Returns the entities of the hub, by their translation keys. */
function hubOf(hass) {
  const all = Object.values(hass.entities).filter(({ platform }) => platform === "waybill");
  const { device_id: hub } = all.find((entity) => entity.translation_key === "active") ?? {};
  const ofHub = all.filter((entity) => hub && entity.device_id === hub);
  return Object.fromEntries(ofHub.map((entity) => [entity.translation_key, entity.entity_id]));
}

function badges(hub) {
  return Object.entries(BADGES)
    .filter(([key]) => hub[key])
    .map(([key, color]) => ({
      type: "entity",
      entity: hub[key],
      color,
      name: { type: "entity" },
      show_name: true,
      show_state: true,
    }));
}

function parcels() {
  const stages = STAGES.filter((stage) => !ARRIVED.includes(stage));
  return [{ type: CARD, title: sayOfDashboard("under_way"), stages, max_rows: MOST }];
}

function attention(hub) {
  if (!hub.attention) return [];
  return [
    {
      type: CARD,
      title: sayOfDashboard("attention"),
      layout: "compact",
      only_attention: true,
      show_add: false,
      visibility: [{ condition: "numeric_state", entity: hub.attention, above: 0 }],
    },
  ];
}

function deliveries(hub) {
  if (!hub.deliveries) return [];
  return [
    { type: "heading", heading: sayOfDashboard("deliveries"), icon: "mdi:calendar-clock" },
    { type: "calendar", entities: [hub.deliveries], initial_view: "listWeek", grid_options: { columns: "full", rows: 6 } },
  ];
}

function recent() {
  return [
    {
      type: CARD,
      title: sayOfDashboard("recent"),
      layout: "compact",
      stages: ARRIVED,
      max_rows: 10,
      show_add: false,
    },
  ];
}

function section(cards) {
  return { type: "grid", cards: cards.map((card) => ({ grid_options: { columns: "full" }, ...card })) };
}
