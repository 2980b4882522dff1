/**
 * One iteration: every stage once, in order.
 * (state, key) ⇒ (state, metrics, seconds)
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { type Batch, batchSize } from "../data/batch.ts";
import type { Metrics } from "../data/gradient.ts";
import { fold, type Key } from "../math/random.ts";
import { TensorRuntime } from "../stages/tensor_runtime.ts";
import { iterationSlots, type Slots, type TrainState } from "../stages/stage.ts";
import type { TensorsExhausted } from "../stages/errors.ts";
import { MisshapenSlot, NonFiniteSlot, StageDefect } from "./errors.ts";
import { nonFiniteQuantity } from "./finite.ts";
import type { Program, ProgramStage } from "./program.ts";
import { runSound } from "./run_sound.ts";
import { differenceOfForm } from "./slot_form.ts";

/** What one iteration gives. */
export interface IterationResult {
  /** What the next iteration starts from. */
  readonly state: TrainState;
  /** Environment steps collected: those of the batch, and the metric `steps` of stages that collect for themselves. */
  readonly steps: number;
  /** Episodes that ended. */
  readonly episodes: number;
  /** Of the episodes that ended, undiscounted. */
  readonly meanReturn: number | null;
  /** "stage.metric". */
  readonly metrics: Metrics;
  /** By stage, and "total"; of stages that run at the same time, each counts until it is done. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** The error of a stage, with the stage's name. */
export class StageFailure<E> {
  /** Name of the stage. */
  readonly stage: string;
  /** What it failed with. */
  readonly error: E;

  /** (stage, error) ⇒ (failure). */
  constructor(stage: string, error: E) {
    this.stage = stage;
    this.error = error;
  }
}

/** What may go wrong with any stage. */
export type Fault = NonFiniteSlot | MisshapenSlot | TensorsExhausted | StageDefect;

interface LabelledStage<E, R> {
  readonly label: string; // unique within the program: a second "fitValue" is "fitValue#2"
  readonly key: Key;
  readonly stage: ProgramStage<E, R>;
}

/** (stages, key of the iteration) ⇒ stages with a key each; removing one leaves the keys of the others as they are. */
const label = <E, R>(stages: ReadonlyArray<ProgramStage<E, R>>, key: Key): ReadonlyArray<LabelledStage<E, R>> => {
  const seen = new Map<string, number>();
  return stages.map((stage) => {
    const occurrence = (seen.get(stage.name) ?? 0) + 1;
    seen.set(stage.name, occurrence);
    const first = fold(key, stage.name);
    return occurrence === 1
      ? { label: stage.name, key: first, stage }
      : { label: `${stage.name}#${occurrence}`, key: fold(first, occurrence), stage };
  });
};

const pick = (slots: Readonly<Record<string, unknown>>, names: ReadonlyArray<string>): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, slots[name]]));

/** One turn of the event loop, in which a signal is seen; stages block it while they compute. */
const breathe: Effect.Effect<void> = Effect.callback((resume) => {
  const timer = setTimeout(() => resume(Effect.void), 0);
  return Effect.sync(() => clearTimeout(timer));
});

interface StageOutcome {
  readonly slots: Record<string, unknown>;
  readonly metrics: Metrics;
  readonly seconds: number;
}

/** (metrics) ⇒ what the first number in them that is not finite is called in an error, or null. */
const nonFiniteMetric = (metrics: Metrics): string | null => {
  const found = Object.entries(metrics).find(([, value]) => typeof value === "number" && !Number.isFinite(value));
  return found === undefined ? null : `metric ${found[0]}`;
};

/** Whether a record holds something of that name: a slot and metrics are objects. */
const holds = (record: unknown, name: string): boolean => {
  if (record === null || typeof record !== "object" || !Object.hasOwn(record, name)) return false;
  const value = (record as Record<string, unknown>)[name];
  return value !== null && typeof value === "object";
};

/** (declared names, name) ⇒ whether it is one of them, or one that `factor.*` stands for. */
const isDeclared = (declared: ReadonlyArray<string>, name: string): boolean =>
  declared.includes(name) || declared.includes(name.replace(/\..*$/, ".*"));

/** (name, stage, what it returned, slots before) ⇒ what is wrong with what it returned, or null. */
const faultIn = (
  label: string,
  { writes, origin }: ProgramStage<unknown, unknown>,
  result: unknown,
  slots: Readonly<Record<string, unknown>>,
): Fault | null => {
  const defect = (reason: string): Fault => new StageDefect({ stage: label, reason, place: null });
  const lacking = ["metrics", ...writes].find((name) => !holds(result, name));
  if (lacking !== undefined) {
    return defect(`it must return "${lacking}", as it declares: there is none in what it returned`);
  }
  const returned = result as { readonly metrics: Metrics }, { metrics } = returned;
  const declared = origin === undefined ? null : Object.keys(origin.definition.metrics);
  const undeclared = declared === null ? undefined : Object.keys(metrics).find((name) => !isDeclared(declared, name));
  if (undeclared !== undefined) {
    return defect(
      `it must declare each of its metrics: "${undeclared}" is not among ${declared!.join(", ") || "none"}`,
    );
  }
  const written = pick(returned as unknown as Record<string, unknown>, writes);
  const difference = differenceOfForm(slots, written, origin?.task);
  if (difference !== null) return new MisshapenSlot({ stage: label, ...difference });
  const quantity = nonFiniteQuantity(written) ?? nonFiniteMetric(metrics);
  return quantity === null ? null : new NonFiniteSlot({ stage: label, quantity });
};

/** Runs one stage on the slots it reads, keeps the slots it declares, and refuses what is unsound. */
const runStage = Effect.fnUntraced(function* <E, R>(
  { label, key, stage }: LabelledStage<E, R>,
  slots: Readonly<Record<string, unknown>>,
): Effect.fn.Return<StageOutcome, StageFailure<E | Fault>, R> {
  const begin = yield* Clock.monotonicTimeNanos;
  const result = yield* Effect.mapError(
    runSound(label, () => stage.run(pick(slots, stage.reads), key)),
    (error) => new StageFailure<E | Fault>(label, error),
  );
  const end = yield* Clock.monotonicTimeNanos;
  const fault = faultIn(label, stage, result, slots);
  if (fault !== null) return yield* Effect.fail(new StageFailure<E | Fault>(label, fault));
  const { metrics } = result as { readonly metrics: Metrics };
  return {
    slots: pick(result as Record<string, unknown>, stage.writes),
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${label}.${name}`, value])),
    seconds: Number(end - begin) / 1e9,
  };
});

/** (stages) ⇒ each by itself. */
const oneByOne = <E, R>(stages: ReadonlyArray<LabelledStage<E, R>>): ReadonlyArray<LabelledStage<E, R>>[] =>
  stages.map((stage) => [stage]);

/** (stages) ⇒ runs of them in which none reads what one before it writes, so that they may run at the same time. */
const independentRuns = <E, R>(stages: ReadonlyArray<LabelledStage<E, R>>): ReadonlyArray<LabelledStage<E, R>>[] => {
  const runs: LabelledStage<E, R>[][] = [];
  for (const next of stages) {
    const run = runs.at(-1), written = run?.flatMap(({ stage }) => stage.writes) ?? [];
    if (run === undefined || next.stage.reads.some((name) => written.includes(name))) runs.push([next]);
    else run.push(next);
  }
  return runs;
};

/** Runs stages at the same time; where some fail, the first of them in the program's order is told. */
const runGroup = Effect.fnUntraced(function* <E, R>(
  group: ReadonlyArray<LabelledStage<E, R>>,
  slots: Readonly<Record<string, unknown>>,
): Effect.fn.Return<
  { readonly outcomes: ReadonlyArray<StageOutcome>; readonly took: number },
  StageFailure<E | Fault>,
  R
> {
  const begin = yield* Clock.monotonicTimeNanos;
  if (group.length === 1) {
    const outcome = yield* runStage(group[0], slots);
    return { outcomes: [outcome], took: outcome.seconds };
  }
  const exits = yield* Effect.all(group.map((each) => Effect.exit(runStage(each, slots))), {
    concurrency: "unbounded",
  });
  const outcomes: StageOutcome[] = [];
  for (const exit of exits) outcomes.push(yield* exit);
  return { outcomes, took: Number((yield* Clock.monotonicTimeNanos) - begin) / 1e9 };
});

/** (batch) ⇒ what the log says of it, whatever the metrics of the stage that collected it. */
const summarize = (batch: Batch | undefined): Pick<IterationResult, "steps" | "episodes" | "meanReturn"> => {
  if (batch === undefined) return { steps: 0, episodes: 0, meanReturn: null };
  const episodes = batch.episodeReturns.length;
  const total = batch.episodeReturns.reduce((sum, value) => sum + value, 0);
  return { steps: batchSize(batch), episodes, meanReturn: episodes === 0 ? null : total / episodes };
};

/**
 * Runs the stages of `program` once. `batch` and `gradient` end with the iteration. Where there are several threads, stages
 * in a row run at the same time if none reads what one of them writes.
 *
 * @param root key of the run; a stage gets fold(fold(root, iteration), its name)
 * Fails: with the first failing stage's error.
 */
export const iterate: <E, R>(
  program: Program<E, R>,
  state: TrainState,
  root: Key,
  iteration: number,
) => Effect.Effect<IterationResult, StageFailure<E | Fault>, R> = Effect.fnUntraced(
  function* <E, R>(
    program: Program<E, R>,
    state: TrainState,
    root: Key,
    iteration: number,
  ): Effect.fn.Return<IterationResult, StageFailure<E | Fault>, R> {
    let slots: Readonly<Record<string, unknown>> = { ...state };
    let metrics: Metrics = {}, total = 0, aside = 0;
    const seconds: Record<string, number> = {}, runtime = yield* Effect.serviceOption(TensorRuntime);
    const together = Option.isSome(runtime) && runtime.value.threads > 1 ? independentRuns : oneByOne;
    for (const group of together(label(program.stages, fold(root, iteration)))) {
      const { outcomes, took } = yield* runGroup(group, slots);
      for (const [i, { stage, label }] of group.entries()) {
        const outcome = outcomes[i];
        slots = { ...slots, ...outcome.slots };
        metrics = { ...metrics, ...outcome.metrics };
        seconds[label] = outcome.seconds;
        if (!stage.writes.includes("batch")) aside += Number(outcome.metrics[`${label}.steps`] ?? 0);
      }
      total += took;
      yield* breathe;
    }
    const kept = Object.keys(slots).filter((name) => !(iterationSlots as ReadonlyArray<string>).includes(name));
    const next = pick(slots, kept) as unknown as TrainState;
    const summary = summarize((slots as Partial<Slots>).batch);
    return { state: next, metrics, seconds: { ...seconds, total }, ...summary, steps: summary.steps + aside };
  },
);
