/* The last events on the demo's page, each with its picture.

   Home Assistant's own cards show one picture of each entity; here one entity has several.
   An event contains only the path of its picture. The page requests the picture with the
   login of its viewer, like the media browser, so no state contains a working link. */

const STYLE = `
  a { display: flex; align-items: center; gap: 12px; padding: 3px 16px; height: 36px;
      color: inherit; text-decoration: none; }
  a:first-child { padding-top: 10px; }
  a:last-child { padding-bottom: 10px; }
  .picture { flex: none; width: 64px; height: 36px; border-radius: 6px;
      overflow: hidden; background: var(--secondary-background-color); }
  img { width: 100%; height: 100%; object-fit: cover; display: block; }
  .where, time { color: var(--secondary-text-color); font-size: 12px; line-height: 16px; }
  time { margin-left: auto; }
`;

class LastEvents extends HTMLElement {
  // Requests that are running or finished, by path.
  #pictures = new Map();
  #events = null;
  #hass = null;

  constructor() {
    super();
    const style = document.createElement("style");
    style.textContent = STYLE;
    this.card = document.createElement("ha-card");
    this.attachShadow({ mode: "open" }).append(style, this.card);
  }

  setConfig(config) {
    this.config = config;
  }

  getGridOptions() {
    return { columns: "full" };
  }

  set hass(hass) {
    this.#hass = hass;
    const events = hass.states[this.config.entity]?.attributes.events ?? [];
    if (events === this.#events) return;
    this.#events = events;
    this.card.replaceChildren(...events.map((event) => this.#row(event)));
    // An empty card would be shown as a line.
    this.card.style.display = events.length ? "" : "none";
    this.#forget(events);
  }

  disconnectedCallback() {
    this.#forget([]);
    this.#events = null;
  }

  #row(event) {
    const row = document.createElement("a");
    const picture = document.createElement("div");
    picture.className = "picture";
    const what = document.createElement("div");
    const type = document.createElement("div");
    type.textContent = event.type;
    const where = document.createElement("div");
    where.className = "where";
    where.textContent = event.source;
    what.append(type, where);
    const time = document.createElement("time");
    time.dateTime = event.time;
    time.textContent = new Date(event.time).toLocaleTimeString(
      this.#hass.locale.language,
      { timeZone: this.#hass.config.time_zone, hourCycle: "h23" },
    );
    row.append(picture, what, time);
    if (event.picture) {
      row.href = pageOf(event.picture);
      this.#show(event, picture);
    }
    return row;
  }

  async #show(event, place) {
    if (!this.#pictures.has(event.picture)) {
      this.#pictures.set(event.picture, this.#load(event.picture));
    }
    const url = await this.#pictures.get(event.picture);
    if (!url) return;
    const image = document.createElement("img");
    image.alt = `${event.type}, ${event.source}`;
    image.src = url;
    place.replaceChildren(image);
  }

  /* Return an address of the picture for this page, or null if there is none. */
  async #load(path) {
    try {
      const answer = await this.#hass.fetchWithAuth(path);
      return answer.ok ? URL.createObjectURL(await answer.blob()) : null;
    } catch {
      // Home Assistant is restarting.
      return null;
    }
  }

  #forget(events) {
    const shown = new Set(events.map((event) => event.picture));
    for (const [path, loading] of this.#pictures) {
      if (shown.has(path)) continue;
      this.#pictures.delete(path);
      loading.then((url) => url && URL.revokeObjectURL(url));
    }
  }
}

/* Return the address at which the media browser shows the picture in full size. */
function pageOf(path) {
  const [entry, event] = path.split("/").slice(-2);
  const media = `media-source://xprotect_events/${entry}/event/${event}`;
  return `/media-browser/browser/${encodeURIComponent(`image,${media}`)}`;
}

customElements.define("xprotect-last-events", LastEvents);
