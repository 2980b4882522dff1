/**
 * Whole trainings, ours and the peers': after how many steps and seconds a mean training return is reached.
 *
 * The training return is the mean of the episodes that ended within the last 5000 steps: a batch of ours, a window of the
 * peers'. Both sides stop at the last threshold, or at the limit of steps or seconds: what was not reached by then is
 * censored, and shown as later than that limit.
 *
 * @module
 */
import { padded, widest } from "../../../src/report/table.ts";
import { type Process, start } from "./protocol.ts";

const WINDOW = 5000;

/** When a threshold was reached. */
export interface Met {
  readonly steps: number;
  readonly seconds: number;
}

/** Limits of one training, and what is looked for. */
export interface Search {
  readonly seed: number;
  readonly thresholds: ReadonlyArray<number>;
  readonly steps: number;
  readonly seconds: number;
}

/** What our process is asked. */
export interface TrainingRequest extends Search {
  readonly pipeline: string;
}

/** What either side answers. */
export interface TrainingAnswer {
  /** seconds in all */
  readonly value: number;
  readonly steps: number;
  /** by threshold; null: not reached */
  readonly met: ReadonlyArray<Met | null>;
  /** highest training return; null where no episode ended */
  readonly best: number | null;
}

/** A method, and what asks its process to train. */
interface Method {
  readonly name: string;
  readonly side: "ours" | "peer";
  readonly asked: (task: string) => Readonly<Record<string, unknown>>;
}

const ours = (name: string, kind: string): Method => ({
  name,
  side: "ours",
  asked: (task) => ({ pipeline: `${task}_${kind}.yaml` }),
});

const peer = (name: string, algorithm: string): Method => ({
  name,
  side: "peer",
  asked: (task) => ({ algorithm, task: ids[task], window: WINDOW }),
});

const methods: ReadonlyArray<Method> = [
  ours("mscv, TRPO", "trpo"),
  ours("mscv, MSCV", "mscv"),
  peer("sb3-contrib, TRPO", "trpo"),
  peer("SB3, PPO", "ppo"),
];

const ids: Readonly<Record<string, string>> = { hopper: "Hopper-v5", walker2d: "Walker2d-v5" };

const goals: Readonly<Record<string, ReadonlyArray<number>>> = { hopper: [1000, 2000, 3000], walker2d: [1000, 2500] };

/** One method's trainings on one task. */
export interface Trainings {
  readonly task: string;
  readonly method: string;
  readonly thresholds: ReadonlyArray<number>;
  /** by seed */
  readonly answers: ReadonlyArray<TrainingAnswer>;
}

/** How far trainings go. */
export interface Extent {
  readonly seeds: number;
  readonly steps: number;
  readonly seconds: number;
  readonly only: RegExp;
}

const thousands = (steps: number): string => `${Math.round(steps / 1000).toLocaleString("en-US")}k`;

/** (threshold's number, answer) ⇒ "3.5 s, 145k steps", or what it is later than. */
const reached = (i: number, { met, value, steps }: TrainingAnswer): string => {
  const at = met[i];
  return at === null
    ? `> ${value.toFixed(0)} s, ${thousands(steps)}`
    : `${at.seconds.toFixed(1)} s, ${thousands(at.steps)}`;
};

/** (answer) ⇒ "1.21 s": the mean over the whole training, collection and fits included. */
const pace = ({ value, steps }: TrainingAnswer): string => `${(value * WINDOW / steps).toFixed(2)} s`;

/** (trainings) ⇒ lines of a Markdown table, a task, threshold and method each, then their pace, its seeds side by side. */
export const trainingLines = (all: ReadonlyArray<Trainings>): string[] => {
  const seeds = Math.max(...all.map(({ answers }) => answers.length));
  const head = ["task", "return", "method", ...Array.from({ length: seeds }, (_, seed) => `seed ${seed}`)];
  const rows = [...new Set(all.map(({ task }) => task))].flatMap((task) => {
    const of = all.filter((trainings) => trainings.task === task);
    const rowsOf = (what: string, shown: (answer: TrainingAnswer) => string) =>
      of.map(({ method, answers }) => [task, what, method, ...answers.map(shown)]);
    return [
      ...of[0].thresholds.flatMap((threshold, i) => rowsOf(`${threshold}`, (answer) => reached(i, answer))),
      ...rowsOf(`${WINDOW} steps`, pace),
    ];
  });
  const widths = head.map((_, c) => widest([head, ...rows].map((row) => row[c] ?? "")));
  const line = (cells: ReadonlyArray<string>) =>
    `| ${widths.map((w, c) => padded(cells[c] ?? "", w, c < 3 ? "left" : "right")).join(" | ")} |`;
  return [
    line(head),
    `| ${widths.map((w, c) => (c < 3 ? "-".repeat(w) : `${"-".repeat(w - 1)}:`)).join(" | ")} |`,
    ...rows.map(line),
  ];
};

const path = (script: string) => new URL(script, import.meta.url).pathname;

/** (Python, extent, versions that are added to) ⇒ all trainings, one after the other, the methods of a seed in turn. */
export const measureTrainings = async (
  python: string,
  { seeds, steps, seconds, only }: Extent,
  versions: Record<string, string>,
): Promise<ReadonlyArray<Trainings>> => {
  const any = Object.keys(goals).some((task) => methods.some(({ name }) => only.test(`${task} ${name}`)));
  if (!any) throw new RangeError(`Cannot bench as --only must match a training: none has ${only}`);
  const processes: Readonly<Record<Method["side"], Process>> = {
    ours: start("ours", Deno.execPath(), ["run", "--allow-all", "--quiet", path("our_trainings.ts")], {}),
    peer: start("the peers", python, [path("trainings.py")], { CUDA_VISIBLE_DEVICES: "" }),
  };
  for (const process of Object.values(processes)) {
    Object.assign(versions, (await process.ask({ case: "versions" })).versions);
  }
  const found: Trainings[] = [];
  for (const [task, thresholds] of Object.entries(goals)) {
    const chosen = methods.filter(({ name }) => only.test(`${task} ${name}`));
    const answers = chosen.map((): TrainingAnswer[] => []);
    for (let seed = 0; seed < seeds; seed++) {
      for (const [m, { name, side, asked }] of chosen.entries()) {
        const request = { case: "train", ...asked(task), seed, thresholds, steps, seconds };
        const answer = await processes[side].ask(request) as unknown as TrainingAnswer;
        answers[m].push(answer);
        console.log(
          `${task}, ${name}, seed ${seed}: ${thresholds.map((_, i) => reached(i, answer)).join(" | ")}; ${
            pace(answer)
          }`,
        );
      }
    }
    found.push(...chosen.map(({ name }, m) => ({ task, method: name, thresholds, answers: answers[m] })));
  }
  await Promise.all(Object.values(processes).map((process) => process.stop()));
  return found;
};
