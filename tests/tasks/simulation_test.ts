import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { option, positive, record } from "../../src/options/options.ts";
import { TaskInvalid } from "../../src/tasks/check_task.ts";
import { defineTask } from "../../src/tasks/define_task.ts";
import { isReachable, referenceOf, taskAt } from "../../src/tasks/reference.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { simulatedBy } from "../../src/tasks/simulation.ts";
import { SimulatorInvalid } from "../../src/tasks/simulator_invalid.ts";
import { withTaskOptions } from "../../src/tasks/task_options.ts";
import { lever } from "./lever.ts";
import { still } from "./still.ts";

const hopper = getTask("hopper");

/** (what may be refused) ⇒ what it makes; null: it is refused. */
const attempt = <A>(make: () => A): A | null => {
  try {
    return make();
  } catch (error) {
    if (error instanceof SimulatorInvalid) return null;
    throw error;
  }
};

Deno.test("factors that are not said are the nominal ones; the same ones give the same task, the real ones the real task", () => {
  const real = withTaskOptions(hopper, { physics: { mass: 1.2 } });
  const { names, factors, at } = simulatedBy(real, { friction: 0.5 }).imagined.simulation!;
  assertEquals(Object.fromEntries(names.map((name, i) => [name, factors[i]])), {
    mass: 1,
    friction: 0.5,
    damping: 1,
    armature: 1,
    stiffness: 1,
    gravity: 1,
    gear: 1,
    fluidDensity: 1,
    fluidViscosity: 1,
  });
  assertStrictEquals(at(factors), at(factors));
  const own = simulatedBy(real, { mass: 1.2 }).imagined.simulation!;
  assertStrictEquals(own.at(own.factors), real);
});

Deno.test("code that is generated for a simulator leaves the bits of a real task with the same physics", () => {
  const real = withTaskOptions(hopper, { physics: { mass: 0.7 } }),
    { simulation } = simulatedBy(hopper, { mass: 0.7 }).imagined;
  const run = ({ simulator }: typeof hopper) => {
    const data = simulator.make(), state = new Float64Array(simulator.stateSize);
    for (let i = 0; i < 200; i++) simulator.step(data, Float64Array.of(0.3, -0.2, 0.1));
    simulator.read(data, state);
    return state;
  };
  const before = run(real), generated = simulation!.at(simulation!.factors);
  assert(generated.simulator.engine!().includes("generated"));
  const there = run(generated as typeof hopper);
  assertEquals(run(real), before);
  assert(real.simulator.engine!().includes("generic"));
  there.forEach((x, i) => assert(Math.abs(x - before[i]) < 1e-9 * (1 + Math.abs(x))));
});

Deno.test("another task of the same state may be the simulator; one of another state, or a factor that is none, is refused", () => {
  const refused = (...given: Parameters<typeof simulatedBy>) =>
    assertThrows(() => simulatedBy(...given), SimulatorInvalid).message;
  assertStrictEquals(
    simulatedBy(hopper, {}, withTaskOptions(hopper, { frameSkip: 8 })).imagined.simulation!.of.frameSkip,
    8,
  );
  const begin = 'Cannot imagine task "hopper" by a simulator as ';
  assertEquals(
    refused(hopper, {}, getTask("walker2d")),
    begin + "its state must be that of the task, qpos [6], qvel [6]: current value is qpos [9], qvel [9]",
  );
  const wide = withTaskOptions(hopper, { excludeCurrentPositionsFromObservation: false });
  assertEquals(refused(hopper, {}, wide), begin + "its observation must hold 11 numbers: current value is 12");
  assertEquals(
    refused(hopper, { mas: 2 }),
    begin + 'its factors must be those of task "hopper": "mas" is none, did you mean "mass"?',
  );
  assertEquals(
    refused(lever, { mass: 2 }),
    'Cannot imagine task "lever" by a simulator as task "lever" must own the factors of its physics, an option "physics", ' +
      'to have "mass": it owns none',
  );
  for (const mass of [0, NaN]) {
    assertMatch(
      refused(hopper, { mass }),
      /^Cannot imagine task "hopper" by a simulator as the task must hold with its factors: .*"mass"/,
    );
  }
});

Deno.test("factors with which no physics can be made are refused as such, and those that are taken can be stepped", () => {
  const begin = 'Cannot imagine task "hopper" by a simulator as the task must hold with its factors: ';
  const reasonOf = (physics: Readonly<Record<string, number>>) =>
    assertThrows(() => simulatedBy(hopper, physics), SimulatorInvalid).message.slice(begin.length);
  const unmade = 'Cannot define task "hopper" as it must hold with these options: Cannot compile the model as ';
  for (const mass of [1e-20, 1e308]) {
    assertEquals(reasonOf({ mass }), `${unmade}its mass matrix must be positive definite: "hopper"`);
  }
  assertEquals(reasonOf({ friction: 1e100 }), `${unmade}each "diagonal" must be finite: current value is Infinity`);
  assertMatch(reasonOf({ damping: 1e12, armature: 1e-12, mass: 1e-9 }), /step must leave qacc\[0\] within/);
  const { names, factors, tried } = simulatedBy(hopper).imagined.simulation!;
  assertEquals(tried(factors.map((x, i) => (names[i] === "mass" ? 1e-20 : x))), null);
  for (const name of ["reacher", "walker2d"]) {
    for (const factor of names) {
      for (const x of [1e-308, 1e100, 1e308]) {
        const made = attempt(() => simulatedBy(getTask(name), { [factor]: x }));
        if (made !== null) made.imagined.simulation!.at(made.imagined.simulation!.factors);
      }
    }
  }
});

Deno.test("where a task of one's own throws at its factors, they are refused with what it threw", () => {
  const own = defineTask({
    name: "own",
    options: { physics: record({ mass: option(positive, 1, "kg") }, "factors") },
    make: ({ physics: { mass } }) => {
      if (mass > 9) throw new TypeError("9 kg are enough");
      return still;
    },
  });
  const { message } = assertThrows(() => withTaskOptions(own, { physics: { mass: 10 } }), TaskInvalid);
  assertEquals(message, 'Cannot define task "own" as it must hold with these options: 9 kg are enough');
  assertThrows(() => simulatedBy(own, { mass: 10 }), SimulatorInvalid, message);
});

Deno.test("a task by plain arithmetic is imagined by any simulator whose state holds as many numbers", () => {
  const rig = (stateSize: number) =>
    defineTask({
      name: "rig",
      stateSize,
      timeLimit: 9,
      observationSize: hopper.observationSize,
      controlRange: hopper.controlRange,
      reset: () => {},
      step: () => {},
      observe: (_state, out) => out.fill(0),
      reward: () => 0,
    });
  assertStrictEquals(simulatedBy(rig(12), {}, hopper).imagined.simulation!.of, hopper);
  assertStrictEquals(simulatedBy(hopper, {}, rig(12)).imagined.simulation!.names.length, 0);
  assertThrows(
    () => simulatedBy(rig(11), {}, hopper),
    SimulatorInvalid,
    "its state must be that of the task, state [11]: current value is qpos [6], qvel [6]",
  );
});

Deno.test("a worker makes the same task of a reference, its simulator with it", async () => {
  const task = simulatedBy(hopper, { damping: 2 }, withTaskOptions(hopper, { frameSkip: 8 }));
  const there = (await taskAt(structuredClone(referenceOf(task)))).imagined.simulation!;
  assertEquals([there.of.frameSkip, there.factors], [8, task.imagined.simulation!.factors]);
  assertEquals(referenceOf(hopper).simulation, undefined);
  const strange = { ...hopper, name: "strange" }; // of no module
  assertEquals([task, simulatedBy(hopper, {}, strange), simulatedBy(strange)].map(isReachable), [true, false, false]);
});
