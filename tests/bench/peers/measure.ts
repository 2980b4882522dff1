/**
 * Asks both sides in turn and takes medians.
 *
 * @module
 */
import { type Answer, type Process, type Request, start } from "./protocol.ts";
import { ourProcesses, peerProcesses, type Row } from "./rows.ts";

/** A row with its figures. */
export interface Measured {
  readonly row: Row;
  /** median of the rounds, in the row's unit */
  readonly ours: number;
  readonly peer: number | null;
  /** times better than the peer */
  readonly ratio: number | null;
  /** null where there is no bar */
  readonly met: boolean | null;
  /** median seconds by stage */
  readonly ourParts: Readonly<Record<string, number>>;
  readonly peerParts: Readonly<Record<string, number>>;
}

const CHECK_TOLERANCE = 1e-3; // relative; both sides compute in float32

/** (values) ⇒ their median; the mean of the middle two where they are even. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b), middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
};

/** Processes of one group, started when first asked. */
class Processes {
  readonly #running = new Map<string, Process>();
  /** name → version */
  readonly versions: Record<string, string>;
  readonly #python: string;

  constructor(python: string, versions: Record<string, string>) {
    this.#python = python;
    this.versions = versions;
  }

  async ask(name: string, request: Request): Promise<Answer> {
    const process = this.#running.get(name) ?? await this.#start(name);
    return await process.ask(request);
  }

  async #start(name: string): Promise<Process> {
    const path = (script: string) => new URL(script, import.meta.url).pathname;
    const process = name in ourProcesses
      ? this.#startOurs(name as keyof typeof ourProcesses, path)
      : start(name, this.#python, [path(peerProcesses[name as keyof typeof peerProcesses])], {
        CUDA_VISIBLE_DEVICES: "",
      });
    this.#running.set(name, process);
    Object.assign(this.versions, (await process.ask({ case: "versions" })).versions);
    return process;
  }

  #startOurs(name: keyof typeof ourProcesses, path: (script: string) => string): Process {
    const { script, env } = ourProcesses[name];
    return start(name, Deno.execPath(), ["run", "--allow-all", "--quiet", path(script)], env);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((process) => process.stop()));
  }
}

/** Answers of both sides over the rounds. */
export type Answers = { readonly ours: Answer[]; readonly peer: Answer[] };

/** One round of one row; what two rows ask alike of a process is asked once a round. */
const ask = async (processes: Processes, row: Row, round: number, known: Map<string, Answer>, answers: Answers) => {
  const sides = row.peer === null ? (["ours"] as const) : (["ours", "peer"] as const);
  for (const side of round % 2 === 0 ? sides : [...sides].reverse()) {
    const { process, request } = row[side]!, key = JSON.stringify([process, request]);
    if (!known.has(key)) known.set(key, await processes.ask(process, request));
    answers[side].push(known.get(key)!);
  }
};

const partsOf = (answers: ReadonlyArray<Answer>): Record<string, number> =>
  Object.fromEntries(
    Object.keys(answers[0]?.parts ?? {}).map((stage) => [stage, median(answers.map(({ parts }) => parts![stage]))]),
  );

const agree = (row: Row, { ours, peer }: Answers): void => {
  const a = ours[0].check, b = peer[0]?.check;
  if (a === undefined || b === undefined || Math.abs(a - b) <= CHECK_TOLERANCE * Math.abs(b)) return;
  throw new Error(`Cannot compare "${row.name}" as both sides must compute the same: ours is ${a}, the peer's ${b}`);
};

/** (row, answers) ⇒ (figures). Fails: where the two sides did not compute the same. */
export const summarize = (row: Row, answers: Answers): Measured => {
  agree(row, answers);
  const ours = median(answers.ours.map(({ value }) => value));
  const peer = row.peer === null ? null : median(answers.peer.map(({ value }) => value));
  const ratio = peer === null ? null : row.unit === "steps/s" ? ours / peer : peer / ours;
  const { bar } = row;
  const met = bar === null ? null : "oursBelow" in bar ? ours < bar.oursBelow : ratio! >= bar.ratioAtLeast;
  return { row, ours, peer, ratio, met, ourParts: partsOf(answers.ours), peerParts: partsOf(answers.peer) };
};

/**
 * (rows of one group, rounds, python, versions to add to) ⇒ (figures): every row once a round, the sides in turn; which
 * side begins changes from round to round. Only one process works at a time.
 */
export const measure = async (
  rows: ReadonlyArray<Row>,
  rounds: number,
  python: string,
  versions: Record<string, string>,
): Promise<Measured[]> => {
  const processes = new Processes(python, versions);
  const answers = rows.map((): Answers => ({ ours: [], peer: [] }));
  try {
    for (let i = 0; i < Math.max(...rows.map((row) => row.warmUp)); i++) {
      const known = new Map<string, Answer>();
      for (const row of rows) if (i < row.warmUp) await ask(processes, row, 0, known, { ours: [], peer: [] });
    }
    for (let round = 0; round < rounds; round++) {
      const known = new Map<string, Answer>();
      for (const [i, row] of rows.entries()) {
        if (round === 0 || !row.once) await ask(processes, row, round, known, answers[i]);
      }
    }
  } finally {
    await processes.stop();
  }
  return rows.map((row, i) => summarize(row, answers[i]));
};
