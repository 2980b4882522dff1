/**
 * A series drawn in one line of text.
 *
 * @module
 */

const levels = "▁▂▃▄▅▆▇█";

/** (values, oldest first; null where there is none; width) ⇒ the last `width` of them as bars between their extremes. */
export const sparkline = (values: ReadonlyArray<number | null>, width: number): string => {
  const shown = values.slice(-width);
  const finite = shown.filter((value): value is number => value !== null && Number.isFinite(value));
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low;
  return shown.map((value) => {
    if (value === null || !Number.isFinite(value)) return " ";
    const height = range === 0 ? 0 : Math.round((value - low) / range * (levels.length - 1));
    return levels[height];
  }).join("");
};
