/**
 * `mscv render`: an episode of a run's policy as a picture or a film.
 *
 * @module
 */
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { pathArgument, pathFlag, withDefault } from "./given.ts";
import type { Application } from "./application.ts";
import { loadModule } from "../files/load_module.ts";

const parameters = {
  run: pathArgument("run", "Run folder, a checkpoint of it, or a file of episodes that eval --record wrote"),
  out: pathFlag("out").pipe(
    Flag.withDescription("File to write: .gif and .mp4 move, .png and .svg are stills, .html is a page to play with"),
  ),
  seed: withDefault(Flag.Int("seed"), "Seed of reset and actions, as of eval", 0),
  steps: Flag.Int("steps").pipe(
    Flag.withDescription("Most environment steps that are shown (default: the whole episode)"),
    Flag.optional,
  ),
  from: withDefault(Flag.Int("from"), "First step that is shown", 0),
  fps: withDefault(Flag.Int("fps"), "Pictures per second of a film", 30),
  size: withDefault(
    Flag.String("size"),
    "Pixels; a still of an agent that goes somewhere takes the width alone",
    "640x480",
  ),
  frames: withDefault(Flag.Int("frames"), "Poses of a still", 10),
  sampled: Flag.Boolean("sampled").pipe(
    Flag.withDescription("Sample actions, as training acts, instead of the policy's mean"),
    Flag.withDefault(false),
  ),
};

/** (application) ⇒ the command `render`. */
export const renderCommand = (application: Application) =>
  Command.make("render", parameters, ({ steps, sampled, ...given }) =>
    Effect.gen(function* () {
      const { runRender } = yield* Effect.promise(() =>
        loadModule<typeof import("./run_render.ts")>(import.meta.resolve("./run_render.ts"))
      );
      const actions = sampled ? "sampled" : "mean";
      yield* runRender(application, { ...given, actions, steps: Option.getOrNull(steps) });
    })).pipe(
      Command.withDescription("Draw an episode of a run's policy: a film, a still or a page; no display is needed"),
      Command.withExamples([
        {
          command: "deno task render runs/<id> --out agent.gif",
          description: "The newest policy's mean action, also while it trains",
        },
        {
          command: "deno task render runs/<id>/checkpoints/best --out agent.mp4 --size 1280x720",
          description: "The best one, as a film",
        },
        { command: "deno task render runs/<id> --out agent.html", description: "A page in which it acts" },
      ]),
    );
