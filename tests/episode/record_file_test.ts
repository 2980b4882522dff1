import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { makePlayer } from "../../src/episode/player.ts";
import { parseEpisodes, recordingOf, recordLines } from "../../src/episode/record_file.ts";
import { recordEpisode } from "../../src/episode/recording.ts";
import { makeKey } from "../../src/math/random.ts";
import { needsPreparation } from "../../src/tasks/prepare.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { replay } from "../../src/tasks/replay.ts";
import { optionsOf } from "../../src/tasks/task_options.ts";
import { networksFor } from "./trained.ts";

const task = tasks.hopper, request = { key: makeKey(5), actions: "sampled" } as const;
const player = () => makePlayer(task, networksFor(task), request);
const source = {
  task: "hopper",
  options: { processNoise: 0 },
  use: [],
  run: "runs/a",
  iteration: 3,
  actions: "sampled",
  seed: 0,
  episode: 0,
};
const lines = [...recordLines(task, player(), source, task.timeLimit)], text = lines.join("\n") + "\n";

Deno.test("what is written is read back bit for bit, and shows the poses that were recorded live", () => {
  const [episode, ...others] = parseEpisodes(text), live = recordEpisode(task, player(), task.timeLimit);
  assertEquals([others.length, episode.source, episode.steps.length], [0, source, live.moments.length - 1]);
  const read = recordingOf(task, episode, Infinity);
  assertEquals(read.end, live.end);
  assertEquals(read.moments, live.moments.map((moment) => ({ ...moment, value: null })));
  assertEquals(recordingOf(task, episode, 3).moments.length, 4);
});

Deno.test("options of every task are read back, infinite ones, which JSON lacks, too", () => {
  let infinite = 0;
  for (const each of Object.values(tasks).filter((each) => !needsPreparation(each))) {
    const options = optionsOf(each), whose = { ...source, task: each.name, options };
    const written = [...recordLines(each, makePlayer(each, networksFor(each), request), whose, 2)].join("\n");
    const [episode] = parseEpisodes(written + "\n");
    assertEquals(episode.source, whose);
    assertEquals(recordingOf(each, episode, Infinity).moments.length, 3);
    if (Object.values(options).flat().includes(Infinity)) infinite++;
  }
  assertGreater(infinite, 0);
});

Deno.test("a recorded episode simulated again gives the recorded states and rewards", () => {
  const [{ start, steps }] = parseEpisodes(text);
  const again = [...replay(task, start, steps.map(({ action }) => action))];
  assertEquals(again.map(({ reward }) => reward), steps.map(({ reward }) => reward));
  assertEquals(
    again.map(({ state: { qpos, qvel } }) => [[...qpos], [...qvel]]),
    steps.map(({ state }) => [state.qpos, state.qvel]),
  );
});

Deno.test("a file of something else says which line is wrong, and how", () => {
  const refused = (content: string, words: string) => assertThrows(() => parseEpisodes(content), RangeError, words);
  refused("", "there must be one: the file is empty");
  refused('{"action":[0]}', 'line 1 of an episode as its format must be "mscv episode": current value is nothing');
  refused(`${lines[0]}\n${lines[1].slice(0, 40)}`, "line 2 of an episode as it must be one JSON object");
  refused(lines[0].replace('"version":1', '"version":9'), "its version must be 1: current value is 9");
  refused(lines[0].replace('"seed":0', '"seed":"x"'), "line 1 of an episode as it must have task");
  refused(
    `${lines[0]}\n${lines[1].replace(/"action":\[[^\]]*\]/, '"action":[null]')}`,
    "action must be an array of numbers",
  );
  refused(`${lines[0]}\n${lines[1].replace(/"reward":[^,]*/, '"reward":null')}`, "it must have reward");
  const [episode] = parseEpisodes(text), short = { ...episode, start: { ...episode.start, qpos: [0] } };
  assertThrows(() => recordingOf(task, short, 1), RangeError, "the size of qpos must be 6: current value is 1");
});
