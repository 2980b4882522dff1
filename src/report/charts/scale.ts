/**
 * From values to pixels, and labels that do not cover each other.
 *
 * @module
 */
import type { Axis } from "./chart.ts";

/** The ends of an axis. */
export type Domain = readonly [number, number];

const linearTicks = 5;

/** (range, ticks wanted) ⇒ the distance of round ticks: 1, 2 or 5 times a power of ten. */
const roundStep = (range: number, ticks: number): number => {
  const power = 10 ** Math.floor(Math.log10(range / ticks));
  const factor = range / ticks / power;
  return power * (factor > 7 ? 10 : factor > 3.2 ? 5 : factor > 1.45 ? 2 : 1);
};

const linearDomain = (low: number, high: number): Domain => {
  if (low === high) return low === 0 ? [-1, 1] : [low - Math.abs(low) * 0.1, high + Math.abs(high) * 0.1];
  const step = roundStep(high - low, 2 * linearTicks);
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
};

/** Ends at 1, 2 or 5 times a power of ten. */
const logDomain = (low: number, high: number): Domain => {
  const power = (value: number) => 10 ** Math.floor(Math.log10(value));
  const below = power(low) * [5, 2, 1].find((factor) => power(low) * factor <= low * (1 + 1e-9))!;
  const above = power(high) * [1, 2, 5, 10].find((factor) => power(high) * factor >= high * (1 - 1e-9))!;
  return below === above ? [below / 2, above * 2] : [below, above];
};

/** (values, axis) ⇒ round ends around the values and what the axis must include; on a log axis of the positive ones. */
export const domainOf = (values: ReadonlyArray<number | null>, { scale, include }: Axis): Domain => {
  const shown = [...values, ...include].filter((value): value is number =>
    value !== null && Number.isFinite(value) && (scale === "linear" || value > 0)
  );
  if (shown.length === 0) return scale === "log" ? [0.1, 10] : [0, 1];
  const low = shown.reduce((a, b) => Math.min(a, b)), high = shown.reduce((a, b) => Math.max(a, b));
  return scale === "log" ? logDomain(low, high) : linearDomain(low, high);
};

/** (domain) ⇒ 1, 2 and 5 times each power of ten; the powers alone where the domain is wide. */
const logTicks = ([low, high]: Domain): ReadonlyArray<number> => {
  const first = Math.floor(Math.log10(low) + 1e-9), last = Math.ceil(Math.log10(high) - 1e-9);
  const factors = Math.log10(high / low) > 2.5 ? [1] : [1, 2, 5];
  const all = Array.from(
    { length: last - first + 1 },
    (_, i) => factors.map((factor) => Number(`${factor}e${first + i}`)),
  );
  return all.flat().filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
};

/** (domain, axis, ticks wanted) ⇒ round values within the domain. */
export const ticksOf = (domain: Domain, { scale }: Axis, wanted = linearTicks): ReadonlyArray<number> => {
  const [low, high] = domain;
  if (scale === "log") return logTicks(domain);
  const step = roundStep(high - low, wanted);
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
};

/** (value, domain, axis, length in pixels) ⇒ pixels from the domain's lower end. */
export const positionOf = (value: number, [low, high]: Domain, { scale }: Axis, length: number): number =>
  scale === "log"
    ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low)) * length
    : (value - low) / (high - low) * length;

/**
 * (wanted positions, least distance, length) ⇒ positions of the same order, at least that distance apart and within
 * [0, length] as long as they fit, moved as little as a pass down and a pass up allow.
 */
export const spreadLabels = (
  wanted: ReadonlyArray<number>,
  distance: number,
  length: number,
): ReadonlyArray<number> => {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const placed = wanted.map((position) => Math.min(Math.max(position, 0), length));
  for (let i = 1; i < order.length; i++) {
    placed[order[i]] = Math.max(placed[order[i]], placed[order[i - 1]] + distance);
  }
  let ceiling = length;
  for (const i of order.toReversed()) {
    placed[i] = Math.min(placed[i], ceiling);
    ceiling = placed[i] - distance;
  }
  return placed;
};
