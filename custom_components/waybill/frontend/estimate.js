/** When a parcel arrives, in human words. */

import { datesInWords, dayInWords, dayNumber, daysInWords, lengthInWords, spanInWords } from "./times.js";
import { say } from "./words.js";

const OVER = ["delivered", "returned", "returning", "exception"];
const DATE_ALONE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Returns `{text, late}`, or null where nobody promised anything or it is over.
 * A parcel that waits at a pickup point waits for the person: it is not late.
 */
export function estimateOf(parcel, now, hass) {
  if (OVER.includes(parcel.stage)) return null;
  const window = windowOf(parcel);
  if (window === null) return null;
  if (parcel.stage === "ready_for_pickup") return null;
  if (window.to < now) return { text: lateInWords(window.to, now, hass), late: true };
  return { text: say("expected", { when: whenInWords(window, now, hass) }), late: false };
}

function windowOf(parcel) {
  const told = parcel.estimated_delivery;
  if (told?.to || told?.from) {
    const from = told.from ? new Date(told.from) : null;
    return { from, to: new Date(told.to ?? told.from) };
  }
  if (!parcel.expected_by) return null;
  const alone = DATE_ALONE.test(parcel.expected_by);
  return { from: null, to: new Date(alone ? `${parcel.expected_by}T23:59:59` : parcel.expected_by) };
}

function lateInWords(end, now, hass) {
  const days = dayNumber(now, hass) - dayNumber(end, hass);
  const length = days > 0 ? daysInWords(days, hass) : lengthInWords(now - end, hass);
  return say("late_by", { length });
}

function whenInWords({ from, to }, now, hass) {
  const day = dayInWords(to, now, hass);
  if (from === null || +from === +to) return day;
  if (dayNumber(from, hass) !== dayNumber(to, hass)) {
    if (from <= now) return say("by_day", { day });
    return (
      datesInWords(from, to, now, hass) ??
      say("day_to_day", { from: dayInWords(from, now, hass), to: day })
    );
  }
  const hours = (to - from) / 3_600_000;
  // A window of all the day says no more than the day.
  return hours > 16 ? day : say("day_hours", { day, hours: spanInWords(from, to, hass) });
}
