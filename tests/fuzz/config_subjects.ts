/**
 * Pipelines, ablations, overrides and panels of the laboratory.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "@std/yaml";
import { parseEstimators } from "../../src/laboratory/given_estimators.ts";
import { resolveAblation } from "../../src/config/ablation.ts";
import { builtIn } from "../../src/config/built_in.ts";
import { ConfigInvalid } from "../../src/config/problems.ts";
import { resolvePipeline } from "../../src/config/resolve.ts";
import type { Stream } from "../../src/math/random.ts";
import { unbiasedOptions } from "../estimators/world.ts";
import { mutateText, mutateTree, pick } from "./mutate.ts";
import { Broken, bytesOf, type Subject, textOf, typed } from "./subject.ts";
import { temporaryFolder } from "../temporary.ts";

const yamlIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder).filter((name) => name.endsWith(".yaml")).map((name) => readFileSync(join(folder, name), "utf8"));

const print = (tree: unknown): string => stringify(tree, { useAnchors: false, skipInvalid: true });

/** (sound texts) ⇒ one of them changed as a tree, or as a text. */
const makeYaml = (texts: ReadonlyArray<string>) => (stream: Stream): Uint8Array<ArrayBuffer> => {
  const text = pick(texts, stream);
  return bytesOf(stream.uniform() < 0.6 ? print(mutateTree(parse(text) as object, stream)) : mutateText(text, stream));
};

const folder = temporaryFolder();

/** Every problem of a file has a place: a line, or a whole file that cannot be read. */
const placed = (error: unknown): string => {
  if (error instanceof ConfigInvalid) {
    const lost = error.problems.find((text) =>
      !/^(--set |[^:]*:\d+:\d+[ :]|[^:]+: must be a readable file)/.test(text)
    );
    if (lost !== undefined) throw new Broken(`without a place: ${lost.slice(0, 300)}`);
  }
  return typed(error, ["ConfigInvalid"]);
};

const outcomeOf = async <A, E>(effect: Effect.Effect<A, E>, check: (error: E) => string): Promise<string> => {
  const result = await Effect.runPromise(Effect.result(effect));
  return result._tag === "Success" ? "valid" : check(result.failure);
};

const pipelines = yamlIn("pipelines");

// MuJoCo's engine is loaded with the first pipeline that needs it, which is no input's doing.
await Effect.runPromise(resolvePipeline("pipelines/ant_trpo.yaml", [], builtIn));

const pipeline: Subject = {
  name: "pipeline",
  make: makeYaml(pipelines.map((text) => text.replace(/^extends: /m, `extends: ${Deno.cwd()}/pipelines/`))),
  run: (input) => {
    const file = join(folder, "pipeline.yaml");
    writeFileSync(file, input);
    return outcomeOf(resolvePipeline(file, [], builtIn), placed);
  },
};

const ablation: Subject = {
  name: "ablation",
  make: makeYaml(yamlIn("pipelines/ablations").map((text) => text.replaceAll("../", `${Deno.cwd()}/pipelines/`))),
  run: (input) => {
    const file = join(folder, "ablation.yaml");
    writeFileSync(file, input);
    return outcomeOf(resolveAblation(file, builtIn), placed);
  },
};

const override: Subject = {
  name: "override",
  make: (stream) => {
    const sound = ["collect.steps=100", "trpoUpdate.maxKl=0.1", "networks.policy.hidden=[4, 4]", "seed=3", "name=a"];
    return bytesOf(mutateText(pick(sound, stream), stream));
  },
  run: (input) => outcomeOf(resolvePipeline("pipelines/hopper_mscv.yaml", [textOf(input)], builtIn), placed),
};

const panel: Subject = {
  name: "panel",
  make: makeYaml(["- mscv: { horizon: 3, coefficient: optimal }\n- likelihoodRatio\n- mscv:rollouts=2,terms=[g1]\n"]),
  run: (input) => {
    const file = join(folder, "panel.yaml"), own = { estimator: "mscv", options: { ...unbiasedOptions } };
    writeFileSync(file, input);
    return outcomeOf(parseEstimators([file], own, builtIn.estimators), (error) => typed(error, ["UsageInvalid"]));
  },
};

/** What people write. */
export const configSubjects: ReadonlyArray<Subject> = [pipeline, ablation, override, panel];
