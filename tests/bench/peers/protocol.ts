/**
 * A bench's process, ours or a peer's: it stays alive and answers requests, one JSON line each.
 *
 * @module
 */

/** { case, …options }: what is to be measured. */
export interface Request {
  readonly case: string;
  readonly [option: string]: unknown;
}

/** What was measured. */
export interface Answer {
  /** in the unit of the row */
  readonly value: number;
  /** a result that both sides must agree on */
  readonly check?: number;
  /** seconds by stage */
  readonly parts?: Readonly<Record<string, number>>;
  /** name → version */
  readonly versions?: Readonly<Record<string, string>>;
}

/** A running process. */
export interface Process {
  /** (request) ⇒ (answer). Fails: when the process ends, or answers with an error. */
  readonly ask: (request: Request) => Promise<Answer>;
  /** Ends it. */
  readonly stop: () => Promise<void>;
}

/** Libraries that take all cores by default are held to one thread. */
const ONE_THREAD = { OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };

/** (name for errors, command, arguments, environment) ⇒ (process). */
export const start = (
  name: string,
  command: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>,
): Process => {
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...ONE_THREAD, ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter(), answers = lines(child.stdout);
  const ask = async (request: Request): Promise<Answer> => {
    await writer.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
    const { value, done } = await answers.next();
    if (done) throw new Error(`Cannot measure "${request.case}" as ${name} must answer: it ended`);
    const answer = JSON.parse(value);
    if (answer.error !== undefined) throw new Error(`Cannot measure "${request.case}" in ${name}: ${answer.error}`);
    return answer;
  };
  const stop = async () => {
    await writer.close().catch(() => {}); // it may have ended by itself
    await child.status;
  };
  return { ask, stop };
};

/** (bytes) ⇒ their lines. */
export const lines = async function* (bytes: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
};

/** What a process can be asked. */
export type Cases = Readonly<Record<string, (request: Request) => Answer | Promise<Answer>>>;

/** (cases) ⇒ answers requests until stdin ends. */
export const serve = async (cases: Cases): Promise<void> => {
  const write = (answer: unknown) => Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(answer) + "\n"));
  for await (const line of lines(Deno.stdin.readable)) {
    const request = JSON.parse(line) as Request;
    try {
      write(await cases[request.case](request));
    } catch (error) {
      write({ error: (error as Error).message });
    }
  }
};

/** (work, seconds) ⇒ microseconds of one call, mean over about so many seconds. */
export const microseconds = (work: () => void, seconds: number): number => {
  const start = performance.now();
  for (let count = 1;; count++) {
    work();
    const spent = performance.now() - start;
    if (spent >= seconds * 1000) return spent * 1000 / count;
  }
};

/** (n, seed, scale) ⇒ numbers in ±scale, which the peers make by the same formula. */
export const fill = (count: number, seed: number, scale = 1): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => {
    const x = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return (2 * (x - Math.floor(x)) - 1) * scale;
  });
