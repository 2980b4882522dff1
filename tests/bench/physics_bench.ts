/**
 * Microseconds per step of the model's integrator: generated and generic code, MuJoCo's WASM build and native MuJoCo, in one run.
 *
 *   deno run --allow-all tests/bench/physics_bench.ts [--json FILE]
 *
 * Native MuJoCo steps in C through its rollout module (`peers/physics.py`), in the Python of `.venv` that `deno task
 * bench:peers` makes, else in that of PYTHON (python3 if unset), where it has mujoco. All four take the same states and controls, one thread each, in turn within each round; medians
 * are taken over the rounds, so that drifts of the machine meet all. Warm-up goes through random states that hit every
 * limit and contact, since V8 throws away compiled code at the first visit of a branch. What the first two seconds of
 * a process cost is measured apart, in fresh processes.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { makeKey, makeStream } from "../../src/math/random.ts";
import {
  compile,
  kinematics,
  makeData,
  type Model,
  models as descriptions,
  stepGenerated,
  stepGeneric,
  type Stepper,
} from "../../src/physics/physics.ts";
import type { Reference } from "../parity/reference.ts";
import { lines } from "./peers/protocol.ts";
import { guessPython } from "./peers/python.ts";
import { physicsBars, stepName } from "./peers/physics_bars.ts";

const ROUNDS = 31;
const ROLLOUTS = 8; // a round
const STEPS = 250; // a rollout
const WARM_UP = 20_000; // steps
const COLD_SECONDS = 2;
const STRETCH = 1000; // steps between two looks at the clock
const COLD_MARKS = [1000, 10_000, 50_000, 100_000]; // steps

/** The same for all engines. */
interface Work {
  readonly qpos: ReadonlyArray<ReadonlyArray<number>>; // [ROLLOUTS, nq]
  readonly qvel: ReadonlyArray<ReadonlyArray<number>>; // [ROLLOUTS, nv]
  readonly ctrl: ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>>; // [ROLLOUTS, STEPS, nu]
}

/** Rollouts that start near the initial state, under random controls. */
const makeWork = (m: Model, round: number): Work => {
  const stream = makeStream(makeKey(round)), within = (size: number) => size * (2 * stream.uniform() - 1);
  const list = <T>(length: number, value: (i: number) => T) => Array.from({ length }, (_, i) => value(i));
  return {
    qpos: list(ROLLOUTS, () => list(m.nq, (j) => m.qpos0[j] + within(0.005))),
    qvel: list(ROLLOUTS, () => list(m.nv, () => within(0.005))),
    ctrl: list(ROLLOUTS, () => list(STEPS, () => list(m.nu, () => within(1)))),
  };
};

/** (qpos, qvel, ctrl to write to, step) ⇒ µs per step. */
const timeSteps = (
  state: { readonly qpos: Float64Array; readonly qvel: Float64Array; readonly ctrl: Float64Array },
  work: Work,
  step: () => void,
): number => {
  const start = performance.now();
  for (let r = 0; r < ROLLOUTS; r++) {
    state.qpos.set(work.qpos[r]);
    state.qvel.set(work.qvel[r]);
    for (let i = 0; i < STEPS; i++) {
      const ctrl = work.ctrl[r][i];
      for (let k = 0; k < ctrl.length; k++) state.ctrl[k] = ctrl[k];
      step();
    }
  }
  return ((performance.now() - start) * 1000) / (ROLLOUTS * STEPS);
};

/** Native MuJoCo in a child process. */
interface Native {
  readonly version: string;
  readonly time: (m: Model, work: Work) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** What keeps native MuJoCo from running. */
class NativeMissing extends Error {}

const spawn = (python: string, script: string): Deno.ChildProcess => {
  try {
    return new Deno.Command(python, { args: [script], stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  } catch (error) {
    throw new NativeMissing(`${python} does not start (${(error as Error).message})`);
  }
};

/** () ⇒ (native MuJoCo). Fails with NativeMissing: no Python, or none with mujoco. */
const startNative = async (): Promise<Native> => {
  const script = new URL("peers/physics.py", import.meta.url).pathname, python = guessPython();
  const child = spawn(python, script), answers = lines(child.stdout), writer = child.stdin.getWriter();
  const complaint = new Response(child.stderr).text(); // read all along, or a full pipe would stop the child
  const readLine = async (): Promise<string> => {
    const { value, done } = await answers.next();
    if (!done) return value;
    throw new NativeMissing(`${python} ended: ${(await complaint).trim().split("\n").pop()}`);
  };
  const time = async (m: Model, work: Work): Promise<number> => {
    const xml = new URL(`../../fixtures/mujoco/${m.name}.xml`, import.meta.url).pathname;
    await writer.write(new TextEncoder().encode(`${JSON.stringify({ xml, ...work })}\n`));
    return (JSON.parse(await readLine()) as { us: number }).us;
  };
  const close = async (): Promise<void> => {
    await writer.close();
    await child.status;
  };
  return { version: (JSON.parse(await readLine()) as { version: string }).version, time, close };
};

/** () ⇒ (native MuJoCo, null: left out, and a line says why). */
const findNative = async (): Promise<Native | null> => {
  try {
    return await startNative();
  } catch (error) {
    if (!(error instanceof NativeMissing)) throw error;
    console.log(`Native MuJoCo is left out: ${error.message}`);
    console.log("`deno task bench:peers` installs it into .venv; PYTHON=path names another Python that has mujoco");
    return null;
  }
};

/** Times of one model by engine, [ROUNDS] µs per step each. */
interface Times {
  readonly generated: number[];
  readonly generic: number[];
  readonly wasm: number[];
  readonly native: number[];
}

/** `--cold model engine` times one engine in this process; `--json file` writes what was measured. */
const flags = parseArgs(Deno.args, { string: ["cold", "json"] });

const { copyState, makeReference, quantile, randomState } = flags.cold !== undefined
  ? ({} as typeof import("../parity/reference.ts")) // a cold process loads the engine alone
  : await import("../parity/reference.ts");

const warmUp = (m: Model, steppers: ReadonlyArray<Stepper>, reference: Reference): void => {
  const d = makeData(m), stream = makeStream(makeKey(3));
  for (const stepper of steppers) {
    for (let i = 0; i < WARM_UP; i++) {
      if (i % 5 === 0) {
        randomState(m, d, stream, kinematics);
        copyState(d, reference);
      }
      stepper(m, d);
      if (i % 10 === 0) reference.step();
    }
  }
};

const measure = async (m: Model, native: Native | null): Promise<Times> => {
  const generated = stepGenerated(m) ?? stepGeneric, d = makeData(m), reference = makeReference(m.name, "default");
  const times: Times = { generated: [], generic: [], wasm: [], native: [] };
  warmUp(m, [generated, stepGeneric], reference);
  const { qpos, qvel, ctrl } = reference.data; // views, valid while WASM memory does not grow
  for (let round = 0; round < ROUNDS; round++) {
    const work = makeWork(m, round);
    times.generated.push(timeSteps(d, work, () => void generated(m, d)));
    if (native !== null) times.native.push(await native.time(m, work));
    times.generic.push(timeSteps(d, work, () => void stepGeneric(m, d)));
    times.wasm.push(timeSteps({ qpos, qvel, ctrl }, work, reference.step));
  }
  return times;
};

/** One line of `--json`. */
interface Row {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: number;
  readonly ratio: number;
  readonly bar: number;
  readonly sense: "≥"; // ratio ≥ bar
  readonly met: boolean;
}

const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5);

/** Ratio to native by rounds, each against its neighbour in time. */
const rowOf = (m: Model, { generated, native }: Times): Row => {
  const ratio = median(native.map((x, i) => x / generated[i])), bar = physicsBars[m.name];
  return {
    name: `${stepName(m.name)}, native MuJoCo`,
    unit: "µs",
    ours: median(generated),
    peer: median(native),
    ratio,
    bar,
    sense: "≥",
    met: ratio >= bar,
  };
};

const show = (m: Model, times: Times): Record<string, string> => {
  const { generated, generic, wasm, native } = times;
  const ratio = native.length === 0 ? NaN : rowOf(m, times).ratio, text = (x: number) => x.toFixed(2);
  return {
    model: m.name,
    "generated µs": text(median(generated)),
    "generic µs": text(median(generic)),
    "WASM µs": text(median(wasm)),
    "native µs": native.length === 0 ? "left out" : text(median(native)),
    "fastest of both": native.length === 0 ? "" : `${text(Math.min(...generated))}, ${text(Math.min(...native))}`,
    "native/generated": native.length === 0 ? "" : ratio.toFixed(1),
    bar: native.length === 0 ? "" : `${physicsBars[m.name]}: ${ratio >= physicsBars[m.name] ? "held" : "MISSED"}`,
  };
};

/** (model, engine) from nothing: µs per step between marks, and what compilation costs within two seconds. */
const cold = (name: string, engine: string): Record<string, string> => {
  const begin = performance.now();
  const m = compile(descriptions[name]), d = makeData(m);
  const stepper = engine === "generic" ? stepGeneric : stepGenerated(m) ?? stepGeneric, work = makeWork(m, 0);
  const ready = performance.now(), paces: number[] = [], ends: number[] = [];
  while (performance.now() - ready < COLD_SECONDS * 1000) {
    const start = performance.now();
    for (let i = 0; i < STRETCH; i++) {
      const at = (paces.length * STRETCH + i) % (ROLLOUTS * STEPS), r = Math.floor(at / STEPS);
      if (at % STEPS === 0) {
        d.qpos.set(work.qpos[r]);
        d.qvel.set(work.qvel[r]);
      }
      d.ctrl.set(work.ctrl[r][at % STEPS]);
      stepper(m, d);
    }
    ends.push(performance.now() - ready);
    paces.push(((ready + ends[ends.length - 1] - start) * 1000) / STRETCH);
  }
  const endAt = (mark: number) => ends[Math.min(ends.length, mark / STRETCH) - 1];
  const sorted = paces.slice().sort((a, b) => a - b), usual = sorted[Math.floor(sorted.length / 2)];
  const result: Record<string, string> = { model: name, engine, "compile ms": (ready - begin).toFixed(1) };
  COLD_MARKS.forEach((mark, i) => {
    const from = i === 0 ? 0 : COLD_MARKS[i - 1], spent = endAt(mark) - (from === 0 ? 0 : endAt(from));
    result[`to ${mark / 1000}k`] = ((spent * 1000) / (mark - from)).toFixed(2);
  });
  result["usual µs"] = usual.toFixed(2);
  result["steps in 2 s"] = String(ends.length * STRETCH);
  result["lost ms"] = (endAt(COLD_MARKS[3]) - (COLD_MARKS[3] * usual) / 1000).toFixed(0);
  return result;
};

const coldProcess = (name: string, engine: string): Record<string, string> => {
  const args = ["run", "--quiet", "--allow-all", new URL(import.meta.url).pathname, "--cold", name, engine];
  const { stdout } = new Deno.Command(Deno.execPath(), { args }).outputSync();
  return JSON.parse(new TextDecoder().decode(stdout));
};

if (import.meta.main && flags.cold !== undefined) {
  console.log(JSON.stringify(cold(flags.cold, String(flags._[0]))));
} else if (import.meta.main) {
  const native = await findNative(),
    models = Object.values(descriptions).map(compile),
    found: Array<readonly [Model, Times]> = [];
  const { json } = flags;
  if (json !== undefined && native === null) {
    throw new Error("Cannot write --json as native MuJoCo must be there: see above");
  }
  for (const m of models) found.push([m, await measure(m, native)]);
  await native?.close();
  console.log(
    `µs per step, medians of ${ROUNDS} rounds, one thread; native MuJoCo ${native?.version ?? "left out"}`,
  );
  console.table(found.map(([m, times]) => show(m, times)));
  console.log(
    "µs per step from the first step of a process on; lost: first 100k steps beyond their time at the usual pace",
  );
  console.table(models.flatMap((m) => ["generated", "generic"].map((engine) => coldProcess(m.name, engine))));
  if (json !== undefined) {
    Deno.writeTextFileSync(json, JSON.stringify(found.map(([m, times]) => rowOf(m, times)), null, 2));
  }
}
