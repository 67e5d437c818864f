/** How the card and its dialogs look: Home Assistant's own colours, in all themes. */

const COLOURS = `
  :host {
    --quiet: var(--secondary-text-color, #5f6368);
    --tone: var(--quiet);
    --done: var(--waybill-done-color, var(--primary-color, #009ac7));
    --wrong-text: var(--ha-color-on-danger-normal, var(--error-color, #b3261e));
    --wrong-fill: var(--ha-color-fill-danger-quiet-resting, rgba(179, 38, 30, 0.12));
    display: block;
  }
  [data-tone="moving"] { --tone: var(--blue-color, #2196f3); }
  [data-tone="customs"] { --tone: var(--purple-color, #9c27b0); }
  [data-tone="near"] { --tone: var(--teal-color, #009688); }
  [data-tone="arrived"] { --tone: var(--green-color, #4caf50); }
  [data-tone="wrong"] { --tone: var(--error-color, #db4437); }
  [hidden] { display: none !important; }
  h2, h3, p, ul, ol { margin: 0; padding: 0; font: inherit; }
  ul, ol { list-style: none; }
`;

const STEPPER = `
  .stepper { display: flex; gap: var(--ha-space-1, 4px); }
  .step { flex: 1 1 0; min-width: 0; font-size: var(--ha-font-size-s, 12px); color: var(--quiet); }
  .mark {
    position: relative; display: block; height: 6px; margin-block-end: 4px;
    border-radius: 3px; background: var(--divider-color, #dadce0);
  }
  .done .mark, .current .mark { background: var(--tone); }
  .done .mark { opacity: 0.75; }
  .current { color: var(--primary-text-color); font-weight: var(--ha-font-weight-medium, 500); }
  .label { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  @container (max-width: 400px) {
    .label { display: none; }
  }
  @media (forced-colors: active) {
    .mark { border: 1px solid CanvasText; }
    .done .mark, .current .mark { background: Highlight; }
  }
`;

const CHIPS = `
  .chips { display: flex; flex-wrap: wrap; gap: var(--ha-space-1, 4px); }
  .chips:empty { display: none; }
  .chip {
    padding: 2px 10px; border-radius: var(--ha-border-radius-pill, 16px);
    background: var(--wrong-fill); color: var(--wrong-text);
    font-size: var(--ha-font-size-s, 12px); font-weight: var(--ha-font-weight-medium, 500);
  }
`;

export const CARD = `
  ${COLOURS} ${STEPPER} ${CHIPS}
  ha-card { container-type: inline-size; overflow: hidden; height: 100%; box-sizing: border-box; }
  .header { display: flex; align-items: center; justify-content: space-between; min-height: 48px; padding: 8px 8px 0 16px; padding-inline: 16px 8px; }
  .title { flex: 1; min-width: 0; font-size: var(--ha-font-size-xl, 20px); color: var(--primary-text-color); overflow-wrap: anywhere; }
  .add { margin-inline-start: auto; }
  .note { padding: 8px 16px 16px; color: var(--quiet); }
  .list { padding-block-end: 8px; }
  .parcel {
    position: relative; display: grid; column-gap: 12px; row-gap: 6px; padding: 10px 16px;
    grid-template: "badge what when" auto "chips chips chips" auto "steps steps steps" auto
      "event event event" auto / auto 1fr auto;
    align-items: center;
  }
  .parcel + .parcel { border-block-start: 1px solid var(--divider-color, #dadce0); }
  .parcel:hover { background: var(--ha-color-fill-neutral-quiet-hover, rgba(127, 127, 127, 0.08)); }
  .badge {
    grid-area: badge; position: relative; display: grid; place-items: center; inline-size: 40px; block-size: 40px;
    border-radius: 50%; color: var(--tone); isolation: isolate;
  }
  .badge::before { content: ""; position: absolute; inset: 0; border-radius: 50%; background: var(--tone); opacity: 0.16; z-index: -1; }
  .what { grid-area: what; min-width: 0; }
  .name {
    all: unset; cursor: pointer; font-size: var(--ha-font-size-l, 16px);
    font-weight: var(--ha-font-weight-medium, 500); color: var(--primary-text-color);
    overflow-wrap: anywhere;
  }
  /* All of the row can be clicked, and only the name is read out. */
  .name::after { content: ""; position: absolute; inset: 0; }
  .name:focus-visible::after { outline: 2px solid var(--primary-color, #009ac7); outline-offset: -2px; border-radius: var(--ha-border-radius-md, 8px); }
  .where { color: var(--quiet); overflow-wrap: anywhere; }
  .stage { color: var(--primary-text-color); }
  .stage::after { content: " · "; color: var(--quiet); }
  .when { grid-area: when; max-inline-size: 14em; text-align: end; color: var(--primary-text-color); }
  .when::first-letter, .age::first-letter { text-transform: uppercase; }
  .when[data-late] { color: var(--wrong-text); font-weight: var(--ha-font-weight-medium, 500); }
  .chips { grid-area: chips; }
  .stepper { grid-area: steps; }
  .event { grid-area: event; color: var(--quiet); font-size: var(--ha-font-size-s, 12px); overflow-wrap: anywhere; }
  .event > * + *::before { content: " · "; }
  .age { white-space: nowrap; }
  .more { all: unset; display: block; box-sizing: border-box; inline-size: 100%; padding: 12px 16px; cursor: pointer; text-align: center; color: var(--primary-text-color); text-decoration: underline; }
  .more:focus-visible { outline: 2px solid var(--primary-color, #009ac7); outline-offset: -2px; }
  :host([data-layout="compact"]) .parcel { grid-template: "badge what when" auto "chips chips chips" auto / auto 1fr auto; padding-block: 6px; }
  :host([data-layout="compact"]) :is(.stepper, .event) { display: none; }
  @container (max-width: 400px) {
    .parcel { grid-template: "badge what" auto "when when" auto "chips chips" auto "steps steps" auto "event event" auto / auto 1fr; }
    :host([data-layout="compact"]) .parcel { grid-template: "badge what" auto "when when" auto "chips chips" auto / auto 1fr; }
    .when { max-inline-size: none; text-align: start; }
  }
  @container (min-width: 760px) {
    :host(:not([data-layout="compact"])) .parcel {
      grid-template: "badge what steps when" auto "badge chips event when" auto / auto minmax(0, 4fr) minmax(0, 6fr) minmax(8em, 2fr);
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .mark { transition: background-color 0.4s; }
    .parcel { transition: background-color 0.15s; }
  }
`;

export const DIALOG = `
  ${COLOURS} ${STEPPER} ${CHIPS}
  .body { container-type: inline-size; display: flex; flex-direction: column; gap: var(--ha-space-4, 16px); }
  .facts { display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; margin: 0; }
  .facts dt { color: var(--quiet); }
  .facts dd { margin: 0; overflow-wrap: anywhere; }
  .links, .actions { display: flex; flex-wrap: wrap; gap: var(--ha-space-2, 8px); }
  .links:empty { display: none; }
  /* What is written on them begins where all texts do. */
  .plain { margin-inline: calc(-1 * var(--ha-space-3, 12px)); }
  a { color: var(--primary-text-color); text-decoration: underline; }
  a:focus-visible { outline: 2px solid var(--primary-color); outline-offset: 2px; }
  .message { padding: 8px 12px; border-radius: var(--ha-border-radius-md, 8px); background: var(--ha-color-fill-neutral-quiet-resting, rgba(127, 127, 127, 0.1)); color: var(--primary-text-color); white-space: pre-line; overflow-wrap: anywhere; }
  .message:empty { display: none; }
  .message:focus { outline: none; }
  .message[data-wrong] { background: var(--wrong-fill); }
  .panel { display: flex; flex-direction: column; gap: var(--ha-space-3, 12px); align-items: flex-start; }
  .panel ha-form { inline-size: 100%; }
  .panel:empty { display: none; }
  .letter { inline-size: 100%; box-sizing: border-box; min-block-size: 16em; font: inherit; color: var(--primary-text-color); background: var(--card-background-color); border: 1px solid var(--ha-color-border-neutral-loud, var(--quiet)); border-radius: var(--ha-border-radius-md, 8px); padding: 8px; }
  .paste { min-block-size: 5em; }
  .day { margin-block-start: var(--ha-space-4, 16px); font-weight: var(--ha-font-weight-medium, 500); }
  .day::first-letter { text-transform: uppercase; }
  .events { border-inline-start: 2px solid var(--divider-color, #dadce0); margin-inline-start: 4px; }
  .scan { position: relative; padding: 6px 0 6px 16px; padding-inline: 16px 0; overflow-wrap: anywhere; }
  .scan::before { content: ""; position: absolute; inset-block-start: 13px; inset-inline-start: -6px; inline-size: 10px; block-size: 10px; border-radius: 50%; background: var(--tone); }
  .scan .meta { display: block; color: var(--quiet); font-size: var(--ha-font-size-s, 12px); }
  .leg { padding: 6px 0; padding-inline: 16px 0; color: var(--primary-text-color); font-weight: var(--ha-font-weight-medium, 500); }
  .found { display: flex; flex-direction: column; gap: var(--ha-space-2, 8px); inline-size: 100%; }
  .candidate { display: flex; gap: 8px; align-items: flex-start; padding: 8px 0; border-block-start: 1px solid var(--divider-color, #dadce0); overflow-wrap: anywhere; }
  .candidate label { flex: 1; }
  .candidate input { inline-size: 18px; block-size: 18px; margin: 2px 0; }
  .candidate .meta { display: block; color: var(--quiet); }
`;
