/** A heap that is full at any of its allocations: the error is typed, and nothing stays behind. */
import { oneFold } from "../../../src/data/folds.ts";
import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { assertEquals, assertGreater, assertInstanceOf, assertThrows } from "@std/assert";
import * as Effect from "effect/Effect";
import type { MlpShape } from "../../../src/data/parameters.ts";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend, tensorCount } from "../../../src/nn/kernels/backend.ts";
import { initializeMlp } from "../../../src/nn/networks/mlp.ts";
import { makeAdam } from "../../../src/nn/training/adam.ts";
import { networkGradient } from "../../../src/nn/passes/network_gradient.ts";
import { trainNetwork } from "../../../src/nn/training/network_training.ts";
import { makeNormalizer } from "../../../src/nn/networks/normalizer.ts";
import { OutOfMemory } from "../../../src/nn/passes/out_of_memory.ts";
import { makePolicy } from "../../../src/nn/networks/policy.ts";
import { makeValue } from "../../../src/nn/networks/value.ts";
import { TensorsExhausted } from "../../../src/stages/errors.ts";
import { fitValue } from "../../../src/stages/fit_value.ts";
import { TensorRuntime, tensorRuntime } from "../../../src/stages/tensor_runtime.ts";
import { tasks } from "../../../src/tasks/registry.ts";
import { batchOf } from "../../data/batch.ts";
import { normals } from "../reference.ts";

const { kernels } = await startBackend();
const key = makeKey(31);

interface Allocator {
  _malloc: (bytes: number) => number;
  _free: (address: number) => void;
}

/** What a run on the watched heap did. */
interface Watched<A> {
  readonly result: A;
  /** allocations asked for */
  readonly asked: number;
  /** addresses that it allocated and did not free */
  readonly kept: ReadonlyArray<number>;
}

/** (run, n) ⇒ what it did on a heap of which allocation n and all later ones fail. */
const onHeapThatFails = <A>(run: () => A, failing = Infinity): Watched<A> => {
  const module = (tf.backend() as BackendWasm).wasm as unknown as Allocator;
  const { _malloc, _free } = module, kept = new Set<number>();
  let asked = 0;
  module._malloc = (bytes) => {
    if (asked++ >= failing) throw new OutOfMemory(bytes);
    const address = _malloc(bytes);
    kept.add(address >>> 0);
    return address;
  };
  module._free = (address) => {
    kept.delete(address >>> 0);
    _free(address);
  };
  try {
    const result = run();
    return { result, asked, kept: [...kept] };
  } finally {
    Object.assign(module, { _malloc, _free });
  }
};

/** () ⇒ what a leak would raise. The tensor library's own kernels lose buffers of theirs where a later one fails. */
const held = (): Readonly<Record<string, number>> => ({
  tensors: tensorCount(),
  buffers: kernels === "auto" ? tf.engine().backend.numDataIds() : 0,
});

/**
 * Fails each of the allocations of `run` in turn; `check` sees how it ended. Once before, so that scratch memory, which
 * is kept by design, is there.
 */
const failEach = <A>(run: () => A, check: (result: A) => void): void => {
  run();
  const before = held(), { asked, kept } = onHeapThatFails(run);
  assertEquals([kept, held()], [[], before]);
  assertGreater(asked, 0);
  for (let failing = 0; failing < asked; failing++) {
    const { result, kept } = onHeapThatFails(run, failing);
    check(result);
    assertEquals([kernels === "auto" ? kept : [], held()], [[], before], `allocation ${failing} of ${asked}`);
  }
};

const shape: MlpShape = { sizes: [3, 8, 2], activation: "tanh" }, n = 1100; // three chunks
const theta = initializeMlp(shape, fold(key, 1), 1), x = normals(fold(key, 2), 3 * n);
const gradient = () =>
  networkGradient(shape, theta, x, (y, _first, slope) => {
    slope.set(y);
    return 0;
  });

Deno.test("the gradient of a network raises OutOfMemory, leaves nothing behind, and later ones go on", () => {
  const attempt = () => {
    try {
      return gradient();
    } catch (error) {
      return error;
    }
  };
  const expected = gradient();
  failEach(attempt, (result) => assertInstanceOf(result, OutOfMemory));
  assertEquals(gradient(), expected);
});

Deno.test("training raises OutOfMemory, leaves nothing behind, and later trainings go on", () => {
  const train = () =>
    trainNetwork(shape, { theta, adam: makeAdam(theta.length) }, n, (step) => {
      for (let i = 0; i < 2; i++) step(x, (y, _first, slope) => (slope.set(y), 0), 0.1);
    });
  const attempt = () => {
    try {
      return train();
    } catch (error) {
      return error;
    }
  };
  const expected = train();
  failEach(attempt, (result) => assertInstanceOf(result, OutOfMemory));
  assertEquals(train(), expected);
});

Deno.test("replaced kernels of many outputs make all or none", { ignore: kernels === "off" }, () => {
  const x = tf.ones<tf.Rank.R2>([4, 3]);
  for (const cut of [() => tf.split(x, [1, 2], 1), () => tf.unstack(x, 1)]) {
    const attempt = () => {
      try {
        tf.dispose(cut());
      } catch (error) {
        return error;
      }
    };
    failEach(attempt, (result) => assertInstanceOf(result, OutOfMemory));
  }
  x.dispose();
});

Deno.test("a slope that throws leaves nothing behind", () => {
  const run = () => assertThrows(() => networkGradient(shape, theta, x, () => JSON.parse("")), SyntaxError);
  run();
  const before = held(), { kept } = onHeapThatFails(run);
  assertEquals([kept, held()], [[], before]);
});

Deno.test("fitValue fails with TensorsExhausted, leaves nothing behind, and later runs go on", async () => {
  const sizes = { observationSize: 2, actionSize: 1 }, rows = 20;
  const batch = batchOf({ ...sizes, steps: rows, environments: 1 }, {
    observation: normals(fold(key, 3), 2 * rows),
    nextObservation: normals(fold(key, 4), 2 * rows),
    reward: normals(fold(key, 5), rows),
    noise: normals(fold(key, 6), rows),
    action: normals(fold(key, 6), rows),
  });
  const slots = {
    memory: { batches: [batch] },
    policy: makePolicy({ ...sizes, hidden: [4], logStd: 0 }, fold(key, 7)),
    normalizer: makeNormalizer(2),
    value: oneFold(makeValue({ observationSize: 2, hidden: [4] }, fold(key, 8))),
  };
  const runtime = await Effect.runPromise(Effect.provide(Effect.flatMap(TensorRuntime, Effect.succeed), tensorRuntime));
  for (const method of ["vtrace", "bellmanIS", "onPolicy"] as const) {
    const stage = fitValue(tasks.hopper, { method, epochs: 1, updates: 1, batchSize: 10 });
    const run = () => {
      const fit = Effect.map(stage.run(slots, fold(key, 9)), ({ value }) => value.first.network.theta);
      const outcome = Effect.match(fit, { onSuccess: (theta) => theta, onFailure: (error) => error });
      return Effect.runSync(Effect.provideService(outcome, TensorRuntime, runtime)); // dies on a leaked tensor
    };
    const expected = run();
    assertInstanceOf(expected, Float32Array);
    failEach(run, (result) => {
      assertInstanceOf(result, TensorsExhausted);
      assertEquals(result.stage, "fitValue");
    });
    assertEquals(run(), expected);
  }
});
