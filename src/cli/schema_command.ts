/**
 * `mscv schema`: the JSON Schemas that editors read.
 *
 * @module
 */
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { join } from "node:path";
import { withDefault } from "./given.ts";
import type { Application } from "./application.ts";
import { catalogWith, useFlag } from "./use_flag.ts";

const out = withDefault(
  Flag.String("out"),
  "Folder of pipeline.schema.json and ablation.schema.json",
  "pipelines",
);

/** (application) ⇒ the command `schema`. */
export const schemaCommand = (application: Application) =>
  Command.make("schema", { out, use: useFlag }, ({ out, use }) =>
    Effect.gen(function* () {
      const catalog = yield* catalogWith((yield* Effect.promise(application.load)).catalog, use);
      const { pipelineJsonSchema, printJsonSchema } = yield* Effect.promise(() => import("../config/json_schema.ts"));
      const { ablationJsonSchema } = yield* Effect.promise(() => import("../config/ablation_json_schema.ts"));
      const { writeWhole, writing } = yield* Effect.promise(() => import("../files/durable_file.ts"));
      for (const [kind, schema] of Object.entries({ pipeline: pipelineJsonSchema, ablation: ablationJsonSchema })) {
        const file = join(out, `${kind}.schema.json`);
        yield* writing(file, () => writeWhole(file, printJsonSchema(schema(catalog))));
        yield* Console.log(`Wrote ${file}`);
      }
    })).pipe(
      Command.withDescription("Write the JSON Schemas of pipeline and ablation files, for completion in editors"),
      Command.withExamples([{ command: "deno task schema", description: "Write those of the project's files anew" }, {
        command: "deno task schema --use my_task.ts --out .",
        description: "With the names of your own modules, into this folder",
      }]),
    );
