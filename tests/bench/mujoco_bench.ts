/**
 * The seam over MuJoCo's own engine: µs a physics step of the bare loop (`mj_step` alone) and of the simulator, and with
 * reward, observation and termination of every environment step; WASM's memory and the process's over 10⁵ physics steps in
 * which two environments take turns.
 *
 *   deno run --allow-all tests/bench/mujoco_bench.ts
 */
import { loadMujoco } from "../../src/mujoco/engine.ts";
import { advance } from "../../src/tasks/advance.ts";
import type { OwnMujocoSimulator } from "../../src/tasks/mujoco_simulator.ts";
import { getTask } from "../../src/tasks/registry.ts";

const REPEATS = 5; // the fastest counts, as the machine has other work

const mujoco = await loadMujoco();

/** (physics steps, body of the loop) ⇒ µs a step. */
const microseconds = (steps: number, run: () => void): number => {
  const begin = performance.now();
  run();
  return (performance.now() - begin) / steps * 1000;
};

for (
  const [name, steps] of [["ant", 4000], ["humanoid", 3000], ["humanoidStandup", 3000], ["pusher", 20000]] as const
) {
  const task = getTask(name), simulator = task.simulator as OwnMujocoSimulator;
  await simulator.prepare!();
  const model = simulator.model(), bare = new mujoco.MjData(model), data = simulator.make();
  const control = Float64Array.from(task.controlRange, ([low]) => 0.3 * low),
    rest = new Float64Array(simulator.sizes.nv);
  const observation = new Float64Array(task.observationSize), before = new Float64Array(simulator.stateSize);
  const start = () => simulator.place(data, model.qpos0 as Float64Array, rest);
  const loops: ReadonlyArray<() => void> = [
    () => {
      mujoco.mj_resetData(model, bare);
      (bare.ctrl as Float64Array).set(control);
      for (let i = 0; i < steps; i++) mujoco.mj_step(model, bare);
    },
    () => {
      start();
      for (let i = 0; i < steps; i++) simulator.step(data, control);
    },
    () => {
      start();
      for (let i = 0; i < steps; i += task.frameSkip) {
        simulator.read(data, before);
        advance(task, data, control);
        task.reward(before, control, data);
        task.observe(data, observation);
        task.terminated(data);
      }
    },
  ];
  const times = Array.from({ length: REPEATS }, () => loops.map((loop) => microseconds(steps, loop)));
  const [alone, seam, whole] = loops.map((_, i) => Math.min(...times.map((each) => each[i])));
  const share = alone / seam, verdict = share >= 0.9 ? "met" : "MISSED";
  console.log(
    `${name}: bare ${alone.toFixed(2)} µs, simulator ${seam.toFixed(2)} µs, ${
      share.toFixed(3)
    } of its speed (bar .9, ` +
      `${verdict}), with reward and observation ${whole.toFixed(2)} µs`,
  );
  bare.delete();
}

const task = getTask("pusher"), pair = [task.simulator.make(), task.simulator.make()];
const control = new Float64Array(task.actionSize);
const measured = () => Deno.memoryUsage().rss / 1e6;
const turn = (count: number) => {
  for (let i = 0; i < count; i++) task.simulator.step(pair[i % 2], control);
};
turn(20000);
const first = measured();
turn(100000);
const growth = measured() - first;
console.log(
  `memory over 100,000 steps in turns: ${growth.toFixed(1)} MB (bar 10 MB, ${growth < 10 ? "met" : "MISSED"})`,
);
