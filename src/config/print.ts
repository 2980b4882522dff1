/**
 * A resolved pipeline as YAML, and its hash.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Document, isScalar, visit } from "yaml";
import type { Pipeline } from "./pipeline.ts";

/** (pipeline) ⇒ YAML that resolves to the same pipeline. */
export const printPipeline = (pipeline: Pipeline): string => {
  const { program, ...rest } = pipeline;
  const document = new Document({ ...rest, program: program.map(({ stage, options }) => ({ [stage]: options })) });
  visit(document, {
    Seq: (_, node) => {
      node.flow = node.items.every((item) => isScalar(item)); // hidden: [64, 64]
    },
  });
  return document.toString({ lineWidth: 120, flowCollectionPadding: false });
};

/** (pipeline) ⇒ SHA-256 of what decides its numbers: a run may go on for longer, but not with other options. */
export const hashPipeline = ({ task, seed, networks, program }: Pipeline): string =>
  createHash("sha256").update(JSON.stringify({ task, seed, networks, program })).digest("hex");
