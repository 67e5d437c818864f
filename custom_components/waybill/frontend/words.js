/** Waybill's texts in the language of the person's profile. */

const DOMAIN = "waybill";
const CATEGORIES = ["common", "entity", "exceptions", "selector"];

let language = null;
let loading = null;
let localize = null;

/** Loads the texts, once for each language; the texts are there when it resolves. */
export function loadWords(hass) {
  if (language !== hass.language) {
    language = hass.language;
    loading = load(hass).catch((error) => {
      // The connection may be lost just now: whoever asks next tries again.
      language = null;
      throw error;
    });
  }
  return loading;
}

async function load(hass) {
  let loaded = null;
  for (const category of CATEGORIES) {
    loaded = await hass.loadBackendTranslation(category, DOMAIN);
  }
  localize = loaded;
}

/** Whether there are words yet. */
export function haveWords() {
  return localize !== null;
}

function text(path, values) {
  return localize?.(`component.${DOMAIN}.${path}`, values) ?? "";
}

/** Returns a text of the card, for example "list_empty". */
export function say(key, values) {
  return text(`common.card_${key}`, values);
}

/** Returns a text of the dashboard. */
export function sayOfDashboard(key) {
  return text(`common.dashboard_${key}`);
}

export function stageInWords(stage) {
  return text(`entity.sensor.stage.state.${stage}`);
}

export function alertInWords(kind) {
  const place = "entity.binary_sensor.needs_attention.state_attributes.alerts.state";
  return text(`${place}.${kind}`);
}

export function choiceInWords(selector, option) {
  return text(`selector.${selector}.options.${option}`);
}

/** Says what went wrong when an action failed. */
export function errorInWords(error) {
  const { translation_key: key, translation_placeholders: values, message } = error ?? {};
  const told = key ? text(`exceptions.${key}.message`, values ?? {}) : "";
  return told || message || say("failed");
}

/** Says why a parcel could not be asked about just now. */
export function refusalInWords(reason, values) {
  return text(`exceptions.refresh_refused_${reason}.message`, values);
}
