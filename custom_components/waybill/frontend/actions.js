/** What a person can do with a parcel; each answers what happened. */

const DOMAIN = "waybill";

/** Performs an action of Waybill and returns its answer. Rejects with its error. */
export async function perform(hass, action, data) {
  const { response } = await hass.callService(DOMAIN, action, data, undefined, false, true);
  return response;
}

/** Returns a letter to the seller. */
export async function letter(hass, parcelId) {
  const { message } = await hass.callWS({ type: "waybill/letter", parcel_id: parcelId });
  return message;
}

/** Returns an address at which a media item can be opened for a while. */
export async function addressOf(hass, mediaContentId) {
  const { url } = await hass.callWS({
    type: "media_source/resolve_media",
    media_content_id: mediaContentId,
  });
  return hass.hassUrl(url);
}

/** Copies a text; says whether that was possible. */
export async function copy(text, fallback) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https there is no clipboard: the text is chosen, to be copied by hand.
    fallback?.select();
    return Boolean(fallback) && document.execCommand("copy");
  }
}
