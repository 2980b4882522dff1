/**
 * Where progress is shown: one line redrawn on a terminal, plain lines elsewhere.
 *
 * @module
 */
import { unicodeWidth } from "@std/cli/unicode-width";

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

/** (line, columns of the terminal) ⇒ as much of the line as fits, with a column to spare: a full one may wrap. */
const fit = (line: string, columns: number): string => {
  if (unicodeWidth(line) < columns) return line;
  let kept = "";
  let width = 0;
  for (const character of line) {
    width += unicodeWidth(character);
    if (width > columns - 2) break;
    kept += character;
  }
  return kept + "…";
};

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
