/**
 * The table that people read and the rows that programs read.
 *
 * @module
 */
import type { Measured } from "./measure.ts";
import type { Bar, Row } from "./rows.ts";

const figure = (value: number | null, unit: Row["unit"]): string => {
  if (value === null) return "–";
  if (unit === "MB" || unit === "steps/s") return `${Math.round(value).toLocaleString("en-US")} ${unit}`;
  return `${value.toPrecision(3)} ${unit}`.replace(/(\d\.\d+)e\+(\d+)/, (x) => String(Number(x)));
};

/** (bar) ⇒ "≥ 10x" or "< 600 MB". */
const barText = (bar: Bar | null, unit: Row["unit"]): string =>
  bar === null ? "" : "oursBelow" in bar ? `< ${bar.oursBelow} ${unit}` : `≥ ${bar.ratioAtLeast}x`;

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
  const widths = all[0].map((_, c) => Math.max(...all.map((line) => line[c].length)));
  const line = (texts: ReadonlyArray<string>) =>
    `| ${texts.map((text, c) => (c === 0 ? text.padEnd(widths[c]) : text.padStart(widths[c]))).join(" | ")} |`;
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

/** (figures) ⇒ { name, unit, ours, peer, ratio, bar, met } of each; the bar as a text, null where there is none. */
export const jsonRows = (measured: ReadonlyArray<Measured>): ReadonlyArray<unknown> =>
  measured.map(({ row, ours, peer, ratio, met, ourParts, peerParts }) => ({
    name: row.name,
    unit: row.unit,
    ours,
    peer,
    ratio,
    bar: row.bar === null ? null : barText(row.bar, row.unit),
    met,
    seconds: { ours: ourParts, peer: peerParts },
  }));
