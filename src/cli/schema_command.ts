/**
 * `mscv schema`: the JSON Schema that editors read.
 *
 * @module
 */
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import type { Application } from "./application.ts";

/** Where the schema of the project's pipelines lies. */
export const schemaFile = "pipelines/pipeline.schema.json";

const out = Flag.String("out").pipe(Flag.withDescription("File to write"), Flag.withDefault(schemaFile));

/** (application) ⇒ the command `schema`. */
export const schemaCommand = (application: Application) =>
  Command.make("schema", { out }, ({ out }) =>
    Effect.gen(function* () {
      const { catalog } = yield* Effect.promise(application.load);
      const { printJsonSchema } = yield* Effect.promise(() => import("../config/json_schema.ts"));
      const { writeWhole, writing } = yield* Effect.promise(() => import("../program/durable_file.ts"));
      yield* writing(out, () => writeWhole(out, printJsonSchema(catalog)));
      yield* Console.log(`Wrote ${out}`);
    })).pipe(
      Command.withDescription("Write the JSON Schema of pipeline files, for completion in editors"),
      Command.withExamples([{ command: "deno task schema", description: `Write ${schemaFile} anew` }]),
    );
