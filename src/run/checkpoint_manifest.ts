/**
 * `manifest.json` of a checkpoint: what the tensors belong to, and the checksums that prove them whole.
 *
 * @module
 */
import * as Schema from "effect/Schema";
import type { Structure } from "./checkpoint_tensors.ts";
import { checksum, count, decoder } from "../files/decode_json.ts";
import { sha256 } from "../files/durable_file.ts";

/**
 * Version of the layout; a reader refuses any other. Before 3, normalisers had no bound and batches of Hopper and Walker2d
 * held clipped velocities: read as if there were none, a policy would see what it was not trained on. Before 4, environments
 * held `qpos` and `qvel` apart. Before 5, what is fitted twice, and members of an ensemble, stood within the parameters.
 */
export const schemaVersion = 5;

/** Content of the file, besides its own `checksum`. */
export interface Manifest {
  readonly version: typeof schemaVersion;
  /** Iterations done. */
  readonly iteration: number;
  readonly steps: number;
  readonly seed: number;
  readonly pipelineHash: string;
  /** SHA-256 of state.safetensors. */
  readonly stateChecksum: string;
  /** Numbers, shapes and activations; arrays as names of tensors. */
  readonly state: Structure;
  /** SHA-256 of the memory's files, oldest first. */
  readonly batches: ReadonlyArray<string>;
}

/** (manifest) ⇒ (text), sealed by a checksum of itself. */
export const printManifest = (manifest: Manifest): string =>
  JSON.stringify({ ...manifest, checksum: sha256(JSON.stringify(manifest)) }, null, 1) + "\n";

const structure: Schema.Codec<Structure> = Schema.Unknown as Schema.Codec<unknown> as Schema.Codec<Structure>;

const decodeManifest = decoder(
  Schema.Struct({
    version: Schema.Literal(schemaVersion),
    iteration: count,
    steps: count,
    seed: count,
    pipelineHash: Schema.String,
    stateChecksum: checksum,
    state: structure, // compared with the pipeline's
    batches: Schema.Array(checksum),
  }),
);

const parseJson = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new Error("manifest.json must be whole JSON: it is cut off or damaged");
};

/** (text) ⇒ (manifest). Throws on another version, a cut-off file, a wrong checksum or a part of another form. */
export const parseManifest = (text: string): Manifest => {
  const { checksum, ...manifest } = parseJson(text);
  if (manifest.version !== schemaVersion) {
    throw new Error(`its schema version must be ${schemaVersion}: it is ${JSON.stringify(manifest.version)}`);
  }
  if (sha256(JSON.stringify(manifest)) !== checksum) throw new Error("manifest.json has a wrong checksum");
  return decodeManifest(manifest);
};
