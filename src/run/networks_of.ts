/**
 * The networks of a run that act and judge.
 * (run) ⇒ (policy, normaliser, value function)
 *
 * @module
 */
import type { Networks } from "../episode/player.ts";
import type { Run } from "./open_run.ts";

/** (run) ⇒ networks of its checkpoint. */
export const networksOf = ({ checkpoint: { state } }: Pick<Run, "checkpoint">): Networks => ({
  policy: state.policy,
  normalizer: state.normalizer,
  value: state.value.first.network,
});
