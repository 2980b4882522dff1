/**
 * `mscv schema`: the JSON Schemas that editors read.
 *
 * @module
 */
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import { withDefault } from "./given.ts";
import type { Application } from "./application.ts";
import { catalogWith, useFlag } from "./use_flag.ts";
import { loadModule } from "../files/load_module.ts";

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
      const { writeSchemas } = yield* Effect.promise(() =>
        loadModule<typeof import("./write_schemas.ts")>(import.meta.resolve("./write_schemas.ts"))
      );
      yield* writeSchemas(catalog, out);
    })).pipe(
      Command.withDescription("Write the JSON Schemas of pipeline and ablation files, for completion in editors"),
      Command.withExamples([{ command: "deno task schema", description: "Write those of the project's files anew" }, {
        command: "deno task schema --use my_task.ts --out .",
        description: "With the names of your own modules, into this folder",
      }]),
    );
