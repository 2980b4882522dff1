import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type LooseRun, nameRuns } from "../../src/report/loose_runs.ts";
import { historyOf } from "./study.ts";

const loose = (changes: Partial<LooseRun> & { readonly maxKl?: number }): LooseRun => {
  const { maxKl = 0.01, ...more } = changes;
  return {
    ...{ task: "hopper", seed: 0, state: "done", error: null, folder: "runs/a", iterations: 3, threshold: null },
    ...{ folderName: "trpo", pipelineName: "trpo", history: historyOf([1, 2, 3]) },
    hash: `hash of ${maxKl}`,
    options: { networks: { policy: { hidden: [64, 64] } }, trpoUpdate: { maxKl }, fitValue: { epochs: 6 } },
    ...more,
  };
};

const variantsOf = (runs: ReadonlyArray<LooseRun>) => nameRuns(runs).runs.map(({ variant }) => variant);

Deno.test("loose runs: variants of one name are named by what differs", () => {
  assertEquals(variantsOf([loose({}), loose({ maxKl: 0.03, seed: 1 })]), ["trpo maxKl 0.01", "trpo maxKl 0.03"]);
  assertEquals(variantsOf([loose({}), loose({ seed: 1 })]), ["trpo", "trpo"]);
});

Deno.test("loose runs: a stage that one has alone, and names that two stages share", () => {
  const bare = {
    networks: { policy: { hidden: [64, 64] } },
    trpoUpdate: { maxKl: 0.01, epochs: 2 },
    fitValue: { epochs: 3 },
  };
  const runs = [
    loose({ hash: "a", options: { ...bare, store: { capacity: 10 } } }),
    loose({ hash: "b", options: bare }),
  ];
  assertEquals(variantsOf(runs), ["trpo capacity 10", "trpo no capacity"]);
  const other = { ...bare, trpoUpdate: { maxKl: 0.01, epochs: 4 }, fitValue: { epochs: 5 } };
  assertEquals(variantsOf([loose({ hash: "a", options: bare }), loose({ hash: "b", options: other })]), [
    "trpo trpoUpdate.epochs 2, fitValue.epochs 3",
    "trpo trpoUpdate.epochs 4, fitValue.epochs 5",
  ]);
});

Deno.test("loose runs: the estimator is named first, an option that one lacks last", () => {
  const [mscv, trpo] = [
    { store: { capacity: 5 }, estimateGradient: { horizon: 3, estimator: "mscv" } },
    { store: { capacity: 9 }, estimateGradient: { estimator: "trpo" } },
  ];
  assertEquals(variantsOf([loose({ hash: "a", options: mscv }), loose({ hash: "b", options: trpo })]), [
    "trpo estimator mscv, capacity 5, horizon 3",
    "trpo estimator trpo, capacity 9, no horizon",
  ]);
});

Deno.test("loose runs: of one seed with one set of options the longest counts, whatever the folders are called", () => {
  const lengths = [2, 5, 3, 1, 4].map((length, i) =>
    loose({ folder: `runs/${i}`, folderName: `run${i}`, history: historyOf(Array(length).fill(0)) })
  );
  const { runs, warnings } = nameRuns(lengths);
  assertEquals(runs.map(({ folder, variant, seed }) => [folder, variant, seed]), [["runs/1", "trpo", 0]]);
  assertEquals(warnings.length, 4);
  for (const warning of warnings) assertStringIncludes(warning, "is left out, as runs/1 has the same options and seed");
});

Deno.test("loose runs: names of a user's own stay, a name for each task", () => {
  const mine = loose({ folderName: "mine" }), swimmer = loose({ task: "swimmer", hash: "s" });
  assertEquals(variantsOf([mine, loose({ maxKl: 0.03 }), swimmer]), ["mine", "trpo", "trpo"]);
  const long = Object.fromEntries(["a", "b", "c", "d"].map((key) => [key, 1]));
  const many = variantsOf([loose({ hash: "x", options: long }), loose({ hash: "y", options: {} })]);
  assert(many.every((name) => name.endsWith(", …")), many.join());
});
