/**
 * What a sweep has to do with the machine around it: no port, nothing from the environment, and halts, few files.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readFileSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { ended } from "../cli/child.ts";
import { type Server, startRunnerOn, startServer, startWatchingOn, stopAll } from "./postgres_server.ts";
import {
  assertUndisturbed,
  canList,
  collect,
  endStarted,
  iterationsLogged,
  kill,
  makePlace,
  namesAsFound,
  type Place,
  processesOf,
  startAblate,
  startCommand,
  sweepOf,
  trainersOf,
  until,
} from "./processes.ts";

const server: Server | null = canList ? await startServer() : null;
globalThis.addEventListener("unload", () => server?.close());
Deno.test.afterEach(endStarted);

const ignore = server === null;

const startRunner = (place: Place): Deno.ChildProcess => startRunnerOn(server!, place);
const startWatching = (place: Place): Deno.ChildProcess => startWatchingOn(server!, place, []);

/** ⇒ inodes of this machine's sockets that listen (state 0A), for IPv4 and IPv6. */
const listening = (): ReadonlySet<string> => {
  const lines = ["tcp", "tcp6"].flatMap((name) => readFileSync(`/proc/net/${name}`, "utf8").split("\n").slice(1));
  return new Set(
    lines.map((line) => line.trim().split(/\s+/)).filter(([, , , state]) => state === "0A").map((x) => x[9]),
  );
};

const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed meanwhile
  }
};

/** (process) ⇒ inodes of its sockets. */
const socketsOf = (pid: number): ReadonlyArray<string> =>
  namesAsFound(`/proc/${pid}/fd`).flatMap((name) =>
    /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${name}`))?.[1] ?? []
  );

Deno.test({
  name: "nobody listens: neither a runner, nor who submits, nor a cell",
  ignore,
  fn: async () => {
    const place = makePlace();
    const watching = startWatching(place), runner = startRunner(place);
    [watching, runner].forEach(collect);
    await until("a cell in training", () => trainersOf(place).length > 0 && iterationsLogged(place) > 0);
    const processes = processesOf(place), heard = listening();
    const open = processes.map(({ pid, command }) => ({ command, sockets: socketsOf(pid) }));
    assert(open.filter(({ sockets }) => sockets.length > 0).length >= 2); // which talk to the database
    assertEquals(open.filter(({ sockets }) => sockets.some((inode) => heard.has(inode))), []);
    assert(heard.size > 0); // the database does
    assertEquals((await watching.status).code, 0);
    await stopAll(runner);
  },
});

/** What the engine and libraries would read, were they let to. */
const hostile = {
  HOST: "203.0.113.1",
  PORT: "1",
  LISTEN_HOST: "203.0.113.1",
  LISTEN_PORT: "1",
  RUNNER_SHARD_WEIGHT: "none",
  SHARD_GROUPS: "elsewhere",
  AVAILABLE_SHARD_GROUPS: "elsewhere",
  SHARDS_PER_GROUP: "x",
  SHARD_LOCK_EXPIRATION: "never",
  ENTITY_MESSAGE_POLL_INTERVAL: "1 hour",
  MAX_RESIDENT_ENTITIES: "0",
  PGHOST: "203.0.113.1",
  PGPORT: "1",
  PGUSER: "nobody",
  PGDATABASE: "none",
  PGOPTIONS: "-c search_path=nowhere",
  PGSERVICE: "none",
  PGTZ: "Pacific/Apia",
  USER: "nobody",
  DATABASE_URL: "postgres://nobody@203.0.113.1/none",
};

Deno.test({
  name: "nothing in the environment steers a sweep, here or by a database",
  ignore,
  fn: async () => {
    const axes = "axes: { variant: { a: {} }, seed: [0] }\n", here = makePlace(0, axes), there = makePlace(0, axes);
    const embedded = startCommand(here, ["ablate", here.file, "--out", here.out], hostile);
    assertEquals((await ended(embedded)).code, 0);
    const environment = { ...hostile, PGPASSWORD: server!.password };
    const storage = ["--storage", server!.url];
    const runner = startCommand(
      there,
      ["runner", ...storage, "--slots", "1", "--runs", dirname(there.out)],
      environment,
    );
    collect(runner);
    const watching = startCommand(there, ["ablate", there.file, "--out", there.out, ...storage], environment);
    const { code, err } = await ended(watching);
    assertEquals([code, err], [0, ""]);
    await stopAll(runner);
    await assertUndisturbed(there, here);
  },
});

Deno.test({
  name:
    "a runner that is halted until another has its cell goes on: two never train in one folder, each cell is recorded once",
  ignore,
  fn: async () => {
    const axes = "axes: { variant: { a: {} }, seed: [0, 1] }\n", expected = makePlace(100, axes);
    assertEquals((await ended(startAblate(expected))).code, 0);
    const place = makePlace(100, axes);
    const watching = startWatching(place), sleeper = startRunner(place), said = [watching, sleeper].map(collect);
    await until("a cell in training", () => trainersOf(place).length > 0 && iterationsLogged(place) > 1);
    const [id] = /pendulum-\S+/.exec(said[1].text())!;
    const asleep = [sleeper.pid, ...trainersOf(place).map(({ pid }) => pid)];
    for (const pid of asleep) kill(pid, "SIGSTOP");
    const other = startRunner(place), otherSaid = collect(other);
    await until("the other to take the cell", () => otherSaid.text().includes(`begin  ${id}`));
    const log = join(place.out, "logs", `${id}.log`);
    await until("it to wait", () => readFileSync(log, "utf8").includes("Waiting for process"));
    for (const pid of asleep) kill(pid, "SIGCONT");
    assertEquals((await watching.status).code, 0);
    await stopAll(sleeper, other);
    await assertUndisturbed(place, expected);
    assertEquals(server!.ask(`SELECT count(*) FROM mscv_cells WHERE work_key LIKE '%/${id}/%'`), "1");
  },
});

Deno.test({
  name: "a machine that has no files left for a training process says so in one line",
  ignore: !canList,
  fn: async () => {
    const place = makePlace(0, "axes: { variant: { a: {} }, seed: [0] }\n");
    const words = [
      ...[Deno.execPath(), "run", "-A", "--no-check", "--node-modules-dir=manual", "tests/cli/fake_main.ts", "ablate"],
      ...[place.file, "--out", place.out, "--slots", "1"],
    ];
    let told = 0;
    for (const files of [26, 28, 30]) {
      const child = new Deno.Command("sh", {
        args: ["-c", `ulimit -n ${files}; exec "$@"`, "sh", ...words],
        env: { NO_COLOR: "1" },
        stdout: "piped",
        stderr: "piped",
      });
      const { code, err } = await ended(child.spawn());
      assertEquals([code, err.includes("    at "), err.split("\n").length], [1, false, 2], err);
      assertMatch(err, /^error: Cannot .*(os error 24|unable to open database file)/);
      if (err.includes("Cannot start a training process")) told++;
    }
    assert(told > 0);
    assertStringIncludes(JSON.stringify(sweepOf(place).cells.map(({ state }) => state)), "waiting");
  },
});
