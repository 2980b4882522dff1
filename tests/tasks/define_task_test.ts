/** What `defineTask` derives, and what it refuses, in words that name it. */
import { assertAlmostEquals, assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import { float64Algebra } from "../../src/math/algebra.ts";
import { compile, hopper } from "../../src/physics/physics.ts";
import { TaskInvalid } from "../../src/tasks/check_task.ts";
import { defineTask } from "../../src/tasks/define_task.ts";
import { planarSimulator } from "../../src/tasks/planar_simulator.ts";
import { imaginedOf, TaskNotImagined } from "../../src/tasks/survival.ts";
import type { PlainTask } from "../../src/tasks/task_definition.ts";
import { hopper as hopperTask } from "../../src/tasks/hopper.ts";
import { blindCart, pendulum } from "./pendulum.ts";

/** A cart: position and velocity, pushed. */
const cart: PlainTask = {
  name: "cart",
  stateSize: 2,
  timeLimit: 50,
  observationSize: 2,
  controlRange: [[0, 4]],
  reset: (stream, state) => state.set([stream.uniform(), 0]),
  step: (state, control) => state.set([state[0] + state[1], state[1] + control[0]]),
  observe: (state, out) => out.set(state),
  reward: (before, action, after) => after[0] - before[0] - action[0],
};

const fails = (): never => {
  throw new TypeError("no such thing");
};

/** (what is changed) ⇒ what is wrong with the cart then. */
const flawOf = (change: { readonly [K in keyof PlainTask]?: unknown }): string => {
  const error = assertThrows(() => defineTask({ ...cart, ...change } as PlainTask));
  assertInstanceOf(error, TaskInvalid);
  assertEquals(error._tag, "TaskInvalid");
  return error.message.replace(/^Cannot define task ("[^"]*") as /, "");
};

Deno.test("sizes, ranges and functions are refused where they cannot be", () => {
  const cases: ReadonlyArray<readonly [Parameters<typeof flawOf>[0], string]> = [
    [{ name: "my cart" }, 'name must be a letter, then letters, digits, _ or -: current value is "my cart"'],
    [{ timeLimit: 0 }, "timeLimit must be a whole number above 0: current value is 0"],
    [{ stateSize: 1.5 }, "stateSize must be a whole number above 0: current value is 1.5"],
    [{ observationSize: undefined }, "observationSize must be a whole number above 0: current value is undefined"],
    [{ frameSkip: -1 }, "frameSkip must be a whole number above 0: current value is -1"],
    [{ timestep: Infinity }, "timestep must be finite and above 0: current value is Infinity"],
    [{ step: 3 }, "step must be a function: current value is 3"],
    [{ reward: undefined }, "reward must be a function: current value is undefined"],
    [{ controlRange: [] }, "controlRange must be [low, high] of every control: current value is []"],
    [
      { controlRange: [[-1, 1], [2, 2]] },
      "controlRange[1] must be [low, high], finite, low < high in single precision: current value is [2,2]",
    ],
    [
      { controlRange: [[1, 1 + 1e-12]] },
      "controlRange[0] must be [low, high], finite, low < high in single precision: current value is [1,1.000000000001]",
    ],
    [{ threshold: NaN }, "threshold must be finite: current value is NaN"],
    [{ observationBound: [1] }, "observationBound must be 2 numbers above 0: current value is [1]"],
    [
      { laggingEntries: [0] },
      "laggingEntries must be absent where the simulator has no stepLagging: current value is [0]",
    ],
  ];
  for (const [change, flaw] of cases) assertEquals(flawOf(change), flaw);
});

Deno.test("a first step shows what does not hold", () => {
  const cases: ReadonlyArray<readonly [Parameters<typeof flawOf>[0], string]> = [
    [{ reset: () => {}, step: () => {}, reward: () => NaN }, "reward must be finite: current value is NaN"],
    [
      { reset: (_: unknown, state: Float64Array) => state.fill(NaN) },
      "reset must give a finite state: entry 0 is NaN",
    ],
    [
      { step: (state: Float64Array) => state.set([1, Infinity]) },
      "step must leave state[1] finite: current value is Infinity",
    ],
    [{ observationSize: 3 }, "observe must give 3 finite numbers: observation[2] is NaN, or was not written"],
    [
      { observationSize: 1, observe: (state: Float64Array, out: Float64Array) => [out[0], out[1]] = state },
      "observe must fill observationSize, 1 numbers: it writes entry 1 too",
    ],
    [{ terminated: () => 1 }, "terminated must give true or false: current value is 1"],
    [{ imagined: { features: () => [] } }, "imagined.features must return at least one column: it returns none"],
    [{ imagined: { knownReward: () => NaN } }, "imagined.knownReward must be finite: current value is NaN"],
    [
      { imagined: { survival: () => [{ margin: 1, width: 0 }] } },
      'imagined.survival must give numbers as margins, widths above 0: one is {"margin":1,"width":0}',
    ],
  ];
  for (const [change, flaw] of cases) assertEquals(flawOf(change), flaw);
});

Deno.test("a function that throws is named, with file, line and column", () => {
  for (const during of ["reset", "step", "observe", "reward", "terminated"] as const) {
    const pattern = new RegExp(
      `^"${during}" must not throw: it threw TypeError: no such thing \\(at .*define_task_test.ts:\\d+:\\d+\\)$`,
    );
    assertMatch(flawOf({ [during]: fails }), pattern);
  }
  assertMatch(
    flawOf({ imagined: { features: fails } }),
    /^imagined.features must not throw: it threw TypeError: no such/,
  );
  // an observation of two numbers does not fit into one, however it is written
  assertEquals(flawOf({ observationSize: 1 }), "observe must fill observationSize, 1 numbers: it writes entry 1 too");
});

Deno.test("an observation may be cleared before it is filled, and filled to its own length", () => {
  const cleared = defineTask({ ...cart, observe: (state, out) => void out.fill(0).set([state[0]]) });
  const looped = defineTask({
    ...cart,
    observationSize: 1,
    observe: (state, out) => {
      for (let i = 0; i < out.length; i++) out[i] = state[i];
    },
  });
  assertEquals([cleared.observationSize, looped.observationSize], [2, 1]);
});

Deno.test("the end of an episode follows from survival, at 0 and where it is not a number", () => {
  const { terminated } = defineTask({
    ...cart,
    imagined: { survival: (algebra, s) => [{ margin: algebra.shift(algebra.scale(s[0], -1), 5), width: 0.1 }] },
  });
  assertEquals([4.9, 5, 5.1, NaN].map((x) => terminated(Float64Array.of(x, 0))), [false, true, true, true]);
});

Deno.test("a task whose ends no observation shows is refused where somebody imagines it, and only there", () => {
  assertEquals(imaginedOf(pendulum, '"mscv"'), pendulum.imagined);
  const error = assertThrows(() => imaginedOf(blindCart, '"mscv"'), TaskNotImagined);
  const words = 'Cannot run "mscv" as task "blind-cart" must say by "imagined.survival" how its ends are seen in an ' +
    'observation: current value is "terminated" alone';
  assertEquals([error.message, error.task], [words, "blind-cart"]);
  assertThrows(() => blindCart.imagined.survival(float64Algebra, [0]), TaskNotImagined);
});

Deno.test("a task on our physics says what a built-in one does", () => {
  const model = compile(hopper);
  const tumbler = defineTask({
    name: "tumbler",
    simulator: planarSimulator(model),
    frameSkip: 4,
    timeLimit: 100,
    observationSize: 1,
    controlRange: [[-1, 1], [-0.5, 0.5], [-1, 1]],
    reset: (_stream, data) => {
      data.qpos.set(model.qpos0);
      data.qvel.fill(0);
    },
    observe: (data, out) => {
      out[0] = data.qpos[2];
    },
    reward: (before, _action, data) => data.qpos[2] - before[2], // rad that it has turned
  });
  const data = tumbler.simulator.make(), before = Float64Array.of(0, 1.25, 0.3, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  tumbler.simulator.write(data, before);
  assertAlmostEquals(tumbler.reward(Float64Array.of(0, 1.25, 0.1, 0, 0, 0), new Float64Array(3), data), 0.2, 1e-15);
  assertEquals([tumbler.simulator.stateSize, tumbler.simulator.timestep], [12, hopperTask.simulator.timestep]);
});

Deno.test("a key that no task has is refused with the one that was meant", () => {
  const words = (key: string, meant: string) => `its keys must be known: "${key}" is not, did you mean "${meant}"?`;
  assertEquals(flawOf({ terminates: () => true } as never), words("terminates", "terminated"));
  assertEquals(flawOf({ obsSize: 4 } as never), words("obsSize", "observationSize"));
  assertEquals(flawOf({ option: {} } as never), words("option", "options"));
  assertEquals(flawOf({ check: () => null } as never), '"check" must stand with options and make: it stands without');
  assertMatch(flawOf({ colour: "red" } as never), /"colour" is not, known are name, .*, options, check, make$/);
  assertEquals(flawOf({ imagined: { knownRewards: () => 0 } }), words("knownRewards", "knownReward"));
  const flaw = (definition: object) =>
    assertThrows(() => defineTask({ name: "cart", ...definition } as never), TaskInvalid).message;
  const { name: _, ...parts } = cart, make = () => parts;
  const prefix = 'Cannot define task "cart" as ';
  assertEquals(flaw({ options: {}, make, chek: () => null }), prefix + words("chek", "check"));
  assertEquals(flaw({ options: {}, makes: make }), prefix + words("makes", "make"));
  assertEquals(flaw({ options: {} }), `${prefix}make must be a function: current value is missing`);
  assertEquals(flaw({ options: {}, make: () => ({ ...parts, rewards: 1 }) }), prefix + words("rewards", "reward"));
});
