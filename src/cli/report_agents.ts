/**
 * The agents that a report's page shows in motion.
 * (study) ⇒ (a part of the page): of each task the run that earns most now
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { fold, makeKey } from "../math/random.ts";
import { agentOf } from "../page/agent_of.ts";
import { agentPlace, agentPolicy, agentScriptElement } from "../page/agent_page.ts";
import { agentStyle } from "../page/style.ts";
import type { PagePart } from "../report/page.ts";
import type { Study, StudyRun } from "../report/study.ts";
import { listCheckpoints } from "../run/checkpoint.ts";
import type { Engine } from "../run/engine.ts";
import { openConfigured } from "../run/open_run.ts";
import { readNetworks } from "../run/read_networks.ts";
import { runFolderAt } from "../run/run_folder.ts";

const lastReturn = ({ history }: StudyRun): number =>
  history.findLast((each) => each.return !== null)?.return ?? -Infinity;

/** (study) ⇒ of each task the run with the highest last return. */
const shown = ({ runs }: Study): ReadonlyArray<StudyRun> =>
  [...Map.groupBy(runs.filter(({ history }) => history.length > 0), ({ task }) => task).values()]
    .map((some) => some.reduce((best, run) => lastReturn(run) > lastReturn(best) ? run : best));

/** (run) ⇒ its newest policy's place in a page. Fails where it cannot be read or played. */
const placeOf = Effect.fnUntraced(function* (engine: Engine, { folder, variant, seed }: StudyRun) {
  const { task } = yield* openConfigured(folder, engine), { checkpoints } = runFolderAt(folder);
  return yield* Effect.try(() => {
    const { iteration, networks } = readNetworks(checkpoints, listCheckpoints(checkpoints).at(-1) ?? 0, task);
    const name = variant === task.name ? variant : `${task.name}, ${variant}`;
    const title = `${name}, seed ${seed}, policy after iteration ${iteration}`;
    return agentPlace(agentOf(task, networks, { key: fold(makeKey(0), "eval"), actions: "mean" }, title), "mean");
  });
});

/** (study, engine) ⇒ (part of the page); null where no run has a checkpoint that can be shown. */
export const reportAgents: (study: Study, engine: Engine) => Effect.Effect<PagePart | null> = Effect.fnUntraced(
  function* (study, engine) {
    const tried = yield* Effect.forEach(shown(study), (run) => Effect.result(placeOf(engine, run)));
    const places = tried.flatMap((each) => each._tag === "Success" ? [each.success] : []);
    if (places.length === 0) return null;
    return {
      id: "agents",
      title: "The agents",
      html:
        `<p class="caption">Policies in motion: of each task the run whose last iterations earn most, by its mean ` +
        `action.</p>${places.join("")}${agentScriptElement}`,
      style: agentStyle,
      policy: agentPolicy,
    };
  },
);
