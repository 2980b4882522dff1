/**
 * Colours of solids and series, on a light and on a dark ground.
 *
 * @module
 */

/** A colour and the lighter one that stands for it on a dark ground. */
export interface Ink {
  /** On a light ground, `#rrggbb`. */
  readonly light: string;
  /** On a dark ground. */
  readonly dark: string;
}

/** In order of use. Source: Okabe and Ito (2008), without the yellow, which is too faint on white. */
export const palette: ReadonlyArray<Ink> = [
  { light: "#0072b2", dark: "#4ba3e3" },
  { light: "#d55e00", dark: "#f08a4b" },
  { light: "#009e73", dark: "#2fc79a" },
  { light: "#aa4499", dark: "#d583c8" },
  { light: "#e69f00", dark: "#f0b93a" },
  { light: "#56b4e9", dark: "#8fd0f5" },
  { light: "#8c564b", dark: "#c08d80" },
  { light: "#4d4d4d", dark: "#b4b4b4" },
];

/** Everything but series and solids. */
export const inks = {
  background: { light: "#ffffff", dark: "#14171a" },
  text: { light: "#1c2024", dark: "#e8eaed" },
  quiet: { light: "#5f6770", dark: "#a2a9b1" },
  grid: { light: "#e6e8eb", dark: "#2b3036" },
  line: { light: "#9aa1a9", dark: "#6b737c" },
} as const satisfies Readonly<Record<string, Ink>>;

/** (index of a series) ⇒ its colours; after the eighth they repeat. */
export const inkOf = (index: number): Ink => palette[index % palette.length];
