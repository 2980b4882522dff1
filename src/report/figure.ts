/**
 * A figure: one question, answered by charts side by side.
 *
 * @module
 */
import type { Chart } from "./charts/chart.ts";

/** Charts under one heading. */
export interface Figure {
  /** Name of its files. */
  readonly name: string;
  readonly title: string;
  /** What is seen, and how it was computed. */
  readonly caption: string;
  readonly charts: ReadonlyArray<Chart>;
}
