/**
 * A resolved pipeline as YAML, and its hash.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Document, isScalar, visit } from "yaml";
import { textOf } from "../options/decode.ts";
import { changedFrom } from "../tasks/task_options.ts";
import type { Catalog } from "./catalog.ts";
import type { Pipeline } from "./pipeline.ts";
import { isRobot, robotSaid } from "./robot_in_pipeline.ts";
import { unsaidOptions } from "./task_in_pipeline.ts";

/** (pipeline) ⇒ the same as a file holds it. */
export const asWritten = (
  { name, use, sources, task, program, ...rest }: Pipeline,
): Readonly<Record<string, unknown>> => {
  const modules = use.filter((module) => !isRobot(module)), robot = use.find(isRobot);
  return {
    name,
    ...(modules.length === 0 ? {} : { use: modules }),
    ...(use.length === 0 ? {} : { sources }),
    task: robot === undefined ? task : robotSaid(robot),
    ...rest,
    program: program.map(({ stage, options }) => ({ [stage]: options })),
  };
};

/** (pipeline) ⇒ YAML that resolves to the same pipeline. */
export const printPipeline = (pipeline: Pipeline): string => {
  const document = new Document(asWritten(pipeline));
  visit(document, {
    Seq: (_, node) => {
      node.flow = node.items.every((item) => isScalar(item)); // hidden: [64, 64]
    },
  });
  return document.toString({ lineWidth: 120, flowCollectionPadding: false });
};

/**
 * Top-level keys that decide no number of training: a run may go on, and a cell stays the same cell, with others. All
 * other keys are part of the hash.
 */
export const decidesNoNumbers = ["name", "iterations", "threshold", "checkpoint", "evaluation"] as const;

/**
 * Options of the task that are not as the task has them by itself, so that a new option does not change the hashes of earlier
 * runs.
 */
const changedOptions = (pipeline: Pipeline, catalog: Catalog): { readonly taskOptions?: unknown } => {
  const changed = changedFrom(pipeline.taskOptions, unsaidOptions(pipeline, catalog));
  return Object.keys(changed).length === 0 ? {} : { taskOptions: changed };
};

/** (networks) ⇒ the same without a linear part that is not there, as in the hashes of runs from before there was one. */
const hashedNetworks = ({ model, ...rest }: Pipeline["networks"]): unknown => {
  if (model.kind === "simulator" || model.linear) return { ...rest, model };
  const { linear: _, ...before } = model;
  return { ...rest, model: before };
};

/** (pipeline, catalog that has its task) ⇒ SHA-256 of what decides its numbers: a run may go on for longer, but not with other options. */
export const hashPipeline = (pipeline: Pipeline, catalog: Catalog): string => {
  const kept = Object.entries(pipeline).filter(([key]) => !(decidesNoNumbers as ReadonlyArray<string>).includes(key));
  const { use, sources, task, taskOptions: _, seed, networks, program, ...more } = Object.fromEntries(
    kept,
  ) as unknown as Pipeline;
  const packages = use.filter((module) => module.startsWith("npm:")).sort(); // of files, their content counts
  const robot = use.filter(isRobot).map((module) => ({ ...robotSaid(module), mjcf: undefined })); // of files, as above
  const own = use.length === 0 ? {} : {
    packages,
    ...(robot.length === 0 ? {} : { robot }),
    sources: Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1)),
  };
  const said = { task, seed, networks: hashedNetworks(networks), program };
  const deciding = { ...said, ...changedOptions(pipeline, catalog), ...more, ...own };
  return createHash("sha256").update(textOf(deciding)).digest("hex");
};
