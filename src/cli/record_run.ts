/**
 * Episodes of an evaluation, kept.
 * (run, evaluation) ⇒ JSON lines in a file
 *
 * @module
 */
import type * as Effect from "effect/Effect";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { makePlayer } from "../episode/player.ts";
import { recordLines } from "../episode/record_file.ts";
import { writeWhole, writing } from "../files/durable_file.ts";
import type { RunFolderUnwritable } from "../files/errors.ts";
import { fold, makeKey } from "../math/random.ts";
import type { Actions } from "../rollout/actions.ts";
import { networksOf } from "../run/networks_of.ts";
import { optionsOf } from "../tasks/task_options.ts";
import type { Run } from "../run/open_run.ts";

/** Which evaluation. */
export interface RecordRequest {
  readonly episodes: number;
  readonly actions: Actions;
  readonly seed: number;
  /** As the command line named the run. */
  readonly path: string;
}

/** Plays the episodes that `evaluate` has run, and writes them. Fails: RunFolderUnwritable. */
export const recordRun = (
  run: Run,
  file: string,
  { episodes, actions, seed, path }: RecordRequest,
): Effect.Effect<void, RunFolderUnwritable> =>
  writing(file, () => {
    const { task, pipeline: { use }, checkpoint: { iteration } } = run, networks = networksOf(run);
    const key = fold(makeKey(seed), "eval"), lines: string[] = [];
    for (let episode = 0; episode < episodes; episode++) {
      const player = makePlayer(task, networks, { key, index: episode, actions });
      const source = { task: task.name, options: optionsOf(task), use, run: path, iteration, actions, seed, episode };
      lines.push(...recordLines(task, player, source, task.timeLimit));
    }
    mkdirSync(dirname(file), { recursive: true });
    writeWhole(file, lines.join("\n") + "\n");
  });
