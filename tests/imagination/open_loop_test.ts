/**
 * Open-loop predictions go on from the model's own states, under the given actions.
 *
 * @module
 */
import { ensembleOf } from "../../src/data/folds.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { ModelParams } from "../../src/data/parameters.ts";
import { sampleSegments, type Segments } from "../../src/data/training_segments.ts";
import { predictOpenLoop } from "../../src/imagination/open_loop.ts";
import { StatesUnrecorded } from "../../src/imagination/simulated_rollout.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { startBackend, tensorCount } from "../../src/nn/kernels/backend.ts";
import type { Data } from "../../src/physics/physics.ts";
import { inlineSampler } from "../../src/rollout/inline.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { simulatedBy } from "../../src/tasks/simulation.ts";
import { swimmer } from "../../src/tasks/swimmer.ts";
import { collectWith, requestFor } from "../rollout/collection.ts";
import { randomWorldOf } from "./worlds.ts";

await startBackend();
const key = makeKey(5), [width, actionSize, horizon, count] = [swimmer.observationSize, swimmer.actionSize, 4, 3];

const normals = (label: string, length: number): Float32Array => {
  const { normal } = makeStream(fold(key, label));
  return Float32Array.from({ length }, () => 0.3 * normal());
};

const segments: Segments = {
  horizon,
  count,
  observation: normals("s", (horizon + 1) * count * width),
  action: normals("a", horizon * count * actionSize),
  reward: new Float32Array(horizon * count),
  mask: new Float32Array(horizon * count).fill(1),
};
const { model } = randomWorldOf(swimmer, "learned", "tanh", key);

Deno.test("a model without weights moves by its mean change each step, from the first state alone", () => {
  // change d = (.1, .2, …) and reward −2, whatever the input: s after h steps is s₀ + h·d
  const outputMean = Float32Array.from({ length: width + 1 }, (_, j) => (j < width ? 0.1 * (j + 1) : -2));
  const constant: ModelParams = { ...model, theta: model.theta.map(() => 0), outputMean };
  const [{ observation, reward }] = predictOpenLoop(swimmer.imagined, ensembleOf(constant), segments);
  for (let h = 0; h < horizon; h++) {
    for (let i = 0; i < count * width; i++) {
      const expected = segments.observation[i] + (h + 1) * 0.1 * (i % width + 1);
      assertAlmostEquals(observation[h * count * width + i], expected, 1e-5);
    }
  }
  assertEquals([...reward], Array(horizon * count).fill(-2));
});

Deno.test("another action changes its own start's predictions from its step on, and nothing else", () => {
  const action = segments.action.slice(), [step, start] = [2, 1];
  action[(step * count + start) * actionSize] += 0.5;
  const [before] = predictOpenLoop(swimmer.imagined, ensembleOf(model), segments);
  const [after] = predictOpenLoop(swimmer.imagined, ensembleOf(model), { ...segments, action });
  for (let h = 0; h < horizon; h++) {
    for (let n = 0; n < count; n++) {
      const row = (h * count + n) * width;
      const same = before.observation.subarray(row, row + width).every((x, j) => x === after.observation[row + j]);
      assertEquals(same, h < step || n !== start, `step ${h}, start ${n}`);
    }
  }
});

Deno.test("each member of an ensemble predicts by itself, and no tensor stays behind", () => {
  const other = randomWorldOf(swimmer, "learned", "tanh", fold(key, "other")).model;
  const tensors = tensorCount();
  const [first, second] = predictOpenLoop(swimmer.imagined, { members: [model, other] }, segments);
  assertEquals(tensorCount(), tensors);
  assertEquals(first, predictOpenLoop(swimmer.imagined, ensembleOf(model), segments)[0]);
  assertEquals(second, predictOpenLoop(swimmer.imagined, ensembleOf(other), segments)[0]);
  assert(first.observation.some((x, i) => x !== second.observation[i]));
});

Deno.test("of steps from a divergence on a simulator says what it saw last before", async () => {
  const hopper = getTask("hopper"), LATE = 4, size = hopper.observationSize;
  let taken = 0; // steps of the present segment
  const frail = simulatedBy(
    hopper,
    {},
    {
      ...hopper,
      simulator: {
        ...hopper.simulator,
        write: (data, state) => {
          taken = 0;
          hopper.simulator.write(data, state);
        },
      },
      reward: (before, action, after) => (++taken > LATE ? NaN : hopper.reward(before, action, after as Data)),
    } as typeof hopper,
  );
  const [{ batch }] = await collectWith(inlineSampler, [requestFor(simulatedBy(hopper), 4, 20)]);
  const real = sampleSegments({ batches: [batch] }, 5, 8, makeStream(fold(key, "starts")));
  const factors = Float64Array.from(frail.imagined.simulation!.names, () => 1);
  const [{ observation, reward }] = predictOpenLoop(frail.imagined, { factors, spread: factors }, real);
  let after = 0;
  for (let at = LATE * 5; at < 8 * 5; at++) { // [H, 5]
    if (real.mask[at] === 0) continue;
    const last = (LATE - 1) * 5 + at % 5;
    assertEquals(observation.slice(at * size, (at + 1) * size), observation.slice(last * size, (last + 1) * size));
    assertEquals(reward[at], 0);
    after++;
  }
  assert(after > 0);
});

Deno.test("the true physics says what really happened, to the last bit, to the end of each episode; another one does not", async () => {
  const hopper = simulatedBy(getTask("hopper")), { imagined: { simulation } } = hopper;
  const [{ batch }] = await collectWith(inlineSampler, [requestFor(hopper, 4, 80)]);
  const real = sampleSegments({ batches: [batch] }, 60, 10, makeStream(fold(key, "starts")));
  const by = (mass: number, segments = real) => {
    const factors = Float64Array.from(simulation!.names, (name) => (name === "mass" ? mass : 1));
    return predictOpenLoop(hopper.imagined, { factors, spread: factors.map(() => 0) }, segments)[0];
  };
  const exact = by(1), heavy = by(1.2), size = hopper.observationSize;
  const ends = real.mask.filter((mask) => mask === 0).length;
  assert(ends > 10 && ends < 500, "episodes end within some segments");
  let off = 0;
  for (let at = 0; at < real.mask.length; at++) {
    if (real.mask[at] === 0) continue;
    const reached = [at * size, (at + 1) * size], after = reached.map((i) => i + real.count * size);
    assertEquals(exact.observation.subarray(...reached), real.observation.subarray(...after));
    assertEquals(exact.reward[at], real.reward[at]);
    if (Math.abs(heavy.reward[at] - real.reward[at]) > 1e-4) off++;
  }
  assert(off > 300);
  const { state: _, ...stateless } = real;
  assertThrows(() => by(1, stateless), StatesUnrecorded);
});
