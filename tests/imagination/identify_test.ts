/** Factors of a simulator, fitted to real steps. */
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertStrictEquals } from "@std/assert";
import { sampleSteps } from "../../src/data/step_sample.ts";
import { identify } from "../../src/imagination/identify.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { inlineSampler } from "../../src/rollout/inline.ts";
import { fraction, option, positive, record } from "../../src/options/options.ts";
import { defineTask } from "../../src/tasks/define_task.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { simulatedBy } from "../../src/tasks/simulation.ts";
import type { Task } from "../../src/tasks/task.ts";
import { withTaskOptions } from "../../src/tasks/task_options.ts";
import { linearPolicy, lqr, simulate } from "../estimators/lqr.ts";
import { collectWith, requestFor } from "../rollout/collection.ts";
import { lqrTask, withStates } from "./wrong_simulator.ts";

const root = makeKey(8);

/** (real hopper's factors, believed ones, names to identify, updates) ⇒ identified factors by name. */
const identified = async (
  physics: Record<string, number>,
  believed: Record<string, number>,
  names: ReadonlyArray<string>,
  updates: number,
) => {
  const task = simulatedBy(withTaskOptions(getTask("hopper"), { physics }), believed);
  const [{ batch }] = await collectWith(inlineSampler, [requestFor(task, 4, 150)]);
  const sample = sampleSteps({ batches: [batch] }, 200, 1, makeStream(root))!, simulation = task.imagined.simulation!;
  const chosen = names.map((name) => simulation.names.indexOf(name)).sort((a, b) => a - b);
  const found = identify(simulation, Float64Array.from(simulation.factors), chosen, sample, updates);
  const of = (values: Float64Array) => Object.fromEntries(simulation.names.map((name, i) => [name, values[i]]));
  return { ...found, factor: of(found.factors), spread: of(found.spread) };
};

Deno.test("a hopper's mass, damping, friction and gear are found from 200 steps, others stay", async () => {
  const real = { mass: 0.8, damping: 1.5, friction: 0.7, gear: 1.2 };
  const { factor, spread, error, updates } = await identified(real, {}, Object.keys(real), 20);
  for (const [name, value] of Object.entries(real)) assertAlmostEquals(factor[name], value, 0.01, name);
  assertLess(error, 0.002); // nothing else differs
  assertLess(updates, 20);
  assertEquals([factor.armature, spread.armature, factor.gravity], [1, 0, 1]);
  for (const name of Object.keys(real)) assert(spread[name] > 0 && spread[name] < 0.01, name);
});

Deno.test("factors that cannot take up an error keep it, and say so; one update goes part of the way", async () => {
  const all = await identified({ mass: 0.8, gravity: 1.3 }, {}, ["mass"], 20);
  assertGreater(all.error, 0.01);
  const one = await identified({ mass: 0.8 }, { mass: 1.6 }, ["mass"], 1);
  assertEquals(one.updates, 1);
  assert(one.factor.mass < 1.5 && one.factor.mass > 0.8, String(one.factor.mass)); // at most a factor of e^.5 an update
});

Deno.test("with noisy steps factors are unbiased, and their spread is that of fits to independent batches", () => {
  const { simulation } = simulatedBy(lqrTask).imagined, policy = linearPolicy([-0.4, -0.6, 0.1, -0.5]);
  const fits = Array.from({ length: 60 }, (_, i) => {
    const memory = { batches: [withStates(simulate(lqr, policy, 25, fold(root, i)))] };
    const sample = sampleSteps(memory, 100, 1, makeStream(fold(fold(root, "sample"), i)))!;
    return identify(simulation!, Float64Array.of(0.7, 1.4, 1), [0, 1], sample, 10);
  });
  for (const place of [0, 1]) { // drift and push, truly 1
    const values = fits.map(({ factors }) => factors[place]), mean = values.reduce((a, b) => a + b) / 60;
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 59);
    const spread = fits.reduce((sum, each) => sum + each.spread[place], 0) / 60;
    assertLess(Math.abs(mean - 1), 4 * deviation / Math.sqrt(60));
    assertLess(Math.abs(deviation / spread - 1), 0.3); // 100 draws hold 63 of 100 steps, some twice; deviations of 60 err by 9%
    assertEquals(fits[0].factors[2], 1);
  }
});

Deno.test("a factor that moves nothing stays as it is, and no standard error is claimed of it, alone or beside others", async () => {
  const { factor, spread } = await identified({ mass: 0.8 }, {}, ["mass", "fluidDensity"], 10); // a hopper hops in air of density 0
  assertAlmostEquals(factor.mass, 0.8, 1e-3);
  assertGreater(spread.mass, 0);
  assertEquals([factor.fluidDensity, spread.fluidDensity], [1, 0]);
  const alone = await identified({ mass: 0.8 }, {}, ["fluidDensity"], 10);
  assertEquals([alone.factor.fluidDensity, alone.spread.fluidDensity, alone.updates], [1, 0, 0]);
});

Deno.test("of factors that nobody can tell apart ratios are found, and no standard error is claimed", async () => {
  // All forces on a hopper are proportional to these four together, weight and contact to its mass: accelerations stay.
  const names = ["mass", "damping", "armature", "gear"];
  const { factor, spread, error } = await identified({ mass: 0.8 }, {}, names, 20);
  for (const name of names.slice(1)) assertAlmostEquals(factor.mass / factor[name], 0.8, 1e-3, name);
  assertLess(error, 1e-3);
  assertEquals(names.map((name) => spread[name]), [0, 0, 0, 0]);
});

/** A point that a force pushes and friction slows: x ⇐ x + push·a, v ⇐ .9·drag·v; push is at most 1. */
const point = defineTask({
  name: "point",
  options: {
    physics: record({ push: option(fraction, 0.5, "m"), drag: option(positive, 1, "share that is left") }, "factors"),
  },
  make: ({ physics: { push, drag } }) => ({
    stateSize: 2,
    timeLimit: 20,
    observationSize: 2,
    controlRange: [[-1, 1]],
    reset: (stream, state) => state.set([stream.uniform(), 1 + stream.uniform()]),
    step: (state, [force]) => {
      state[0] += push * force;
      state[1] *= 0.9 * drag;
    },
    observe: (state, out) => out.set(state),
    reward: () => 0,
  }),
});

type Push = (state: Float64Array, force: number) => void;

/** (real push, steps that are drawn) ⇒ (sample) of a point with drag 1.1. */
const pointSteps = async (push: Push, count: number) => {
  const real = simulatedBy(
    {
      ...withTaskOptions(point, { physics: { drag: 1.1 } }),
      simulator: {
        ...point.simulator,
        step: (state: Float64Array, [force]: Float64Array) => {
          push(state, force);
          state[1] *= 0.9 * 1.1;
          return null;
        },
      },
    } as typeof point,
  );
  const [{ batch }] = await collectWith(inlineSampler, [requestFor(real, 2, 40)]);
  return sampleSteps({ batches: [batch] }, count, 1, makeStream(root))!;
};

/** (real push, steps that are drawn, names' places) ⇒ what is identified of a point with drag 1.1 from the nominal figures. */
const identifiedPoint = async (push: Push, count: number, chosen: number[]) => {
  const sample = await pointSteps(push, count);
  return identify(simulatedBy(point).imagined.simulation!, Float64Array.of(0.5, 1), chosen, sample, 20);
};

Deno.test("a factor whose real value is out of the task's range goes to its end and stays there, others are found", async () => {
  const { factors: [push, drag], spread } = await identifiedPoint((state, force) => state[0] += 2 * force, 60, [0, 1]);
  assert(push > 0.95 && push <= 1, String(push));
  assertAlmostEquals(drag, 1.1, 1e-3);
  assertGreater(spread[0], 0.3); // it wants to go on: log 2 away
});

Deno.test("at the end of a factor's range the slope is that of the one side which is allowed", async () => {
  const sample = await pointSteps((state, force) => state[0] += 0.8 * force, 60);
  const { simulation } = simulatedBy(point).imagined, end = Float64Array.of(1, 1);
  const { factors: [push], updates } = identify(simulation!, end, [0], sample, 1);
  // x is off by (.8 − 1)·a, its slope by log push is from below a·(1 − e^{−h})/h, and one update is their quotient
  const h = 1e-3, step = -0.2 * h / (1 - Math.exp(-h));
  assertEquals(updates, 1);
  assertAlmostEquals(push, Math.exp(step), 1e-5); // .8186; twice the width would make it .67
});

Deno.test("each simulator that is tried is given back after its steps, before the next one is stepped; the real one is kept", async () => {
  const sample = await pointSteps((state, force) => state[0] += 0.7 * force, 60);
  const { simulation } = simulatedBy(point).imagined, held = new Set<Task>();
  let most = 0, released = 0;
  const watched = (task: Task): Task => {
    const watching: Task = {
      ...task,
      simulator: {
        ...task.simulator,
        step: (...given) => {
          held.add(watching);
          most = Math.max(most, held.size);
          return task.simulator.step(...given);
        },
        release: () => {
          assert(held.delete(watching), "it has been stepped");
          released++;
        },
      },
    };
    return watching;
  };
  const real = watched(simulation!.real), begin = Float64Array.of(0.5, 1);
  const tried = (factors: ArrayLike<number>): Task | null => {
    if (begin.every((x, i) => x === factors[i])) return real;
    const task = simulation!.tried(factors);
    return task && watched(task);
  };
  const { updates } = identify({ ...simulation!, real, tried }, begin, [0, 1], sample, 20);
  assertGreater(updates, 0);
  assertGreater(released, 4 * updates); // of every update two factors, each moved up and down
  assertEquals([held.has(real), held.size, most], [true, 1, 2]); // the real one, and one beside it at most
});

Deno.test("no more distinct steps than factors: they are found, and no standard error is claimed", async () => {
  const shift = (state: Float64Array, force: number) => state[0] += 0.7 * force;
  const few = await identifiedPoint(shift, 1, [0, 1]), enough = await identifiedPoint(shift, 60, [0, 1]);
  assertAlmostEquals(few.factors[0], 0.7, 1e-3);
  assertEquals(Array.from(few.spread), [0, 0]);
  assertGreater(enough.spread[0], 0);
});

Deno.test("steps that the engine throws at count as far off, and do not end the fit", async () => {
  const throws = {
    ...point.simulator,
    step: () => {
      throw new Error("joint limit");
    },
  };
  const { simulation } = simulatedBy(point).imagined;
  const [{ batch }] = await collectWith(inlineSampler, [requestFor(simulatedBy(point), 2, 40)]);
  const sample = sampleSteps({ batches: [batch] }, 30, 1, makeStream(root))!;
  const broken = { ...simulation!, tried: () => ({ ...point, simulator: throws }) };
  const { factors, error } = identify(broken, Float64Array.of(0.5, 1), [0], sample, 5);
  assertEquals([Array.from(factors), error], [[0.5, 1], 10]);
});

Deno.test("a fit that was broken off says by how much it may be off", async () => {
  const { factor, spread } = await identified({ mass: 0.8 }, {}, ["mass"], 1);
  const off = Math.abs(factor.mass - 0.8);
  assertGreater(off, 1e-4);
  assertGreater(spread.mass, off / 2);
});

Deno.test("steps are drawn with their states; a memory without states gives none", () => {
  const batch = withStates(simulate(lqr, linearPolicy([0, 0, 0, 0]), 5, root)), { state: _, ...bare } = batch;
  const sample = sampleSteps({ batches: [batch, batch] }, 30, 2, makeStream(root))!;
  assertEquals(Float32Array.from(sample.state), sample.observation);
  assertEquals(new Set(sample.action).size > 8, true);
  assertStrictEquals(sampleSteps({ batches: [batch, bare] }, 30, 1, makeStream(root)), null);
});
