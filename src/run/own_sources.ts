/**
 * The sources of one's own modules in a run's folder: kept as they were, and compared with what is there now.
 *
 *   sources/…                 the local files as they were when the run began; pipeline.yaml has their SHA-256
 *   sources.after-000012/…    as they were when changes were accepted after iteration 12
 *   accepted.json             [{ iteration, sources: { name: SHA-256 } }]: which changes were accepted, the newest last
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { changedSources, hashesOf, sourceFiles } from "../config/modules.ts";
import type { Pipeline } from "../config/pipeline.ts";
import { UsageInvalid } from "../config/usage.ts";
import { writeFlushed, writeWhole, writing } from "../files/durable_file.ts";
import type { RunFolderUnwritable } from "../files/errors.ts";

type Using = Pick<Pipeline, "use" | "sources">;

const acceptedPath = (folder: string): string => join(folder, "accepted.json");

const acceptedSchema = Schema.fromJsonString(
  Schema.Array(Schema.Struct({
    iteration: Schema.Int,
    sources: Schema.Record(Schema.String, Schema.String),
  })),
);

type Accepted = typeof acceptedSchema.Type;

/** (folder) ⇒ changes that were accepted; none where there is no such file, or it cannot be read. */
const readAccepted = (folder: string): Accepted => {
  const path = acceptedPath(folder);
  if (!existsSync(path)) return [];
  const read = Effect.try(() => readFileSync(path, "utf8"));
  const decoded = Effect.flatMap(read, Schema.decodeEffect(acceptedSchema));
  return Effect.runSync(Effect.orElseSucceed(decoded, () => []));
};

/** Writes the modules' files below a folder that is made for them. */
export const writeSources = (folder: string, use: ReadonlyArray<string>): void => {
  for (const { name, text, bytes } of sourceFiles(use)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFlushed(path, bytes ?? text);
  }
};

/** (folder of a run or null, pipeline) ⇒ names of files that are others than it was begun, or last gone on, with. */
export const changedSince = (folder: string | null, { use, sources }: Using): ReadonlyArray<string> =>
  changedSources((folder === null ? undefined : readAccepted(folder).at(-1)?.sources) ?? sources, use);

const told = (changed: ReadonlyArray<string>): string =>
  changed.slice(0, 5).join(", ") + (changed.length > 5 ? ` and ${changed.length - 5} more` : "");

/** Warns where the modules are others than those that a run was trained with. */
export const warnOfChanges = (folder: string, pipeline: Using): Effect.Effect<void> =>
  Effect.suspend(() => {
    const changed = changedSince(folder, pipeline);
    return changed.length === 0 ? Effect.void : Console.error(
      `warning: modules of ${folder} have changed since it was trained: ${told(changed)} (as they were: ` +
        `${join(folder, "sources")})`,
    );
  });

/** Refuses modules that have changed since the pipeline was resolved. */
export const refuseChanges = (
  folder: string | null,
  pipeline: Using,
  advice: string,
): Effect.Effect<void, UsageInvalid> =>
  Effect.suspend(() => {
    const changed = changedSince(folder, pipeline);
    return changed.length === 0 ? Effect.void : Effect.fail(
      new UsageInvalid({
        message: `Cannot go on${folder === null ? "" : ` with ${folder}`} as its modules must be what they were: ` +
          `changed ${told(changed)}${advice}`,
      }),
    );
  });

/** Notes that the run goes on with its modules as they are now, and keeps their files. */
export const acceptChanges = (
  folder: string,
  pipeline: Using,
  iteration: number,
): Effect.Effect<void, RunFolderUnwritable> =>
  Effect.suspend(() => {
    const changed = changedSince(folder, pipeline);
    if (changed.length === 0) return Effect.void;
    const place = join(folder, `sources.after-${String(iteration).padStart(6, "0")}`);
    const note = { iteration, sources: hashesOf(pipeline.use) };
    const accept = writing(folder, () => {
      rmSync(place, { recursive: true, force: true });
      writeSources(place, pipeline.use);
      writeWhole(acceptedPath(folder), JSON.stringify([...readAccepted(folder), note], null, 1) + "\n");
    });
    return Effect.andThen(accept, Console.error(`warning: goes on with changed modules: ${told(changed)}`));
  });
