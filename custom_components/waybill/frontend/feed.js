/** The parcels as Waybill tells them: one subscription for all cards of a page. */

const UNKNOWN = "unknown_command";
const AGAIN_AFTER = [1_000, 5_000, 15_000];

const feeds = new WeakMap();

/** Returns the feed of a connection. */
export function feedOf(connection) {
  if (!feeds.has(connection)) feeds.set(connection, new Feed(connection));
  return feeds.get(connection);
}

class Feed {
  /** null: not told yet, or Waybill does not run (see `away`). */
  parcels = null;
  away = false;

  #connection;
  #listeners = new Set();
  #unsubscribe = null;
  #attempt = 0;
  #retry = 0;
  #ready = () => this.#begin();

  constructor(connection) {
    this.#connection = connection;
  }

  /** Calls a listener at each change; returns how to stop. */
  listen(listener) {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) {
      this.#connection.addEventListener("ready", this.#ready);
      this.#begin();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#end();
    };
  }

  async #begin() {
    clearTimeout(this.#retry);
    const attempt = ++this.#attempt;
    try {
      const unsubscribe = await this.#connection.subscribeMessage(
        (message) => attempt === this.#attempt && this.#take(message),
        { type: "waybill/parcels" },
        // Home Assistant may answer before Waybill does, so this is done here.
        { resubscribe: false },
      );
      if (attempt === this.#attempt) this.#unsubscribe = unsubscribe;
      else unsubscribe();
    } catch (error) {
      if (attempt !== this.#attempt) return;
      if (error?.code === UNKNOWN) this.#tell({ away: true });
      const patience = AGAIN_AFTER[Math.min(attempt, AGAIN_AFTER.length) - 1];
      this.#retry = setTimeout(() => this.#begin(), patience);
    }
  }

  #end() {
    clearTimeout(this.#retry);
    this.#attempt++;
    this.#connection.removeEventListener("ready", this.#ready);
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  #take({ parcels, changed = [], removed = [] }) {
    if (parcels === null) {
      this.#tell({ away: true });
      return;
    }
    const known = this.parcels ?? new Map();
    const next = parcels === undefined ? new Map(known) : new Map();
    for (const parcel of parcels ?? changed) {
      const before = known.get(parcel.parcel_id);
      // What is told again after an interruption is the same parcel still.
      const same = before && JSON.stringify(before) === JSON.stringify(parcel);
      next.set(parcel.parcel_id, same ? before : parcel);
    }
    for (const parcelId of removed) next.delete(parcelId);
    this.#tell({ parcels: next, away: false });
  }

  #tell({ parcels = this.parcels, away }) {
    this.parcels = parcels;
    this.away = away;
    for (const listener of [...this.#listeners]) listener();
  }
}
