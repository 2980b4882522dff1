import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import * as Result from "effect/Result";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { estimators } from "../../src/estimators/registry.ts";
import { parseEstimator, parseEstimators } from "../../src/laboratory/given_estimators.ts";
import { specOf } from "../laboratory/specs.ts";
import { unbiasedOptions } from "../estimators/world.ts";
import { real } from "./child.ts";
import { temporaryFolder } from "../temporary.ts";

const options = { ...unbiasedOptions, advantage: "gae" as const, lambda: 0.8, horizon: 7 };
const own = specOf("mscv", options);

const specs = (...values: string[]) => Effect.runSync(parseEstimators(values, own, estimators));
const failure = (...values: string[]) => Effect.runSync(Effect.flip(parseEstimators(values, own, estimators))).message;

Deno.test("lab: an estimator in a few characters; what is not given is the pipeline's", () => {
  assertEquals(Result.getOrThrow(parseEstimator("mscv:terms=[g1, g2],horizon=dynamic,lambda=.5")), {
    name: "mscv",
    options: { terms: ["g1", "g2"], horizon: "dynamic", lambda: 0.5 },
    source: "mscv:terms=[g1, g2],horizon=dynamic,lambda=.5",
  });
  assertEquals(specs("likelihoodRatio:advantage=gae,lambda=0.9  svg1", "mscv:terms=[g1]"), [
    specOf("likelihoodRatio", { ...options, lambda: 0.9 }), // 7 steps of kStep advantages, were they asked for
    specOf("svg1", options),
    specOf("mscv", { ...options, terms: ["g1"] }),
  ]);
});

Deno.test("lab: estimators of a YAML file, in either form", () => {
  const file = join(temporaryFolder(), "panel.yaml");
  writeFileSync(file, "- mscv: { horizon: 3, coefficient: optimal }\n- likelihoodRatio\n- svg1:\n- mscv:rollouts=2\n");
  assertEquals(specs(file).map(({ estimator, options }) => [estimator, options.horizon, options.rollouts]), [
    ["mscv", 3, 1],
    ["likelihoodRatio", undefined, undefined],
    ["svg1", undefined, 1],
    ["mscv", 7, 2],
  ]);
});

Deno.test("lab: what is wrong with an estimator is said in one error, with a suggestion", () => {
  assertStringIncludes(failure("mcsv:horizon=2"), 'did you mean "mscv"?');
  assertStringIncludes(failure("mscv:horizn=2"), 'unknown option "horizn" of estimator mscv, did you mean "horizon"?');
  assertStringIncludes(failure("qprop:horizon=3"), "of estimator qprop: mbma, modelGradient, mscv have it");
  assertStringIncludes(failure("mscv:horizon=99"), "current value is 99");
  assertStringIncludes(failure("mscv:horizon"), '"horizon" must look like option=value');
  assertStringIncludes(failure("nowhere.yaml"), "it must be a readable YAML file");
});

Deno.test("lab: trains, measures the last checkpoint and an early one, and writes tables, records and figures", async () => {
  const folder = temporaryFolder(), pipeline = join(folder, "small.yaml"), run = join(folder, "a");
  writeFileSync(
    pipeline,
    "task: reacher\niterations: 2\ncheckpoint: { every: 1, keep: 3 }\n" +
      "networks: { policy: { hidden: [8] }, value: { hidden: [8] }, model: { hidden: [16] } }\nprogram:\n" +
      "  - collect: { steps: 200, environments: 2 }\n  - store\n  - fitModel: { updates: 5 }\n  - fitValue: { epochs: 1 }\n" +
      "  - estimateGradient: { horizon: 2, discount: 0.9, lambda: 0.8 }\n  - trpoUpdate\n",
  );
  assertEquals((await real("train", pipeline, "--runs", folder, "--run", "a")).code, 0);
  const json = join(folder, "all.json");
  const budget = ["--steps", "40", "--batches", "5", "--reference", "800", "--states", "10", "--workers", "1"];
  const { code, out, err } = await real(
    "lab",
    run,
    join(run, "checkpoints", "1"),
    "--estimators",
    "mscv:horizon=1 likelihoodRatio:advantage=monteCarlo",
    "--set",
    "fitValue.epochs=2",
    "--json",
    json,
    ...budget,
  );
  assertEquals([code, err], [0, ""]);
  assertStringIncludes(out, "small: reacher, seed 0, policy after iteration 2 (V and model as the next iteration fits");
  assertStringIncludes(out, "fitValue.epochs=2");
  const records = JSON.parse(readFileSync(json, "utf8"));
  assertEquals(records.map(({ iteration }: { iteration: number }) => iteration), [2, 1]);
  assertEquals(records[0].estimators.map(({ label }: { label: string }) => label), [
    "likelihoodRatio GAE .8",
    "mscv GAE .8, k 2, w 1",
    "mscv GAE .8, k 1, w 1",
    "likelihoodRatio MC",
  ]);
  for (const checkpoint of ["000001", "000002"]) {
    for (const file of ["panel.json", "table.txt", "variance.svg", "bias.png", "horizon.svg"]) {
      assert(existsSync(join(run, "lab", checkpoint, file)), `${checkpoint}/${file}`);
    }
  }
  assertStringIncludes(out, readFileSync(join(run, "lab", "000002", "table.txt"), "utf8").trim());
  assertStringIncludes(out, "V enters the reference with weight 0.0097 where a return is cut off\n"); // .9^44
  for (const [fit, declared] of [["before", false], ["after", true]] as const) {
    const sample = ["--in-sample", "--set", `fitValue.fit=${fit}`, "--set", `fitModel.fit=${fit}`, "--json", json];
    const inSample = await real("lab", run, ...sample, "--environments", "2", ...budget);
    assertEquals([inSample.code, inSample.err], [0, ""]);
    const [{ inSample: said, estimators }] = JSON.parse(readFileSync(json, "utf8"));
    assertEquals(said, true);
    const own = estimators.find(({ label }: { label: string }) => label === "mscv GAE .8, k 2, w 1");
    assertEquals(own.sameMeanAsMatch, declared, fit); // before: V and model have seen what they correct
  }
  const critic = await real("lab", run, "--estimators", "qprop", ...budget);
  assertEquals(critic.code, 2);
  assertStringIncludes(critic.err, 'as what it reads must be there: no stage fits "critic"\n');
});

Deno.test("lab: places and numbers that cannot be measured are wrong usage", async () => {
  const nowhere = await real("lab", "runs/nowhere");
  assertEquals(nowhere.code, 2);
  const few = await real("lab", "runs/nowhere", "--batches", "3");
  assertEquals([few.code, few.err.trim()], [
    2,
    "error: Cannot measure as --batches must be 4 or more: current value is 3",
  ]);
  const named = await real("lab", "runs/a/checkpoints/last");
  assertEquals(named.code, 2);
  assertStringIncludes(named.err, 'a checkpoint must be named by its iteration, or best: current value is "last"');
});

Deno.test("lab: physics in place of the model, as it is or with other factors; G2 is then taken by pairs", () => {
  const pairs = specOf("mscv", { ...options, imaginedGradient: "mirroredPairs" });
  assertEquals(specs("mscv:model=physics mscv:horizon=3,model={mass: 0.8, friction: 2}", "mscv"), [
    { ...pairs, model: { physics: {} } },
    { ...pairs, options: { ...pairs.options, horizon: 3 }, model: { physics: { mass: 0.8, friction: 2 } } },
    own,
  ]);
  assertEquals(specs("mscv:model={mass:0.8,friction: 2}", "mscv")[0].model, { physics: { mass: 0.8, friction: 2 } });
  const begin = 'Cannot measure "mscv:';
  assertEquals(
    failure("mscv:model=physic"),
    begin + 'model=physic" as model must be physics, or factors as in {mass: 0.8}: current value is "physic"',
  );
  for (const way of ["pathDerivative", "mixed"]) {
    assertEquals(
      failure(`mscv:model=physics,imaginedGradient=${way}`),
      begin + `model=physics,imaginedGradient=${way}" as Cannot run mscv as imaginedGradient must be mirroredPairs ` +
        `where a simulator imagines, whose derivatives nobody knows: current value is ${way}`,
    );
  }
  assertEquals(
    failure("likelihoodRatio:model=physics"),
    'Cannot measure "likelihoodRatio:model=physics" as model must be left out of an estimator that imagines nothing',
  );
});
