/** All that the carriers wrote about a parcel, by day, the newest first. */

import { h } from "./element.js";
import { clean } from "./foreign_text.js";
import { toneOf } from "./looks.js";
import { dayNumber, hourInWords, longDayInWords } from "./times.js";
import { say, stageInWords } from "./words.js";

/** Returns sections of days; `carriers` holds the names of carriers by their ids. */
export function timeline(parcel, hass) {
  const { events } = parcel;
  if (!events.length) return [h("p", {}, say("timeline_empty"))];
  const legs = new Set(parcel.legs.map((leg) => leg.tracking_number)).size;
  const sections = [];
  let day = null;
  let list = null;
  events.forEach((event, at) => {
    const known = dayOf(event, hass);
    if (list === null || known.key !== day) {
      day = known.key;
      list = h("ol", { class: "events" });
      sections.push(h("section", {}, h("h2", { class: "day" }, known.text), list));
    }
    list.append(scan(event, hass));
    const before = events[at + 1];
    if (legs > 1 && before && before.tracking_number !== event.tracking_number) {
      list.append(h("li", { class: "leg" }, say("handed_over", { number: clean(event.tracking_number, 40) })));
    }
  });
  return sections;
}

/** A time whose zone nobody told is shown as it was written. */
function dayOf(event, hass) {
  if (event.time) {
    const time = new Date(event.time);
    return { key: dayNumber(time, hass), text: longDayInWords(time, hass) };
  }
  if (event.local_time) {
    const local = new Date(event.local_time);
    return { key: dayNumber(local, atHand(hass)), text: longDayInWords(local, atHand(hass)) };
  }
  return { key: "unknown", text: say("day_unknown") };
}

function hourOf({ time, local_time: local }, hass) {
  if (time) return hourInWords(new Date(time), hass);
  return local ? hourInWords(new Date(local), atHand(hass)) : "";
}

/** The browser reads a time without a zone in its own: so it has to be said in it. */
function atHand(hass) {
  return { ...hass, locale: { ...hass.locale, time_zone: "local" } };
}

function scan(event, hass) {
  const hour = hourOf(event, hass);
  const stage = event.stage ? stageInWords(event.stage) : "";
  const about = [hour, clean(event.location, 120), stage].filter(Boolean);
  return h(
    "li",
    { class: "scan", "data-tone": event.stage ? toneOf(event.stage) : "quiet" },
    h("bdi", {}, clean(event.description, 1000) || stage || say("no_words")),
    h("span", { class: "meta" }, ...about.flatMap((text, at) => [at > 0 && " · ", h("bdi", {}, text)])),
  );
}
