/**
 * `--peer`: logs of other tools as variants of a report.
 * (texts, runs of the study) ⇒ (runs)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { readFileSync } from "node:fs";
import { UsageInvalid } from "../config/usage.ts";
import { didYouMean } from "../options/did_you_mean.ts";
import { reasonOf } from "../files/reason.ts";
import { type PeerLog, readCurve, readMonitor } from "../interchange/peer_logs.ts";
import type { StudyRun } from "../report/study.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import { taskName, type Tasks } from "../tasks/task_names.ts";
import { givenPath } from "./given.ts";

/** What a text says; what it leaves out is the default. */
const defaults = { variant: "", task: "", seed: "0", file: "", every: "5000", tag: "rollout/ep_rew_mean" };
type Said = typeof defaults;

const refuse = (text: string, reason: string): Effect.Effect<never, UsageInvalid> =>
  Effect.fail(new UsageInvalid({ message: `Cannot report on --peer ${text} as ${reason}` }));

const parse = Effect.fnUntraced(function* (text: string) {
  const said: Record<string, string> = {};
  for (const part of text.split(",")) {
    const equals = part.indexOf("="), key = part.slice(0, equals);
    if (equals < 1) return yield* refuse(text, "it must look like variant=ppo,task=hopper,seed=0,file=monitor.csv");
    if (!Object.hasOwn(defaults, key)) {
      return yield* refuse(text, `"${key}" must be a key: ${didYouMean(key, Object.keys(defaults))}`);
    }
    said[key] = part.slice(equals + 1);
  }
  const whole: Said = { ...defaults, ...said };
  for (const key of ["variant", "file"] as const) {
    if (whole[key] === "") return yield* refuse(text, `${key} must be given`);
  }
  if (!/^\d+$/.test(whole.seed)) {
    return yield* refuse(text, `seed must be a whole number: current value is ${whole.seed}`);
  }
  if (!(Number(whole.every) > 0)) return yield* refuse(text, `every must be steps: current value is ${whole.every}`);
  return whole;
});

const read = ({ file, every, tag }: Said): PeerLog =>
  /tfevents/.test(file)
    ? readCurve(new Uint8Array(readFileSync(file)), tag)
    : readMonitor(readFileSync(file, "utf8"), Number(every));

/** (text, runs of the study, tasks) ⇒ its run: as long as its file, with the threshold that others on its task have. */
const readPeer = Effect.fnUntraced(function* (text: string, runs: ReadonlyArray<StudyRun>, tasks: Tasks) {
  const parsed = yield* parse(text), said = { ...parsed, file: givenPath(parsed.file) };
  yield* refuseForbidden(said.file, ["read"]);
  const { environment, history } = yield* Effect.try({
    try: () => read(said),
    catch: (error) =>
      new UsageInvalid({
        message: `Cannot report on ${said.file} as it must be a monitor.csv or an event file: ${reasonOf(error)}`,
      }),
  });
  const named = said.task !== "" ? said.task : environment;
  if (named === null) return yield* refuse(text, "task must be given: the file names no environment");
  const task = taskName(tasks, named) ?? named, known = Object.hasOwn(tasks, task) ? tasks[task].threshold : undefined;
  return {
    ...{ task, variant: said.variant, seed: Number(said.seed), state: "done", error: null, folder: said.file },
    iterations: history.length,
    threshold: runs.find((run) => run.task === task)?.threshold ?? known ?? null,
    history: history.map((record) => ({ ...record, metrics: {}, seconds: { total: 0 } })),
  } satisfies StudyRun;
});

/** (texts of --peer, runs of the study, tasks) ⇒ the runs that they name. Fails: UsageInvalid. */
export const readPeers = (
  texts: ReadonlyArray<string>,
  runs: ReadonlyArray<StudyRun>,
  tasks: Tasks,
): Effect.Effect<ReadonlyArray<StudyRun>, UsageInvalid> => Effect.forEach(texts, (text) => readPeer(text, runs, tasks));
