/**
 * What Gymnasium recorded of its tasks with other options, see `options.py` and `spatial_options.py` in `fixtures/gymnasium`.
 *
 * @module
 */
import { assertLess } from "@std/assert";
import { makeKey, makeStream } from "../../src/math/random.ts";
import type { Task } from "../../src/tasks/task.ts";
import type { Fixture } from "./fixture.ts";
import { stateOf } from "./planar.ts";

/** A case of one of the files. */
export interface Case {
  readonly name: string;
  readonly task: string;
  readonly taskOptions: Readonly<Record<string, unknown>>;
  readonly qpos: ReadonlyArray<number>; // [nq] m or rad
  readonly qvel: ReadonlyArray<number>; // [nv] m/s or rad/s
  readonly actions: ReadonlyArray<ReadonlyArray<number>>; // [T][act]
  readonly resetBounds: Fixture["resetBounds"];
  readonly observation: ReadonlyArray<ReadonlyArray<number>>; // [T][obs], or of the steps that `observed` names
  readonly reward: ReadonlyArray<number>;
  readonly terminated: ReadonlyArray<boolean>;
}

/** A case of a task on MuJoCo's own engine. */
export interface SpatialCase extends Case {
  readonly options: Readonly<Record<string, number>>; // of MuJoCo's solver
  readonly observed: ReadonlyArray<number>;
}

const read = (name: string): { readonly cases: ReadonlyArray<SpatialCase> } =>
  JSON.parse(Deno.readTextFileSync(new URL(`../../fixtures/gymnasium/${name}.json`, import.meta.url)));

/** Of the tasks on our physics. */
export const planarCases: ReadonlyArray<Case> = read("options").cases;

/** Of the tasks on MuJoCo's own engine. */
export const spatialCases: ReadonlyArray<SpatialCase> = read("spatial_options").cases;

/**
 * (task, bounds of 2000 resets in Gymnasium) ⇒ passes where as many resets here fill the same range and stay within it.
 *
 * @param slack  of the range, by which the ends of both may differ
 */
export const checkResets = (task: Task, { low, high, deviation }: Fixture["resetBounds"], slack: number): void => {
  const data = task.simulator.make(), stream = makeStream(makeKey(3));
  const states = Array.from({ length: 2000 }, () => (task.reset(stream, data), Array.from(stateOf(task, data))));
  const [least, most] = [Math.min, Math.max].map((of) => low.map((_, i) => of(...states.map((state) => state[i]))));
  low.forEach((from, i) => {
    if (deviation[i] < 0.2 * (high[i] - from)) { // normal; see the contract of tasks
      const square = states.reduce((sum, state) => sum + state[i] ** 2, 0) / states.length;
      return assertLess(Math.abs(Math.sqrt(square) / deviation[i] - 1), 0.11, `entry ${i}`);
    }
    const within = slack * (high[i] - from) + 1e-12;
    assertLess(Math.abs(least[i] - from), within, `entry ${i}`);
    assertLess(Math.abs(most[i] - high[i]), within, `entry ${i}`);
  });
};
