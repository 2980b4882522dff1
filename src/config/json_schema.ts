/**
 * The JSON Schema of pipeline files, from which editors complete and check.
 * (catalog) ⇒ JSON Schema, draft 2020-12
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { textOf } from "../options/decode.ts";
import type { AnyStageDefinition, OptionsSchema, TaggedOptions } from "../stages/stage.ts";
import type { Task } from "../tasks/task.ts";
import { namesOfTasks } from "../tasks/task_names.ts";
import { optionsOf, taskOptionsSchema } from "../tasks/task_options.ts";
import type { Catalog } from "./catalog.ts";
import { pipelineSchema, simulatedNetworksSchema } from "./pipeline.ts";
import { robotSchema } from "./robot_schema.ts";

/** The part of JSON Schema that is used here. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: ReadonlyArray<unknown>;
  readonly const?: unknown;
  readonly anyOf?: ReadonlyArray<JsonSchema>;
  readonly allOf?: ReadonlyArray<JsonSchema>;
  readonly if?: JsonSchema;
  readonly then?: JsonSchema;
  readonly items?: JsonSchema;
  readonly prefixItems?: ReadonlyArray<JsonSchema>;
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

/** A number that may be infinite, as JSON would write it: in YAML it is a number like any other. */
const anyNumber = ({ anyOf = [] }: JsonSchema): boolean =>
  anyOf.some(({ type }) => type === "number") && anyOf.some(({ enum: names = [] }) => names.includes("Infinity"));

/** Unknown keys are refused here as they are when a file is read. */
const close = (schema: JsonSchema): JsonSchema => anyNumber(schema) ? { type: "number" } : closeParts(schema);

/** A schema with a check of its own has its description there. */
const describedBelow = ({ description, allOf = [] }: JsonSchema): Pick<JsonSchema, "description"> => {
  const found = description ?? allOf.find((each) => each.description !== undefined)?.description;
  return found === undefined ? {} : { description: found };
};

const closeParts = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  ...describedBelow(schema),
  ...(schema.prefixItems === undefined ? {} : { prefixItems: schema.prefixItems.map(close) }),
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

const hasJson = (value: unknown): boolean => textOf(value) === JSON.stringify(value); // infinite numbers have none

const withDefaults = (schema: JsonSchema, defaults: unknown): JsonSchema => {
  if (schema.properties === undefined || defaults === null || typeof defaults !== "object") return schema;
  const values = defaults as Readonly<Record<string, unknown>>;
  return {
    ...schema,
    properties: mapValues(schema.properties, (property, name) => {
      const inner = withDefaults(property, values[name]);
      return inner.properties !== undefined || values[name] === undefined || !hasJson(values[name])
        ? inner
        : { ...inner, default: values[name] };
    }),
  };
};

/** (schema) ⇒ JSON Schema that refuses unknown keys. */
export const closedSchema = (schema: Schema.Constraint): JsonSchema =>
  close(Schema.toJsonSchemaDocument(schema).schema as JsonSchema);

/** (schema of options) ⇒ JSON Schema, defaults filled in. */
export const recordSchema = (options: OptionsSchema): JsonSchema => {
  const decode = Schema.decodeUnknownEffect(options as Schema.Codec<unknown, unknown>)({});
  const defaults = Effect.runSync(Effect.orElseSucceed(decode, () => ({})));
  return withDefaults(closedSchema(options), defaults);
};

/** (tagged options) ⇒ JSON Schema of a program's entry: whoever reads it knows the tag, and with it the other options. */
const taggedSchema = ({ tag, byDefault, variants, summaries }: TaggedOptions): JsonSchema => ({
  type: "object",
  properties: { [tag]: { type: "string", enum: Object.keys(variants), default: byDefault } },
  allOf: Object.entries(variants).map(([name, options]): JsonSchema => ({
    if: { properties: { [tag]: { const: name } }, ...(name === byDefault ? {} : { required: [tag] }) },
    then: { ...recordSchema(options), description: summaries[name] },
  })),
});

/** (definition) ⇒ JSON Schema of its options in a program. */
export const optionsSchema = ({ options, tagged }: AnyStageDefinition): JsonSchema =>
  tagged === undefined ? recordSchema(options) : taggedSchema(tagged);

/** (definition) ⇒ JSON Schema of changes to its options: those of any tag, where the changes name none. */
const changesSchema = (definition: AnyStageDefinition): JsonSchema => {
  const { tagged } = definition;
  if (tagged === undefined) return optionsSchema(definition);
  return {
    anyOf: Object.entries(tagged.variants).map(([name, options]): JsonSchema => {
      const { required: _, ...record } = recordSchema(options);
      return { ...record, description: `${tagged.tag} ${name}: ${tagged.summaries[name]}` };
    }),
  };
};

const stageEntry = (name: string, definition: AnyStageDefinition): JsonSchema => ({
  type: "object",
  description: definition.summary,
  properties: { [name]: { ...optionsSchema(definition), description: definition.summary } },
  required: [name],
  additionalProperties: false,
});

/** (task) ⇒ JSON Schema of all of its options, with what each is where nobody says it. */
export const taskOptionsJsonSchema = (task: Task): JsonSchema =>
  withDefaults(closedSchema(taskOptionsSchema(task)), optionsOf(task));

/** (tasks) ⇒ for a file that names its task: the options are that one's. */
const byTask = (tasks: Catalog["tasks"]): ReadonlyArray<JsonSchema> =>
  Object.entries(tasks).map(([name, task]) => ({
    if: { properties: { task: { enum: namesOfTasks({ [name]: task }) } }, required: ["task"] },
    then: { properties: { taskOptions: taskOptionsJsonSchema(task) } },
  }));

/** (tasks) ⇒ JSON Schema of options where the task is named elsewhere: those of any. */
const optionsOfAnyTask = (tasks: Catalog["tasks"]): JsonSchema => ({
  description: "Changes to the options of the task",
  anyOf: Object.entries(tasks).map(([name, task]) => ({ ...taskOptionsJsonSchema(task), description: `of ${name}` })),
});

/** (networks where they are learned) ⇒ JSON Schema of the model: networks, or a simulator. */
const modelOf = ({ properties = {} }: JsonSchema): JsonSchema => {
  const { kind, ...learned } = properties.model.properties!;
  const simulator = closedSchema(simulatedNetworksSchema).properties!.model;
  return {
    anyOf: [
      { ...properties.model, properties: { kind: { ...kind, enum: ["network"] }, ...learned } },
      { ...simulator, required: ["kind"] },
    ],
  };
};

/** (catalog) ⇒ JSON Schema of a pipeline file. */
export const pipelineJsonSchema = ({ stages, tasks }: Catalog): unknown => {
  const decoded = Effect.runSync(Schema.decodeUnknownEffect(pipelineSchema)({ task: "", evaluation: {}, program: [] }));
  const { name: _, task: __, taskOptions: ___, program: ____, ...defaults } = decoded;
  const top = withDefaults(closedSchema(pipelineSchema), defaults), networks = top.properties!.networks;
  const names: JsonSchema = { type: "string", enum: Object.keys(stages) };
  const program = {
    type: "array",
    description: "Stages of one iteration, in order",
    minItems: 1,
    items: { anyOf: [...Object.entries(stages).map(([name, each]) => stageEntry(name, each)), names] },
  };
  const properties = {
    ...top.properties,
    task: {
      description: "What is learned: a task by its name, or a robot of your own",
      anyOf: [{ type: "string", enum: namesOfTasks(tasks) }, closedSchema(robotSchema)],
    },
    taskOptions: optionsOfAnyTask(tasks),
    networks: { ...networks, properties: { ...networks.properties, model: modelOf(networks) } },
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
        properties: { ...mapValues(stages, changesSchema), ...properties },
        additionalProperties: false,
      },
    },
    anyOf: [{ required: ["extends"] }, { required: ["task", "program"] }],
    allOf: byTask(tasks),
    additionalProperties: false,
  };
};

/** (JSON Schema) ⇒ the file's text. */
export const printJsonSchema = (schema: unknown): string => JSON.stringify(schema, null, 2) + "\n";
