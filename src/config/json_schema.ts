/**
 * The JSON Schema of pipeline files, from which editors complete and check.
 * (catalog) ⇒ JSON Schema, draft 2020-12
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { AnyStageDefinition } from "../stages/stage.ts";
import type { Catalog } from "./catalog.ts";
import { pipelineSchema } from "./pipeline.ts";

/** The part of JSON Schema that is used here. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: ReadonlyArray<unknown>;
  readonly anyOf?: ReadonlyArray<JsonSchema>;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: ReadonlyArray<string>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A, name: string) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]));

/** Unknown keys are refused here as they are when a file is read. */
const close = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  ...(schema.anyOf === undefined ? {} : { anyOf: schema.anyOf.map(close) }),
  ...(schema.items === undefined ? {} : { items: close(schema.items) }),
  ...(typeof schema.additionalProperties === "object"
    ? { additionalProperties: close(schema.additionalProperties) }
    : {}),
  ...(schema.properties === undefined ? {} : {
    properties: mapValues(schema.properties, close),
    additionalProperties: false,
  }),
});

const withDefaults = (schema: JsonSchema, defaults: unknown): JsonSchema => {
  if (schema.properties === undefined || defaults === null || typeof defaults !== "object") return schema;
  const values = defaults as Readonly<Record<string, unknown>>;
  return {
    ...schema,
    properties: mapValues(schema.properties, (property, name) => {
      const inner = withDefaults(property, values[name]);
      return inner.properties !== undefined || values[name] === undefined ? inner : { ...inner, default: values[name] };
    }),
  };
};

/** (schema) ⇒ JSON Schema that refuses unknown keys. */
export const closedSchema = (schema: Schema.Constraint): JsonSchema =>
  close(Schema.toJsonSchemaDocument(schema).schema as JsonSchema);

/** (definition) ⇒ JSON Schema of its options, defaults filled in. */
export const optionsSchema = ({ options }: AnyStageDefinition): JsonSchema => {
  const decode = Schema.decodeUnknownEffect(options as Schema.Codec<unknown, unknown>)({});
  const defaults = Effect.runSync(Effect.orElseSucceed(decode, () => ({})));
  return withDefaults(closedSchema(options), defaults);
};

const stageEntry = (name: string, definition: AnyStageDefinition): JsonSchema => ({
  type: "object",
  description: definition.summary,
  properties: { [name]: { ...optionsSchema(definition), description: definition.summary } },
  required: [name],
  additionalProperties: false,
});

/** (catalog) ⇒ JSON Schema of a pipeline file. */
export const pipelineJsonSchema = ({ stages, tasks }: Catalog): unknown => {
  const decoded = Effect.runSync(Schema.decodeUnknownEffect(pipelineSchema)({ task: "", evaluation: {}, program: [] }));
  const { name: _, task: __, program: ___, ...defaults } = decoded;
  const top = withDefaults(closedSchema(pipelineSchema), defaults);
  const names: JsonSchema = { type: "string", enum: Object.keys(stages) };
  const program = {
    type: "array",
    description: "Stages of one iteration, in order",
    minItems: 1,
    items: { anyOf: [...Object.entries(stages).map(([name, each]) => stageEntry(name, each)), names] },
  };
  const properties = {
    ...top.properties,
    task: { type: "string", enum: Object.keys(tasks), description: "What is learned" },
    program,
  };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "mscv pipeline",
    type: "object",
    properties: {
      extends: { type: "string", description: "Path of the pipeline that this one changes; one level deep" },
      ...properties,
      set: {
        type: "object",
        description: "Changes to options of stages, or to top-level keys",
        properties: { ...mapValues(stages, optionsSchema), ...properties },
        additionalProperties: false,
      },
    },
    anyOf: [{ required: ["extends"] }, { required: ["task", "program"] }],
    additionalProperties: false,
  };
};

/** (JSON Schema) ⇒ the file's text. */
export const printJsonSchema = (schema: unknown): string => JSON.stringify(schema, null, 2) + "\n";
