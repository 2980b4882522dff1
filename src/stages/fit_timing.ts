/**
 * When networks see the batch that they correct: whole, not at all, or each the half that it does not correct.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { batchSize, fingerprint } from "../data/batch.ts";
import type { Metrics } from "../data/gradient.ts";
import { takeHalf } from "../data/halves.ts";
import { memorySize, type ReplayMemory } from "../data/memory.ts";
import type { Fitted } from "../data/parameters.ts";
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
interface Fold<P> {
  readonly memory: ReplayMemory;
  readonly start: P;
}

const foldsOf = <P extends Fitted<P>>(timing: FitTiming, memory: ReplayMemory, previous: P): ReadonlyArray<Fold<P>> => {
  const older = memory.batches.slice(0, -1), [newest] = memory.batches.slice(-1);
  const { secondHalf = previous, ...own } = previous, first = own as P;
  switch (timing) {
    case "before":
      return [{ memory, start: first }];
    case "after":
      return [{ memory: { batches: older }, start: first }];
    case "crossfit":
      return ([1, 0] as const).map((seen) => {
        const batches = [...older, takeHalf(newest, seen)].filter((batch) => batchSize(batch) > 0);
        return { memory: { batches }, start: seen === 1 ? first : secondHalf };
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
 * Fits by timing. (memory, previous, fit) ⇒ (params that know what they saw, metrics, means over the fits)
 *
 * A fit that may see nothing yet leaves its network as it is. In `crossfit` each of the two networks goes on from its own
 * predecessor, so that neither ever sees a half of a batch before it corrects it.
 *
 * Fails: MemoryEmpty, and what `fit` fails with.
 */
export const fitByTiming = <P extends Fitted<P>, E, R>(
  { stage, timing, memory, previous }: {
    readonly stage: string;
    readonly timing: FitTiming;
    readonly memory: ReplayMemory;
    readonly previous: P;
  },
  fit: (memory: ReplayMemory, start: P) => Effect.Effect<FitResult<P>, E, R>,
): Effect.Effect<FitResult<P>, E | MemoryEmpty, R> =>
  Effect.gen(function* () {
    if (memorySize(memory) === 0) return yield* Effect.fail(new MemoryEmpty({ stage }));
    const results: FitResult<P>[] = [];
    for (const { memory: visible, start } of foldsOf(timing, memory, previous)) {
      const samples = memorySize(visible);
      if (samples === 0) {
        results.push({ params: start, metrics: { samples } });
        continue;
      }
      const { params, metrics } = yield* fit(visible, start);
      const seen = fingerprint(visible.batches[visible.batches.length - 1]);
      results.push({ params: { ...params, seen }, metrics: { ...metrics, samples } });
    }
    const [{ params }, second] = results;
    return {
      params: second === undefined ? params : { ...params, secondHalf: second.params },
      metrics: means(results.map((result) => result.metrics)),
    };
  });
