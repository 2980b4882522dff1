/**
 * Stages in words: options with type, default and meaning, and the metrics they report.
 *
 * @module
 */
import type { AnyStageDefinition } from "../stages/stage.ts";
import { type JsonSchema, optionsSchema } from "./json_schema.ts";

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
  if (schema.type === "array") return `list of ${describeType(schema.items ?? {})}`;
  return `${schema.type ?? "anything"}${bounds(schema)}`;
};

const describeOption = ([name, schema]: readonly [string, JsonSchema]): string => {
  const meaning = schema.description === undefined ? "" : `\n      ${schema.description}`;
  const byDefault = schema.default === undefined ? "required" : `default ${JSON.stringify(schema.default)}`;
  return `    ${name}: ${describeType(schema)}; ${byDefault}${meaning}`;
};

/** (definition) ⇒ summary, options and metrics. */
export const describeStage = (definition: AnyStageDefinition): string => {
  const options = Object.entries(optionsSchema(definition).properties ?? {}).map(describeOption);
  const metrics = Object.entries(definition.metrics)
    .map(([name, meaning]) => `    ${definition.stageName}.${name}: ${meaning}`);
  const section = (title: string, lines: ReadonlyArray<string>) => lines.length === 0 ? [] : [`  ${title}`, ...lines];
  return [
    `${definition.stageName}: ${definition.summary}`,
    ...section("options", options),
    ...section("metrics", metrics),
  ].join("\n");
};

/** (definitions) ⇒ one line a stage. */
export const describeStages = (stages: Readonly<Record<string, AnyStageDefinition>>): string =>
  [
    ...Object.values(stages).map((each) => `${each.stageName}: ${each.summary}`),
    "See one with its options: deno task stages <name>",
  ]
    .join("\n");
