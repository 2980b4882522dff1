/**
 * Stage `store`: (memory, batch) ⇒ (memory).
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { memorySize, storeBatch } from "../data/memory.ts";
import { count, option, type OptionsOf } from "../options/options.ts";
import { defineStage, type Stage, type StageDefinition } from "./stage.ts";

/** Options of `store`. */
export const storeOptions: OptionsOf<{ capacity: number }> = Schema.Struct({
  capacity: option(count, 100000, "transitions kept; whole batches are dropped from the oldest on"),
});

/** The type of the stage `store`. */
export type Store = Stage<"memory" | "batch", "memory">;

/** Appends the batch to the replay memory M. */
export const store: StageDefinition<typeof storeOptions, Store> = defineStage({
  name: "store",
  summary: "appends the batch to the replay memory",
  options: storeOptions,
  metrics: { size: "transitions in the memory", batches: "batches in the memory" },
  make: (_task, { capacity }): Store => ({
    name: "store",
    reads: ["memory", "batch"],
    writes: ["memory"],
    run: ({ memory, batch }) =>
      Effect.sync(() => {
        const stored = storeBatch(memory, batch, capacity);
        return { memory: stored, metrics: { size: memorySize(stored), batches: stored.batches.length } };
      }),
  }),
});
