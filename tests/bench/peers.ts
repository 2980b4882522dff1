/**
 * Everything beside the peers, on this machine: native MuJoCo, PyTorch, Gymnasium, sb3-contrib.
 *
 *   deno task bench:peers [--only PATTERN] [--rounds N] [--quick] [--json FILE]
 *   deno task bench:peers --trainings [--seeds N] [--steps N] [--seconds N] [--only PATTERN] [--json FILE]
 *
 * The peers' Python packages are installed on first use into .venv, or into the folder that the environment variable
 * MSCV_VENV names (see peers/python.ts). Each side is a process that stays alive; rows of a group are interleaved over the
 * rounds and medians taken. Both sides run one thread unless a row says otherwise. Ours uses BLAS where it is found, as
 * every run does, unless a row says "without BLAS". `--trainings` trains to thresholds of return instead: a quarter of an
 * hour a seed.
 */
import { parseArgs } from "@std/cli";
import { measure, type Measured } from "./peers/measure.ts";
import { preparePython, PythonMissing } from "./peers/python.ts";
import { type Effort, type Row, rows } from "./peers/rows.ts";
import { jsonRows, stageLines, tableLines } from "./peers/table.ts";
import { type Extent, measureTrainings, trainingLines } from "./peers/trainings.ts";

const LEAST_ROUNDS = 5; // for figures that are worth quoting
const full: Effort = { seconds: 0.4, memoryIterations: 25, warmUpIterations: 6 };
const quick: Effort = { seconds: 0.1, memoryIterations: 3, warmUpIterations: 1 };

interface Options {
  readonly only: RegExp;
  readonly rounds: number;
  readonly effort: Effort;
  readonly json: string | undefined;
  /** null: rows of the table, not whole trainings */
  readonly trainings: Omit<Extent, "only"> | null;
}

const refuse = (arg: string): never => {
  throw new RangeError(
    "Cannot bench as arguments must be --only, --rounds, --quick, --json, --trainings, --seeds, --steps or --seconds: " +
      `current value is ${arg}`,
  );
};

/** (flag, its text, by default) ⇒ a positive integer. */
const positive = (flag: string, text: string | undefined, byDefault: number): number => {
  const value = Number(text ?? byDefault);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new RangeError(`Cannot bench as --${flag} must be a positive integer: current value is ${text}`);
};

const readOptions = (): Options => {
  const values = parseArgs(Deno.args, {
    string: ["only", "rounds", "json", "seeds", "steps", "seconds"],
    boolean: ["quick", "trainings"],
    default: { only: "" },
    unknown: refuse,
  });
  const extent = {
    seeds: positive("seeds", values.seeds, 3),
    steps: positive("steps", values.steps, 500_000),
    seconds: positive("seconds", values.seconds, 180),
  };
  return {
    only: new RegExp(values.only, "i"),
    rounds: positive("rounds", values.rounds, values.quick ? 1 : LEAST_ROUNDS),
    effort: values.quick ? quick : full,
    json: values.json,
    trainings: values.trainings ? extent : null,
  };
};

const printVersions = (versions: Readonly<Record<string, string>>): void =>
  console.log(Object.entries(versions).map(([name, version]) => `${name} ${version}`).join("\n"));

const print = (measured: ReadonlyArray<Measured>, { rounds }: Options, versions: Readonly<Record<string, string>>) => {
  const stages = stageLines(measured);
  console.log(`\n${tableLines(measured).join("\n")}`);
  if (stages.length > 0) console.log(`\nSeconds by stage\n${stages.join("\n")}`);
  const { hardwareConcurrency } = navigator;
  console.log(`\nMedians of ${rounds} interleaved rounds, one thread a side, ${hardwareConcurrency} cores`);
  printVersions(versions);
  const judged = measured.filter(({ met }) => met !== null);
  console.log(`Bars: ${judged.filter(({ met }) => met).length} of ${judged.length} met`);
  if (rounds < LEAST_ROUNDS) console.log(`Fewer than ${LEAST_ROUNDS} rounds: not for quoting`);
};

const writeJson = ({ json }: Options, rows: unknown): void => {
  if (json !== undefined) Deno.writeTextFileSync(json, JSON.stringify(rows, null, 2) + "\n");
};

const benchTrainings = async (options: Options, extent: Omit<Extent, "only">): Promise<void> => {
  const python = await preparePython(), versions: Record<string, string> = {};
  const trainings = await measureTrainings(python, { ...extent, only: options.only }, versions);
  console.log(`\n${trainingLines(trainings).join("\n")}`);
  console.log(
    `\nOne thread a side, one training at a time; at most ${extent.steps} steps and ${extent.seconds} seconds`,
  );
  printVersions(versions);
  writeJson(options, trainings);
};

const benchRows = async (options: Options): Promise<void> => {
  const chosen = rows(options.effort).filter(({ name }) => options.only.test(name));
  if (chosen.length === 0) throw new RangeError(`Cannot bench as --only must match a row: none has ${options.only}`);
  const python = await preparePython();
  const versions: Record<string, string> = {}, measured: Measured[] = [];
  for (const group of new Set(chosen.map((row: Row) => row.group))) {
    const part = chosen.filter((row) => row.group === group);
    console.log(`${group}: ${part.length} rows`);
    measured.push(...await measure(part, options.rounds, python, versions));
  }
  print(measured, options, versions);
  writeJson(options, jsonRows(measured));
};

const main = (options: Options): Promise<void> =>
  options.trainings === null ? benchRows(options) : benchTrainings(options, options.trainings);

try {
  await main(readOptions());
} catch (error) {
  if (!(error instanceof PythonMissing) && !(error instanceof RangeError) && !(error instanceof TypeError)) throw error;
  console.error((error as Error).message);
  Deno.exit(1);
}
