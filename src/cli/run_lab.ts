/**
 * What `mscv lab` does.
 * (checkpoints, estimators, budget) ⇒ tables, lab/<checkpoint>/ in each run folder
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { addressOf, extend } from "../config/modules.ts";
import type { Pipeline } from "../config/pipeline.ts";
import { buildProgram } from "../config/resolve.ts";
import type { Estimators, NetworkName } from "../estimators/estimator.ts";
import { batchSteps, type Budget, budgets } from "../laboratory/budget.ts";
import type { MeasurementFailed } from "../laboratory/errors.ts";
import { type Drawing, drawMeasurement } from "../laboratory/figures.ts";
import { measure } from "../laboratory/measure.ts";
import { defaultSpecs, type EstimatorSpec, horizonsLeftOut, leftOut, ratioSpecs } from "../laboratory/panel.ts";
import { printMeasurement } from "../laboratory/measurement_table.ts";
import { verdict } from "../laboratory/verdict.ts";
import { fold, makeKey } from "../math/random.ts";
import type { SettingInvalid } from "../nn/kernels/environment.ts";
import { writeWhole, writing } from "../files/durable_file.ts";
import type { TrainingFailed } from "../run/errors.ts";
import type { RunFolderUnwritable } from "../files/errors.ts";
import { makeDisplay } from "../report/display.ts";
import { isImagined } from "../tasks/survival.ts";
import { TensorRuntime } from "../stages/tensor_runtime.ts";
import type { Engine } from "../run/engine.ts";
import { type OpenError, openRun, type Run, tellWarnings } from "../run/open_run.ts";
import { estimatorsAt } from "../laboratory/estimators_at.ts";
import { isReachable } from "../tasks/reference.ts";
import { isRobot } from "../config/robot_in_pipeline.ts";
import type { Application } from "./application.ts";
import { UsageInvalid } from "../config/usage.ts";
import { refuseForbidden } from "../sandbox/denials.ts";
import { parseEstimators } from "../laboratory/given_estimators.ts";
import { imaginedByPhysics } from "../laboratory/physics_model.ts";
import { fitNext, networksOf, refitOn } from "../laboratory/run_networks.ts";
import type { LabRequest } from "./lab_request.ts";

/** Opens a run that the laboratory writes to. */
const openPlace = Effect.fnUntraced(function* (place: string, { set }: LabRequest, engine: Engine) {
  const run = yield* openRun(place, { ...engine, set });
  yield* refuseForbidden(run.folder.path);
  yield* tellWarnings(run);
  return run;
});

/** (pipeline, stage) ⇒ its options, resolved. */
const optionsOf = <A>({ program }: Pipeline, name: string): A | undefined =>
  program.find(({ stage }) => stage === name)?.options as A | undefined;

const ownEstimator = ({ folder, pipeline }: Run): Effect.Effect<EstimatorSpec, UsageInvalid> => {
  const options = optionsOf<EstimatorSpec["options"] & { readonly estimator: string }>(pipeline, "estimateGradient");
  if (options === undefined) {
    return Effect.fail(
      new UsageInvalid({
        message:
          `Cannot measure ${folder.path} as its program must estimate a gradient: it holds no "estimateGradient"`,
      }),
    );
  }
  const { estimator, ...rest } = options;
  return Effect.succeed({ estimator, options: rest });
};

/** (run) ⇒ networks that no stage of its program writes. */
const unfittedBy = ({ pipeline, engine }: Run): ReadonlyArray<NetworkName> => {
  const written = buildProgram(pipeline, engine.catalog).flatMap(({ writes }) => writes);
  const simulated = pipeline.networks.model.kind === "simulator";
  return (["value", "model", "critic"] as const)
    .filter((network) => !written.includes(network) && !(network === "model" && simulated));
};

/** Networks that estimators cannot be measured with, and why. */
interface Lacking {
  readonly networks: ReadonlyArray<NetworkName>;
  readonly reason: (networks: ReadonlyArray<NetworkName>) => string;
}

/** (run) ⇒ what is lacking: networks that no stage fits, and the model where imagined rollouts cannot see the task's ends. */
const lackingOf = (run: Run): ReadonlyArray<Lacking> => {
  const unfitted = unfittedBy(run);
  return [
    {
      networks: unfitted,
      reason: (names: ReadonlyArray<string>) => `no stage fits ${names.map((name) => `"${name}"`).join(" or ")}`,
    },
    {
      networks: isImagined(run.task) || unfitted.includes("model") ? [] : ["model" as const],
      reason: () => `task "${run.task.name}" must say by "imagined.survival" how its ends are seen in an observation`,
    },
  ].filter(({ networks }) => networks.length > 0);
};

/** (what is lacking, estimators, whether the panel is the usual one) ⇒ a line for each reason: what it leaves out. */
const leftOutLines = (lacking: ReadonlyArray<Lacking>, estimators: Estimators, usual: boolean): ReadonlyArray<string> =>
  lacking.flatMap(({ networks, reason }) => {
    const without = [
      ...(usual ? leftOut(estimators, networks) : []),
      ...(networks.includes("model") ? ["learned model"] : []),
    ];
    return without.length === 0 ? [] : [`without ${without.join(", ")}: ${reason(networks)}`];
  });

/** Refuses physics that the task does not have, before anything is measured. */
const refuseForeignPhysics = ({ task }: Run, asked: ReadonlyArray<EstimatorSpec>): Effect.Effect<void, UsageInvalid> =>
  Effect.try({
    try: () => asked.forEach(({ model }) => model === undefined || imaginedByPhysics(task, model)),
    catch: (error) => new UsageInvalid({ message: (error as Error).message }),
  });

/** Refuses what was asked for and cannot be measured, before anything is. */
const refuseLacking = (
  { folder }: Run,
  lacking: ReadonlyArray<Lacking>,
  estimators: Estimators,
  asked: ReadonlyArray<EstimatorSpec>,
): Effect.Effect<void, UsageInvalid> => {
  for (const { networks, reason } of lacking) {
    const without = leftOut(estimators, networks);
    const refused = asked.find(({ estimator, model }) =>
      without.includes(estimator) &&
      !(model !== undefined &&
        estimators[estimator].reads.every((name) => name === "model" || !networks.includes(name)))
    );
    if (refused === undefined) continue;
    const missing = networks.filter((network) => estimators[refused.estimator].reads.includes(network));
    const message = `Cannot measure ${refused.estimator} at ${folder.path} as what it reads must be there: `;
    return Effect.fail(new UsageInvalid({ message: message + reason(missing) }));
  }
  return Effect.void;
};

const budgetOf = (request: LabRequest, pipeline: Pipeline): Budget => {
  const { branches, ...rest } = budgets[request.size];
  const collect = optionsOf<{ readonly environments: number; readonly steps: number }>(pipeline, "collect");
  return {
    ...rest,
    steps: request.steps ?? (request.inSample ? collect?.steps : undefined) ?? batchSteps,
    environments: request.environments ?? collect?.environments ?? 1,
    batches: request.batches ?? rest.batches,
    reference: request.reference ?? rest.reference,
    branches: { ...branches, states: request.states ?? branches.states },
  };
};

/**
 * (workers that were asked for; run, estimators, names of those to measure, modules that workers import) ⇒ as many; none,
 * with a line that says why, where what is measured stands in no module, as in a catalog of one's own command line.
 */
const workersFor = Effect.fnUntraced(function* (
  workers: number,
  { task }: Run,
  { estimators, names, modules }: {
    readonly estimators: Estimators;
    readonly names: ReadonlyArray<string>;
    readonly modules: ReadonlyArray<string>;
  },
) {
  if (workers === 0) return 0;
  const there = yield* Effect.promise(() => estimatorsAt(modules));
  const only = [...new Set(names)].filter((name) => there[name] !== estimators[name]);
  const found = [...isReachable(task) ? [] : [`task "${task.name}"`], ...only.map((name) => `estimator "${name}"`)];
  if (found.length === 0) return workers;
  yield* Console.error(
    `warning: measured without workers, with the same numbers, as they could not import ${found.join(" and ")}: ` +
      'name the file that exports it in the pipeline, "use: [./mine.ts]", and they can',
  );
  return 0;
});

/** Writes `panel.json`, `table.txt` and the figures. */
const writeResults = (path: string, text: string, record: unknown, figures: ReadonlyArray<Drawing>) =>
  writing(path, () => {
    mkdirSync(path, { recursive: true });
    writeWhole(join(path, "panel.json"), JSON.stringify(record, null, 1) + "\n");
    writeWhole(join(path, "table.txt"), text + "\n");
    for (const { name, svg, png } of figures) {
      writeWhole(join(path, `${name}.svg`), svg);
      writeWhole(join(path, `${name}.png`), png);
    }
  });

const measureRun = Effect.fnUntraced(function* (
  request: LabRequest,
  run: Run,
  show: (part: string, done: number, of: number) => void,
) {
  const { folder, pipeline, task, checkpoint } = run;
  const own = yield* ownEstimator(run);
  const networks = networksOf(
    request.networks === "next" ? yield* fitNext(run, makeKey(checkpoint.seed)) : checkpoint.state,
    checkpoint.state.memory,
  );
  const { estimators } = extend(run.engine.catalog, pipeline.use), lacking = lackingOf(run);
  const unfitted = lacking.flatMap(({ networks }) => networks);
  const given = yield* parseEstimators(request.estimators, own, estimators);
  yield* refuseLacking(run, lacking, estimators, [own, ...given]);
  yield* refuseForeignPhysics(run, given);
  const damping = optionsOf<{ readonly damping: number }>(pipeline, "trpoUpdate")?.damping ?? 0.1;
  const key = fold(fold(makeKey(request.seed), "lab"), checkpoint.iteration);
  const standard = request.inSample
    ? ratioSpecs(estimators, own)
    : defaultSpecs(estimators, own, request.size, unfitted);
  const usual = given.length === 0 && !request.inSample;
  const specs = given.length > 0 ? given : standard;
  const modules = pipeline.use.filter((module) => !isRobot(module)).map(addressOf);
  const names = [own, ...specs].map(({ estimator }) => estimator);
  const looked = Math.max(
    0,
    ...[own, ...specs].map(({ estimator, options }) => estimators[estimator].remembers(options)),
  );
  const measurement = yield* measure({
    frozen: { task, ...networks, earlier: networks.earlier?.slice(0, looked) ?? [] },
    refit: request.inSample ? yield* refitOn(run, looked) : null,
    estimators,
    modules,
    bounds: usual ? horizonsLeftOut(estimators, own, request.size, unfitted) : [],
    unfitted,
    own,
    specs,
    damping,
    budget: budgetOf(request, pipeline),
    key,
    workers: yield* workersFor(request.workers, run, { estimators, names, modules }),
    observe: show,
  });
  const name = String(checkpoint.iteration).padStart(6, "0");
  const whose = request.inSample
    ? "V and model refitted with each measured batch, as the next iteration does"
    : request.networks === "next"
    ? "V and model as the next iteration fits them"
    : "V and model of the checkpoint";
  const heading = `${pipeline.name}: ${pipeline.task}, seed ${pipeline.seed}, policy after iteration ` +
    `${checkpoint.iteration} (${
      [
        whose,
        ...request.set,
        ...leftOutLines(lacking, estimators, usual),
      ].join(", ")
    })`;
  const text = printMeasurement(measurement, heading);
  const record = {
    run: folder.path,
    task: pipeline.task,
    iteration: checkpoint.iteration,
    steps: checkpoint.steps,
    networks: request.networks,
    inSample: request.inSample,
    set: request.set,
    leftOut: usual ? leftOut(estimators, unfitted) : [],
    seed: request.seed,
    verdict: verdict(measurement),
    ...measurement,
  };
  const figures = yield* Effect.promise(() => drawMeasurement(measurement, heading));
  const path = join(folder.path, "lab", name);
  yield* writeResults(path, text, record, figures);
  return { text, record, path };
});

/** What can stop a laboratory. */
export type LabError = OpenError | MeasurementFailed | RunFolderUnwritable | SettingInvalid | TrainingFailed;

/** Measures every checkpoint, one after the other, and shows each as soon as it is done. */
export const runLab: (application: Application, request: LabRequest) => Effect.Effect<void, LabError> = Effect
  .fnUntraced(function* ({ load, output }, request) {
    const engine = yield* Effect.promise(load);
    const runs: Run[] = [];
    for (const place of request.places) runs.push(yield* openPlace(place, request, engine));
    const records: unknown[] = [];
    const measuring = Effect.gen(function* () {
      const { report } = yield* TensorRuntime;
      yield* Console.log(report.line);
      for (const run of runs) {
        const display = makeDisplay(output);
        const show = (part: string, done: number, of: number) => {
          if (output.isTerminal || done === of) display.show(`${part} ${done}/${of}`);
        };
        const { text, record, path } = yield* measureRun(request, run, show).pipe(
          Effect.ensuring(Effect.sync(display.end)),
        );
        records.push(record);
        yield* Console.log(`\n${text}\nwritten to ${path}`);
      }
      const { json } = request;
      if (json !== null) {
        yield* writing(json, () => writeWhole(json, JSON.stringify(records, null, 1) + "\n"));
        yield* Console.log(`written to ${json}`);
      }
    });
    yield* Effect.provide(measuring, engine.services(0));
  });
