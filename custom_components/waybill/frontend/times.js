/** Days, hours and spans as people say them, by the person's profile. */

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;
const WEEK_AHEAD = 6;
const DATE = { day: "numeric", month: "long" };

let made = new Map();
let madeFor = "";

/** Returns a formatter, made once: making one is slow. */
function formatter(kind, hass, options) {
  const { language, time_format: clock } = hass.locale;
  const zone = zoneOf(hass);
  const home = `${language} ${clock} ${zone}`;
  if (home !== madeFor) {
    made = new Map();
    madeFor = home;
  }
  const key = `${kind} ${JSON.stringify(options)}`;
  if (!made.has(key)) {
    const zoned = kind === "DateTimeFormat" ? { timeZone: zone, ...options } : options;
    made.set(key, new Intl[kind](language, zoned));
  }
  return made.get(key);
}

function zoneOf(hass) {
  return hass.locale.time_zone === "server" ? hass.config.time_zone : undefined;
}

function clockOf(hass) {
  const clock = hass.locale.time_format;
  if (clock === "12") return { hour: "numeric", minute: "2-digit", hourCycle: "h12" };
  if (clock === "24") return { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return { hour: "numeric", minute: "2-digit" };
}

/** Returns the number of a day in the person's time zone: tomorrow's is one more. */
export function dayNumber(date, hass) {
  const format = formatter("DateTimeFormat", hass, {
    calendar: "gregory",
    numberingSystem: "latn",
    year: "numeric",
    month: "numeric",
    day: "numeric",
  });
  const parts = Object.fromEntries(format.formatToParts(date).map((p) => [p.type, p.value]));
  return Math.round(Date.UTC(parts.year, parts.month - 1, parts.day) / DAY);
}

/** Says a day: "today", "tomorrow", "yesterday", "Thursday", "December 5". */
export function dayInWords(date, now, hass) {
  const ahead = dayNumber(date, hass) - dayNumber(now, hass);
  if (Math.abs(ahead) <= 1) {
    return formatter("RelativeTimeFormat", hass, { numeric: "auto" }).format(ahead, "day");
  }
  if (ahead > 0 && ahead <= WEEK_AHEAD) {
    return formatter("DateTimeFormat", hass, { weekday: "long" }).format(date);
  }
  const year = Math.abs(ahead) > 180 ? { year: "numeric" } : {};
  return formatter("DateTimeFormat", hass, { ...DATE, ...year }).format(date);
}

/** Says two days as dates, "December 4 – 6"; null while the last is near enough for its name. */
export function datesInWords(from, to, now, hass) {
  if (dayNumber(to, hass) - dayNumber(now, hass) <= WEEK_AHEAD) return null;
  return formatter("DateTimeFormat", hass, DATE).formatRange(from, to);
}

/** Says a day above its events: "Thursday, December 5". */
export function longDayInWords(date, hass) {
  const options = { weekday: "long", ...DATE };
  return formatter("DateTimeFormat", hass, options).format(date);
}

export function hourInWords(date, hass) {
  return formatter("DateTimeFormat", hass, clockOf(hass)).format(date);
}

/** Says a day and an hour, for example of the next check. */
export function momentInWords(date, hass) {
  const options = { weekday: "short", day: "numeric", month: "short", ...clockOf(hass) };
  return formatter("DateTimeFormat", hass, options).format(date);
}

/** Says from when to when, on one day or over several. */
export function spanInWords(from, to, hass) {
  const sameDay = dayNumber(from, hass) === dayNumber(to, hass);
  const options = sameDay ? clockOf(hass) : { day: "numeric", month: "long" };
  return formatter("DateTimeFormat", hass, options).formatRange(from, to);
}

/** Says how long: "3 days". */
export function lengthInWords(milliseconds, hass) {
  const [unit, size] = milliseconds >= DAY ? ["day", DAY] : ["hour", HOUR];
  const options = { style: "unit", unit, unitDisplay: "long" };
  const count = Math.max(1, Math.floor(milliseconds / size));
  return formatter("NumberFormat", hass, options).format(count);
}

/** Says a number of days: "3 days". */
export function daysInWords(count, hass) {
  return lengthInWords(count * DAY, hass);
}

/** Says how long ago: "5 minutes ago", "yesterday". */
export function ageInWords(date, now, hass) {
  const age = now - date;
  const format = formatter("RelativeTimeFormat", hass, { numeric: "auto" });
  // "now", in the person's language.
  if (age < MINUTE) return format.format(0, "second");
  if (age < HOUR) return format.format(-Math.floor(age / MINUTE), "minute");
  if (age < DAY) return format.format(-Math.floor(age / HOUR), "hour");
  return format.format(dayNumber(date, hass) - dayNumber(now, hass), "day");
}
