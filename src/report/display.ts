/**
 * Where progress is shown: one line redrawn on a terminal, plain lines elsewhere.
 *
 * @module
 */

/** An output of text. */
export interface Output {
  /** Whether a line can be redrawn. */
  readonly isTerminal: boolean;
  /** Width of the terminal, characters. */
  readonly columns: number;
  /** Writes text as it is. */
  readonly write: (text: string) => void;
}

/** Shows lines of progress. */
export interface Display {
  /** Shows a line in place of the last one, or below it. */
  readonly show: (line: string) => void;
  /** Leaves the last line standing. */
  readonly end: () => void;
}

/** (width that the terminal reports, if it does) ⇒ columns; a terminal without a size reports 0. */
export const columnsOf = (reported: number | undefined): number => reported || 80;

const eraseLine = "\r\x1b[2K";

const fit = (line: string, columns: number): string =>
  [...line].length < columns ? line : [...line].slice(0, Math.max(0, columns - 2)).join("") + "…";

/** (output) ⇒ (display). */
export const makeDisplay = ({ isTerminal, columns, write }: Output): Display => {
  if (!isTerminal) return { show: (line) => write(line + "\n"), end: () => {} };
  let drawn = false;
  return {
    show: (line) => {
      drawn = true;
      write(eraseLine + fit(line, columns));
    },
    end: () => {
      if (drawn) write("\n");
      drawn = false;
    },
  };
};
