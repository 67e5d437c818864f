/** The icon and the colour of each stage. */

const LOOKS = {
  pending: ["mdi:timer-sand", "quiet"],
  info_received: ["mdi:clipboard-text-outline", "quiet"],
  shipped: ["mdi:package-variant-closed", "moving"],
  in_transit: ["mdi:truck-fast-outline", "moving"],
  in_customs: ["mdi:shield-search", "customs"],
  customs_action_required: ["mdi:shield-alert-outline", "wrong"],
  customs_cleared: ["mdi:shield-check-outline", "customs"],
  out_for_delivery: ["mdi:truck-delivery-outline", "near"],
  ready_for_pickup: ["mdi:store-marker-outline", "near"],
  delivery_failed: ["mdi:home-alert-outline", "wrong"],
  delivered: ["mdi:package-variant-closed-check", "arrived"],
  returning: ["mdi:keyboard-return", "wrong"],
  returned: ["mdi:keyboard-return", "quiet"],
  exception: ["mdi:alert-octagon-outline", "wrong"],
  expired: ["mdi:timer-off-outline", "quiet"],
};

const UNKNOWN = ["mdi:package-variant", "quiet"];

export function iconOf(stage) {
  return (LOOKS[stage] ?? UNKNOWN)[0];
}

export function toneOf(stage) {
  return (LOOKS[stage] ?? UNKNOWN)[1];
}
