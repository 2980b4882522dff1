/**
 * What tells curves from one another: a colour, and a pattern for who does not see it.
 * (place in the palette) ⇒ (pattern, swatch)
 *
 * @module
 */
/// <reference lib="dom" />
import { inkOf, palette } from "../../scene/palette.ts";
import { isDark } from "./dom.ts";

const PATTERNS: ReadonlyArray<ReadonlyArray<number>> = [[], [9, 4], [2, 3], [9, 3, 2, 3]]; // px of line and gap

/** (place) ⇒ px of line and gap in turn; the next colours differ in it, too, and so does a colour that comes again. */
export const patternOf = (color: number): number[] => [
  ...PATTERNS[(color + Math.floor(color / palette.length)) % PATTERNS.length],
];

/** (place) ⇒ a piece of its line, for a legend or a table. */
export const swatch = (color: number): SVGSVGElement => {
  const element = <K extends "svg" | "line">(name: K, attributes: Readonly<Record<string, string | number>>) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    return made;
  };
  const picture = element("svg", { class: "swatch", width: 30, height: 6, viewBox: "0 0 30 6", "aria-hidden": "true" });
  const stroke = inkOf(color)[isDark() ? "dark" : "light"], dashes = patternOf(color).join(" ");
  picture.append(
    element("line", { x1: 0, x2: 30, y1: 3, y2: 3, stroke, "stroke-width": 3, "stroke-dasharray": dashes || "none" }),
  );
  return picture as SVGSVGElement;
};
