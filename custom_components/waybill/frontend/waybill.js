/** Makes Waybill's card and dashboard known to Home Assistant's frontend. */

import { WaybillCard } from "./card.js";
import { suggestionFor } from "./editor.js";
import { WaybillDashboard } from "./strategy.js";
import { loadWords, say, sayOfDashboard } from "./words.js";

const GUIDE = "https://github.com/waybill/waybill";

function define(name, element) {
  // Home Assistant may hand out a page that knows an earlier version already.
  if (!customElements.get(name)) customElements.define(name, element);
}

define("waybill-card", WaybillCard);
define("ll-strategy-dashboard-waybill", WaybillDashboard);

function offer(list, entry) {
  window[list] ??= [];
  if (!window[list].some(({ type }) => type === entry.type)) window[list].push(entry);
}

offer("customCards", {
  type: "waybill-card",
  name: "Waybill",
  // Read when the list is shown: there are words by then.
  get description() {
    return say("description") || "Your parcels, the most urgent first";
  },
  preview: true,
  documentationURL: GUIDE,
  getEntitySuggestion: suggestionFor,
});

offer("customStrategies", {
  type: "waybill",
  strategyType: "dashboard",
  name: "Waybill",
  get description() {
    return sayOfDashboard("description") || "All your parcels on one page";
  },
  documentationURL: GUIDE,
});

customElements.whenDefined("home-assistant").then(async () => {
  const root = document.querySelector("home-assistant");
  while (root && !root.hass?.loadBackendTranslation) {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  if (root) await loadWords(root.hass);
});
