/** What is known of a parcel, a line each, and where more is to be read. */

import { h } from "./element.js";
import { estimateOf } from "./estimate.js";
import { clean, link } from "./foreign_text.js";
import { momentInWords } from "./times.js";
import { say, stageInWords } from "./words.js";

const LONGEST = { notes: 1000 };

/** Returns terms and what is known of them; what is not known is left out. */
export function factsOf(parcel, hass) {
  const moment = (text) => text && momentInWords(new Date(text), hass);
  const facts = [
    ["stage", stageInWords(parcel.stage)],
    ["carrier", parcel.carrier_name ?? say("carrier_unknown")],
    ["number", parcel.legs.map((leg) => leg.tracking_number).join(", ")],
    ["arrival", estimateOf(parcel, new Date(), hass)?.text],
    ["pickup_point", parcel.pickup_point],
    ["delivered", parcel.stage === "delivered" && moment(parcel.delivered_at)],
    ["signed_by", parcel.signed_by],
    ["seller", parcel.seller],
    ["notes", parcel.notes],
    ["last_checked", moment(parcel.last_checked)],
    ["next_check", moment(parcel.next_check)],
  ];
  return facts
    .filter(([, text]) => text)
    .flatMap(([key, text]) => [
      h("dt", {}, say(`fact_${key}`)),
      h("dd", {}, h("bdi", {}, clean(text, LONGEST[key] ?? 200))),
    ]);
}

/** Returns links to the carrier's page and to the person's own order. */
export function linksOf(parcel) {
  const links = [
    ["tracking_page", link(parcel.tracking_url)],
    ["order_page", link(parcel.order_url)],
  ];
  return links
    .filter(([, href]) => href)
    .map(([key, href]) => h("a", { href, target: "_blank", rel: "noopener noreferrer" }, say(key)));
}
