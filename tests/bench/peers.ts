/**
 * Everything beside the peers, on this machine: native MuJoCo, PyTorch, Gymnasium, sb3-contrib.
 *
 *   deno task bench:peers [--only PATTERN] [--rounds N] [--quick] [--json FILE]
 *
 * The peers' Python packages are installed on first use into .venv, or into the folder that the environment variable
 * MSCV_VENV names (see peers/python.ts). Each side is a process that stays alive; rows of a group are interleaved over the
 * rounds and medians taken. Both sides run one thread unless a row says otherwise. Ours uses BLAS where it is found, as
 * every run does, unless a row says "without BLAS".
 */
import { parseArgs } from "@std/cli";
import { measure, type Measured } from "./peers/measure.ts";
import { preparePython, PythonMissing } from "./peers/python.ts";
import { type Effort, type Row, rows } from "./peers/rows.ts";
import { jsonRows, stageLines, tableLines } from "./peers/table.ts";

const LEAST_ROUNDS = 5; // for figures that are worth quoting
const full: Effort = { seconds: 0.4, memoryIterations: 25, warmUpIterations: 6 };
const quick: Effort = { seconds: 0.1, memoryIterations: 3, warmUpIterations: 1 };

interface Options {
  readonly only: RegExp;
  readonly rounds: number;
  readonly effort: Effort;
  readonly json: string | undefined;
}

const refuse = (arg: string): never => {
  throw new RangeError(
    `Cannot bench as arguments must be --only, --rounds, --quick or --json: current value is ${arg}`,
  );
};

const readOptions = (): Options => {
  const values = parseArgs(Deno.args, {
    string: ["only", "rounds", "json"],
    boolean: ["quick"],
    default: { only: "" },
    unknown: refuse,
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : LEAST_ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`Cannot bench as --rounds must be a positive integer: current value is ${values.rounds}`);
  }
  return { only: new RegExp(values.only, "i"), rounds, effort: values.quick ? quick : full, json: values.json };
};

const print = (measured: ReadonlyArray<Measured>, { rounds }: Options, versions: Readonly<Record<string, string>>) => {
  const stages = stageLines(measured);
  console.log(`\n${tableLines(measured).join("\n")}`);
  if (stages.length > 0) console.log(`\nSeconds by stage\n${stages.join("\n")}`);
  const { hardwareConcurrency } = navigator;
  console.log(`\nMedians of ${rounds} interleaved rounds, one thread a side, ${hardwareConcurrency} cores`);
  console.log(Object.entries(versions).map(([name, version]) => `${name} ${version}`).join("\n"));
  const judged = measured.filter(({ met }) => met !== null);
  console.log(`Bars: ${judged.filter(({ met }) => met).length} of ${judged.length} met`);
  if (rounds < LEAST_ROUNDS) console.log(`Fewer than ${LEAST_ROUNDS} rounds: not for quoting`);
};

const main = async (options: Options): Promise<void> => {
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
  if (options.json !== undefined) {
    Deno.writeTextFileSync(options.json, JSON.stringify(jsonRows(measured), null, 2) + "\n");
  }
};

try {
  await main(readOptions());
} catch (error) {
  if (!(error instanceof PythonMissing) && !(error instanceof RangeError) && !(error instanceof TypeError)) throw error;
  console.error((error as Error).message);
  Deno.exit(1);
}
