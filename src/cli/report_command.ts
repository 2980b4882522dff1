/**
 * `mscv report`: statistics, tables and figures of training runs.
 *
 * @module
 */
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { pathFlag, pipelineArgument } from "./given.ts";
import type { Application } from "./application.ts";
import { loadModule } from "../files/load_module.ts";

const parameters = {
  paths: pipelineArgument(
    "path",
    "Ablation files, sweep folders, run folders, or folders of run folders",
  ).pipe(
    Argument.atLeast(0),
  ),
  prediction: pathFlag("prediction").pipe(
    Flag.withDescription(
      "Also hold the model of this run's last checkpoint against 15 steps of fresh episodes; may be repeated",
    ),
    Flag.withMetavar("run"),
    Flag.atLeast(0),
  ),
  peer: Flag.String("peer").pipe(
    Flag.withDescription(
      "A log of another tool as a variant: variant=ppo,task=hopper,seed=0,file=monitor.csv (Stable-Baselines3), or a " +
        "TensorBoard file, with tag=rollout/ep_rew_mean; may be repeated",
    ),
    Flag.withMetavar("a=b,…"),
    Flag.atLeast(0),
  ),
  out: Flag.String("out").pipe(
    Flag.withDescription(
      "Folder of the report (default: report/ in the folder that is named; of several, one below runs/reports)",
    ),
    Flag.optional,
  ),
};

/** (application) ⇒ the command `report`. */
export const reportCommand = (application: Application) =>
  Command.make("report", parameters, ({ paths, prediction, peer, out }) =>
    Effect.gen(function* () {
      const { runReport } = yield* Effect.promise(() =>
        loadModule<typeof import("./run_report.ts")>(import.meta.resolve("./run_report.ts"))
      );
      yield* runReport(application, { paths, prediction, peers: peer, out: Option.getOrNull(out) });
    })).pipe(
      Command.withDescription("Statistics over seeds, tables and figures: one page, SVG, PNG and JSON"),
      Command.withExamples([
        { command: "deno task report pipelines/ablations/table1.yaml", description: "Of the sweep in runs/table1" },
        { command: "deno task report --prediction runs/<id>", description: "How far a run's model predicts" },
        { command: "deno task report runs/hopper_mscv-* runs/hopper_trpo-*", description: "Of single runs" },
        {
          command: "deno task report runs/table1 --peer variant=ppo,seed=0,file=monitor.csv",
          description: "Beside a run of Stable-Baselines3",
        },
      ]),
    );
