/**
 * The seam over MuJoCo's own engine: µs a physics step of the bare loop (`mj_step` alone) and of the simulator, and with
 * reward, observation and termination of every environment step; memory of the process over 10⁶ physics steps in which two
 * environments take turns.
 *
 * All loops begin in the same state on the floor and so do the same work, in blocks that are short beside a time slice, in
 * turns; the fastest block of each counts, as the machine has other work.
 *
 *   deno run --allow-all tests/bench/mujoco_bench.ts
 */
import { loadMujoco } from "../../src/mujoco/engine.ts";
import { advance } from "../../src/tasks/advance.ts";
import type { OwnMujocoSimulator } from "../../src/tasks/mujoco_simulator.ts";
import { getTask } from "../../src/tasks/registry.ts";

const BLOCKS = 1000, STEPS = 5, WARM = 300; // blocks, physics steps a block and before the first

const mujoco = await loadMujoco();

for (const name of ["ant", "humanoid", "humanoidStandup", "pusher"]) {
  const task = getTask(name), simulator = task.simulator as OwnMujocoSimulator;
  await simulator.prepare!();
  const model = simulator.model(),
    bare = new mujoco.MjData(model),
    data = simulator.make(),
    { nq, nv } = simulator.sizes;
  const control = Float64Array.from(task.controlRange, ([low]) => 0.3 * low),
    from = new Float64Array(simulator.stateSize);
  const observation = new Float64Array(task.observationSize), before = new Float64Array(simulator.stateSize);
  simulator.place(data, model.qpos0 as Float64Array, new Float64Array(nv));
  for (let i = 0; i < WARM; i++) simulator.step(data, control);
  simulator.read(data, from);
  const bareStart = () => {
    mujoco.mj_resetData(model, bare);
    (bare.qpos as Float64Array).set(from.subarray(0, nq));
    (bare.qvel as Float64Array).set(from.subarray(nq, nq + nv));
    (bare.qacc_warmstart as Float64Array).set(from.subarray(nq + nv, nq + 2 * nv));
    (bare.ctrl as Float64Array).set(control);
  };
  const start = () => simulator.write(data, from);
  const loops: ReadonlyArray<readonly [() => void, () => void]> = [
    [bareStart, () => {
      for (let i = 0; i < STEPS; i++) mujoco.mj_step(model, bare);
    }],
    [start, () => {
      for (let i = 0; i < STEPS; i++) simulator.step(data, control);
    }],
    [start, () => {
      for (let i = 0; i < STEPS; i += task.frameSkip) {
        simulator.read(data, before);
        advance(task, data, control);
        task.reward(before, control, data);
        task.observe(data, observation);
        task.terminated(data);
      }
    }],
  ];
  const fastest = loops.map(() => Infinity);
  for (let block = 0; block < BLOCKS; block++) {
    loops.forEach(([begin, run], i) => {
      begin();
      const at = performance.now();
      run();
      fastest[i] = Math.min(fastest[i], (performance.now() - at) / STEPS * 1000);
    });
  }
  const [alone, seam, whole] = fastest, share = alone / seam, verdict = share >= 0.9 ? "met" : "MISSED";
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
turn(1_000_000);
const growth = measured() - first;
console.log(
  `memory over 1,000,000 steps in turns: ${growth.toFixed(1)} MB (bar 10 MB, ${growth < 10 ? "met" : "MISSED"})`,
);
