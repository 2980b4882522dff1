/**
 * What every task owes, whatever it simulates.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { fold, makeKey, makeStream, type Stream } from "../../src/math/random.ts";
import { advance } from "../../src/tasks/advance.ts";
import { float64Algebra as float64 } from "../../src/math/algebra.ts";
import { prepareTask } from "../../src/tasks/prepare.ts";
import { getTask, tasks } from "../../src/tasks/registry.ts";
import type { Task } from "../../src/tasks/task.ts";
import { readFixture } from "../tasks/fixture.ts";
import { pendulum } from "../tasks/pendulum.ts";
import { dataOf, modelOf, planarTasks, stateOf } from "../tasks/planar.ts";

const key = makeKey(2018);

const observed = (task: Task, data: unknown): number[] => {
  const out = new Float64Array(task.observationSize);
  task.observe(data, out);
  return [...out];
};

const randomAction = (task: Task, stream: Stream): Float64Array =>
  Float64Array.from(task.controlRange, ([low, high]) => low + (high - low) * stream.uniform());

/** What a step was. */
interface Step {
  /** [stateSize] before it */
  readonly state: Float64Array;
  /** observed before and after it */
  readonly before: number[];
  readonly after: number[];
  readonly action: Float64Array;
  readonly reward: number;
  /** after it */
  readonly data: unknown;
}

/** Calls `visit` after each step of `episodes` episodes of random actions, resetting at terminations. */
const explore = (task: Task, steps: number, visit: (step: Step) => void): void => {
  const stream = makeStream(fold(key, task.name)), data = task.simulator.make();
  task.reset(stream, data);
  for (let i = 0; i < steps; i++) {
    const state = stateOf(task, data), before = observed(task, data), action = randomAction(task, stream);
    assertEquals(advance(task, data, action), null);
    const after = observed(task, data), reward = task.reward(state, action, data);
    visit({ state, before, after, action, reward, data });
    if (task.terminated(data)) task.reset(stream, data);
  }
};

Deno.test("the registry lists the tasks by their own names, in order", () => {
  assertEquals(Object.keys(tasks), [
    "ant",
    "halfCheetah",
    "hopper",
    "humanoid",
    "humanoidStandup",
    "invertedDoublePendulum",
    "invertedPendulum",
    "pusher",
    "reacher",
    "swimmer",
    "walker2d",
  ]);
  for (const [name, task] of Object.entries(tasks)) assertEquals(task.name, name);
  assertEquals(getTask("swimmer").name, "swimmer");
  assertThrows(() => getTask("toString"), RangeError, 'current value is "toString"');
});

Deno.test("features are derived: as many as the tasks' notes say", () => {
  assertEquals(Object.values(planarTasks).map(({ imagined }) => imagined.featureSize), [95, 37, 14, 10, 12, 23, 67]);
  assertEquals(Object.values(planarTasks).map(({ actionSize }) => actionSize), [6, 3, 1, 1, 2, 2, 6]); // Gymnasium's
});

Deno.test("thresholds are the paper's, of tasks that it lacks Gymnasium's", () => {
  const thresholds = Object.values(planarTasks).map((task) => task.threshold);
  assertEquals(thresholds, [4800, 2000, 9100, 950, -7, 90, 2500]);
});

/** Reward of being alive, where it is lost by a termination. */
const HEALTHY: Readonly<Record<string, number>> = {
  hopper: 1,
  walker2d: 1,
  invertedPendulum: 1,
  invertedDoublePendulum: 10,
};

for (const task of Object.values(planarTasks)) {
  const { imagined } = task;
  const fixture = readFixture(task.name);

  Deno.test(`${task.name}: sizes agree with the model and with Gymnasium`, () => {
    const { nu, nq, nv } = modelOf(task.name);
    assertEquals(nu, task.actionSize);
    assertEquals(fixture.trajectories[0]!.observation.length, task.observationSize);
    assertEquals(fixture.trajectories[0]!.actions[0]!.length, task.actionSize);
    assertEquals(nq + nv, fixture.resetBounds.low.length);
  });

  Deno.test(`${task.name}: resets fill Gymnasium's bounds and do not leave them`, () => {
    const stream = makeStream(fold(key, "reset"));
    const data = dataOf(task);
    const draws = Array.from({ length: 2000 }, () => (task.reset(stream, data), [...data.qpos, ...data.qvel]));
    for (let i = 0; i < fixture.resetBounds.low.length; i++) {
      const values = draws.map((draw) => draw[i]!), mean = values.reduce((a, b) => a + b, 0) / values.length;
      const [low, high] = [fixture.resetBounds.low[i]!, fixture.resetBounds.high[i]!];
      const spread = fixture.resetBounds.deviation[i]!;
      if (spread < 0.2 * (high - low)) { // normal: its deviation is .15 of the range of 2000 draws, .29 of a uniform's
        // Two sample deviations of 2000 normal numbers differ by σ√(2/4000) = .022σ, their means by .032σ: five of them.
        const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
        assertAlmostEquals(deviation, spread, 0.11 * spread);
        assertAlmostEquals(mean, 0, 0.16 * spread);
        assert(Math.max(...values) > 2.5 * spread && Math.min(...values) < -2.5 * spread, "tails");
        continue;
      }
      // Two samples of 2000 uniform numbers miss an end by more than 1 % of the range with probability 4·.99²⁰⁰⁰ ≈ 7e-9;
      // in a disk the ends are rarer (a chord's tail of 4 % holds 1.3 % of the area), hence 4 %.
      const slack = 0.04 * (high - low);
      assertAlmostEquals(Math.min(...values), low, slack + 1e-15);
      assertAlmostEquals(Math.max(...values), high, slack + 1e-15);
      // The mean of 2000 uniform numbers has deviation (high − low)/√(12·2000) = .0065 (high − low): five of them.
      assertAlmostEquals(mean, (low + high) / 2, 0.0325 * (high - low) + 1e-15);
    }
    assert(!draws.some((_, i) => i > 0 && draws[i]![0] === draws[i - 1]![0]), "draws repeat");
  });

  Deno.test(`${task.name}: reward = known reward + displacement per second (0 where the residual is zero)`, () => {
    explore(task, 500, ({ state, before, after, action, reward, data }) => {
      const known = imagined.knownReward(float64, before, [...action], after);
      assertEquals(typeof known, "number");
      // At a termination the exact reward has no healthy term, which imagined rollouts count.
      const healthy = task.terminated(data) ? HEALTHY[task.name]! : 0;
      if (imagined.rewardResidual === "zero") return assertAlmostEquals(reward + healthy, known, 1.001e-6);
      // Moving the position before the step by one environment step's length per unit changes the reward by −1 per unit.
      const seconds = task.frameSkip * task.simulator.timestep, [position] = stateOf(task, data);
      const from = (x: number) => task.reward(state.with(0, x), action, data);
      const still = from(position); // reward if the step had not moved
      assertAlmostEquals(from(position - seconds) - still, 1, 1e-12);
      assertAlmostEquals(still + healthy, known, 1e-12);
    });
  });

  Deno.test(`${task.name}: some survival margin is not positive exactly where a state is terminal`, () => {
    const stream = makeStream(fold(key, "survival"));
    const data = dataOf(task);
    let terminal = 0;
    for (let i = 0; i < 5000; i++) {
      task.reset(stream, data);
      if (imagined.survival(float64, observed(task, data)).length > 0) {
        data.qpos[1] = 2.5 * stream.uniform(); // m
        data.qpos[2] = 0.5 * stream.normal(); // rad
      }
      const margins = imagined.survival(float64, observed(task, data));
      for (const { width } of margins) assert(width > 0 && width < 1);
      assertEquals(margins.some(({ margin }) => margin <= 0), task.terminated(data));
      terminal += task.terminated(data) ? 1 : 0;
    }
    if (imagined.survival(float64, observed(task, data)).length > 0) assert(terminal > 500 && terminal < 4900);
    else assertEquals(terminal, 0);
  });

  Deno.test(`${task.name}: a state that is not a number is terminal, or the task never ends`, () => {
    const data = dataOf(task);
    data.qpos[1] = NaN;
    assertEquals(task.terminated(data), imagined.survival(float64, observed(task, dataOf(task))).length > 0);
  });
}

for (const task of [...Object.values(tasks), pendulum as Task]) {
  await prepareTask(task);
  const { imagined, simulator } = task;

  Deno.test(`${task.name}: its parts make up its state, its control range its action`, () => {
    assertEquals(simulator.parts.reduce((sum, { size }) => sum + size, 0), simulator.stateSize);
    assertEquals([task.actionSize, imagined.controlRange], [task.controlRange.length, task.controlRange]);
  });

  Deno.test(`${task.name}: a state that is written is read as it is, and has one future`, () => {
    const used = simulator.make();
    explore(task, 60, ({ data }) => {
      const state = stateOf(task, data), fresh = simulator.make(), action = randomAction(task, makeStream(key));
      for (const at of [fresh, used]) simulator.write(at, state);
      assertEquals(stateOf(task, fresh), state);
      for (const at of [fresh, used]) advance(task, at, action);
      assertEquals(stateOf(task, used), stateOf(task, fresh));
    });
  });

  Deno.test(`${task.name}: the same key gives the same bits whatever the data held before, another key others`, () => {
    const roll = (label: string, data: unknown) => {
      const stream = makeStream(fold(key, label));
      task.reset(stream, data);
      const states = [];
      for (let i = 0; i < 20; i++) {
        advance(task, data, randomAction(task, stream));
        states.push(...stateOf(task, data));
      }
      return states;
    };
    const used = task.simulator.make();
    roll("else", used);
    const fresh = roll("a", task.simulator.make());
    assertEquals(roll("a", used), fresh);
    assertNotEquals(roll("b", used), fresh);
  });

  Deno.test(`${task.name}: what it computes is finite, and observing changes no state`, () => {
    explore(task, 500, ({ after, reward, data }) => {
      assert(after.every(Number.isFinite) && Number.isFinite(reward));
      const state = stateOf(task, data);
      const again = observed(task, data);
      task.terminated(data);
      assertEquals(again, after);
      assertEquals(stateOf(task, data), state);
    });
  });

  Deno.test(`${task.name}: features are as many as declared and tell states apart`, () => {
    const seen = new Set<string>();
    explore(task, 100, ({ after }) => {
      const features = imagined.features(float64, after);
      assertEquals(features.length, imagined.featureSize);
      assert(features.every(Number.isFinite));
      seen.add(JSON.stringify(features));
    });
    assertEquals(seen.size, 100);
  });
}

Deno.test("known rewards are what a pencil gives", () => {
  const known = (name: string, action: number[], next: number[] = []) =>
    getTask(name).imagined.knownReward(float64, [], action, next);
  assertAlmostEquals(known("hopper", [1, -0.5, 0]), 1 - 0.001 * 1.25, 1e-15);
  assertAlmostEquals(known("walker2d", [1, 0, 0, 0, 0.5, -1]), 1 - 0.001 * 2.25, 1e-15);
  assertAlmostEquals(known("swimmer", [0.5, -1]), -0.0001 * 1.25, 1e-15);
  // Fingertip off by (.03, −.04): distance .05.
  assertAlmostEquals(known("reacher", [0.5, 0], [1, 1, 0, 0, 0, 0, 0, 0, 0.03, -0.04]), -0.05 - 0.25, 1e-10);
  assertLess(Math.abs(known("reacher", [0, 0], [1, 1, 0, 0, 0, 0, 0, 0, 0, 0])), 1.001e-6);
});

Deno.test("features are what a pencil gives", () => {
  const features = (name: string, observation: number[]) => getTask(name).imagined.features(float64, observation);
  const close = (a: ReadonlyArray<number>, b: number[]) => b.forEach((x, i) => assertAlmostEquals(a[i]!, x, 1e-15));
  // Front body turned to +y: a velocity (3, 4) m/s is 4 along it and −3 across it (its left is −x).
  const swimmer = features("swimmer", [Math.PI / 2, 0, Math.PI / 2, 3, 4, 5, 6, 7]);
  close(swimmer.slice(0, 15), [1, 0, 0, 1, 1, 0, 4, -3, 3, 4, 5, 6, 7, 0, Math.PI / 2]);
  // Both links along x, turning with 2 and 2 + 1 rad/s: .1·2 + .11·3 m/s along y.
  close(features("reacher", [1, 1, 0, 0, 0.1, 0.2, 2, 1, 0.11, -0.2]).slice(10), [0, 0.53]);
  close(features("walker2d", [1.2, Math.PI / 6, ...Array(15).fill(0)]).slice(17), [0.5, Math.sqrt(3) / 2]);
  // Standing: the foot level, .04 m over the floor, moving with the torso.
  const standing = features("hopper", [1.25, 0, 0, 0, 0, 2, 3, 0, 0, 0, 0]);
  close(standing, [1.25, 0, 0, 0, 0, 2, 3, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1]);
  [0.04, 2, 3].forEach((x, i) => assertAlmostEquals(standing[19 + i], x, 1e-12));
});

Deno.test("Hopper ends where an entry reaches 100, Walker2d does not", () => {
  const terminated = (name: string, velocity: number) => {
    const data = dataOf(getTask(name));
    data.qvel[5] = velocity;
    return getTask(name).terminated(data);
  };
  assertEquals([terminated("hopper", 99.9), terminated("hopper", -100), terminated("walker2d", 100)], [
    false,
    true,
    false,
  ]);
});
