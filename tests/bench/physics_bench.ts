/**
 * Microseconds per RK4 step, ours against MuJoCo's WASM build in the same run.
 *
 * Run: deno run --allow-all tests/bench/physics_bench.ts
 *
 * Rounds are interleaved and medians taken, so that drifts of the machine meet both. Warm-up goes through random states
 * that hit every limit and contact, since V8 throws away compiled code at the first visit of a branch. Native MuJoCo
 * takes about half of the WASM build's time; that ratio is assumed here, not measured.
 */
import { makeKey, makeStream } from "../../src/math/random.ts";
import { compile, type Data, kinematics, makeData, type Model, step } from "../../src/physics/physics.ts";
import { copyState, descriptions, makeReference, quantile, randomState, type Reference } from "../parity/reference.ts";

const ROUNDS = 41;
const STEPS = 2000; // per round
const RESET_EVERY = 250; // steps
const WARM_UP = 20_000; // steps
const NATIVE_PER_WASM = 0.5;

/** Standing (or lying) near the initial state, as rollouts do. */
const reset = (m: Model, d: Data, round: number): void => {
  const stream = makeStream(makeKey(round));
  for (let j = 0; j < m.nq; j++) {
    d.qpos[j] = m.qpos0[j] + 0.005 * (2 * stream.uniform() - 1);
    d.qvel[j] = 0.005 * (2 * stream.uniform() - 1);
  }
};

/** [STEPS, nu] random controls of one round. */
const controls = (m: Model, round: number): Float64Array => {
  const stream = makeStream(makeKey(1000 + round));
  return Float64Array.from({ length: STEPS * m.nu }, () => 2 * stream.uniform() - 1);
};

const timeOurs = (m: Model, d: Data, round: number, ctrl: Float64Array): number => {
  const start = performance.now();
  for (let i = 0; i < STEPS; i++) {
    if (i % RESET_EVERY === 0) reset(m, d, round);
    for (let k = 0; k < m.nu; k++) d.ctrl[k] = ctrl[i * m.nu + k];
    step(m, d);
  }
  return ((performance.now() - start) * 1000) / STEPS;
};

const timeTheirs = (m: Model, d: Data, reference: Reference, round: number, ctrl: Float64Array): number => {
  const { qpos, qvel, ctrl: control } = reference.data; // views, valid while WASM memory does not grow
  const start = performance.now();
  for (let i = 0; i < STEPS; i++) {
    if (i % RESET_EVERY === 0) {
      reset(m, d, round);
      qpos.set(d.qpos);
      qvel.set(d.qvel);
    }
    for (let k = 0; k < m.nu; k++) control[k] = ctrl[i * m.nu + k];
    reference.step();
  }
  return ((performance.now() - start) * 1000) / STEPS;
};

const warmUp = (m: Model, d: Data, reference: Reference): void => {
  const stream = makeStream(makeKey(3));
  for (let i = 0; i < WARM_UP; i++) {
    if (i % 5 === 0) {
      randomState(m, d, stream, kinematics);
      copyState(d, reference);
    }
    step(m, d);
    if (i % 10 === 0) reference.step();
  }
};

const row = (m: Model): Record<string, string> => {
  const d = makeData(m), reference = makeReference(m.name, "default"), ours: number[] = [], theirs: number[] = [];
  warmUp(m, d, reference);
  for (let round = 0; round < ROUNDS; round++) {
    const ctrl = controls(m, round);
    ours.push(timeOurs(m, d, round, ctrl));
    theirs.push(timeTheirs(m, d, reference, round, ctrl));
  }
  const own = quantile(ours, 0.5), wasm = quantile(theirs, 0.5);
  return {
    model: m.name,
    "ours µs": own.toFixed(2),
    "MuJoCo WASM µs": wasm.toFixed(2),
    "times faster than WASM": (wasm / own).toFixed(1),
    "implied: than native": ((wasm * NATIVE_PER_WASM) / own).toFixed(1),
  };
};

if (import.meta.main) {
  const models = descriptions.map(compile);
  models.forEach((m) => warmUp(m, makeData(m), makeReference(m.name))); // all shapes before any timing
  console.table(models.map(row));
}
