/**
 * Numbers and durations as a reader wants them in a line of text.
 *
 * @module
 */

/** (number) ⇒ about three significant digits, without an exponent where it can be avoided. */
export const formatNumber = (value: number): string => {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-3) return value.toExponential(1);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 4);
};

/** (count) ⇒ with thousands separated: 1250000 is "1,250,000". */
export const formatCount = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");

/** (seconds) ⇒ "45 s", "3 min 20 s" or "2 h 5 min". */
export const formatDuration = (seconds: number): string => {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
};
