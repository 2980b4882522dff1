/**
 * Which generated module belongs to a compiled model.
 *
 * @module
 */
import type { Model } from "../model.ts";

/** FNV-1a with 32 bits, from the given start. */
const hash = (text: string, start: number): string => {
  let value = start;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, "0");
};

/** Names and sites do not enter: equal numbers make equal dynamics. */
const NAMES: ReadonlySet<string> = new Set([
  "name",
  "jointName",
  "bodyName",
  "nsite",
  "siteName",
  "siteLink",
  "sitePos",
  "siteDepth",
]);

/** A number where JSON has one, else its name: JSON makes null of ±∞ and NaN, and 0 of −0. */
const exactly = (x: number): number | string => Object.is(x, -0) ? "-0" : Number.isFinite(x) ? x : String(x);

const constantsOf = (key: string, value: unknown): unknown => {
  if (NAMES.has(key)) return undefined;
  if (typeof value === "number") return exactly(value);
  return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
};

/** (model) ⇒ 64 bits of all its numbers, each with all its digits; equal for equal constants. */
export const fingerprint = (m: Model): string => {
  const text = JSON.stringify(m, constantsOf);
  return hash(text, 0x811c9dc5) + hash(text, 0x01234567);
};
