/**
 * The tasks on MuJoCo's own engine against Gymnasium, see `fixtures/gymnasium/spatial.py`.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals, assertLess, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { float64Algebra } from "../../src/math/algebra.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { advance } from "../../src/tasks/advance.ts";
import { lazyMujocoSimulator, type MujocoData, type OwnMujocoSimulator } from "../../src/tasks/mujoco_simulator.ts";
import type { Task } from "../../src/tasks/task.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { replay } from "../../src/tasks/replay.ts";
import { largestDifference } from "./fixture.ts";

type Rows = ReadonlyArray<ReadonlyArray<number>>;

/** A file of the fixtures. */
interface Recorded {
  readonly options: Readonly<Record<string, number>>;
  readonly frameSkip: number;
  readonly timestep: number; // s
  readonly timeLimit: number;
  readonly threshold: number | null;
  readonly controlRange: Rows; // [act][2]
  readonly resetBounds: { readonly low: ReadonlyArray<number>; readonly high: ReadonlyArray<number> }; // [nq + nv]
  readonly trajectories: ReadonlyArray<{
    readonly name: string;
    readonly qpos: ReadonlyArray<number>;
    readonly qvel: ReadonlyArray<number>;
    readonly observation: ReadonlyArray<number>;
    readonly actions: Rows;
    readonly observed: ReadonlyArray<number>;
    readonly stepsInContact: number;
    readonly steps: {
      readonly observation: Rows;
      readonly reward: ReadonlyArray<number>;
      readonly terminated: ReadonlyArray<boolean>;
      readonly qpos: Rows;
      readonly qvel: Rows;
    };
  }>;
}

const read = (name: string): Recorded =>
  JSON.parse(Deno.readTextFileSync(new URL(`../../fixtures/gymnasium/${name}.json`, import.meta.url)));

/** A trajectory, and how far a replay of it is from Gymnasium's after each step. */
const differencesOf = (task: Task, { qpos, qvel, actions, observed, steps }: Recorded["trajectories"][number]) =>
  [...replay(task, { qpos, qvel }, actions)].map((step, t) => {
    const row = observed.indexOf(t),
      here = (now: ArrayLike<number>, rows: Rows) => row < 0 ? 0 : largestDifference(now, rows[row]!);
    return {
      obs: here(step.obs, steps.observation),
      reward: Math.abs(step.reward - steps.reward[t]!),
      state: Math.max(here(step.state.qpos, steps.qpos), here(step.state.qvel, steps.qvel)),
      terminated: step.terminated === steps.terminated[t],
    };
  });

const key = makeKey(2018);

for (const name of ["ant", "humanoid", "humanoidStandup", "pusher"]) {
  const task = getTask(name), simulator = task.simulator as OwnMujocoSimulator, recorded = read(name);
  await simulator.prepare!();
  const observed = (data: MujocoData): Float64Array => {
    const out = new Float64Array(task.observationSize);
    task.observe(data, out);
    return out;
  };

  Deno.test(`${name}: replays equal Gymnasium, through contacts too`, () => {
    const options = simulator.model().opt, before = { ...recorded.options };
    for (const option of Object.keys(before)) before[option] = options[option as "tolerance"];
    try {
      Object.assign(options, recorded.options);
      assertLess(10, recorded.trajectories.reduce((sum, { stepsInContact }) => sum + stepsInContact, 0));
      for (const trajectory of recorded.trajectories) {
        const data = simulator.make();
        simulator.place(data, trajectory.qpos, trajectory.qvel);
        assertLess(largestDifference(observed(data), trajectory.observation), 1e-12);
        const each = differencesOf(task, trajectory);
        assertEquals(each.length, trajectory.actions.length);
        assertLess(Math.max(...each.map(({ obs }) => obs)), 1e-8);
        assertLess(Math.max(...each.map(({ reward, state }) => Math.max(reward, state))), 1e-9);
        assertEquals(each.every(({ terminated }) => terminated), true);
      }
    } finally {
      Object.assign(options, before);
    }
  });

  Deno.test(`${name}: sizes, range, limits and threshold are Gymnasium's`, () => {
    const { qpos, qvel, observation } = recorded.trajectories[0]!;
    assertEquals([simulator.sizes.nq, simulator.sizes.nv], [qpos.length, qvel.length]);
    assertEquals(task.observationSize, observation.length);
    assertEquals(task.controlRange, recorded.controlRange as typeof task.controlRange);
    assertEquals([task.frameSkip, task.timeLimit], [recorded.frameSkip, recorded.timeLimit]);
    assertEquals([simulator.timestep, task.threshold ?? null], [recorded.timestep, recorded.threshold]);
  });

  Deno.test(`${name}: resets fill Gymnasium's bounds and do not leave them`, () => {
    const stream = makeStream(fold(key, name)), data = simulator.make(), { low, high } = recorded.resetBounds;
    const draws = Array.from({ length: 500 }, () => {
      task.reset(stream, data);
      return [...simulator.view(data, "qpos"), ...simulator.view(data, "qvel")];
    });
    low.forEach((least, i) => {
      const most = high[i]!, values = draws.map((draw) => draw[i]!), span = most - least;
      const normal = name === "ant" && i >= 15; // ends of 500 normal numbers scatter by a tenth of their span
      const slack = (normal ? 0.35 : 0.05) * span + 1e-15;
      assertAlmostEquals(Math.min(...values), least, slack);
      assertAlmostEquals(Math.max(...values), most, slack);
    });
  });

  Deno.test(`${name}: a state holds all that follows, whoever else has stepped in between`, () => {
    const stream = makeStream(fold(key, "resume")), action = Float64Array.from(task.controlRange, ([low]) => 0.7 * low);
    const data = simulator.make(), other = simulator.make(), state = new Float64Array(simulator.stateSize);
    task.reset(stream, data);
    for (let i = 0; i < 30; i++) advance(task, data, action);
    simulator.read(data, state);
    const there = observed(data);
    task.reset(stream, other);
    advance(task, other, action);
    simulator.write(other, state);
    assertEquals(observed(other), there);
    const afterwards = [data, other, data, other].map((each) => { // in turns
      advance(task, each, action.map((x) => -x));
      return [...observed(each), task.reward(state, action, each)];
    });
    assertEquals(afterwards[1], afterwards[0]);
    assertEquals(afterwards[3], afterwards[2]);
    assertNotEquals(afterwards[2], afterwards[0]);
  });

  Deno.test(`${name}: margins of survival and the known reward agree with the task`, () => {
    const stream = makeStream(fold(key, "imagined")), data = simulator.make(), { imagined } = task;
    const before = new Float64Array(simulator.stateSize);
    let ends = 0;
    task.reset(stream, data);
    for (let i = 0; i < 300; i++) {
      simulator.read(data, before);
      const from = observed(data);
      const action = Float64Array.from(task.controlRange, ([low, high]) => low + (high - low) * stream.uniform());
      advance(task, data, action);
      const next = [...observed(data)], ended = task.terminated(data), reward = task.reward(before, action, data);
      const margins = imagined.survival(float64Algebra, next).map(({ margin }) => margin);
      assertEquals(margins.some((margin) => margin < 0), ended);
      const known = imagined.knownReward(float64Algebra, [...from], [...action], next);
      if (imagined.rewardResidual === "zero") assertAlmostEquals(reward, known, 2e-6);
      if (name === "humanoidStandup") assertEquals(reward <= known + 1e-9 && reward >= known - 10 - 1e-9, true);
      ends += ended ? 1 : 0;
      if (ended) task.reset(stream, data);
    }
    assertEquals(ends > 0, imagined.survival(float64Algebra, [...observed(data)]).length > 0);
  });

  Deno.test(`${name}: a state beyond ±1e10 ends the simulation and is named`, () => {
    const data = simulator.make(), qvel = new Float64Array(simulator.sizes.nv);
    qvel[simulator.sizes.nv - 1] = 1e13;
    simulator.place(data, simulator.model().qpos0 as Float64Array, qvel);
    const told = simulator.step(data, new Float64Array(task.actionSize))!;
    assertEquals(told.limit, "within ±1e10");
    assertMatch(told.quantity, /^q(pos|vel)\[\d+\]$/);
  });
}

Deno.test("data are made before the model is; a model of other sizes than the task's is refused", () => {
  const lazy = lazyMujocoSimulator(
    { name: "none.xml", xml: "<mujoco/>" },
    { nq: 1, nv: 1, na: 0, nu: 1, nbody: 2, nsite: 0, timestep: 0.002 },
    { remembered: [], derive: "nothing" },
  );
  const data = lazy.make(); // as a policy does, which may be where no engine is
  assertThrows(() => lazy.read(data, new Float64Array(3)), RangeError, "nq must be 1: current value is 0");
});
