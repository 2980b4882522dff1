/**
 * From an ablation to the manifest of its sweep.
 * (ablation, manifest before) ⇒ (manifest)
 *
 * @module
 */
import type { Ablation, AblationCell } from "../config/ablation_schema.ts";
import type { Catalog } from "../config/catalog.ts";
import { hashPipeline } from "../config/print.ts";
import { cellFolder, type Manifest, type ManifestCell, manifestVersion } from "./manifest.ts";

const planCell = ({ task, variant, axes, seed, pipeline }: AblationCell, catalog: Catalog): ManifestCell => {
  const pipelineHash = hashPipeline(pipeline, catalog);
  const id = `${task}-${variant}-s${seed}-${pipelineHash.slice(0, 8)}`;
  const { iterations, threshold = null } = pipeline;
  return { id, task, variant, axes, seed, pipelineHash, iterations, threshold, attempt: 1, folder: cellFolder(id) };
};

/**
 * (ablation, its file, new unique key, manifest before or null, catalog) ⇒ (manifest): cells that were there keep their attempt.
 */
export const planSweep = (
  ablation: Ablation,
  file: string,
  sweep: string,
  before: Manifest | null,
  catalog: Catalog,
): Manifest => {
  const attempts = new Map(before?.cells.map(({ id, attempt }) => [id, attempt]));
  return {
    version: manifestVersion,
    sweep: before?.sweep ?? sweep,
    name: ablation.name,
    file,
    compare: ablation.compare,
    cells: ablation.cells.map((cell) => planCell(cell, catalog)).map((cell) => ({
      ...cell,
      attempt: attempts.get(cell.id) ?? cell.attempt,
    })),
  };
};
