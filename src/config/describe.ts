/**
 * Stages and estimators in words: options with type, default and meaning, and the metrics they report.
 *
 * @module
 */
import type { AnyEstimator, Estimators } from "../estimators/estimator.ts";
import { textOf } from "../options/decode.ts";
import { recordOf } from "../options/options.ts";
import type { AnyStageDefinition, TaggedOptions } from "../stages/stage.ts";
import type { Task } from "../tasks/task.ts";
import { optionsOf } from "../tasks/task_options.ts";
import { type JsonSchema, optionsSchema, recordSchema, taskOptionsJsonSchema } from "./json_schema.ts";

const bounds = ({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: JsonSchema): string => {
  const parts = [
    ...(minimum === undefined ? [] : [`≥ ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`> ${exclusiveMinimum}`]),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? [] : [`≤ ${maximum}`]),
    ...(exclusiveMaximum === undefined ? [] : [`< ${exclusiveMaximum}`]),
  ];
  return parts.length === 0 ? "" : ` ${parts.join(", ")}`;
};

/** (JSON Schema) ⇒ a type in words: `integer > 0`, `gae | kStep`. */
export const describeType = (schema: JsonSchema): string => {
  if (schema.enum !== undefined) return schema.enum.join(" | ");
  if (schema.anyOf !== undefined) return schema.anyOf.map(describeType).join(" | ");
  if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map(describeType).join(", ")}]`;
  if (schema.properties !== undefined) return `map of ${Object.keys(schema.properties).join(", ")}`;
  if (schema.type === "array") return `list of ${describeType(schema.items ?? {})}`;
  return `${schema.type ?? "anything"}${bounds(schema)}`;
};

/** (default) ⇒ as YAML would write it, on one line. */
const showDefault = (value: unknown): string => textOf(value).replaceAll(/"(-?\.inf)"/g, "$1");

/** (name, its JSON Schema) ⇒ type, default and meaning. */
const describeOption = ([name, schema]: readonly [string, JsonSchema]): string => {
  const meaning = schema.description === undefined ? "" : `\n      ${schema.description}`;
  const byDefault = schema.default === undefined ? "required" : `default ${showDefault(schema.default)}`;
  return `    ${name}: ${describeType(schema)}; ${byDefault}${meaning}`;
};

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : [`  ${title}`, ...lines];

const describeMetrics = (of: string, metrics: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  section("metrics", Object.entries(metrics).map(([name, meaning]) => `    ${of}.${name}: ${meaning}`));

/** (tagged options) ⇒ what may be chosen, each with the names and defaults of its options. */
const describeVariants = ({ tag, byDefault, variants, summaries }: TaggedOptions): ReadonlyArray<string> =>
  Object.entries(variants).flatMap(([name, options]) => {
    const { properties = {} } = recordSchema(options);
    const listed = Object.entries(properties).filter(([option]) => option !== tag)
      .map(([option, schema]) => `${option} ${JSON.stringify(schema.default)}`).join(", ");
    return [
      `    ${name}${name === byDefault ? " (default)" : ""}: ${summaries[name]}`,
      `      ${listed === "" ? "no options" : listed}`,
    ];
  });

/** (definition) ⇒ summary, options and metrics. */
export const describeStage = (definition: AnyStageDefinition): string => {
  const { stageName, summary, tagged, metrics } = definition;
  const options = tagged === undefined
    ? section("options", Object.entries(optionsSchema(definition).properties ?? {}).map(describeOption))
    : [
      ...section(
        `options: ${tagged.tag}, and those of the ${tagged.tag}, with their defaults`,
        describeVariants(tagged),
      ),
      `  See what they mean: deno task ${tagged.tag}s <name>`,
    ];
  return [`${stageName}: ${summary}`, ...options, ...describeMetrics(stageName, metrics)].join("\n");
};

/** (estimator) ⇒ summary, networks that it reads, options and metrics. */
export const describeEstimator = ({ name, summary, reads, options, metrics }: AnyEstimator): string =>
  [
    `${name}: ${summary}`,
    `  networks: ${["policy", ...reads].join(", ")}`,
    ...section("options", Object.entries(recordSchema(recordOf(options)).properties ?? {}).map(describeOption)),
    ...describeMetrics("estimateGradient", metrics),
  ].join("\n");

/** (estimators) ⇒ one line an estimator. */
export const describeEstimators = (estimators: Estimators): string =>
  [
    ...Object.values(estimators).map(({ name, summary }) => `${name}: ${summary}`),
    "See one with its options: deno task estimators <name>",
  ].join("\n");

/** (task) ⇒ its options, for its description. */
export const describeTaskOptions = (task: Task): ReadonlyArray<string> =>
  section(
    "options, as taskOptions",
    Object.entries(taskOptionsJsonSchema(task).properties ?? {})
      .map(([name, schema]) => describeOption([name, { ...schema, default: optionsOf(task)[name] }])),
  );

/** (definitions) ⇒ one line a stage. */
export const describeStages = (stages: Readonly<Record<string, AnyStageDefinition>>): string =>
  [
    ...Object.values(stages).map((each) => `${each.stageName}: ${each.summary}`),
    "See one with its options: deno task stages <name>",
  ]
    .join("\n");
