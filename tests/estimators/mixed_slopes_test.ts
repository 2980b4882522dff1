/** G2 by the better of two: the weight that variances ask for, on numbers and on a linear problem worked by hand. */
import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { mscv } from "../../src/estimators/mscv.ts";
import { mixSlopes, pathShares } from "../../src/estimators/mixed_slopes.ts";
import type { OutputSlopes } from "../../src/estimators/output_slopes.ts";
import { embeddedNoise } from "../../src/data/embedded_noise.ts";
import { embed } from "../../src/imagination/embed.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { makeAdam } from "../../src/nn/training/adam.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { linearPolicy, lqr, simulate } from "./lqr.ts";
import { exactModel, exactTask, type FamilyOptions, folded, foldInput, randomWorld, unbiasedOptions } from "./world.ts";
import { derivedSlopes, mirroredSlopes } from "./slopes.ts";

const root = makeKey(57);

const variance = (x: ArrayLike<number>, level: ArrayLike<number>): number =>
  Array.from(x).reduce((sum, v, i) => sum + (v - level[i]) ** 2, 0) / x.length;

Deno.test("α is Var q/(Var p + Var q), output by output, and the mix has the variance of the optimum", () => {
  const n = 40000, size = 2, { normal } = makeStream(root);
  const draw = (scale: (i: number) => number) => Float32Array.from({ length: n * size }, (_, i) => scale(i) * normal());
  const level = draw(() => 3); // the mean of every row, common to both
  const around = (...scales: [number, number]) => draw((i) => scales[i % size]).map((x, i) => x + level[i]);
  const path = { mean: around(1, 3), logStd: around(0.5, 2) }, pairs = { mean: around(2, 1), logStd: around(0.5, 0.1) };
  const shares = pathShares({ path, pairs }, size, (i) => i < n / 2);
  // 20000 rows: α errs by less than .01 where variances are alike, as 1/√n times a number of order 1
  [4 / 5, 1 / 10].forEach((a, j) => assertAlmostEquals(shares.mean[j], a, 0.03));
  [1 / 2, 0.01 / 4.01].forEach((a, j) => assertAlmostEquals(shares.logStd[j], a, 0.03));
  const mix = mixSlopes({ path, pairs }, shares);
  const of = (x: OutputSlopes, j: number) => Float32Array.from({ length: n / 2 }, (_, i) => x.mean[i * size + j]);
  const levelOf = (j: number) => Float32Array.from({ length: n / 2 }, (_, i) => level[i * size + j]);
  // 1·4/(1 + 4) and 9·1/(9 + 1): 20000 rows, standard error √(2/20000) = 1%
  [0.8, 0.9].forEach((v, j) => assertAlmostEquals(variance(of(mix, j), levelOf(j)), v, 0.04 * v));
});

Deno.test("α by hand: one output, three rows of which two decide", () => {
  const slopes = (...x: number[]) => ({ mean: Float32Array.from(x), logStd: new Float32Array(3) });
  const both = { path: slopes(1, 3, 9), pairs: slopes(2, 0, -7) }; // q − p = 1, −3; (q − p)·q = 2, 0; squares 1, 9
  const { mean, logStd } = pathShares(both, 1, (i) => i < 2);
  assertAlmostEquals(mean[0], 0.2, 1e-12);
  assertEquals(logStd[0], 0.5); // both say the same
  const mix = mixSlopes(both, { mean, logStd }).mean;
  [1.8, 0.6, -3.8].forEach((x, i) => assertAlmostEquals(mix[i], x, 1e-6));
  // q − p = 2, (q − p)·q = −2: a negative share is none; and one beyond 1 is 1
  assertEquals(pathShares({ path: slopes(-3, 0, 0), pairs: slopes(-1, 0, 0) }, 1, (i) => i < 1).mean[0], 0);
  assertEquals(pathShares({ path: slopes(1, 0, 0), pairs: slopes(2, 0, 0) }, 1, (i) => i < 1).mean[0], 1);
});

/** Exact f and r, V(s) = v·s, k = 1: actions within ±1. */
const linearInput = (environments: number, sigma: number) => {
  const v = [0.7, -0.4], theta = Float32Array.of(...v, 0), policy = linearPolicy([-0.1, -0.1, 0.3, Math.log(sigma)]);
  const value = { shape: { sizes: [2, 1], activation: "tanh" as const }, theta, target: theta, adam: makeAdam(3) };
  const batch = simulate(lqr, policy, environments, root);
  const exact = { task: exactTask(lqr), model: exactModel(lqr), value, normalizer: makeNormalizer(2), policy, batch };
  const slopes = Array.from(batch.noise, (_, i) => {
    const mu = -0.1 * batch.observation[2 * i] - 0.1 * batch.observation[2 * i + 1] + 0.3;
    return -2 * lqr.actionCost * mu + 0.9 * (v[0] * lqr.input[0] + v[1] * lqr.input[1]);
  });
  return { input: { ...randomWorld(root), ...exact }, slopes };
};

const form = { discount: 0.9, weighting: "kStep", lambda: 1, termination: "soft" } as const;

const bothOf = (own: ReturnType<typeof foldInput>) => {
  const noise = embeddedNoise(own.batch, 1, makeStream(root)), imagined = embed(own, own.batch, noise, 1, form);
  const pairs = mirroredSlopes(own, { noise, imagined, form }, 1, 1, fold(root, "pairs"));
  return { path: derivedSlopes(own, 1, { form, rollouts: 1 }, fold(root, "paths")), pairs };
};

Deno.test("α of a linear problem is that of the variances worked by hand", async () => {
  await startBackend();
  // Ã = … + g·σε − h·ε² with h = p·σ², ε fresh and e of the real action. By μ: p = g − 2hε/σ, q = g·ε²; Var 4h²/σ² and
  // 2g². By log σ: p = gσε − 2hε², Var g²σ² + 8h²; q = (−hε² + he² − gσe)(ε² − 1) has mean −2h and mean square
  // 78h² − 20h² + 2(3h² + g²σ²), by E ε⁴(ε² − 1)², E ε²(ε² − 1)², E (ε² − 1)² = 78, 10, 2: Var 60h² + 2g²σ².
  const sigma = 0.15, { input, slopes } = linearInput(4000, sigma), h = lqr.actionCost * sigma ** 2;
  const square = slopes.reduce((sum, g) => sum + g * g / slopes.length, 0);
  const { mean, logStd } = pathShares(bothOf(foldInput(input)), 1, () => true);
  const byMean = [4 * h ** 2 / sigma ** 2, 2 * square];
  const byLogStd = [square * sigma ** 2 + 8 * h ** 2, 60 * h ** 2 + 2 * square * sigma ** 2];
  for (const [found, [p, q]] of [[mean[0], byMean], [logStd[0], byLogStd]] as const) {
    assertAlmostEquals(found, q / (p + q), 0.04); // 16000 rows; α near .5 errs by some .01
  }
});

Deno.test("the mix varies no more than either way, where paths are steep and where they are flat", async () => {
  await startBackend();
  const policy = linearPolicy([-0.4, -0.6, 0.1, -0.5]);
  const spreadOf = (gain: number, imaginedGradient: FamilyOptions["imaginedGradient"]) => {
    const world = randomWorld(fold(root, "world"), gain);
    const options = { ...unbiasedOptions, horizon: 3, imaginedGradient, terms: ["g2"] as const };
    const found = Array.from({ length: 40 }, (_, i) => {
      const batch = simulate(lqr, policy, 100, fold(fold(root, "sample"), i));
      return mscv.estimate(folded({ ...world, policy, batch }), options, fold(fold(root, "estimate"), i)).estimate
        .gradient;
    });
    const mean = policy.theta.map((_, j) => found.reduce((sum, g) => sum + g[j] / found.length, 0));
    return found.reduce((sum, g) => sum + g.reduce((s, x, j) => s + (x - mean[j]) ** 2, 0), 0) / found.length;
  };
  for (const gain of [0.3, 8]) {
    const [mix, path, pairs] = (["mixed", "pathDerivative", "mirroredPairs"] as const).map((way) =>
      spreadOf(gain, way)
    );
    assertLess(mix, 1.15 * Math.min(path, pairs)); // 40 samples on the same batches: ratios err by some 10%
    assertLess(mix, 0.75 * Math.max(path, pairs));
  }
});
