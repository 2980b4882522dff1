/**
 * Flags that the commands on sweeps share.
 *
 * @module
 */
import * as Flag from "effect/cli/Flag";
import { availableParallelism } from "node:os";
import { pipelineArgument } from "./given.ts";
import { storageVariable } from "../sweep/storage.ts";

/** The ablation file. */
export const ablationFile = pipelineArgument("ablation", "Ablation file, or the name of a built-in one");

/** Where the sweep is. */
export const sweepFolder = Flag.String("out").pipe(
  Flag.withDescription("Folder of the sweep (default: runs/<ablation>)"),
  Flag.optional,
);

/** Which database. */
export const storageFlag = Flag.String("storage").pipe(
  Flag.withDescription(
    `PostgreSQL database that runners share: postgres://user@host/database, its password in PGPASSWORD; ` +
      `or all of it in ${storageVariable}`,
  ),
  Flag.optional,
);

/** How many cells at a time. */
export const slotsFlag = Flag.Int("slots").pipe(
  Flag.withDescription("Cells trained at a time, each in a process of about 400 MB (default: one a core)"),
  Flag.withDefault(availableParallelism()),
);

/** Changes to every cell. */
export const setFlag = Flag.String("set").pipe(
  Flag.withDescription("Change one option of every cell: stage.option=value or key=value; may be repeated"),
  Flag.withMetavar("a.b=c"),
  Flag.atLeast(0),
);

/** How long each cell trains. */
export const iterationsFlag = Flag.Int("iterations").pipe(
  Flag.withDescription(
    "Iterations of the cells that it is about (default: those of the file); a longer sweep goes on from a shorter one",
  ),
  Flag.optional,
);

/** Which cells. */
export const onlyFlag = Flag.String("only").pipe(
  Flag.withDescription("Only these cells: task=hopper, variant=a,b or seed=0,1; may be repeated"),
  Flag.withMetavar("axis=value"),
  Flag.atLeast(0),
);
