/**
 * What ends a command from outside: it puts its affairs in order, says no more than it should, and has its exit code.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as Cause from "effect/Cause";
import * as Exit from "effect/Exit";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { endingOf } from "../../src/cli/endings.ts";
import { exitCode } from "../../src/cli/exit.ts";
import { UsageInvalid } from "../../src/config/usage.ts";
import { writeFully } from "../../src/cli/standard_output.ts";
import { listCheckpoints } from "../../src/run/checkpoint.ts";
import {
  collect,
  iterationsLogged,
  kill,
  makePlace,
  pause,
  processesOf,
  startAblate,
  sweepOf,
  trainersOf,
  until,
} from "../sweep/processes.ts";
import { ended, fake, logOf, start, untilLogged, workplace } from "./child.ts";

const entry = "tests/cli/fake_main.ts";
const onLinux = { ignore: Deno.build.os !== "linux" };

/** A run that goes on until it is ended, and writes no checkpoint before. */
const endless = () => {
  const { folder, pipeline } = workplace();
  const args = ["train", pipeline, "--runs", folder, "--run", "a", "--iterations", "100000"];
  const slowly = ["--set", "collect.milliseconds=5", "--set", "checkpoint.every=100000"];
  return { folder, run: join(folder, "a"), args: [...args, ...slowly] };
};

const last = (run: string): number => listCheckpoints(join(run, "checkpoints")).at(-1) ?? -1;

/** Its last whole iteration is a checkpoint, nobody has its lock, and it goes on from there. */
const assertInOrder = async (run: string, logged: number): Promise<void> => {
  assert(last(run) >= logged - 1 && last(run) >= logOf(run).length - 1, `${last(run)} of ${logOf(run).length}`);
  assertEquals(existsSync(join(run, "run.lock")), false);
  const { code, out } = await fake("train", "--resume", run, "--iterations", String(last(run) + 1));
  assertEquals(code, 0);
  assertStringIncludes(out, `after iteration ${last(run) - 1}`);
};

/** Reads from a child's output until it says something, and reads no more. */
const readUntil = async ({ stdout }: Deno.ChildProcess, words: string): Promise<void> => {
  const reader = stdout.getReader(), decoder = new TextDecoder();
  for (let text = ""; !text.includes(words);) text += decoder.decode((await reader.read()).value, { stream: true });
  await reader.cancel();
};

const errorsOf = ({ stderr }: Deno.ChildProcess): Promise<string> => new Response(stderr).text();

for (const [signal, expected] of [["SIGHUP", 129], ["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`train: ${signal} writes a checkpoint, frees the lock, says how to go on, and exits ${expected}`, async () => {
    const { run, args } = endless();
    const child = start(entry, args);
    await untilLogged(run, 3);
    child.kill(signal);
    const { code, out, err } = await ended(child);
    assertEquals([code, err], [expected, ""]);
    assertStringIncludes(out, `Interrupted. Go on by: deno task train --resume ${run}`);
    await assertInOrder(run, 3);
  });
}

Deno.test("train: an output that nobody reads any more ends it as a signal does", async () => {
  const { run, args } = endless();
  const child = start(entry, args), errors = errorsOf(child);
  await readUntil(child, "\n3/");
  assertEquals([(await child.status).code, await errors], [141, ""]);
  await assertInOrder(run, 3);
});

Deno.test("train: an output without space ends it in order, with one line", onLinux, async () => {
  const { run, args } = endless();
  const words = [Deno.execPath(), "run", "-A", "--no-check", entry, ...args].join(" ");
  const child = new Deno.Command("sh", { args: ["-c", `${words} > /dev/full`], stdout: "piped", stderr: "piped" });
  const { code, err } = await ended(child.spawn());
  assertEquals(code, 1);
  assertEquals(
    err,
    "error: Cannot write the output as it must be open and have free space: " +
      "No space left on device (os error 28)\n",
  );
  assertEquals([existsSync(join(run, "run.lock")), last(run)], [false, 0]);
});

const canFakeTerminal = ((): boolean => {
  try {
    return new Deno.Command("script", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
})();

Deno.test({
  name: "train: a terminal that is closed ends it in order",
  ignore: Deno.build.os !== "linux" || !canFakeTerminal,
  fn: async () => {
    const { folder, run, args } = endless(), told = join(folder, "code"), errors = join(folder, "errors");
    const words = [Deno.execPath(), "run", "-A", "--no-check", entry, ...args].join(" ");
    const shell = `trap : HUP; ${words} 2> ${errors}; echo $? > ${told}`;
    const terminal = new Deno.Command("script", {
      args: ["--quiet", "--command", `sh -c '${shell}'`, "/dev/null"],
      stdin: "null",
      stdout: "null",
    }).spawn();
    await untilLogged(run, 3);
    terminal.kill("SIGKILL");
    await terminal.status;
    await until("it to end", () => existsSync(told) && readFileSync(told, "utf8") !== "");
    assertEquals([readFileSync(told, "utf8"), readFileSync(errors, "utf8")], ["129\n", ""]);
    await assertInOrder(run, 3);
  },
});

Deno.test("commands that only tell end quietly where nobody reads what they say", async () => {
  const { folder, pipeline } = workplace();
  for (
    const args of [["stages"], ["tasks"], ["check", pipeline], ["schema", "--out", folder], ["--help"], [
      "train",
      "--help",
    ], [
      "--version",
    ]]
  ) {
    const child = start(entry, args), errors = errorsOf(child);
    await child.stdout.cancel(); // before it has begun
    assertEquals([args, (await child.status).code, await errors], [args, 141, ""]);
  }
});

const oneVariant = "axes: { variant: { a: {} }, seed: [0, 1] }\n";

/** Ends an `ablate` of two cells that have each done two iterations; they had no other reason to write a checkpoint. */
const endSweep = async (end: (child: Deno.ChildProcess) => Promise<void>) => {
  const place = makePlace(200, oneVariant);
  const child = startAblate(place), errors = errorsOf(child);
  await until("two iterations of both", () => ["s0", "s1"].every((cell) => iterationsLogged(place, cell) >= 2));
  await end(child);
  const { code } = await child.status;
  await until("the last process", () => processesOf(place).length === 0);
  return { place, code, err: await errors };
};

for (
  const [name, expected, end] of [
    ["SIGHUP", 129, async (child: Deno.ChildProcess) => {
      child.kill("SIGHUP");
      await child.stdout.cancel(); // nobody reads it, either: what came first counts
    }],
    ["an output that nobody reads any more", 141, (child: Deno.ChildProcess) => child.stdout.cancel()],
  ] as const
) {
  Deno.test(
    `ablate: ${name} lets every cell write its checkpoint, frees all locks, and exits ${expected}`,
    onLinux,
    async () => {
      const { place, code, err } = await endSweep(end);
      assertEquals([code, err], [expected, ""]);
      assertEquals(existsSync(join(place.out, "run.lock")), false);
      for (const { folder, state } of sweepOf(place).cells.filter(({ state }) => state !== "done")) {
        assertEquals([state, existsSync(join(folder, "run.lock"))], ["waiting", false]);
        assert(last(folder) >= 1 && last(folder) >= logOf(folder).length - 1, `${last(folder)}`);
      }
    },
  );
}

Deno.test("a second signal ends a process at once that cannot put its affairs in order", onLinux, async () => {
  const place = makePlace(200, oneVariant);
  const child = startAblate(place), said = collect(child);
  await until("two trainers", () => trainersOf(place).length === 2 && iterationsLogged(place) > 0);
  const trainers = trainersOf(place);
  for (const { pid } of trainers) process.kill(pid, "SIGSTOP"); // they can write no checkpoint
  let code: number | null = null;
  void child.status.then((status) => code = status.code);
  while (code === null) {
    if (code === null) kill(child.pid, "SIGINT");
    await pause(100);
  }
  assertEquals([code, said.text().includes("    at ")], [130, false]);
  assertEquals(trainersOf(place).map(({ pid }) => pid), trainers.map(({ pid }) => pid)); // it has not waited for them
  for (const { pid } of trainers) kill(pid);
});

Deno.test("what an output's error means: nobody reads, the terminal is gone, or it cannot be written", () => {
  const error = (code: string) => Object.assign(new Error(code), { code });
  assertEquals(endingOf(error("EPIPE"), false), { signal: "SIGPIPE" });
  assertEquals(["EIO", "EPIPE"].map((code) => endingOf(error(code), true)), [{ signal: "SIGHUP" }, {
    signal: "SIGHUP",
  }]);
  for (const code of ["EIO", "ENOSPC", "EBADF"]) assertEquals("failure" in endingOf(error(code), false), true);
});

Deno.test("the exit code is that of what came from outside where that ended the command, or its output is lost", () => {
  const interrupted = Exit.failCause(Cause.interrupt(1)), failed = Exit.fail(new UsageInvalid({ message: "" }));
  const hangUp = { signal: "SIGHUP" } as const, closed = { signal: "SIGPIPE" } as const;
  const full = { failure: new Error("full") };
  assertEquals([null, hangUp, closed, full].map((ending) => exitCode(Exit.void, ending)), [0, 0, 141, 1]);
  assertEquals([null, hangUp, closed, full].map((ending) => exitCode(interrupted, ending)), [130, 129, 141, 1]);
  assertEquals([null, hangUp, closed, full].map((ending) => exitCode(failed, ending)), [2, 2, 2, 2]);
});

Deno.test("a text is written whole to what takes a part of it, or none for a moment", () => {
  const written: Array<number> = [];
  let calls = 0;
  writeFully({
    writeSync: (bytes) => {
      if (calls++ % 2 === 0) throw new Deno.errors.WouldBlock();
      const part = bytes.subarray(0, 3);
      written.push(...part);
      return part.length;
    },
  }, "Ã, twice as long");
  assertEquals(new TextDecoder().decode(Uint8Array.from(written)), "Ã, twice as long");
});
