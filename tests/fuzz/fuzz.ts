/**
 * `deno task fuzz [minutes] [--seed N] [--only subject,kills] [--kills train=100,ablate=40]`: mutated inputs for every reader, and kills of `train` and
 * `ablate` at random moments. An input that breaks a promise is kept in `fixtures/fuzz/`, and the exit code is 1.
 *
 * Half of the time goes to kills, and more where `--kills` asks for more of them; the rest to the subjects in turn.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { fold, type Key, makeKey, makeStream } from "../../src/math/random.ts";
import { keepInput } from "./corpus.ts";
import { killFor } from "./kills.ts";
import { makeRunner } from "./runner.ts";
import type { Subject } from "./subject.ts";
import { subjects } from "./subjects.ts";
import { temporaryFolder } from "../temporary.ts";

Deno.env.set("TMPDIR", temporaryFolder()); // of its threads too, which are ended without a word

const turn = 2_000; // milliseconds that one subject gets before the next

/** What has been found of one subject. */
interface Tally {
  readonly outcomes: Map<string, number>;
  inputs: number;
  broken: number;
  slowest: number; // milliseconds
}

const describe = ({ name }: Subject, { inputs, broken, outcomes, slowest }: Tally): string =>
  `${name}: ${inputs} inputs, ${broken} broken, slowest ${Math.round(slowest)} ms (${
    [...outcomes].sort().map(([outcome, count]) => `${outcome} ${count}`).join(", ")
  })`;

/** Mutated inputs until the time is over. (subjects, key, end in ms of `performance`) ⇒ (inputs that broke a promise). */
const mutate = async (chosen: ReadonlyArray<Subject>, key: Key, end: number): Promise<number> => {
  const runner = makeRunner();
  const tallies = chosen.map((): Tally => ({ outcomes: new Map(), inputs: 0, broken: 0, slowest: 0 }));
  while (performance.now() < end) {
    for (const [s, subject] of chosen.entries()) {
      const tally = tallies[s], until = Math.min(end, performance.now() + turn);
      while (performance.now() < until) {
        const input = subject.make(makeStream(fold(fold(key, subject.name), tally.inputs++)));
        const told = await runner.ask({ subject: subject.name, input });
        if ("broken" in told) {
          tally.broken++;
          console.error(`${subject.name}: ${told.broken}\n  kept as ${keepInput(subject.name, input)}`);
        } else {
          tally.outcomes.set(told.outcome, (tally.outcomes.get(told.outcome) ?? 0) + 1);
          tally.slowest = Math.max(tally.slowest, told.milliseconds);
        }
      }
    }
  }
  await runner.end();
  chosen.forEach((subject, s) => console.log(describe(subject, tallies[s])));
  return tallies.reduce((sum, { broken }) => sum + broken, 0);
};

const values = parseArgs(Deno.args, { string: ["seed", "only", "kills"], default: { seed: "0", kills: "" } });
const minutes = Number(values._[0] ?? 10), only = values.only?.split(",");
if (!(minutes > 0)) {
  console.error(`error: Cannot fuzz as minutes must be more than 0: current value is ${values._[0]}`);
  Deno.exit(2);
}
const key = makeKey(Number(values.seed));
const chosen = subjects.filter(({ name }) => only === undefined || only.includes(name));
const withKills = only === undefined || only.includes("kills");
const share = (chosen.length === 0 ? 0 : withKills ? minutes / 2 : minutes) * 60_000;
const broken = chosen.length === 0 ? 0 : await mutate(chosen, key, performance.now() + share);
const fewest = Object.fromEntries(
  values.kills.split(",").filter(Boolean).map((each) => each.split("=")).map(([name, count]) => [name, Number(count)]),
);
const unequal = withKills ? await killFor(minutes * 60_000 - share, fold(key, "kills"), fewest) : 0;
console.log(broken + unequal === 0 ? "Nothing was found" : `Found: ${broken} inputs, ${unequal} kills`);
Deno.exit(broken + unequal === 0 ? 0 : 1);
