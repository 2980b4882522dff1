/** `model: physics`: rows of the panel that the physics itself imagines. */
import { assert, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import { estimators } from "../../src/estimators/registry.ts";
import { realAdvantage } from "../../src/estimators/real_advantage.ts";
import { batchOf, runJob } from "../../src/laboratory/jobs.ts";
import { type EstimatorSpec, makePanel } from "../../src/laboratory/panel.ts";
import { imaginedByPhysics, withPhysics } from "../../src/laboratory/physics_model.ts";
import { perfectAdvantage } from "../../src/laboratory/true_advantage.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { correlation, moments } from "../../src/math/statistics.ts";
import { SimulatorInvalid } from "../../src/tasks/simulator_invalid.ts";
import { unbiasedOptions } from "../estimators/world.ts";
import { frozenAt } from "./frozen.ts";
import { formsOf, specOf } from "./specs.ts";

const options = {
  ...unbiasedOptions,
  discount: 0.95,
  advantage: "gae" as const,
  lambda: 0.9,
  horizon: 10,
  imaginedReturn: "lambdaWeighted" as const,
  imaginedGradient: "mirroredPairs" as const,
  coefficient: "optimal" as const,
};
const own = specOf("mscv", options);
const by = (physics: Record<string, number>): EstimatorSpec => ({ ...own, model: { physics } });

Deno.test("rows differ by the physics that imagines them, share their match, and say so", () => {
  const panel = makePanel(estimators, [own, by({}), by({ mass: 0.8 }), by({ mass: 0.8 })]);
  const name = "mscv GAE .9, k 10, w optimal, λ, pairs";
  assertEquals(panel.map(({ label }) => label), [
    "likelihoodRatio GAE .9",
    name,
    `${name}, physics`,
    `${name}, physics mass .8`,
  ]);
  assertEquals(panel.slice(1).map(({ match }) => match), new Array(3).fill("likelihoodRatio GAE .9"));
});

Deno.test("a physics is made ready once, not within the time of each estimate", async () => {
  const { task, ...networks } = await frozenAt("hopper"), shape = { environments: 2, steps: 10 };
  const input = { task: task.imagined, ...networks, batch: batchOf({ task, ...networks }, shape, 1, makeKey(2)).batch };
  const imaginedBy = (mass: number) => withPhysics(input, task, { physics: { mass } }).task;
  assert(imaginedBy(0.8) === imaginedBy(0.8));
  assert(imaginedBy(0.8) !== imaginedBy(0.7));
});

Deno.test("factors with which no physics holds are refused for what they are", async () => {
  const { task } = await frozenAt("hopper");
  assertThrows(() => imaginedByPhysics(task, { physics: { mass: 1e-20 } }), SimulatorInvalid, "positive definite");
});

Deno.test("the true physics leaves what lies beyond k steps, wrong physics more, a model that hardly learned most", async () => {
  const frozen = await frozenAt("hopper"), panel = makePanel(estimators, [own, by({}), by({ mass: 0.3, gear: 3 })]);
  const { advantage, form } = formsOf(options),
    metric = { observation: new Float32Array(11 * 20).fill(0.1), damping: 0.1 };
  const plan = {
    shape: { environments: 4, steps: 100 },
    panel,
    steps: [50],
    sized: panel,
    own: advantage,
    form,
    horizons: [10],
    floor: null,
    metric,
  };
  const key = fold(makeKey(1), "job"), { estimates, bySize } = runJob(frozen, estimators, "subBatch", { plan, key });
  const collected = batchOf(frozen, plan.shape, 10, key), { task: _, ...networks } = frozen;
  const real = realAdvantage({ task: frozen.task.imagined, ...networks, batch: collected.batch }, advantage);
  const unexplained = 1 - correlation(moments(real, perfectAdvantage(frozen, collected, form, 10))) ** 2;
  const left = estimates.map(({ metrics }) => Number(metrics.varianceRatio));
  assertLess(left[2], 0.5 * left[3]);
  assertLess(left[3], left[1]);
  // w is taken from the other half, the bound from all: Var(A − wÃ)/Var(A) ≥ 1 − ρ², and close to it
  assertGreater(left[2], 0.8 * unexplained);
  assertLess(left[2], 2 * unexplained);
  assertEquals(bySize[0].length, panel.length);
  assert(estimates.every(({ gradient }) => gradient.every(Number.isFinite)));
});
