/**
 * Speed of the networks: with the kernels found, with MSCV_BLAS=off and with MSCV_KERNELS=off (the tensor library's own
 * kernels), each in a process of its own that stays alive.
 *
 *   deno run --allow-all tests/bench/nn_bench.ts [rounds]
 *
 * Every round asks every case of every process, in turn, and turns their order round; medians are taken over the rounds.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { cases } from "./nn_cases.ts";
import { median } from "./peers/measure.ts";
import { type Process, start } from "./peers/protocol.ts";

const SECONDS = 0.05; // of one measurement
const LEAST_ROUNDS = 7;

const columns: ReadonlyArray<{ readonly name: string; readonly env: Readonly<Record<string, string>> }> = [
  { name: "kernels found", env: {} },
  { name: "BLAS off", env: { MSCV_BLAS: "off" } },
  { name: "kernels off", env: { MSCV_KERNELS: "off" } },
];

const script = new URL("nn_cases.ts", import.meta.url).pathname;
const startColumn = ({ name, env }: typeof columns[number]): Process =>
  start(name, Deno.execPath(), ["run", "--allow-all", "--quiet", script], env);

/** (processes, rounds) ⇒ µs [cases, processes, rounds]; the round before the first warms up. */
const measure = async (processes: ReadonlyArray<Process>, rounds: number): Promise<number[][][]> => {
  const times = cases.map(() => processes.map((): number[] => []));
  for (let round = -1; round < rounds; round++) {
    const order = [...processes.keys()];
    if (round % 2 !== 0) order.reverse();
    for (const [i, what] of cases.entries()) {
      for (const c of order) {
        const { value } = await processes[c].ask({ case: what.name, seconds: SECONDS });
        if (round >= 0) times[i][c].push(value);
      }
    }
  }
  return times;
};

/** (µs) ⇒ three digits, or all before the point where these are more. */
const figure = (us: number): string => (us >= 100 ? us.toFixed(0) : us.toPrecision(3));

const print = (times: ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>>): void => {
  const width = Math.max(...cases.map(({ name }) => name.length)), cell = (text: string) => text.padStart(22);
  console.log("µs, medians".padEnd(width) + columns.map(({ name }) => cell(name)).join(""));
  for (const [i, { name }] of cases.entries()) {
    const medians = times[i].map(median);
    const texts = medians.map((us, c) => figure(us) + (c === 0 ? "" : ` (${(us / medians[0]).toFixed(1)}x)`));
    console.log(name.padEnd(width) + texts.map(cell).join(""));
  }
};

const rounds = Number(parseArgs(Deno.args)._[0] ?? LEAST_ROUNDS);
const processes = columns.map(startColumn);
try {
  for (const [c, { name }] of columns.entries()) {
    console.log(`${name}: ${(await processes[c].ask({ case: "versions" })).versions!.kernels}`);
  }
  print(await measure(processes, rounds));
  console.log(`${rounds} interleaved rounds; in brackets: times as long as with the kernels found`);
} finally {
  await Promise.all(processes.map((process) => process.stop()));
}
