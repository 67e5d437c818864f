/** Which parcels a card shows, the most urgent first. */

import { dayNumber } from "./times.js";

const RANKS = [
  ["out_for_delivery"],
  ["ready_for_pickup", "delivery_failed"],
  ["customs_action_required", "in_customs", "customs_cleared"],
  ["in_transit", "shipped"],
  ["returning", "exception", "info_received", "pending", "expired"],
  ["delivered", "returned"],
];
const RANK_OF = new Map(RANKS.flatMap((stages, rank) => stages.map((s) => [s, rank + 1])));
export const ARRIVED = RANKS.at(-1);
export const STAGES = [...RANK_OF.keys()];

/** Returns the parcels that a card with this configuration shows, in order. */
export function chosen(parcels, config, now, hass) {
  const ids = idsOf(config, hass);
  return [...parcels]
    .filter((parcel) => (ids === null || ids.has(parcel.parcel_id)) && wanted(parcel, config, now, hass))
    .sort(byUrgency);
}

function wanted(parcel, config, now, hass) {
  if (config.only_attention && !parcel.needs_attention) return false;
  if (config.stages?.length) {
    if (!config.stages.includes(parcel.stage)) return false;
    if (config.show_delivered === undefined) return true;
  }
  if (!ARRIVED.includes(parcel.stage) || parcel.needs_attention) return true;
  if (config.show_delivered === "all") return true;
  if (config.show_delivered === "none") return false;
  const since = new Date(parcel.delivered_at ?? parcel.stage_since);
  return dayNumber(since, hass) === dayNumber(now, hass);
}

/** Returns the ids of parcels that are named or bear a label; null: all of them. */
function idsOf({ parcels = [], labels = [] }, hass) {
  if (!parcels.length && !labels.length) return null;
  const ids = new Set();
  for (const named of parcels) {
    const device = hass.devices[hass.entities[named]?.device_id ?? named];
    ids.add(parcelOf(device) ?? named);
  }
  for (const entity of Object.values(hass.entities)) {
    if (entity.platform !== "waybill") continue;
    const device = hass.devices[entity.device_id];
    const bears = [...(entity.labels ?? []), ...(device?.labels ?? [])];
    if (bears.some((label) => labels.includes(label))) ids.add(parcelOf(device));
  }
  return ids;
}

function parcelOf(device) {
  return device?.identifiers?.find(([domain]) => domain === "waybill")?.[1];
}

function byUrgency(one, other) {
  return (
    rank(one) - rank(other) ||
    promised(one) - promised(other) ||
    newest(other) - newest(one) ||
    one.name.localeCompare(other.name)
  );
}

function rank(parcel) {
  return parcel.needs_attention ? 0 : RANK_OF.get(parcel.stage) ?? RANKS.length;
}

function promised(parcel) {
  if (ARRIVED.includes(parcel.stage)) return 0;
  const by = parcel.estimated_delivery?.to ?? parcel.expected_by;
  return by ? Date.parse(by) : Number.MAX_SAFE_INTEGER;
}

function newest(parcel) {
  return Date.parse(parcel.last_event?.time ?? parcel.stage_since);
}
