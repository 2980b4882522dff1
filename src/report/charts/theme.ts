/**
 * How charts look: colours that colour-blind readers tell apart, quiet axes, one sans-serif face.
 *
 * @module
 */

/** Colours of series, in order of use. Source: Okabe and Ito (2008), without the yellow, which is too faint on white. */
export const palette: ReadonlyArray<string> = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#aa4499",
  "#e69f00",
  "#56b4e9",
  "#8c564b",
  "#4d4d4d",
];

/** (index of a series) ⇒ its colour; after the eighth they repeat. */
export const colorOf = (index: number): string => palette[index % palette.length];

/** Colours of everything but series. */
export const inks = {
  background: "#ffffff",
  text: "#1c2024",
  quiet: "#5f6770",
  grid: "#e6e8eb",
  line: "#9aa1a9",
} as const;

/** Colours on which white text is hard to read. */
const lightColors: ReadonlySet<string> = new Set(["#e69f00", "#56b4e9"]);

/** (colour of a series) ⇒ colour of text on it. */
export const inkOn = (color: string): string => (lightColors.has(color) ? "#101214" : "white");

/** On a dark page series are light, and text on them is dark. */
export const darkInkOnSeries = "#101214";

/** For a dark page, by their colours in light: lighter series on a dark ground. */
export const darkOf: Readonly<Record<string, string>> = {
  [inks.background]: "transparent",
  [inks.text]: "#e8eaed",
  [inks.quiet]: "#a2a9b1",
  [inks.grid]: "#2b3036",
  [inks.line]: "#6b737c",
  "#0072b2": "#4ba3e3",
  "#d55e00": "#f08a4b",
  "#009e73": "#2fc79a",
  "#aa4499": "#d583c8",
  "#e69f00": "#f0b93a",
  "#56b4e9": "#8fd0f5",
  "#8c564b": "#c08d80",
  "#4d4d4d": "#b4b4b4",
};

/** Fonts of equal widths, so that text takes the room that was computed for it. */
export const fontFamily = "Arimo, Helvetica, Arial, Liberation Sans, sans-serif";

/** Sizes of text, pixels. */
export const fontSize = { title: 14, text: 12, small: 11 } as const;

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
