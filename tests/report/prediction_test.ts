/**
 * Agreement of real and predicted trajectories, by hand.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { agreementOf } from "../../src/report/prediction.ts";

Deno.test("norms, norm of the difference and cosine of states", () => {
  // one step, two starts: (3, 4) against (4, 3), and (0, 2) against (0, −2)
  const [{ step, starts, realNorm, predictedNorm, differenceNorm, cosine }] = agreementOf({
    horizon: 1,
    count: 2,
    width: 2,
    mask: [1, 1],
    real: [3, 4, 0, 2],
    predicted: [4, 3, 0, -2],
  });
  assertEquals([step, starts, realNorm.mean, predictedNorm.mean], [1, 2, 3.5, 3.5]);
  assertAlmostEquals(differenceNorm.mean, (Math.SQRT2 + 4) / 2, 1e-12);
  assertAlmostEquals(cosine.mean, (24 / 25 - 1) / 2, 1e-12);
  assertAlmostEquals(cosine.low, -1 + 0.1 * (24 / 25 + 1), 1e-12); // a tenth of the way between the two
});

Deno.test("starts whose episode has ended leave, and steps that none reaches are left out", () => {
  const agreement = agreementOf({
    horizon: 3,
    count: 2,
    width: 1,
    mask: [1, 1, 0, 1, 0, 0],
    real: [1, 2, 99, 3, 99, 99],
    predicted: [1, 1, 0, 5, 0, 0],
  });
  assertEquals(agreement.map(({ step, starts }) => [step, starts]), [[1, 2], [2, 1]]);
  assertEquals(agreement[1].differenceNorm.mean, 2);
});

Deno.test("the cosine of scalars is that of all starts together", () => {
  const of = (real: ReadonlyArray<number>, predicted: ReadonlyArray<number>) =>
    agreementOf({ horizon: 1, count: 2, width: 1, mask: [1, 1], real, predicted })[0].cosine.mean;
  assertAlmostEquals(of([3, 4], [4, 3]), 24 / 25, 1e-12);
  assertEquals([of([0, 0], [0, 0]), of([0, 0], [1, 0])], [1, 0]);
});
