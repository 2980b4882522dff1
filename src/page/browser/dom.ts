/**
 * Elements of a page. Text goes in as text: nothing that a file holds is read as HTML.
 *
 * The types of the DOM hold in whatever is checked together with these files. `deno publish --dry-run`, a part of the
 * gate, checks the package without them, so that nothing outside of this folder can use a page.
 *
 * @module
 */
/// <reference lib="dom" />

type Attributes = Readonly<Record<string, string | number | boolean | ((event: Event) => void)>>;

/** (tag, attributes and listeners by `on…`, children) ⇒ (element). */
export const make = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: ReadonlyArray<Node | string>
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
};

/** (what a choice is called, choices, what is chosen, listener) ⇒ a list to choose from. */
export const choice = <A extends string>(
  label: string,
  choices: ReadonlyArray<readonly [A, string]>,
  chosen: A,
  onChange: (value: A) => void,
): HTMLSelectElement => {
  const options = choices.map(([value, text]) => make("option", { value, selected: value === chosen }, text));
  const select = make("select", { "aria-label": label, title: label }, ...options);
  select.addEventListener("change", () => onChange(select.value as A));
  return select;
};

/** (select, choices, what is chosen) ⇒ the select with other choices, where they are others. */
export const setChoices = (
  select: HTMLSelectElement,
  choices: ReadonlyArray<readonly [string, string]>,
  chosen: string,
): void => {
  const now = [...select.options].map(({ value, text }) => `${value} ${text}`).join("\n");
  if (now !== choices.map(([value, text]) => `${value} ${text}`).join("\n")) {
    select.replaceChildren(...choices.map(([value, text]) => make("option", { value }, text)));
  }
  select.value = chosen;
};

/** Whether the page is dark. */
export const isDark = (): boolean => matchMedia("(prefers-color-scheme: dark)").matches;

/** px of this page for one of a page on a desk: more on a very large screen. */
export const unit = (): number =>
  Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--unit")) || 1;

/** (px) ⇒ the page's font at that size, for a canvas. */
export const fontAt = (size: number): string => `${size * unit()}px Arimo, Helvetica, Arial, sans-serif`;

/** (canvas) ⇒ its context at the screen's own resolution, cleared, and its size in CSS pixels. */
export const freshContext = (canvas: HTMLCanvasElement) => {
  const ratio = globalThis.devicePixelRatio || 1, { clientWidth: width, clientHeight: height } = canvas;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const context = canvas.getContext("2d")!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
};
