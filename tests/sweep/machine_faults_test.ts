import { assertEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { join } from "node:path";
import { CellFailed } from "../../src/sweep/cell_work.ts";
import { embeddedEngine, SweepEngine } from "../../src/sweep/engine.ts";
import { makeFaultRecord } from "../../src/sweep/machine_faults.ts";
import { sqliteClient } from "../../src/sweep/sqlite.ts";
import { temporaryFolder } from "../temporary.ts";

Deno.test("a machine that trains nothing waits longer and longer, and blames no cell", () => {
  const { fault } = makeFaultRecord();
  assertEquals(["a", "b", "a", "b", "a", "b", "a", "b"].map(fault), [1, 2, 4, 8, 16, 32, 60, 60]);
});

Deno.test("a fault is the cell's own the third time, where the machine trains others meanwhile", () => {
  const { fault, trained } = makeFaultRecord();
  trained(); // before the first fault, which says nothing
  assertEquals([fault("a"), fault("a"), fault("a")], [1, 2, 4]);
  trained();
  assertEquals([fault("b"), fault("a")], [1, null]);
});

const failed = (id: string, tag: string) =>
  new CellFailed({ id, tag, reason: `${tag}.`, log: [], iterations: 0, steps: 0, host: "h" });

Deno.test("a cell that meets a fault of the machine goes behind the others and is trained later; another failure is its outcome", async () => {
  const begun: Array<string> = [];
  const sweep = "2f1c7a52-5a0e-4d0b-9c1e-0a8f6b7d3e21", idOf = (name: string) => `pendulum-${name}-s0-00000000`;
  const work = { sweep, attempt: 1, iterations: 3, folder: "x", pipeline: "y" };
  const outcomes = await Effect.runPromise(
    Effect.scoped(Effect.gen(function* () {
      const engine = yield* SweepEngine;
      for (const id of ["a", "b", "c"]) yield* engine.submit({ ...work, id: idOf(id) });
      yield* Effect.forkScoped(engine.work(1, () => true, ({ id: whole }) => {
        const id = whole.split("-")[1];
        begun.push(id);
        if (id === "a" && begun.length === 1) return Effect.fail(failed(id, "RunFolderUnwritable"));
        if (id === "b") return Effect.fail(failed(id, "TrainingFailed"));
        return Effect.succeed({ iterations: 3, steps: 1, host: "h" });
      }));
      const recorded = Effect.map(engine.read(sweep), (all) => all.filter(({ outcome }) => outcome !== null));
      while ((yield* recorded).length < 3) yield* Effect.sleep(20);
      return (yield* recorded).map(({ key, outcome }) => `${key.split("-").at(-3)} ${outcome!.state}`).sort();
    })).pipe(Effect.provide(embeddedEngine(sqliteClient(join(temporaryFolder(), "a.sqlite"), () => {})))),
  );
  assertEquals(outcomes, ["a done", "b failed", "c done"]);
  assertEquals(begun, ["a", "b", "c", "a"]);
});
