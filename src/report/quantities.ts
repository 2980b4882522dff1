/**
 * Numbers and durations as a reader wants them in a line of text.
 *
 * @module
 */
import { fixedText } from "../math/fixed_text.ts";

/** (number) ⇒ about three significant digits, without an exponent where it can be avoided. */
export const formatNumber = (value: number): string => {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-3) return value.toExponential(1);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 4);
};

/** (estimate) ⇒ two or three significant digits with a true minus sign: 2,650, 12.3, 0.80, −0.042. */
export const formatEstimate = (value: number): string => {
  if (!Number.isFinite(value)) return String(value).replace("-", "−");
  const size = Math.abs(value);
  const text = size >= 100
    ? formatCount(size)
    : size >= 10
    ? size.toFixed(1)
    : size >= 0.1 || size === 0
    ? size.toFixed(2)
    : size >= 1e-4
    ? size.toPrecision(2)
    : size.toExponential(1);
  return value < 0 ? `−${text}` : text;
};

/** (share) ⇒ in whole percent, the % left out, with a true minus sign: 12, −7; what rounds to 0 is 0. */
export const formatPercent = (share: number): string => fixedText(100 * share, 0).replace("-", "−");

/** (value as somebody wrote it) ⇒ with thousands separated and a true minus sign: 2,000, −7, 0.5. */
export const formatGiven = (value: number): string => {
  const size = Math.abs(value), text = Number.isInteger(size) ? formatCount(size) : String(size);
  return value < 0 ? `−${text}` : text;
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
