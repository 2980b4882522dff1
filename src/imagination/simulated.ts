/**
 * Imagined rollouts that step a simulator: physics with its own factors, exact rewards and ends.
 *
 * (states of the batch, actions, ε) ⇒ (Ã₁ … Ã_k)
 *
 *   state₀ = as recorded with the batch,  a_i = μ(observe(state_i)) + σ·ε_i,  state_{i+1} = step(state_i, clip(a_i))
 *
 * The arithmetic is that of whoever collects, so that the task's own physics reproduces the real trajectory. A simulator's
 * Ã is a function of state, action and noise like any other model's: however wrong it is, G1 + G2 keeps its mean.
 * Threads share the chunks of starts.
 *
 * @module
 */
import { type Batch, batchSize } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import type { SimulatorParams, ValueParams } from "../data/parameters.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { predictValue } from "../nn/networks/value.ts";
import { textOf } from "../options/decode.ts";
import { defineJob, type Job } from "../parallel/job.ts";
import { alone, threads } from "../parallel/threads.ts";
import { isReachable, referenceOf, taskAt, type TaskReference } from "../tasks/reference.ts";
import type { Simulation } from "../tasks/simulation.ts";
import type { ImaginedTask, Task } from "../tasks/task.ts";
import { recordedStates, rollSimulated, type SimulatedRollout, type SimulatedSteps } from "./simulated_rollout.ts";
import { count } from "./tally.ts";
import type { World } from "./world.ts";

/** The world of imagined rollouts that step a simulator. */
export interface SimulatedWorld extends Omit<World, "model"> {
  /** by what figures of its physics are multiplied */
  readonly model: SimulatorParams;
}

/** (task as imagination sees it) ⇒ what steps its rollouts. */
const simulationOf = ({ simulation }: ImaginedTask): Simulation => simulation!;

/** What the chunks of a batch's starts have in common. */
interface SimulatedInput extends Omit<SimulatedRollout, "task"> {
  /** What is stepped; of it travels how another thread makes it. */
  readonly simulation: Simulation;
  /** [factors] of its physics */
  readonly factors: Float64Array;
  /** V */
  readonly value: ValueParams;
  /** [n, obs] of the starts */
  readonly observation: Float32Array;
  /** Form of the return. */
  readonly form: ReturnForm;
}

/** Rows of starts. */
type Chunk = readonly [start: number, rows: number];

/** What a chunk gave. */
interface ChunkImagined {
  /** Ã₁ … Ã_k, each [rows] */
  readonly advantages: ReadonlyArray<Float32Array>;
  /** rollouts that ended by divergence, and what the first of them threw */
  readonly lost: Pick<SimulatedSteps, "diverged" | "thrown">;
}

const imagineChunk = (input: SimulatedInput, task: Task, [start, rows]: Chunk): ChunkImagined => {
  const { value, normalizer, observation, horizon, form: { discount, lambda, weighting } } = input;
  const no = task.observationSize;
  const { reward, next, goesOn, ...lost } = rollSimulated({ ...input, task }, start, rows);
  const valueOf = (seen: Float32Array) => predictValue(value, normalizeInto(normalizer, seen));
  const after = valueOf(next);
  const earned = Float64Array.from(valueOf(observation.subarray(start * no, (start + rows) * no)), (v) => -v);
  const previous = new Float64Array(rows), advantage = new Float64Array(rows), advantages: Float32Array[] = [];
  for (let t = 0; t < horizon; t++) {
    const decay = discount ** t, gain = lambda ** t;
    for (let i = 0, at = t * rows; i < rows; i++, at++) {
      earned[i] += decay * reward[at];
      const q = earned[i] + decay * discount * goesOn[at] * after[at];
      advantage[i] = weighting === "kStep" ? q : advantage[i] + gain * (q - previous[i]);
      previous[i] = q;
    }
    advantages.push(Float32Array.from(advantage));
  }
  return { advantages, lost };
};

/** The input as it travels. */
interface PackedInput extends Omit<SimulatedInput, "simulation"> {
  readonly simulation: TaskReference;
}

/** (simulation) ⇒ the task that it imagines, with it. */
const simulatedTask = (simulation: Simulation): Task => {
  const { real } = simulation;
  return { ...real, imagined: { ...real.imagined, simulation } };
};

let made: { readonly text: string; readonly simulation: Simulation } | null = null; // by the last reference that came

/** (reference) ⇒ what it describes; the same object as long as the reference is, since a physics is compiled once for each. */
const simulationAt = async (reference: TaskReference): Promise<Simulation> => {
  const text = textOf(reference);
  if (made?.text !== text) made = { text, simulation: simulationOf((await taskAt(reference)).imagined) };
  return made.simulation;
};

/** (what all starts share; chunks of them) ⇒ Ã₁ … Ã_k of each chunk. */
export const simulatedChunks: Job<SimulatedInput, Chunk, ChunkImagined> = defineJob(
  import.meta.url,
  "simulatedChunks",
  function* (input, chunks) {
    const task = input.simulation.at(input.factors);
    for (const chunk of chunks) yield imagineChunk(input, task, chunk);
  },
  {
    pack: (input): PackedInput => ({ ...input, simulation: referenceOf(simulatedTask(input.simulation)) }),
    unpack: async (input) => ({ ...input, simulation: await simulationAt(input.simulation) }),
  },
);

const ROWS = 128; // starts of a chunk: some milliseconds of physics

const chunksOf = (count: number): ReadonlyArray<Chunk> =>
  Array.from({ length: Math.ceil(count / ROWS) }, (_, i) => [i * ROWS, Math.min(ROWS, count - i * ROWS)] as const);

/**
 * Imagined advantages of a batch's own actions by a simulator, as `embed` gives them of a learned model.
 * (batch with its states, ε [≥ k, T·N, act]) ⇒ (Ã₁ … Ã_k), and adds to the tally
 *
 * A rollout whose physics diverges or throws ends there with what it earned so far, as at a terminal state: a bound that the
 * rollout alone decides, so that the mean of G1 + G2 stays. Ends are those of the simulator's states, whatever
 * `form.termination`.
 * The same bits for any number of threads; a task that none of them can make anew is stepped here.
 * Throws StatesUnrecorded.
 */
export const embedSimulated = (
  { task, model: { factors }, policy, normalizer, value }: SimulatedWorld,
  batch: Batch,
  noise: Float32Array,
  horizon: number,
  form: ReturnForm,
): Float32Array[] => {
  const simulation = simulationOf(task), n = batchSize(batch), { observation, action } = batch;
  const states = recordedStates(batch.state, n * simulation.of.simulator.stateSize), chunks = chunksOf(n);
  const shared = { simulation, factors, policy, normalizer, value, states, action, observation, noise, horizon, form };
  const all = threads(), sharing = all.count === 1 || isReachable(simulatedTask(simulation)) ? all : alone;
  const parts = sharing.each(simulatedChunks, shared, chunks);
  parts.forEach(({ lost }, i) => count({ rollouts: chunks[i][1], ...lost }));
  return Array.from({ length: horizon }, (_, t) => {
    const whole = new Float32Array(n);
    chunks.forEach(([start], i) => whole.set(parts[i].advantages[t], start));
    return whole;
  });
};
