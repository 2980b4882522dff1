/**
 * The service that holds a run's threads: this one, and web workers that end with the run.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { openWebThreads, type WebThreads } from "../parallel/web_threads.ts";

/** Names the service in the requirements of an effect. */
export interface ThreadPool {
  /** Never read. */
  readonly _: unique symbol;
}

/** Web workers that several services share. */
export const ThreadPool: Context.Service<ThreadPool, WebThreads> = Context.Service("mscv/rollout/ThreadPool");

/** (number of threads, this one among them) ⇒ (threads), whose web workers end with the layer's scope. */
export const threadPool = (count: number): Layer.Layer<ThreadPool> =>
  Layer.effect(
    ThreadPool,
    Effect.acquireRelease(
      Effect.promise(() => openWebThreads(count)),
      ({ close }) => Effect.sync(close),
    ),
  );
