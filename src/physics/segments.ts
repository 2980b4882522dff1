/**
 * Distance of two segments of the plane, for generated code.
 *
 * @module
 */

const PARALLEL = 1e-15; // mjMINVAL

const clampUnit = (x: number): number => (x < -1 ? -1 : x > 1 ? 1 : x);

/** Whether (gapU, gapV) + x1·half1 − x2·half2 is shorter than `reach`. */
const within = (
  gapU: number,
  gapV: number,
  half1U: number,
  half1V: number,
  half2U: number,
  half2V: number,
  reach: number,
  x1: number,
  x2: number,
): boolean => {
  const u = gapU + x1 * half1U - x2 * half2U, v = gapV + x1 * half1V - x2 * half2V;
  return u * u + v * v < reach * reach;
};

/**
 * Whether two segments come closer than `reach`: (gap between the centres, both half axes, in m) ⇒ (yes or no).
 *
 * The closest points are found as in `collision.ts`: solve for both parameters, clamp one and solve for the other; of
 * parallel segments, each end against the nearest point of the other. A segment may be a point.
 */
export const segmentsMeet = (
  gapU: number,
  gapV: number,
  half1U: number,
  half1V: number,
  half2U: number,
  half2V: number,
  reach: number,
): boolean => {
  const square1 = half1U * half1U + half1V * half1V, square2 = half2U * half2U + half2V * half2V;
  const mixed = half1U * half2U + half1V * half2V;
  const right1 = -(half1U * gapU + half1V * gapV), right2 = half2U * gapU + half2V * gapV;
  const determinant = square1 * square2 - mixed * mixed;
  if (Math.abs(determinant) < PARALLEL) {
    const size1 = Math.max(square1, PARALLEL), size2 = Math.max(square2, PARALLEL); // 0 of a sphere
    const far2 = clampUnit((right2 + mixed) / size2), near2 = clampUnit((right2 - mixed) / size2);
    const far1 = clampUnit((right1 + mixed) / size1), near1 = clampUnit((right1 - mixed) / size1);
    return within(gapU, gapV, half1U, half1V, half2U, half2V, reach, 1, far2) ||
      within(gapU, gapV, half1U, half1V, half2U, half2V, reach, -1, near2) ||
      within(gapU, gapV, half1U, half1V, half2U, half2V, reach, far1, 1) ||
      within(gapU, gapV, half1U, half1V, half2U, half2V, reach, near1, -1);
  }
  const x1 = clampUnit((square2 * right1 + mixed * right2) / determinant);
  const x2 = (right2 + mixed * x1) / square2, end2 = clampUnit(x2);
  const end1 = x2 === end2 ? x1 : clampUnit((right1 + mixed * end2) / square1);
  return within(gapU, gapV, half1U, half1V, half2U, half2V, reach, end1, end2);
};
