/**
 * Episodes as JSON lines, which `render` and `replay` take: for each a first line that says what follows and where it begins,
 * then one line a step.
 *
 *   {"format":"mscv episode","version":1,"task":"hopper","options":{"processNoise":0},"use":[],"run":"runs/a","iteration":60,"actions":"mean","seed":0,
 *    "episode":0,"qpos":[…],"qvel":[…]}
 *   {"action":[…],"obs":[…],"reward":1.2,"terminated":false,"truncated":false,"qpos":[…],"qvel":[…]}
 *
 * An option that is infinite is ".inf" or "-.inf". Actions are as they acted but for a task's process noise; observations are the task's own. Numbers keep every bit.
 *
 * @module
 */
import { fromText, textOf } from "../options/decode.ts";
import { joinState, splitState } from "../tasks/simulator.ts";
import type { Task } from "../tasks/task.ts";
import { type TaskOptions, withTaskOptions } from "../tasks/task_options.ts";
import type { Player } from "./player.ts";
import { type EpisodeEnd, type Moment, posesOf, recordedScene, type Recording, secondsOf } from "./recording.ts";

const FORMAT = "mscv episode", VERSION = 1;

/** Where an episode comes from. */
export interface EpisodeSource {
  /** Name of the task. */
  readonly task: string;
  /** All options of the task. */
  readonly options: TaskOptions;
  /** Modules of one's own that it needs. */
  readonly use: ReadonlyArray<string>;
  /** Run folder or checkpoint, as it was named. */
  readonly run: string;
  /** Iterations behind the policy. */
  readonly iteration: number;
  /** "mean" or "sampled". */
  readonly actions: string;
  /** Of resets and actions. */
  readonly seed: number;
  /** From 0. */
  readonly episode: number;
}

/** One step that was recorded. */
export interface RecordedStep {
  /** [act] */
  readonly action: ReadonlyArray<number>;
  /** Exact. */
  readonly reward: number;
  /** Whether the state after it is terminal. */
  readonly terminated: boolean;
  /** Whether the time limit was reached. */
  readonly truncated: boolean;
  /** [stateSize] after the step, by its parts */
  readonly state: Readonly<Record<string, ReadonlyArray<number>>>;
}

/** An episode that was read back. */
export interface RecordedEpisode {
  /** Its first line. */
  readonly source: EpisodeSource;
  /** The first state by its parts. */
  readonly start: Readonly<Record<string, ReadonlyArray<number>>>;
  /** In order. */
  readonly steps: ReadonlyArray<RecordedStep>;
}

const partsOf = (task: Pick<Task, "simulator">, state: Float64Array) =>
  Object.fromEntries(Object.entries(splitState(task.simulator, state)).map(([name, values]) => [name, [...values]]));

/** (player at a reset, most steps) ⇒ the lines of the episode that begins there, one after the other. */
export function* recordLines(task: Task, player: Player, source: EpisodeSource, steps: number): Generator<string> {
  yield textOf({ format: FORMAT, version: VERSION, ...source, ...partsOf(task, player.state) });
  for (let t = 0; t < steps; t++) {
    const { action, reward, terminated, truncated } = player.step();
    const after = { obs: [...player.observation], reward, terminated, truncated, ...partsOf(task, player.state) };
    yield JSON.stringify({ action: [...action], ...after });
    if (terminated || truncated) return;
  }
}

type Fields = Readonly<Record<string, unknown>>;

const isNumbers = (value: unknown): value is ReadonlyArray<number> =>
  Array.isArray(value) && value.every((x) => typeof x === "number" && Number.isFinite(x));

const refuse = (line: number, flaw: string): never => {
  throw new RangeError(`Cannot read line ${line} of an episode as ${flaw}`);
};

const parseObject = (text: string, line: number): Fields => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  } catch {
    // told below
  }
  return refuse(line, "it must be one JSON object: it is cut off, or something else");
};

/** (fields, those that are none of a state) ⇒ the parts of the state. */
const stateIn = (fields: Fields, others: ReadonlyArray<string>, line: number) => {
  const parts = Object.entries(fields).filter(([name]) => !others.includes(name));
  const bad = parts.find(([, values]) => !isNumbers(values));
  if (bad !== undefined) refuse(line, `${bad[0]} must be an array of numbers`);
  return Object.fromEntries(parts) as Readonly<Record<string, ReadonlyArray<number>>>;
};

const SOURCE = ["task", "options", "use", "run", "iteration", "actions", "seed", "episode"] as const;

const parseSource = (fields: Fields, line: number): RecordedEpisode["source"] => {
  if (fields.version !== VERSION) {
    refuse(line, `its version must be ${VERSION}: current value is ${JSON.stringify(fields.version)}`);
  }
  const { task, options, use, run, iteration, actions, seed, episode } = fields;
  const texts = [task, run, actions].every((each) => typeof each === "string");
  const counts = [iteration, seed, episode].every((each) => Number.isSafeInteger(each));
  const changes = typeof options === "object" && options !== null && "processNoise" in options;
  const modules = Array.isArray(use) && use.every((each) => typeof each === "string");
  if (!texts || !counts || !modules || !changes) refuse(line, `it must have ${SOURCE.join(", ")}`);
  const whole = fromText(JSON.stringify(options));
  return { task, options: whole, use, run, iteration, actions, seed, episode } as EpisodeSource;
};

const STEP = ["action", "obs", "reward", "terminated", "truncated"] as const;

const parseStep = (fields: Fields, line: number): RecordedStep => {
  const { action, reward, terminated, truncated } = fields;
  if (!isNumbers(action)) return refuse(line, "action must be an array of numbers");
  if (typeof reward !== "number" || typeof terminated !== "boolean" || typeof truncated !== "boolean") {
    return refuse(line, "it must have reward, terminated and truncated");
  }
  return { action, reward, terminated, truncated, state: stateIn(fields, STEP, line) };
};

/** (text of a file) ⇒ its episodes. Throws a RangeError that names the line. */
export const parseEpisodes = (text: string): ReadonlyArray<RecordedEpisode> => {
  const episodes: Array<RecordedEpisode & { readonly steps: RecordedStep[] }> = [];
  text.replace(/^\uFEFF/, "").split("\n").forEach((each, i) => {
    if (each.trim() === "") return;
    const fields = parseObject(each, i + 1);
    if (fields.format === FORMAT) {
      const start = stateIn(fields, ["format", "version", ...SOURCE], i + 1);
      episodes.push({ source: parseSource(fields, i + 1), start, steps: [] });
    } else if (episodes.length === 0) {
      refuse(i + 1, `its format must be "${FORMAT}": current value is ${JSON.stringify(fields.format) ?? "nothing"}`);
    } else episodes.at(-1)!.steps.push(parseStep(fields, i + 1));
  });
  if (episodes.length === 0) throw new RangeError("Cannot read episodes as there must be one: the file is empty");
  return episodes;
};

const endOf = (last: RecordedStep | undefined): EpisodeEnd =>
  last?.terminated ? "terminated" : last?.truncated ? "truncated" : "stopped";

/**
 * (task by its name, recorded episode, most steps) ⇒ (recording): the states as they were recorded, nothing is simulated.
 *
 * Throws a RangeError where a state is none of the task's.
 */
export const recordingOf = (named: Task, { source, start, steps }: RecordedEpisode, most: number): Recording => {
  const task = withTaskOptions(named, source.options);
  const kept = steps.slice(0, most), states = [start, ...kept.map(({ state }) => state)];
  const place = posesOf(task);
  const moments = states.map((parts, t): Moment => {
    const state = joinState(task.simulator, parts, "show an episode"), taken = kept[t];
    const { poses, observation } = place(state);
    return {
      state: [...state],
      poses,
      observation,
      value: null,
      action: taken?.action ?? null,
      reward: taken?.reward ?? null,
    };
  });
  return { task: task.name, seconds: secondsOf(task), scene: recordedScene(task), moments, end: endOf(kept.at(-1)) };
};
