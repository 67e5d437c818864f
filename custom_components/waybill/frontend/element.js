/**
 * Makes elements. Texts become text nodes, so nothing that a carrier wrote is ever
 * read as HTML.
 */

/**
 * @param {string} tag
 * @param {object} [settings] attributes; `on`: listeners; `set`: properties.
 *   An attribute that is null, undefined or false is left out.
 * @param {...(Node|string|null|undefined|false)} children
 */
export function h(tag, settings = {}, ...children) {
  const element = document.createElement(tag);
  const { on = {}, set = {}, ...attributes } = settings;
  for (const [name, value] of Object.entries(attributes)) {
    setAttribute(element, name, value);
  }
  for (const [name, listener] of Object.entries(on)) {
    element.addEventListener(name, listener);
  }
  Object.assign(element, set);
  element.append(...children.filter((child) => child || child === 0));
  return element;
}

/** Writes a text, unless it is there already: what stays is not touched. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Writes or takes away an attribute, unless it is so already. */
export function setAttribute(element, name, value) {
  const wanted = value === true ? "" : value;
  if (wanted === null || wanted === undefined || wanted === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(wanted)) {
    element.setAttribute(name, String(wanted));
  }
}

/** Shows or hides an element. */
export function show(element, shown) {
  if (element.hidden === shown) element.hidden = !shown;
}

/**
 * Puts children in an order, and touches only those that are not in their place.
 * What has the focus keeps it, though it moves.
 */
export function arrange(parent, children) {
  const root = parent.getRootNode();
  const focused = parent.contains(root.activeElement) ? root.activeElement : null;
  const wanted = new Set(children);
  for (const child of [...parent.children]) {
    if (!wanted.has(child)) child.remove();
  }
  let next = parent.firstElementChild;
  for (const child of children) {
    // One that goes further down is left for its turn, not all those after it moved.
    if (next && child === next.nextElementSibling) next = child;
    if (child === next) next = next.nextElementSibling;
    else put(parent, child, next);
  }
  if (root.activeElement !== focused) focused?.focus({ preventScroll: true });
}

/** Puts a child before another; one that is moved keeps the focus, where browsers can. */
function put(parent, child, next) {
  if (parent.moveBefore && child.parentNode === parent) parent.moveBefore(child, next);
  else parent.insertBefore(child, next);
}

/** Tells Home Assistant something, as its own elements do. */
export function tell(element, type, detail) {
  element.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
}
