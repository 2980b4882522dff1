/**
 * How charts look: colours that colour-blind readers tell apart, quiet axes, one sans-serif face.
 *
 * @module
 */
import { inkOf, inks as quietInks, palette as allInks } from "../../scene/palette.ts";

/** Colours of series on a light ground, in order of use. */
export const palette: ReadonlyArray<string> = allInks.map(({ light }) => light);

/** (index of a series) ⇒ its colour; after the eighth they repeat. */
export const colorOf = (index: number): string => inkOf(index).light;

/** Colours of everything but series, on a light ground. */
export const inks = {
  background: quietInks.background.light,
  text: quietInks.text.light,
  quiet: quietInks.quiet.light,
  grid: quietInks.grid.light,
  line: quietInks.line.light,
} as const;

/** Colours on which white text is hard to read. */
const lightColors: ReadonlySet<string> = new Set(["#e69f00", "#56b4e9"]);

/** (colour of a series) ⇒ colour of text on it. */
export const inkOn = (color: string): string => (lightColors.has(color) ? "#101214" : "white");

/** On a dark page series are light, and text on them is dark. */
export const darkInkOnSeries = "#101214";

/** For a dark page, by their colours in light: lighter series on a dark ground. */
export const darkOf: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...allInks, ...Object.values(quietInks)].map(({ light, dark }) => [light, dark])),
  [inks.background]: "transparent",
};

/** Fonts of equal widths, so that text takes the room that was computed for it. */
export const fontFamily = "Arimo, Helvetica, Arial, Liberation Sans, sans-serif";

/** Sizes of text, pixels. */
export const fontSize = { title: 14, text: 12, small: 11 } as const;

/** Pixels from line to line of a name that takes several. */
export const nameLine = 14;

/** Configuration of vega-lite. */
export const themeConfig = {
  background: inks.background,
  font: fontFamily,
  aria: false,
  view: { stroke: null },
  axis: {
    labelColor: inks.quiet,
    labelFontSize: fontSize.small,
    titleColor: inks.quiet,
    titleFontSize: fontSize.small,
    titleFontWeight: "normal",
    gridColor: inks.grid,
    domainColor: inks.line,
    ticks: false,
    labelPadding: 6,
    titlePadding: 8,
  },
  title: {
    anchor: "start",
    frame: "bounds",
    color: inks.text,
    fontSize: fontSize.title,
    fontWeight: "bold",
    subtitleColor: inks.quiet,
    subtitleFontSize: fontSize.text,
  },
} as const;
