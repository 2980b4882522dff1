/**
 * The JSON Schema of ablation files, beside that of pipelines.
 * (catalog) ⇒ JSON Schema, draft 2020-12
 *
 * @module
 */
import { ablationSchema, sharedKeys } from "./ablation_schema.ts";
import type { Catalog } from "./catalog.ts";
import { closedSchema, type JsonSchema, pipelineJsonSchema } from "./json_schema.ts";

/** (catalog) ⇒ JSON Schema of an ablation file. */
export const ablationJsonSchema = (catalog: Catalog): unknown => {
  const own = closedSchema(ablationSchema).properties ?? {};
  const { properties: pipeline } = pipelineJsonSchema(catalog) as { properties: Record<string, JsonSchema> };
  const axes = own.axes.properties ?? {};
  const variant = { ...(axes.variant.additionalProperties as JsonSchema) };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "mscv ablation",
    type: "object",
    properties: {
      ...own,
      ...Object.fromEntries(sharedKeys.map((key) => [key, pipeline[key]])),
      axes: {
        ...own.axes,
        properties: {
          ...axes,
          task: { ...axes.task, items: pipeline.task },
          variant: {
            ...axes.variant,
            additionalProperties: { ...variant, properties: { ...variant.properties, set: pipeline.set } },
          },
        },
      },
      set: pipeline.set,
    },
    required: ["axes"],
    additionalProperties: false,
  };
};
