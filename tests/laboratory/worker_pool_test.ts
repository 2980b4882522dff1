/**
 * Who does the laboratory's jobs decides no bit.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { makeWorkerPool } from "../../src/laboratory/worker_pool.ts";
import { estimators } from "../../src/estimators/registry.ts";
import type { Frozen } from "../../src/laboratory/frozen.ts";
import type { JobOutputs } from "../../src/laboratory/jobs.ts";
import { makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { unbiasedOptions } from "../estimators/world.ts";
import { frozenAt } from "./frozen.ts";
import { formsOf } from "./specs.ts";

await startBackend({ kernels: "off" }); // not what a worker would choose by itself

const plan = {
  counts: { states: 3, actions: 2, continuations: 2 },
  first: 0,
  tail: 10,
  ...formsOf({ ...unbiasedOptions, discount: 0.9 }),
  horizons: [1, 4],
};

const branches = (frozen: Frozen, workers: number): Promise<ReadonlyArray<JobOutputs["branches"]>> =>
  Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const pool = yield* makeWorkerPool(frozen, { workers, estimators, modules: [] });
    return yield* pool.run("branches", [{ plan, key: makeKey(8) }, { plan, key: makeKey(9) }], () => {});
  })));

Deno.test("workers run the kernels that this thread was told to run, not those that they would choose", async () => {
  const frozen = await frozenAt("reacher");
  assertEquals(await branches(frozen, 1), await branches(frozen, 0));
});
