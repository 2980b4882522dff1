/**
 * The table that people read and the rows that programs read.
 *
 * @module
 */
import { padded, widest } from "../../../src/report/table.ts";
import type { Measured } from "./measure.ts";
import type { Bar, Row } from "./rows.ts";

const figure = (value: number | null, unit: Row["unit"]): string => {
  if (value === null) return "–";
  if (unit === "MB" || unit === "steps/s") return `${Math.round(value).toLocaleString("en-US")} ${unit}`;
  return `${value.toPrecision(3)} ${unit}`.replace(/(\d\.\d+)e\+(\d+)/, (x) => String(Number(x)));
};

/** A bar for programs: ratio ≥ bar, or our figure < bar. */
interface BarFields {
  readonly bar: number | null;
  readonly sense: "≥" | "<" | null;
}

const barFields = (bar: Bar | null): BarFields => {
  if (bar === null) return { bar: null, sense: null };
  return "oursBelow" in bar ? { bar: bar.oursBelow, sense: "<" } : { bar: bar.ratioAtLeast, sense: "≥" };
};

/** (bar) ⇒ "≥ 10x" or "< 600 MB". */
const barText = (wish: Bar | null, unit: Row["unit"]): string => {
  const { bar, sense } = barFields(wish);
  return sense === null ? "" : `${sense} ${bar}${sense === "<" ? ` ${unit}` : "x"}`;
};

const times = (ratio: number | null): string => (ratio === null ? "–" : `${ratio.toPrecision(3)}x`);

const verdict = (met: boolean | null): string => (met === null ? "" : met ? "met" : "MISSED");

/** (figures) ⇒ lines of a Markdown table. */
export const tableLines = (measured: ReadonlyArray<Measured>): string[] => {
  const cells = measured.map(({ row, ours, peer, ratio, met }) => [
    row.name,
    figure(ours, row.unit),
    figure(peer, row.unit),
    times(ratio),
    barText(row.bar, row.unit),
    verdict(met),
  ]);
  const all = [["", "ours", "peer", "better", "bar", ""], ...cells];
  const widths = all[0].map((_, c) => widest(all.map((line) => line[c])));
  const line = (texts: ReadonlyArray<string>) =>
    `| ${texts.map((text, c) => padded(text, widths[c], c === 0 ? "left" : "right")).join(" | ")} |`;
  const rule = `| ${
    widths.map((w, c) => (c === 0 ? "-".repeat(w) : `${"-".repeat(Math.max(1, w - 1))}:`)).join(" | ")
  } |`;
  return [line(all[0]), rule, ...cells.map(line)];
};

const seconds = (parts: Readonly<Record<string, number>>): string =>
  Object.entries(parts).map(([stage, s]) => `${stage} ${s.toFixed(3)}`).join(", ");

/** (figures) ⇒ lines with the seconds of each stage. */
export const stageLines = (measured: ReadonlyArray<Measured>): string[] =>
  measured.filter(({ ourParts }) => Object.keys(ourParts).length > 0).flatMap(({ row, ourParts, peerParts }) => [
    `${row.name}: ${seconds(ourParts)}`,
    ...(Object.keys(peerParts).length > 0 ? [`    peer: ${seconds(peerParts)}`] : []),
  ]);

/** (figures) ⇒ { name, unit, ours, peer, ratio, bar, sense, met, seconds } of each; null: no peer, no bar. */
export const jsonRows = (measured: ReadonlyArray<Measured>): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  measured.map(({ row, ours, peer, ratio, met, ourParts, peerParts }) => ({
    name: row.name,
    unit: row.unit,
    ours,
    peer,
    ratio,
    ...barFields(row.bar),
    met,
    seconds: { ours: ourParts, peer: peerParts },
  }));
