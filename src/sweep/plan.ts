/**
 * From an ablation to the manifest of its sweep.
 * (ablation, manifest before) ⇒ (manifest)
 *
 * @module
 */
import type { Ablation, AblationCell } from "../config/ablation_schema.ts";
import { hashPipeline } from "../config/print.ts";
import { cellFolder, type Manifest, type ManifestCell, manifestVersion } from "./manifest.ts";

const planCell = ({ task, variant, axes, seed, pipeline }: AblationCell): ManifestCell => {
  const pipelineHash = hashPipeline(pipeline);
  const id = `${task}-${variant}-s${seed}-${pipelineHash.slice(0, 8)}`;
  const { iterations, threshold = null } = pipeline;
  return { id, task, variant, axes, seed, pipelineHash, iterations, threshold, attempt: 1, folder: cellFolder(id) };
};

/**
 * (ablation, its file, new unique key, manifest before or null) ⇒ (manifest): cells that were there keep their attempt.
 */
export const planSweep = (ablation: Ablation, file: string, sweep: string, before: Manifest | null): Manifest => {
  const attempts = new Map(before?.cells.map(({ id, attempt }) => [id, attempt]));
  return {
    version: manifestVersion,
    sweep: before?.sweep ?? sweep,
    name: ablation.name,
    file,
    compare: ablation.compare,
    cells: ablation.cells.map(planCell).map((cell) => ({ ...cell, attempt: attempts.get(cell.id) ?? cell.attempt })),
  };
};
