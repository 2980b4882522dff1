/** Imagined rollouts in plain float64: the independent reference of the imagination tests. */
import type { ReturnForm } from "../../src/data/gradient.ts";
import type { MlpShape, ModelParams, NormalizerInUse, PolicyParams, ValueParams } from "../../src/data/parameters.ts";
import { float64Algebra } from "../../src/math/algebra.ts";
import type { ImaginedTask } from "../../src/tasks/task.ts";

const perceptron = (
  { sizes, activation, skip }: MlpShape,
  theta: ArrayLike<number>,
  x: ReadonlyArray<number>,
): number[] => {
  let at = 0, h = [...x];
  for (let l = 0; l + 1 < sizes.length; l++) {
    const [m, n] = [sizes[l], sizes[l + 1]], last = l + 2 === sizes.length;
    const out = Array.from(
      { length: n },
      (_, o) => h.reduce((sum, v, i) => sum + v * theta[at + i * n + o], theta[at + m * n + o]),
    );
    at += (m + 1) * n;
    h = last ? out : out.map((v) => (activation === "tanh" ? Math.tanh(v) : Math.max(0, v)));
  }
  if (skip !== undefined) h = h.map((y, o) => x.reduce((sum, v, i) => sum + v * theta[at + i * h.length + o], y));
  return h;
};

/** Networks of a reference rollout. */
export interface ReferenceWorld {
  readonly task: ImaginedTask;
  readonly policy: PolicyParams; // of the later steps
  readonly value: ValueParams;
  readonly model: ModelParams;
  readonly normalizer: NormalizerInUse;
}

const within = (x: number, most: number): number => Math.min(most, Math.max(-most, x));

const normalize = ({ mean, scale, bound }: ReferenceWorld["normalizer"], s: ReadonlyArray<number>): number[] =>
  s.map((x, i) => within((within(x, bound?.[i] ?? Infinity) - mean[i]) * scale[i], 10));

/** a = μ_θ(s) + σ_θ·ε. */
export const referenceAction = (
  { policy, normalizer }: Pick<ReferenceWorld, "policy" | "normalizer">,
  theta: ArrayLike<number>,
  s: ReadonlyArray<number>,
  noise: ReadonlyArray<number>,
): number[] => {
  const logStd = Array.from(theta).slice(-noise.length);
  return perceptron(policy.shape, theta, normalize(normalizer, s)).map((mean, j) =>
    mean + Math.exp(logStd[j]) * noise[j]
  );
};

/** V(s). */
export const referenceValue = (world: ReferenceWorld, s: ReadonlyArray<number>): number =>
  perceptron(world.value.shape, world.value.theta, normalize(world.normalizer, s))[0];

/** Ã_k of one start with a given first action. */
export const referenceAdvantage = (
  world: ReferenceWorld,
  start: ReadonlyArray<number>,
  action: ReadonlyArray<number>,
  noise: ReadonlyArray<ReadonlyArray<number>>, // [k][act]
  form: ReturnForm,
  latent: ReadonlyArray<ReadonlyArray<number>> = [], // [k][latent]
): number => {
  const { task, model } = world;
  let s = [...start], a = [...action], alive = 1, rewards = 0, advantage = 0;
  let previous = referenceValue(world, start);
  noise.forEach((_, j) => {
    if (j > 0) a = referenceAction(world, world.policy.theta, s, noise[j]);
    const clipped = a.map((x, j) => {
      const [low, high] = task.controlRange?.[j] ?? [-1, 1];
      return Math.min(high, Math.max(low, x));
    });
    const input = [...task.features(float64Algebra, s), ...clipped].map((x, i) =>
      (x - model.inputMean[i]) * model.inputScale[i]
    );
    const output = perceptron(model.shape, model.theta, [...input, ...latent[j] ?? []]).map((y, i) =>
      y * model.outputScale[i] + model.outputMean[i]
    );
    const next = s.map((x, i) => x + output[i]);
    const residual = output.length > s.length ? output[s.length] : 0;
    rewards += form.discount ** j * alive * (task.knownReward(float64Algebra, s, clipped, next) + residual);
    for (const { margin, width } of task.survival(float64Algebra, next)) {
      alive *= form.termination === "soft" ? 1 / (1 + Math.exp(-margin / width)) : margin > 0 ? 1 : 0;
    }
    const q = rewards + form.discount ** (j + 1) * alive * referenceValue(world, next);
    advantage += form.lambda ** j * (q - previous);
    if (form.weighting === "kStep") advantage = q - referenceValue(world, start);
    previous = q;
    s = next;
  });
  return advantage;
};
