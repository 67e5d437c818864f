/** Texts and links of strangers, made harmless to look at. */

// Control characters, and marks that turn the direction of what stands around them.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/** Returns a text on one line and of a bounded length. */
export function clean(text, longest = 200) {
  if (typeof text !== "string") return "";
  // What is cut away need not be looked through.
  const line = text.slice(0, longest * 8).replace(UNSEEN, " ").replace(/\s+/g, " ").trim();
  const letters = [...line];
  return letters.length > longest ? `${letters.slice(0, longest - 1).join("")}…` : line;
}

/** Returns an http(s) address, or null: nothing else may be followed. */
export function link(address) {
  if (typeof address !== "string") return null;
  try {
    const url = new URL(address);
    const plain = !url.username && !url.password;
    return plain && ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
