/** The card's form in the visual editor. */

import { STAGES } from "./urgency.js";
import { say, stageInWords } from "./words.js";

const LAYOUTS = ["full", "compact"];
const DELIVERED = ["today", "all", "none"];

export function configForm() {
  return {
    schema: [
      { name: "title", selector: { text: {} } },
      { name: "layout", selector: select(LAYOUTS, (option) => say(`layout_${option}`)) },
      { name: "max_rows", selector: { number: { min: 1, max: 200, mode: "box" } } },
      { name: "stages", selector: select(STAGES, stageInWords, true) },
      { name: "labels", selector: { label: { multiple: true } } },
      {
        name: "parcels",
        selector: {
          entity: {
            multiple: true,
            filter: { integration: "waybill", domain: "sensor", device_class: "enum" },
          },
        },
      },
      { name: "show_delivered", selector: select(DELIVERED, (option) => say(`delivered_${option}`)) },
      { name: "only_attention", selector: { boolean: {} } },
      { name: "show_add", default: true, selector: { boolean: {} } },
    ],
    computeLabel: ({ name }) => say(`config_${name}`),
    computeHelper: ({ name }) => say(`config_${name}_help`) || undefined,
  };
}

function select(values, inWords, multiple = false) {
  const options = values.map((value) => ({ value, label: inWords(value) || value }));
  return { select: { multiple, mode: multiple ? "list" : "dropdown", options } };
}

/** Suggests the card for an entity of ours: of a parcel, or of all of them. */
export function suggestionFor(hass, entityId) {
  const entity = hass.entities[entityId];
  if (entity?.platform !== "waybill") return null;
  const ofParcel = Object.values(hass.entities).find(
    (other) => other.device_id === entity.device_id && other.translation_key === "stage",
  );
  const type = "custom:waybill-card";
  if (!ofParcel) return { config: { type } };
  return { config: { type, parcels: [ofParcel.entity_id], show_delivered: "all", show_add: false } };
}
