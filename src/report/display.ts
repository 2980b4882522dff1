/**
 * Where progress is shown: a line redrawn on a terminal, folded to its width; plain lines elsewhere.
 *
 * @module
 */
import { foldText } from "./fold.ts";

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

/** (lines drawn) ⇒ what takes them away, the cursor at the first one's beginning. */
const erase = (lines: number): string => `\r${lines > 1 ? `\x1b[${lines - 1}A` : ""}\x1b[J`;

/** (output) ⇒ (display). */
export const makeDisplay = ({ isTerminal, columns, write }: Output): Display => {
  if (!isTerminal) return { show: (line) => write(line + "\n"), end: () => {} };
  let drawn = 0; // lines
  return {
    show: (line) => {
      const lines = foldText(line, Math.max(1, columns - 1), " · "); // a full line may wrap
      write(erase(drawn) + lines.join("\n"));
      drawn = lines.length;
    },
    end: () => {
      if (drawn > 0) write("\n");
      drawn = 0;
    },
  };
};
