// SPDX-License-Identifier: Apache-2.0

/** The page's element with this id, which index.html has. */
export function byId<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) {
    throw new Error(`index.html has no such #${id}`);
  }
  return element;
}

export const button = (id: string) => byId(id, HTMLButtonElement);
export const box = (id: string) => byId(id, HTMLElement);
export const input = (id: string) => byId(id, HTMLInputElement);
export const form = (id: string) => byId(id, HTMLFormElement);
export const dialog = (id: string) => byId(id, HTMLDialogElement);

/** A new element. What people wrote goes in as text nodes only, so it can never become markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== "") {
    element.className = className;
  }
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name: "sent" | "sending" | "failed" | "people"): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A round mark with the first letter of a name, in a colour that stays the same for it. */
export function paintAvatar(element: HTMLElement, name: string): void {
  let sum = 0;
  for (const char of name) {
    sum = (sum * 31 + char.charCodeAt(0)) >>> 0;
  }
  element.className = `avatar tint-${sum % 8}`;
  element.textContent = [...name][0]?.toUpperCase() ?? "?";
  element.setAttribute("aria-hidden", "true");
}

/** Shows a text, or hides its place when there is none. */
export function say(element: HTMLElement, text: string | undefined): void {
  element.textContent = text ?? "";
  element.hidden = text === undefined;
}

/** One child of a list: remade only when its looks change. */
export interface Row {
  readonly key: string;
  readonly looks: string;
  readonly build: () => HTMLElement;
}

interface Shown {
  readonly looks: string;
  readonly element: HTMLElement;
}

/** Makes the children of a list be these rows, touching only what differs, so that focus and reading aloud survive. */
export class Rows {
  readonly #list: HTMLElement;
  #shown = new Map<string, Shown>();

  constructor(list: HTMLElement) {
    this.#list = list;
  }

  show(rows: readonly Row[]): void {
    const next = new Map<string, Shown>();
    for (const { key, looks, build } of rows) {
      const shown = this.#shown.get(key);
      next.set(key, shown?.looks === looks ? shown : { looks, element: build() });
    }
    for (const [key, { element }] of this.#shown) {
      if (next.get(key)?.element !== element) {
        element.remove();
      }
    }
    let at: Element | null = this.#list.firstElementChild;
    for (const { element } of next.values()) {
      if (element === at) {
        at = at.nextElementSibling;
      } else {
        this.#list.insertBefore(element, at);
      }
    }
    this.#shown = next;
  }
}
