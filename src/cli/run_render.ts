/**
 * What `mscv render` does.
 * (run or file of episodes, file to write) ⇒ the file
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, extname } from "node:path";
import { UsageInvalid } from "../config/usage.ts";
import { parseEpisodes, recordingOf } from "../episode/record_file.ts";
import { type EpisodeEnd, recordEpisode, type Recording, returnOf } from "../episode/recording.ts";
import { writeWhole, writing } from "../files/durable_file.ts";
import { fold, makeKey } from "../math/random.ts";
import { agentOf } from "../page/agent_of.ts";
import type { Agent } from "../page/wire.ts";
import { makePlayer } from "../episode/player.ts";
import { formatNumber } from "../report/quantities.ts";
import type { Size } from "../render/frame.ts";
import type { Actions } from "../rollout/actions.ts";
import { networksOf } from "../run/networks_of.ts";
import { openRun, tellWarnings } from "../run/open_run.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import { prepareTask } from "../tasks/prepare.ts";
import type { Application } from "./application.ts";
import { catalogWith } from "./use_flag.ts";
import { loadModule } from "../files/load_module.ts";

/** What `render` was asked for. */
export interface RenderRequest {
  /** Run folder, checkpoint, or file of episodes. */
  readonly run: string;
  /** File to write; its ending says what. */
  readonly out: string;
  readonly seed: number;
  /** Most steps; null: the whole episode. */
  readonly steps: number | null;
  /** First step that is shown. */
  readonly from: number;
  readonly fps: number;
  /** `640x480` */
  readonly size: string;
  /** Poses of a still. */
  readonly frames: number;
  readonly actions: Actions;
}

const kinds = [".gif", ".mp4", ".png", ".svg", ".html"] as const;
type Kind = (typeof kinds)[number];

const refuse = (what: string, must: string, value: unknown): Effect.Effect<never, UsageInvalid> =>
  Effect.fail(new UsageInvalid({ message: `Cannot render as ${what} must be ${must}: current value is ${value}` }));

const checked = Effect.fnUntraced(function* ({ out, size, fps, frames, steps, from }: RenderRequest) {
  const kind = extname(out).toLowerCase() as Kind, [, width, height] = /^(\d+)x(\d+)$/.exec(size) ?? [];
  if (!kinds.includes(kind)) return yield* refuse("--out", `a file that ends in ${kinds.join(", ")}`, out);
  const pixels: Size = { width: Number(width), height: Number(height) };
  const fits = [pixels.width, pixels.height].every((x) => x >= 64 && x <= 4096 && (kind !== ".mp4" || x % 2 === 0));
  if (!fits) {
    return yield* refuse("--size", `64x64 to 4096x4096${kind === ".mp4" ? ", even numbers for MP4" : ""}`, size);
  }
  if (fps < 1 || fps > 60) return yield* refuse("--fps", "1 to 60", fps);
  if (frames < 1 || frames > 100) return yield* refuse("--frames", "1 to 100", frames);
  if (from < 0) return yield* refuse("--from", "0 or more", from);
  if (steps !== null && steps < 1) return yield* refuse("--steps", "1 or more", steps);
  return { kind, size: pixels };
});

/** What is drawn, and what is said of it. */
interface Shown {
  readonly recording: Recording;
  /** In words: whose policy, which episode. */
  readonly title: string;
  /** What a page plays; absent: the recording. */
  readonly agent?: Agent;
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

const ofFile = Effect.fnUntraced(function* ({ load }: Application, { run, steps, from }: RenderRequest) {
  const [episode] = yield* Effect.try({
    try: () => parseEpisodes(readFileSync(run, "utf8")),
    catch: (error) => new UsageInvalid({ message: `Cannot render ${run}. ${(error as Error).message}` }),
  });
  const { task: name, use, iteration } = episode.source;
  const { tasks } = yield* catalogWith((yield* Effect.promise(load)).catalog, use);
  if (!Object.hasOwn(tasks, name)) return yield* refuse(`the task of ${run}`, "one that is there", name);
  yield* Effect.tryPromise({
    try: () => prepareTask(tasks[name]),
    catch: (error) => new UsageInvalid({ message: `Cannot render ${run}. ${(error as Error).message}` }),
  });
  return yield* Effect.try({
    try: (): Shown => ({
      recording: recordingOf(tasks[name], episode, from + (steps ?? Infinity)),
      title: `${name}, policy after iteration ${iteration}`,
    }),
    catch: (error) => new UsageInvalid({ message: `Cannot render ${run}. ${(error as Error).message}` }),
  });
});

/** A run at a checkpoint, and an episode of it. */
const ofRun = Effect.fnUntraced(function* (application: Application, request: RenderRequest) {
  const { run: path, steps, from, seed, actions } = request;
  const run = yield* openRun(path, yield* Effect.promise(application.load));
  yield* tellWarnings(run);
  const { task, checkpoint } = run, title = `${task.name}, policy after iteration ${checkpoint.iteration}`;
  const asked = { key: fold(makeKey(seed), "eval"), actions }, networks = networksOf(run);
  const most = steps === null ? task.timeLimit : from + steps;
  return yield* Effect.try({
    try: (): Shown => {
      const recording = recordEpisode(task, makePlayer(task, networks, asked), most);
      return { recording, title, agent: agentOf(task, networks, asked, title) };
    },
    catch: (error) => new UsageInvalid({ message: `Cannot render ${path} as its task must run: ${error}` }),
  });
});

const ends: Readonly<Record<EpisodeEnd, string>> = {
  terminated: "ends in a terminal state",
  truncated: "ends by the time limit",
  stopped: "goes on",
};

const cut = (recording: Recording, from: number): Recording => ({
  ...recording,
  moments: recording.moments.slice(Math.min(from, recording.moments.length - 1)),
});

/** (shown, kind) ⇒ content of the file. */
const drawn = async (
  { recording, title, agent }: Shown,
  kind: Kind,
  { size, fps, frames, actions }: Pick<RenderRequest, "fps" | "frames" | "actions"> & { readonly size: Size },
): Promise<Uint8Array | string> => {
  if (kind === ".html") {
    const { agentPage } = await loadModule<typeof import("../page/agent_page.ts")>(
      import.meta.resolve("../page/agent_page.ts"),
    );
    return agentPage(agent ?? { kind: "recorded", reason: "A recorded episode.", recording, title }, actions);
  }
  const visible = { ...recording, scene: recording.scene! };
  if (kind === ".gif" || kind === ".mp4") {
    const { toGif, toMp4 } = await loadModule<typeof import("../render/film.ts")>(
      import.meta.resolve("../render/film.ts"),
    );
    return await (kind === ".gif" ? toGif : toMp4)(visible, { size, fps });
  }
  const { filmstrip } = await loadModule<typeof import("../render/filmstrip.ts")>(
    import.meta.resolve("../render/filmstrip.ts"),
  );
  const scheme = kind === ".svg" ? "either" : "light";
  const svg = filmstrip(visible, { size, frames, scheme }, title);
  if (kind === ".svg") return svg;
  const { toPng } = await loadModule<typeof import("../report/charts/png.ts")>(
    import.meta.resolve("../report/charts/png.ts"),
  );
  return await toPng(svg);
};

/** Plays an episode and draws it. Fails: UsageInvalid, and as `openRun` does. */
export const runRender = Effect.fnUntraced(function* (application: Application, request: RenderRequest) {
  const { run, out, from } = request, { kind, size } = yield* checked(request);
  yield* refuseForbidden(dirname(out));
  const shown = yield* isFile(run) ? ofFile(application, request) : ofRun(application, request);
  const { recording } = shown, { task, moments, end } = recording;
  if (recording.scene === null) {
    const message =
      `Cannot render task "${task}" as its definition must have a scene: it has none (how to write one: ` +
      '"What can be seen" in src/tasks/README.md)';
    return yield* Effect.fail(new UsageInvalid({ message }));
  }
  const content = yield* Effect.promise(() =>
    drawn({ ...shown, recording: cut(recording, from) }, kind, { ...request, size })
  );
  yield* writing(out, () => {
    mkdirSync(dirname(out), { recursive: true });
    writeWhole(out, content);
  });
  yield* Console.log(
    `${out}: ${shown.title}, ${moments.length - 1} steps, return ${formatNumber(returnOf(recording))}, ${ends[end]}`,
  );
});
