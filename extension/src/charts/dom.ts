// The few lines of DOM that every view repeats. Not a framework: views keep their nodes and set what changed.

type Attributes = Record<string, string | number | boolean | undefined>

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value)
  element.append(...children)
  return element
}

/** Sets only what differs, so that a screen reader and the layout hear nothing of a repeated value. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

export function setAttribute(element: Element, name: string, value: Attributes[string]): void {
  if (value === undefined || value === false) element.removeAttribute(name)
  else if (element.getAttribute(name) !== String(value))
    element.setAttribute(name, value === true ? "" : String(value))
}

const svgNamespace = "http://www.w3.org/2000/svg"

/** A 16 x 16 icon from path data, drawn in the colour of the text around it. */
export function icon(path: string, className = "shardlab-Icon"): SVGSVGElement {
  const svg = document.createElementNS(svgNamespace, "svg")
  svg.setAttribute("viewBox", "0 0 16 16")
  svg.setAttribute("class", className)
  svg.setAttribute("aria-hidden", "true")
  const line = document.createElementNS(svgNamespace, "path")
  line.setAttribute("d", path)
  svg.append(line)
  return svg
}
