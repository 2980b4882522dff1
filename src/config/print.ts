/**
 * A resolved pipeline as YAML, and its hash.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Document, isCollection, type Node, visit } from "yaml";
import type { Pipeline } from "./pipeline.ts";

/** (pipeline) ⇒ YAML that resolves to the same pipeline. */
export const printPipeline = (pipeline: Pipeline): string => {
  const { program, ...rest } = pipeline;
  const document = new Document({ ...rest, program: program.map(({ stage, options }) => ({ [stage]: options })) });
  visit(document, {
    Collection: (_, node, path) => {
      if (path.length >= 7 || (path.length >= 5 && isCollection(node))) (node as Node & { flow: boolean }).flow = true;
    },
  });
  return document.toString({ lineWidth: 120 });
};

/** (pipeline) ⇒ SHA-256 of what decides its numbers: a run may go on for longer, but not with other options. */
export const hashPipeline = ({ task, seed, networks, program }: Pipeline): string =>
  createHash("sha256").update(JSON.stringify({ task, seed, networks, program })).digest("hex");
