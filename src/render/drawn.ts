/**
 * Shapes of a scene as SVG elements.
 * (shapes in m, scale) ⇒ (elements in pixels)
 *
 * @module
 */
import type { Shape, Spot } from "../scene/drawing.ts";
import type { Ground } from "../scene/ground.ts";
import { inkOf, inks } from "../scene/palette.ts";
import type { Solid } from "../scene/scene.ts";

/** From metres about the picture's middle to pixels from its upper left corner. */
export interface Scale {
  /** px */
  readonly width: number;
  /** px */
  readonly height: number;
  /** px per m */
  readonly pixels: number;
}

const round = (x: number): number => Math.round(100 * x) / 100;

/** (scale, m) ⇒ px. */
export const toPixels = ({ width, height, pixels }: Scale, [x, y]: Spot): Spot => [
  round(width / 2 + pixels * x),
  round(height / 2 - pixels * y),
];

/** (tone) ⇒ the class that colours it. */
const classOf = (tone: Solid["tone"]): string => typeof tone === "number" ? `s${tone % 8}` : tone;

/** Colours of the classes, for one of the two grounds. */
const coloured = (side: "light" | "dark"): string =>
  [
    ...Array.from({ length: 8 }, (_, i) => `.s${i}{stroke:${inkOf(i)[side]};fill:${inkOf(i)[side]}}`),
    `.target{stroke:${inkOf(3)[side]};fill:${inkOf(3)[side]}}`,
    `.arena,.ground{stroke:${inks.grid[side]};fill:${inks.grid[side]}}`,
    `.mark{stroke:${inks.line[side]}}.cell{stroke:${inks.grid[side]}}.path{stroke:${inks.quiet[side]}}`,
    `text{fill:${inks.quiet[side]}}`,
  ].join("");

const shapeRules = ".limb{fill:none;stroke-linecap:round}.mark,.cell{stroke-width:1.2}" +
  ".path{fill:none;stroke-width:1.2;stroke-dasharray:3 4;stroke-linecap:round}" +
  "text{font:12px Arimo,Helvetica,Arial,sans-serif}.label{font-size:11px;text-anchor:middle}";

/** Style sheet of a picture that follows the page's light or dark, or is light. */
export const pictureStyle = (scheme: "light" | "either"): string =>
  `<style>${coloured("light")}${shapeRules}${
    scheme === "light" ? "" : `@media (prefers-color-scheme:dark){${coloured("dark")}}`
  }</style>`;

const element = (scale: Scale, shape: Shape): string => {
  const name = classOf(shape.tone);
  if (shape.kind === "outline") {
    return `<polygon class="${name}" points="${shape.points.map((each) => toPixels(scale, each).join()).join(" ")}"/>`;
  }
  const [x1, y1] = toPixels(scale, shape.from), [x2, y2] = toPixels(scale, shape.to);
  const r = round(shape.radius * scale.pixels);
  return x1 === x2 && y1 === y2
    ? `<circle class="${name}" cx="${x1}" cy="${y1}" r="${r}" stroke="none" stroke-width="0"/>`
    : `<line class="limb ${name}" stroke-width="${round(2 * r)}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
};

/** (scale, shapes from the farthest to the nearest, opacity) ⇒ one group. */
export const shapesSvg = (scale: Scale, shapes: ReadonlyArray<Shape>, opacity = 1): string =>
  `<g${opacity < 1 ? ` opacity="${round(opacity)}"` : ""}>${shapes.map((each) => element(scale, each)).join("")}</g>`;

/** (scale, ground) ⇒ its lines and labels. */
export const groundSvg = (scale: Scale, { floor, lines, labels }: Ground): string => {
  const line = (name: string, from: Spot, to: Spot) => {
    const [x1, y1] = toPixels(scale, from), [x2, y2] = toPixels(scale, to);
    return `<line class="${name}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
  };
  const half = scale.width / 2 / scale.pixels;
  return [
    ...(floor === null ? [] : [line("mark", [-half, floor], [half, floor])]),
    ...lines.map(({ from, to }) => line(floor === null ? "cell" : "mark", from, to)),
    ...labels.map(({ at, text }) => {
      const [x, y] = toPixels(scale, at);
      return `<text class="label" x="${x}" y="${round(y + 10)}">${text}</text>`;
    }),
  ].join("");
};

/** (width, height, content, what it shows) ⇒ (SVG). */
export const svgOf = (
  { width, height }: Pick<Scale, "width" | "height">,
  content: string,
  label: string,
): string => {
  const text = label.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" aria-label="${text}">${content}</svg>\n`;
};
