/**
 * When networks see the batch that they correct: whole, not at all, or each the half that it does not correct.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { batchSize, fingerprint } from "../data/batch.ts";
import { type Fold, foldOf, type Folds } from "../data/folds.ts";
import type { Metrics } from "../data/gradient.ts";
import { takeHalf } from "../data/halves.ts";
import { memorySize, type ReplayMemory } from "../data/memory.ts";
import { mean } from "../math/statistics.ts";
import { MemoryEmpty } from "./errors.ts";
import { oneOf, option, type Optional } from "../options/options.ts";

/** What a fit sees of the newest batch. */
export type FitTiming = "before" | "after" | "crossfit";

/** The option `fit` of the stages that fit networks on the memory. */
export const fitTiming: Optional<FitTiming> = option(
  oneOf("before", "after", "crossfit"),
  "before",
  "before: the newest batch is fitted before it is corrected (in-sample); after: it is fitted in the next iteration only; " +
    "crossfit: two networks, each fitted without the half of it that it corrects",
);

/** The metric of these stages. */
export const fitMetrics: Readonly<Record<"samples", string>> = {
  samples: "transitions in the memory that the fit could draw from, mean over the networks",
};

/** What a fit gives. */
export interface FitResult<P> {
  readonly params: P;
  readonly metrics: Metrics;
}

/** One fit: what it may see, what it starts from. */
interface Fit<P> {
  readonly memory: ReplayMemory;
  readonly start: Fold<P>;
}

const fitsOf = <P>(timing: FitTiming, memory: ReplayMemory, previous: Folds<P>): ReadonlyArray<Fit<P>> => {
  const older = memory.batches.slice(0, -1), [newest] = memory.batches.slice(-1), start = previous.first;
  switch (timing) {
    case "before":
      return [{ memory, start }];
    case "after":
      return [{ memory: { batches: older }, start }];
    case "crossfit":
      return ([0, 1] as const).map((corrected) => {
        const seen = takeHalf(newest, corrected === 0 ? 1 : 0);
        const batches = [...older, seen].filter((batch) => batchSize(batch) > 0);
        return { memory: { batches }, start: foldOf(previous, corrected) };
      });
  }
};

/** (metrics of each fit) ⇒ means; of a metric that one fit alone reports, its own. */
const means = (all: ReadonlyArray<Metrics>): Metrics => {
  const names = [...new Set(all.flatMap((metrics) => Object.keys(metrics)))];
  return Object.fromEntries(names.map((name) => {
    const values = all.map((metrics) => metrics[name]).filter((value) => value !== undefined);
    const numbers = values.filter((value) => typeof value === "number");
    return [name, numbers.length === values.length ? mean(numbers) : values[0]];
  }));
};

/**
 * Fits by timing. (memory, previous, fit) ⇒ (networks that know what they saw, metrics, means over the fits)
 *
 * A fit that may see nothing yet leaves its network as it is. In `crossfit` each of the two networks goes on from its own
 * predecessor, so that neither ever sees a half of a batch before it corrects it.
 *
 * Fails: MemoryEmpty, and what `fit` fails with.
 */
export const fitByTiming = <P, E, R>(
  { stage, timing, memory, previous }: {
    readonly stage: string;
    readonly timing: FitTiming;
    readonly memory: ReplayMemory;
    readonly previous: Folds<P>;
  },
  fit: (memory: ReplayMemory, start: P) => Effect.Effect<FitResult<P>, E, R>,
): Effect.Effect<FitResult<Folds<P>>, E | MemoryEmpty, R> =>
  Effect.gen(function* () {
    if (memorySize(memory) === 0) return yield* Effect.fail(new MemoryEmpty({ stage }));
    const folds: Fold<P>[] = [], all: Metrics[] = [];
    for (const { memory: visible, start } of fitsOf(timing, memory, previous)) {
      const samples = memorySize(visible);
      if (samples === 0) {
        folds.push(start);
        all.push({ samples });
        continue;
      }
      const { params: network, metrics } = yield* fit(visible, start.network);
      folds.push({ network, seen: fingerprint(visible.batches[visible.batches.length - 1]) });
      all.push({ ...metrics, samples });
    }
    const [first, second] = folds;
    return { params: second === undefined ? { first } : { first, second }, metrics: means(all) };
  });
