/** What is taken of WASM's memory is given back: nobody else does it, as its objects are not collected. */
import { assertEquals, assertThrows } from "@std/assert";
import { compileMjcf, MjcfInvalid } from "../../src/mujoco/compile.ts";
import { loadMujoco } from "../../src/mujoco/engine.ts";
import { NotPlanar } from "../../src/mujoco/planar.ts";
import { readMjcf } from "../../src/mujoco/mjcf_files.ts";
import { advance } from "../../src/tasks/advance.ts";
import { antMjcf } from "../../src/tasks/mjcf/ant.ts";
import { lazyMujocoSimulator, type OwnMujocoSimulator } from "../../src/tasks/mujoco_simulator.ts";
import { getTask } from "../../src/tasks/registry.ts";
import { planarRobot } from "../../src/tasks/robot/engine.ts";
import { withTaskOptions } from "../../src/tasks/task_options.ts";

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
});
