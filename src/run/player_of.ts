/**
 * The policy of a run, acting in its task.
 * (run, which episode) ⇒ (player)
 *
 * @module
 */
import { type EpisodeRequest, makePlayer, type Player } from "../episode/player.ts";
import type { Run } from "./open_run.ts";

/** (run, request) ⇒ (player): policy, normaliser and value function of the run's checkpoint, at the first reset. */
export const playerOf = (
  { task, checkpoint: { state } }: Pick<Run, "task" | "checkpoint">,
  request: EpisodeRequest,
): Player => makePlayer(task, { policy: state.policy, normalizer: state.normalizer, value: state.value }, request);
