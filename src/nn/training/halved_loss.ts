/**
 * The k-step loss of a minibatch and its gradient as the sum of those of its two halves, which two threads may compute.
 *
 *   ∇L = ∇L₁ + ∇L₂,  rows [0, ⌈n/2⌉) and [⌈n/2⌉, n), whether there are two threads or one
 *
 * @module
 */
import type { ModelParams } from "../../data/parameters.ts";
import { defineJob, type Job } from "../../parallel/job.ts";
import type { Assistant } from "../../parallel/steps.ts";
import { threads } from "../../parallel/threads.ts";
import { openArena } from "../passes/arena.ts";
import { mlpEngine } from "../passes/mlp_engine.ts";
import type { Passes } from "../passes/passes.ts";
import type { ModelLossOptions, ModelSegments } from "./dynamics_fit.ts";
import { type InputProgram, openUnrolledLoss, shareOf, type UnrolledLoss } from "./unrolled_gradient.ts";
import type { Rows } from "./unrolled_step.ts";

/** Most segments of a minibatch, and their steps. */
interface Size {
  readonly rows: number;
  readonly horizon: number;
}

/** What the two threads see. */
interface SharedLoss {
  readonly model: Omit<ModelParams, "adam">;
  readonly inputs: InputProgram;
  readonly size: Size;
  readonly options: ModelLossOptions;
  readonly memory: SharedHalf;
}

/** Memory of what the second half is computed from, and what it gives. */
interface SharedHalf {
  /** [parameters] */
  readonly theta: Float32Array;
  readonly observation: Float32Array; // as in `ModelSegments`, the second half's rows alone
  readonly action: Float32Array;
  readonly residual: Float32Array;
  readonly mask: Float32Array;
  /** [2] its part of one over the steps that count; its part of the loss */
  readonly numbers: Float64Array;
  /** [1] its rows */
  readonly count: Int32Array;
  /** [parameters] ∂L₂/∂θ */
  readonly gradient: Float32Array;
}

const sharedFloats = (length: number): Float32Array => new Float32Array(new SharedArrayBuffer(4 * length));

/** (parameters, size of a half, segments like all that come) ⇒ (memory). */
const sharedHalf = (parameters: number, { rows: most, horizon }: Size, segments: ModelSegments): SharedHalf => {
  const { observation, action, residual, count } = segments;
  const like = (x: Float32Array) => sharedFloats(x.length / count * most);
  return {
    theta: sharedFloats(parameters),
    observation: like(observation),
    action: like(action),
    residual: like(residual),
    mask: sharedFloats(horizon * most),
    numbers: new Float64Array(new SharedArrayBuffer(16)),
    count: new Int32Array(new SharedArrayBuffer(4)),
    gradient: sharedFloats(parameters),
  };
};

/** (rows, to): copies what these rows hold, time-major, as segments of their own. */
const copyRows = ({ segments, first, count }: Rows, to: SharedHalf): void => {
  const { horizon, count: n } = segments;
  const copy = (from: Float32Array, into: Float32Array, times: number): void => {
    const width = from.length / (times * n);
    for (let t = 0; t < times; t++) {
      into.set(from.subarray((t * n + first) * width, (t * n + first + count) * width), t * count * width);
    }
  };
  copy(segments.observation, to.observation, horizon + 1);
  copy(segments.action, to.action, horizon);
  copy(segments.residual, to.residual, horizon);
  copy(segments.mask, to.mask, horizon);
  to.count[0] = count;
};

/** (memory of the loss; steps) ⇒ the second half's loss and gradient of each, in that memory. */
export const secondHalves: Job<SharedLoss, number, null> = defineJob(
  import.meta.url,
  "secondHalves",
  function* ({ model, inputs, size, options, memory }, steps) {
    const { passes } = mlpEngine(), parameters = memory.theta.length;
    const { places, free } = openArena(passes, (take) => ({ theta: take(parameters), gradient: take(parameters) }));
    const half = openUnrolledLoss(passes, model, inputs, places, size, options);
    const from = places.gradient, to = from + parameters;
    try {
      for (const _ of steps) {
        const { observation, action, residual, mask, numbers } = memory, [count] = memory.count;
        const segments = { horizon: size.horizon, count, observation, action, residual, mask };
        passes.floats().set(memory.theta, places.theta);
        passes.floats().fill(0, from, to);
        numbers[1] = half.add({ segments, first: 0, count }, numbers[0]);
        memory.gradient.set(passes.floats().subarray(from, to));
        yield null;
      }
    } finally {
      half.free();
      free();
    }
  },
);

/** A loss of minibatches whose θ is in training. */
export interface HalvedLoss {
  /** (minibatch) ⇒ (loss); overwrites the gradient. */
  readonly gradientOf: (minibatch: Rows) => number;
  /** Frees its memory, and lets the other thread go. */
  readonly free: () => void;
}

/** The other thread, and what both see. */
interface Other extends Assistant {
  readonly memory: SharedHalf;
}

/** (what is shared but the memory, segments like all that come) ⇒ the other thread; null where there is none. */
const askOther = (shared: Omit<SharedLoss, "memory">, parameters: number, segments: ModelSegments): Other | null => {
  const memory = sharedHalf(parameters, shared.size, segments);
  const assistant = threads().assist(secondHalves, { ...shared, memory });
  return assistant === null ? null : { ...assistant, memory };
};

/**
 * (passes, model, its inputs, places of θ and of ∂L/∂θ, most rows and steps, options) ⇒ (loss), to be freed.
 * Fails: `OutOfMemory`, with nothing left allocated.
 */
export const openHalvedLoss = (
  passes: Passes,
  { adam: _, ...model }: ModelParams,
  inputs: InputProgram,
  at: { readonly theta: number; readonly gradient: number },
  { rows, horizon }: Size,
  options: ModelLossOptions,
): HalvedLoss => {
  const parameters = model.theta.length, size = { rows: Math.ceil(rows / 2), horizon };
  const { places, free } = openArena(passes, (take) => ({ second: take(parameters) })), opened = [free];
  const open = (gradient: number): UnrolledLoss => {
    const loss = openUnrolledLoss(passes, model, inputs, { theta: at.theta, gradient }, size, options);
    opened.push(loss.free);
    return loss;
  };
  const close = () => opened.reverse().forEach((each) => each());
  try {
    const [first, second] = [open(at.gradient), open(places.second)];
    let other: Other | null | undefined; // undefined: no minibatch has been seen
    const gradientOf = (minibatch: Rows): number => {
      const { segments, first: start, count } = minibatch, half = Math.ceil(count / 2), share = shareOf(minibatch);
      const rest = { segments, first: start + half, count: count - half };
      if (other === undefined) {
        other = askOther({ model, inputs, size, options }, parameters, segments);
        if (other !== null) opened.push(other.end);
      }
      if (other !== null) begin(passes, other, rest, share, at.theta);
      const loss = addedBy(passes, first, at.gradient, parameters, { segments, first: start, count: half }, share);
      const done = other?.finish() ? other.memory : null;
      if (done !== null) passes.floats().set(done.gradient, places.second);
      const more = done?.numbers[1] ?? addedBy(passes, second, places.second, parameters, rest, share);
      addTo(passes, at.gradient, places.second, parameters);
      return loss + more;
    };
    return { gradientOf, free: close };
  } catch (error) { // a full heap
    close();
    throw error;
  }
};

/** (loss, place of its gradient, rows, share) ⇒ (their part of the loss); overwrites the gradient with theirs. */
const addedBy = (
  passes: Passes,
  loss: UnrolledLoss,
  gradient: number,
  parameters: number,
  rows: Rows,
  share: number,
): number => {
  passes.floats().fill(0, gradient, gradient + parameters);
  return loss.add(rows, share);
};

/** Puts what the other thread needs where it sees it, and lets it begin. */
const begin = (passes: Passes, other: Other, rest: Rows, share: number, theta: number): void => {
  other.memory.theta.set(passes.floats().subarray(theta, theta + other.memory.theta.length));
  copyRows(rest, other.memory);
  other.memory.numbers[0] = share;
  other.begin();
};

/** (place, place of as many numbers, count): adds them to what lies there. */
const addTo = (passes: Passes, place: number, numbers: number, count: number): void => {
  const row = (at: number) => ({ at, width: count });
  passes.blocks.add(row(place), row(numbers), row(place), 1, count);
};
