/**
 * The JSON Schema of ablation files, beside that of pipelines.
 * (catalog) ⇒ JSON Schema, draft 2020-12
 *
 * @module
 */
import { ablationSchema, axisSchemas, sharedKeys } from "./ablation_schema.ts";
import type { Catalog } from "./catalog.ts";
import { closedSchema, type JsonSchema, pipelineJsonSchema } from "./json_schema.ts";

/** (catalog) ⇒ JSON Schema of an ablation file. */
export const ablationJsonSchema = (catalog: Catalog): unknown => {
  const own = closedSchema(ablationSchema).properties ?? {};
  const { properties: pipeline } = pipelineJsonSchema(catalog) as { properties: Record<string, JsonSchema> };
  const [task, seed, variants] = [axisSchemas.task, axisSchemas.seed, axisSchemas.variants].map(closedSchema);
  const variant = variants.additionalProperties as JsonSchema;
  const named = {
    ...variants,
    additionalProperties: { ...variant, properties: { ...variant.properties, set: pipeline.set } },
  };
  const values: JsonSchema = {
    type: "object",
    description: "Option of a stage: its values, as in { collect.steps: [1000, 5000] }",
    additionalProperties: { type: "array" },
  };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "mscv ablation",
    type: "object",
    properties: {
      ...own,
      ...Object.fromEntries(sharedKeys.map((key) => [key, pipeline[key]])),
      axes: {
        type: "object",
        description: "Tasks, seeds, and any number of axes that change the pipeline: cells are their product",
        properties: {
          task: { ...task, items: pipeline.task },
          variant: named,
          seed: { ...seed, default: [0, 1, 2, 3, 4] },
        },
        additionalProperties: { anyOf: [named, values] },
      },
      set: pipeline.set,
    },
    required: ["axes"],
    additionalProperties: false,
  };
};
