/**
 * Where progress is shown: one line redrawn on a terminal, plain lines elsewhere.
 *
 * @module
 */

/** An output of text. */
export interface Output {
  readonly isTerminal: boolean;
  /** Width of the terminal, characters. */
  readonly columns: number;
  readonly write: (text: string) => void;
}

/** Shows lines of progress. */
export interface Display {
  readonly show: (line: string) => void;
  /** Leaves the last line standing. */
  readonly end: () => void;
}

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
