/**
 * What `mscv schema` writes.
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { join } from "node:path";
import { ablationJsonSchema } from "../config/ablation_json_schema.ts";
import type { Catalog } from "../config/catalog.ts";
import { pipelineJsonSchema, printJsonSchema } from "../config/json_schema.ts";
import { writeWhole, writing } from "../files/durable_file.ts";
import { refuseForbidden } from "../sandbox/denials.ts";

/** (catalog, folder) ⇒ the JSON Schemas of pipelines and ablations, written there. */
export const writeSchemas = Effect.fnUntraced(function* (catalog: Catalog, folder: string) {
  yield* refuseForbidden(folder);
  for (const [kind, schema] of Object.entries({ pipeline: pipelineJsonSchema, ablation: ablationJsonSchema })) {
    const file = join(folder, `${kind}.schema.json`);
    yield* writing(file, () => writeWhole(file, printJsonSchema(schema(catalog))));
    yield* Console.log(`Wrote ${file}`);
  }
});
