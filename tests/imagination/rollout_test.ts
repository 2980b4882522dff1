import { imaginedValue, pathDerivative, type WeightedPaths } from "./path_value.ts";
import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import type { ReturnForm } from "../../src/data/gradient.ts";
import { embed } from "../../src/imagination/embed.ts";
import { memberWorlds } from "../../src/imagination/world.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { wrongTask } from "../estimators/world.ts";
import { engines, on } from "./engines.ts";
import { referenceAction, referenceAdvantage } from "./reference.ts";
import { tensorDerivative, tensorEmbed, tensorSurrogate } from "./tensor_rollout.ts";
import {
  alone,
  randomBatch,
  randomPath,
  randomStates,
  randomWorldOf,
  SMALL_BOUND,
  type TaskSizes,
  unevenControls,
} from "./worlds.ts";

const root = makeKey(5);

const weightings = ["kStep", "lambdaWeighted"] as const, terminations = ["soft", "hard"] as const;
const forms = weightings.flatMap((weighting) =>
  terminations.map((termination): ReturnForm => ({ discount: 0.95, weighting, lambda: 0.9, termination }))
);
/** The Humanoids' worlds are made as Ant's is, of what is observed, and only wider. */
const { humanoid: _humanoid, humanoidStandup: _standup, ...narrow } = tasks;

const everyTask: Readonly<Record<string, TaskSizes>> = {
  ...narrow,
  "hopper with stochastic dynamics": { ...tasks.hopper, latentSize: 2 },
  "a task whose controls have ranges of their own": unevenControls,
  "controls with ranges of their own and stochastic dynamics": { ...unevenControls, latentSize: 2 },
  "a task that uses every operation": {
    imagined: {
      ...wrongTask,
      features: (algebra, s) => [...wrongTask.features(algebra, s), s[1], algebra.constant(0.5), algebra.cos(s[1])],
      featureSize: 6,
      knownReward: (algebra, s, a, next) =>
        algebra.subtract(
          wrongTask.knownReward(algebra, s, a, next),
          algebra.sqrt(algebra.shift(algebra.square(algebra.multiply(next[0], next[0])), 0.1)),
        ),
    },
    observationSize: 2,
    actionSize: 1,
  },
};

/** |a − b| ≤ tolerance·|b| as vectors. */
const assertNear = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what: string): void => {
  const difference = Math.hypot(...Array.from(a, (x, i) => x - b[i])), scale = Math.hypot(...Array.from(b));
  assert(a.length === b.length && difference <= tolerance * scale, `${what}: ${difference} of ${scale}`);
};

/** Ã of a path's starts in float64, their first actions by θ. */
const reference = (path: WeightedPaths, theta: ArrayLike<number>): number[] => {
  const [world] = memberWorlds(path.world);
  const count = path.weight.length, no = world.normalizer.mean.length;
  return Array.from({ length: count }, (_, i) => {
    const start = Array.from(path.observation.subarray(i * no, (i + 1) * no));
    const stepsOf = (x: Float32Array) => {
      const width = x.length / (count * path.horizon);
      return Array.from(
        { length: path.horizon },
        (_, j) => Array.from(x.subarray((j * count + i) * width, (j * count + i + 1) * width)),
      );
    };
    const noise = stepsOf(path.noise), latent = stepsOf(path.latent ?? new Float32Array(0));
    return referenceAdvantage(world, start, referenceAction(world, theta, start, noise[0]), noise, path.form, latent);
  });
};

const derivativesOf = (path: WeightedPaths) => {
  const { gradient, slope } = pathDerivative(path);
  return [gradient, slope];
};

const weighted = (path: WeightedPaths, advantage: ReadonlyArray<number>): number =>
  advantage.reduce((sum, a, i) => sum + path.weight[i] * a, 0);

for (const [name, sizes] of Object.entries(everyTask)) {
  Deno.test(`${name}: Ã, surrogate and gradient equal those by the tape, whatever form, horizon, model, engine`, () => {
    for (const [activation, reward] of [["tanh", "known"], ["relu", "learned"]] as const) {
      const world = randomWorldOf(sizes, reward, activation, root);
      const { theta } = world.policy, moved = theta.map((t, i) => t + 0.01 * Math.cos(i));
      for (const form of forms) {
        for (const horizon of [1, 2, 5, 10]) {
          const path = randomPath(world, 70, horizon, form, root), batch = randomBatch(world, 70, root);
          const expected = [
            ...tensorEmbed(world, batch, path.noise, horizon, form, path.latent),
            ...Object.values(tensorDerivative(path)),
            [tensorSurrogate(path, moved)],
          ];
          const tape = tensorSurrogate(path, theta), what = `${form.weighting} ${form.termination} ${horizon}`;
          for (const [kernels, engine] of engines) {
            const found = on(engine, () => [
              ...embed(alone(world), batch, path.noise, horizon, form, path.latent),
              ...derivativesOf(path),
              [imaginedValue(path, moved)],
            ]);
            expected.forEach((each, i) => assertNear(found[i], each, 1e-4, `${kernels} ${what}: ${i}`));
            const own = on(engine, () => imaginedValue(path, theta));
            assertAlmostEquals(own, tape, 1e-4 * Math.abs(tape) + 1e-6);
          }
        }
      }
    }
  });

  Deno.test(`${name}: surrogate and gradient equal float64 and its differences along random directions`, () => {
    const world = randomWorldOf(sizes, "known", "tanh", root), { theta } = world.policy;
    for (const form of forms) {
      for (const horizon of [1, 2, 5, 10]) {
        const path = randomPath(world, 9, horizon, form, root), [, engine] = engines[engines.length - 2];
        const advantage = reference(path, theta), size = Math.hypot(...advantage);
        const surrogate = on(engine, () => imaginedValue(path, theta));
        assertLess(Math.abs(surrogate - weighted(path, advantage)), 2e-5 * size);
        const gradient = on(engine, () => pathDerivative(path).gradient), scale = Math.hypot(...gradient);
        for (let d = 0; d < 6; d++) {
          const direction = Float64Array.from(theta, makeStream(fold(root, d)).normal);
          const at = (h: number) => weighted(path, reference(path, Array.from(theta, (t, i) => t + h * direction[i])));
          const slope = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
          assertLess(
            Math.abs(slope - (at(1e-5) - at(-1e-5)) / 2e-5),
            1e-4 * scale,
            `${JSON.stringify(form)} ${horizon}`,
          );
        }
      }
    }
  });
}

Deno.test("imagined states of the walkers' worlds lie within and beyond the bound; others have none", () => {
  for (const [name, sizes] of Object.entries(tasks)) {
    const world = randomWorldOf(sizes, "known", "tanh", root),
      { bound } = world.normalizer,
      { observationSize } = sizes;
    if (bound === undefined) {
      assert(!["hopper", "walker2d"].includes(name), name);
      continue;
    }
    const states = randomStates(world, 70, fold(root, "s"));
    const beyond = states.filter((x, i) => Math.abs(x) > bound[i % observationSize]).length;
    const bounded = 70 * bound.filter((most) => most === SMALL_BOUND).length;
    assert(beyond > 0.2 * bounded && beyond < 0.5 * bounded, `${name}: ${beyond} of ${bounded}`);
  }
});

Deno.test("rows beyond one chunk count, the last chunk being smaller", () => {
  const world = randomWorldOf(tasks.hopper, "known", "tanh", root), form = forms[2], n = 2500;
  const path = randomPath(world, n, 3, form, root), batch = randomBatch(world, n, root);
  const tape = [...tensorEmbed(world, batch, path.noise, 3, form), tensorDerivative(path).gradient];
  for (const [name, engine] of engines) {
    const found = on(engine, () => [...embed(alone(world), batch, path.noise, 3, form), pathDerivative(path).gradient]);
    found.forEach((each, i) => assertNear(each, tape[i], 1e-4, `${name} ${i}`));
  }
});

Deno.test("no rows and no steps give zeros and nothing", () => {
  const world = randomWorldOf(tasks.hopper, "known", "tanh", root);
  const path = randomPath(world, 0, 3, forms[0], root);
  on(engines[0][1], () => {
    assertEquals(pathDerivative(path).gradient, new Float32Array(world.policy.theta.length));
    assertEquals(imaginedValue(path, world.policy.theta), 0);
    assertEquals(embed(alone(world), randomBatch(world, 4, root), new Float32Array(0), 0, forms[0]), []);
  });
});

Deno.test("a network that is not a number shows in Ã and in the gradient", () => {
  const world = randomWorldOf(tasks.swimmer, "known", "tanh", root),
    model = { ...world.model, theta: world.model.theta.map(() => NaN) };
  const path = randomPath({ ...world, model }, 5, 2, forms[0], root);
  on(engines[0][1], () => {
    assert(
      embed(alone({ ...world, model }), randomBatch(world, 5, root), path.noise, 2, forms[0])[0].every(Number.isNaN),
    );
    assert(pathDerivative(path).gradient.some(Number.isNaN));
  });
});
