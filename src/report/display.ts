/**
 * Where progress is shown: one line redrawn on a terminal, plain lines elsewhere.
 *
 * @module
 */

/** An output of text. */
export interface Output {
  readonly isTerminal: boolean;
  readonly columns: number; // width of the terminal, characters
  readonly write: (text: string) => void;
}

/** Shows lines of progress. */
export interface Display {
  readonly show: (line: string) => void;
  readonly end: () => void; // leaves the last line standing
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
