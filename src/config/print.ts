/**
 * A resolved pipeline as YAML, and its hash.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Document, isScalar, visit } from "yaml";
import { type Pipeline, taskOptionsDefaults } from "./pipeline.ts";

/** (pipeline) ⇒ the same as a file holds it. */
export const asWritten = ({ name, use, sources, program, ...rest }: Pipeline): Readonly<Record<string, unknown>> => ({
  name,
  ...(use.length === 0 ? {} : { use, sources }),
  ...rest,
  program: program.map(({ stage, options }) => ({ [stage]: options })),
});

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

const isDefault = (name: string, value: unknown): boolean =>
  JSON.stringify(value) === JSON.stringify(taskOptionsDefaults[name as keyof typeof taskOptionsDefaults]);

/**
 * Options of the task that are not at their default, so that a new option does not change the hashes of earlier runs.
 */
const changedOptions = (options: Pipeline["taskOptions"]): { readonly taskOptions?: unknown } => {
  const changed = Object.entries(options).filter(([name, value]) => !isDefault(name, value));
  return changed.length === 0 ? {} : { taskOptions: Object.fromEntries(changed) };
};

/** (pipeline) ⇒ SHA-256 of what decides its numbers: a run may go on for longer, but not with other options. */
export const hashPipeline = (pipeline: Pipeline): string => {
  const kept = Object.entries(pipeline).filter(([key]) => !(decidesNoNumbers as ReadonlyArray<string>).includes(key));
  const { use, sources, task, taskOptions, seed, networks, program, ...more } = Object.fromEntries(
    kept,
  ) as unknown as Pipeline;
  const packages = use.filter((module) => module.startsWith("npm:")).sort(); // of files, their content counts
  const own = use.length === 0
    ? {}
    : { packages, sources: Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1)) };
  const deciding = { task, seed, networks, program, ...changedOptions(taskOptions), ...more, ...own };
  return createHash("sha256").update(JSON.stringify(deciding)).digest("hex");
};
