/** What is taken of WASM's memory is given back: nobody else does it, as its objects are not collected. */
import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { sampleSteps } from "../../src/data/step_sample.ts";
import { identify } from "../../src/imagination/identify.ts";
import { makeKey, makeStream } from "../../src/math/random.ts";
import { compileMjcf, MjcfInvalid } from "../../src/mujoco/compile.ts";
import { loadMujoco } from "../../src/mujoco/engine.ts";
import { NotPlanar } from "../../src/mujoco/planar.ts";
import { readMjcf } from "../../src/mujoco/mjcf_files.ts";
import { advance } from "../../src/tasks/advance.ts";
import { antMjcf } from "../../src/tasks/mjcf/ant.ts";
import { lazyMujocoSimulator, type OwnMujocoSimulator } from "../../src/tasks/mujoco_simulator.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { planarRobot } from "../../src/tasks/robot/engine.ts";
import { simulatedBy } from "../../src/tasks/simulation.ts";
import type { Task } from "../../src/tasks/task.ts";
import { withTaskOptions } from "../../src/tasks/task_options.ts";
import { inlineSampler } from "../../src/rollout/inline.ts";
import { collectWith, requestFor } from "../rollout/collection.ts";

const mujoco = await loadMujoco(), classes = mujoco as unknown as Record<string, unknown>;
const living: Record<string, number> = {};

interface Deletable {
  delete(): void;
}

/** (class, object that was made) ⇒ the object, counted until it is deleted. */
const counted = <T extends Deletable | null>(name: string, object: T): T => {
  if (object === null) return object;
  const free = object.delete.bind(object);
  living[name]++;
  object.delete = () => {
    living[name]--;
    free();
  };
  return object;
};

for (const name of ["MjModel", "MjData", "MjVFS"]) {
  living[name] = 0;
  classes[name] = new Proxy(classes[name] as new (...given: unknown[]) => Deletable, {
    construct: (target, given) => counted(name, new target(...given)),
    get: (target, key) => {
      const value = Reflect.get(target, key);
      return key === "from_xml_string" ? (...given: unknown[]) => counted(name, value.apply(target, given)) : value;
    },
  });
}

Deno.test("models that are read, refused or not planar leave nothing behind", () => {
  assertThrows(() => compileMjcf(mujoco, { name: "bad.xml", xml: "<mujoco><worldbody><body/></mujoco>" }), MjcfInvalid);
  planarRobot(readMjcf("fixtures/robot/walker.xml"));
  assertEquals(living, { MjModel: 0, MjData: 0, MjVFS: 0 });
  assertThrows(() => planarRobot({ name: "ant.xml", xml: antMjcf }), NotPlanar);
  const sizes = { nq: 1, nv: 1, na: 0, nu: 1, nbody: 2, nsite: 0, timestep: 0.002 };
  const other = lazyMujocoSimulator({ name: "none.xml", xml: "<mujoco/>" }, sizes, {
    remembered: [],
    derive: "nothing",
  });
  assertThrows(() => other.model(), RangeError, "nq must be 1");
  assertEquals(living, { MjModel: 0, MjData: 0, MjVFS: 0 });
});

Deno.test("any number of environments and steps live in one model and one mjData, whatever the physics", async () => {
  const task = withTaskOptions(getTask("pusher"), { physics: { mass: 1.1 } });
  const simulator = task.simulator as OwnMujocoSimulator, state = new Float64Array(simulator.stateSize);
  await simulator.prepare!();
  assertEquals(living, { MjModel: 1, MjData: 1, MjVFS: 0 });
  const bytes = () => (simulator.model().qpos0 as Float64Array).buffer.byteLength, control = new Float64Array(7);
  let before = 0;
  for (let i = 0; i < 3000; i++) {
    const data = simulator.make();
    simulator.write(data, [...simulator.model().qpos0 as Float64Array, ...new Float64Array(11), ...state.subarray(22)]);
    advance(task, data, control);
    simulator.read(data, state);
    if (i === 100) before = bytes();
  }
  assertEquals([living, bytes()], [{ MjModel: 1, MjData: 1, MjVFS: 0 }, before]);
  simulator.release!();
  assertEquals(living, { MjModel: 0, MjData: 0, MjVFS: 0 });
});

Deno.test("memory that is given back is taken anew: environments go on with the same bits", async () => {
  const before = { ...living };
  for (const name of ["pusher", "humanoid"] as const) { // what is remembered of a step differs
    const task: Task = withTaskOptions(getTask(name), { physics: { mass: 1.2 } }), { simulator } = task;
    await simulator.prepare!();
    const walk = (breaks: boolean) => {
      const [one, other] = [simulator.make(), simulator.make()], seen = new Float64Array(task.observationSize);
      task.reset(makeStream(makeKey(1)), one);
      return Array.from({ length: 8 }, (_, i) => {
        if (breaks && i % 2 === 1) simulator.release!();
        for (const data of [one, other]) advance(task, data, new Float64Array(task.actionSize).fill(0.1 * i));
        task.observe(one, seen);
        return Array.from(seen);
      });
    };
    assertEquals(walk(true), walk(false), name);
    simulator.release!();
    simulator.release!(); // nothing is held: nothing happens
  }
  assertEquals(living, before);
});

Deno.test("factors that are tried and left leave nothing behind, however many they are", async () => {
  const task = getTask("pusher");
  await task.simulator.prepare!();
  const real = withTaskOptions(task, { physics: { mass: 0.7, damping: 1.3, gear: 1.2 } }), before = { ...living };
  const [{ batch }] = await collectWith(inlineSampler, [requestFor(simulatedBy(real), 2, 20)]);
  const sample = sampleSteps({ batches: [batch] }, 10, 1, makeStream(makeKey(2)))!;
  const { simulation } = simulatedBy(task).imagined, begin = Float64Array.from(simulation.factors);
  const { factors, updates } = identify(simulation, begin, [0, 2, 6], sample, 6);
  assertGreater(updates, 1);
  simulation.at(factors).simulator.step(simulation.at(factors).simulator.make(), new Float64Array(7));
  simulation.at(begin.map((x) => 1.01 * x));
  (real.simulator as OwnMujocoSimulator).release!();
  assertEquals(living, before);
});
