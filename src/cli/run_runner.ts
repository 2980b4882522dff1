/**
 * What `mscv runner` does.
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import process from "node:process";
import { cellCommand, trainInProcess } from "../sweep/cell_process.ts";
import type { TrainCell } from "../sweep/cell_queue.ts";
import { SweepEngine } from "../sweep/engine.ts";
import { isMachineFault } from "../sweep/machine_faults.ts";
import { type ListenAddress, postgresRunner } from "../sweep/postgres.ts";
import { isLoopback, resolveStorage } from "../sweep/storage.ts";
import { overDatabase } from "./database_watch.ts";
import { UsageInvalid } from "./exit.ts";

/** What `runner` was asked for. */
export interface RunnerRequest {
  readonly storage: string | null;
  readonly slots: number;
  /** host or host:port */
  readonly listen: string;
}

/** (host or host:port) ⇒ (address). Fails: UsageInvalid. */
export const parseListen = (text: string): Effect.Effect<ListenAddress, UsageInvalid> => {
  const [, host, port = "0"] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65535) {
    return Effect.fail(
      new UsageInvalid({
        message: `Cannot listen as --listen must be a host, or host:port: current value is ${text}`,
      }),
    );
  }
  const bare = host.replace(/^\[|\]$/g, "");
  if (/^[0.]+$/.test(bare) || /^[0:]+$/.test(bare)) {
    return Effect.fail(
      new UsageInvalid({
        message:
          `Cannot listen as --listen must be one address, which the other runners are told: current value is ${text}`,
      }),
    );
  }
  return Effect.succeed({ host: bare, port: Number(port) });
};

/** Sends the run log home before the outcome is told. */
const carried = (train: TrainCell, { keepLog }: SweepEngine["Service"]): TrainCell => (work) => {
  const keep = keepLog(work).pipe(Effect.retry(Schedule.spaced("1 second")), Effect.orDie);
  return train(work).pipe(
    Effect.tap(() => keep),
    Effect.tapError((failure) => isMachineFault(failure) ? Effect.void : keep),
  );
};

/** Says which cells are trained here. */
const announced = (train: TrainCell): TrainCell => (work) =>
  Console.log(`begin  ${work.id}`).pipe(
    Effect.andThen(train(work)),
    Effect.tap(({ iterations, steps }) => Console.log(`done   ${work.id}  ${iterations} iterations, ${steps} steps`)),
    Effect.onInterrupt(() => Console.log(`left   ${work.id}`)),
    Effect.tapError((failure) => {
      const { tag, reason } = failure;
      return isMachineFault(failure) ? Effect.void : Console.error(`failed ${work.id}  ${tag}: ${reason}`);
    }),
  );

/** Trains cells until it is stopped; what it is at then is written as a checkpoint. */
export const runRunner = Effect.fnUntraced(function* ({ storage, slots, listen }: RunnerRequest) {
  if (slots < 1) {
    return yield* new UsageInvalid({ message: `Cannot run as --slots must be 1 or more: current value is ${slots}` });
  }
  const database = yield* resolveStorage(storage, process.env);
  if (database === null) {
    return yield* new UsageInvalid({
      message: "Cannot run as --storage must name a database: without one, `ablate` itself trains the cells",
    });
  }
  const address = yield* parseListen(listen);
  if (database.remote && isLoopback(address.host)) {
    yield* Console.error(
      `warning: runners on other machines cannot reach this one at ${address.host}: give its own address by --listen`,
    );
  }
  const work = Effect.gen(function* () {
    const engine = yield* SweepEngine;
    yield* Console.log(`Runner of ${database.label}, ${slots} cells at a time; Ctrl-C stops it`);
    const train = announced(carried(trainInProcess(cellCommand(Deno.mainModule), engine.note), engine));
    return yield* engine.work(slots, () => true, train);
  });
  return yield* overDatabase(database.label, postgresRunner(database, address), Effect.scoped(work));
});
