/**
 * The logs of all runs, of one number, as the page has them so far.
 * (server) ⇒ (columns)
 *
 * @module
 */
import { emptyColumn, grow, type GrownColumn } from "./series.ts";
import { askColumns } from "./server_talk.ts";

/** Columns, run by run. */
export interface Columns {
  readonly all: () => ReadonlyArray<GrownColumn | undefined>;
  /** Points of all runs so far. */
  readonly points: () => number;
  readonly metric: () => string;
  /** (name of a number): forgets the one before. */
  readonly choose: (metric: string) => void;
  /** Asks for what is new; whether there was anything. */
  readonly ask: () => Promise<boolean>;
}

/** () ⇒ (columns) of the return, of which nothing is known yet. */
export const makeColumns = (): Columns => {
  let metric = "return", columns: GrownColumn[] = [];
  const ask = async (): Promise<boolean> => {
    const before = columns, news = await askColumns(metric, columns.map(({ iteration }) => iteration.length));
    if (before !== columns) return false; // another number has been chosen meanwhile, and is asked for
    const fresh = news.map(({ from, iteration }, i) =>
      iteration.length > 0 || from < (columns[i]?.iteration.length ?? 0) || columns[i] === undefined
    );
    news.forEach((column, i) => grow(columns[i] ??= emptyColumn(), column.from, column));
    return fresh.includes(true);
  };
  return {
    all: () => columns,
    points: () => columns.reduce((sum, { iteration }) => sum + iteration.length, 0),
    metric: () => metric,
    choose: (chosen) => {
      metric = chosen;
      columns = [];
    },
    ask,
  };
};
