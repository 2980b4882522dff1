import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { followRun } from "../../src/interchange/event_writer.ts";
import { logEvents } from "../../src/interchange/log_events.ts";
import { logTable } from "../../src/interchange/log_table.ts";
import { readCurve, readMonitor } from "../../src/interchange/peer_logs.ts";
import { readEvents } from "../../src/interchange/tf_events.ts";
import type { IterationRecord } from "../../src/run/run_log.ts";
import { temporaryFolder } from "../temporary.ts";

const record = (iteration: number, more: Partial<IterationRecord> = {}): IterationRecord => ({
  ...{ iteration, steps: 1000 * iteration, episodes: 3, return: iteration + 0.5, seconds: { collect: 0.5, total: 2 } },
  metrics: { "trpoUpdate.kl": 0.25, "trpoUpdate.outcome": "accepted", "lab.missing": null },
  ...more,
});

Deno.test("a log becomes events over steps: numbers alone, times by the seconds of its iterations", () => {
  const records = [
    record(1),
    record(2, { return: null, seconds: { collect: 0.5, total: 2, evaluation: 1 } }),
    record(3),
  ];
  const events = readEvents(logEvents(records, "task: hopper\n", 100));
  assertEquals(events.map(({ wallTime, step }) => [wallTime, step]), [[102, 1000], [105, 2000], [107, 3000]]);
  assertEquals(events[0].scalars, {
    ...{ "run/iteration": 1, "run/episodes": 3, "run/return": 1.5, "trpoUpdate/kl": 0.25 },
    ...{ "seconds/collect": 0.5, "seconds/total": 2 },
  });
  assertEquals(Object.hasOwn(events[1].scalars, "run/return"), false);
});

Deno.test("a run is followed: its history once, then each record as it comes, also by a second process", () => {
  const out = temporaryFolder(), run = { name: "a", pipeline: "", began: 50 };
  const files = () => [...Deno.readDirSync(join(out, "a"))].map(({ name }) => name).sort();
  followRun(out, { ...run, history: [record(1)] }, () => 100)(record(2));
  followRun(out, { ...run, history: [record(1), record(2)] }, () => 200)(record(3));
  assertEquals(files(), ["events.out.tfevents.100.mscv", "events.out.tfevents.200.mscv"]);
  const steps = files().map((name) =>
    readEvents(new Uint8Array(readFileSync(join(out, "a", name)))).map(({ step }) => step)
  );
  assertEquals(steps, [[1000, 2000], [3000]]);
});

Deno.test("an event that cannot be written is told of, and throws nothing", () => {
  const out = temporaryFolder(),
    follow = followRun(out, { name: "a", pipeline: "", began: 0, history: [] }, () => 5);
  assertEquals(follow(record(1)), null);
  Deno.removeSync(join(out, "a"), { recursive: true });
  assertMatch(follow(record(2)) ?? "", /no such file/);
});

Deno.test("a log becomes a table: a column for whatever any iteration holds, quotes where commas are", () => {
  const records = [record(1), record(2, { return: null, metrics: { "own.note": 'a "b", c' } })];
  assertEquals(
    logTable(records),
    "iteration,steps,episodes,return,trpoUpdate.kl,trpoUpdate.outcome,lab.missing,seconds.collect,seconds.total,own.note\n" +
      "1,1000,3,1.5,0.25,accepted,,0.5,2,\n" +
      '2,2000,3,,,,,0.5,2,"a ""b"", c"\n',
  );
});

Deno.test("monitor.csv: the mean return of the episodes between two points, a cut-off line left out", () => {
  const text =
    '#{"t_start": 1.0, "env_id": "Hopper-v5"}\nr,l,t\n10.0,400,0.1\n20.0,600,0.2\n30.0,500,0.3\n50.0,1600,0.4\n7,3';
  const { environment, history } = readMonitor(text, 1000);
  assertEquals(environment, "Hopper-v5");
  assertEquals(history, [ // ends at 400, 1000, 1500, 3100 steps: points at 1000 and past 2000
    { iteration: 1, steps: 1000, return: 15 },
    { iteration: 2, steps: 3100, return: 40 },
  ]);
  for (const bad of ["", "r,l,t\n1,2,3\n", "#{}\na,b\n1,2\n", "#{}\nr,l,t\nx,2,3\n", "#{}\nr,l,t\n1,-2,3\n"]) {
    assertThrows(() => readMonitor(bad, 1000), Error, "must");
  }
});

Deno.test("a curve of TensorBoard's: by its tag, and which there are where it has another", () => {
  const file = new Uint8Array(readFileSync("fixtures/tensorboard/scalars.tfevents"));
  assertEquals(readCurve(file, "rollout/ep_rew_mean").history, [
    { iteration: 1, steps: 5000, return: -60.5 },
    { iteration: 2, steps: 2 ** 40, return: 3 },
  ]);
  assertThrows(() => readCurve(file, "return"), Error, "it has rollout/ep_rew_mean, train/loss, loss, double");
  assertThrows(() => readCurve(new Uint8Array(20), "return"), Error, "checksum");
});
