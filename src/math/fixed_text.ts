/**
 * Numbers as text.
 *
 * @module
 */

/** (number, decimals) ⇒ its text with so many decimals; what rounds to 0 has no minus: −0.004 is "0.00". */
export const fixedText = (value: number, decimals: number): string =>
  value.toFixed(decimals).replace(/^-(?=[0.]+$)/, "");
