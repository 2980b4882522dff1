/**
 * MSCV: policy gradients whose variance is cut by multi-step imagined rollouts of a learned model, used as control
 * variates for TRPO. Stages compose into training programs:
 *
 * ```ts ignore
 * import { collect, estimateGradient, fitModel, fitValue, getTask, program, store, trainRun, trpoUpdate } from "@mscv/mscv";
 * import * as Effect from "effect/Effect";
 *
 * const hopper = getTask("hopper");
 * const iteration = program(
 *   collect(hopper, { steps: 5000 }),
 *   store(hopper),
 *   fitModel(hopper, { updates: 200 }),
 *   fitValue(hopper),
 *   estimateGradient(hopper, { estimator: "mscv", horizon: 2 }),
 *   trpoUpdate(hopper, { maxKl: 0.01 }),
 * );
 * await Effect.runPromise(trainRun({ task: hopper, program: iteration, iterations: 100, folder: "runs/mine" }));
 * ```
 *
 * @module
 */

// Data: plain records.
export * from "./src/data/batch.ts";
export * from "./src/data/gradient.ts";
export * from "./src/data/halves.ts";
export * from "./src/data/memory.ts";
export * from "./src/data/parameters.ts";
export * from "./src/data/returns.ts";
export * from "./src/data/training_segments.ts";

// Random keys and arithmetic.
export * from "./src/math/algebra.ts";
export { type ControlRange, unitRange } from "./src/math/control_range.ts";
export * from "./src/math/random.ts";

// Physics and tasks.
export * from "./src/physics/physics.ts";
export * from "./src/tasks/task.ts";
export { type DefineTask, defineTask, isTask } from "./src/tasks/define_task.ts";
export { TaskInvalid } from "./src/tasks/check_task.ts";
export type { SimulationError } from "./src/tasks/fault.ts";
export { PhysicsDiverged, type SimulationPlace } from "./src/tasks/physics_diverged.ts";
export { planarSimulator } from "./src/tasks/planar_simulator.ts";
export { TaskUnreachable } from "./src/tasks/reference.ts";
export { getTask, tasks } from "./src/tasks/registry.ts";
export type { Simulator, StateByParts, StateDivergence, StatePart } from "./src/tasks/simulator.ts";
export { simulatedBy, type Simulation, type TaskImaginedBySimulator } from "./src/tasks/simulation.ts";
export { SimulatorInvalid } from "./src/tasks/simulator_invalid.ts";
export { TaskNotImagined } from "./src/tasks/survival.ts";
export { TaskDefect, type TaskFunction, type ThrownByTask } from "./src/tasks/task_defect.ts";
export * from "./src/tasks/task_definition.ts";
export {
  type ConfigurableTask,
  type ControlOptions,
  type OptionsOfTask,
  type TaskChanges,
  type TaskConfiguration,
  type TaskOptions,
  withTaskOptions,
} from "./src/tasks/task_options.ts";
export { replay, type ReplayState, type ReplayStep } from "./src/tasks/replay.ts";

// Options.
export * from "./src/options/options.ts";

// Estimators.
export { estimators } from "./src/estimators/registry.ts";
export * from "./src/estimators/estimator.ts";
export * from "./src/estimators/option_groups.ts";
export { type Declared, scoreEstimate } from "./src/estimators/score_estimate.ts";
export { batchValues, realAdvantage } from "./src/estimators/real_advantage.ts";
export { likelihoodRatio } from "./src/estimators/likelihood_ratio.ts";
export { mbma, type MbmaOptions } from "./src/estimators/mbma.ts";
export { modelGradient, type ModelGradientOptions } from "./src/estimators/model_gradient.ts";
export { mscv, type MscvOptions } from "./src/estimators/mscv.ts";
export { qprop, type QpropOptions } from "./src/estimators/qprop.ts";
export { svg1, type Svg1Options } from "./src/estimators/svg1.ts";
export { trajectoryControlVariate, type TrajectoryOptions } from "./src/estimators/trajectory_control_variate.ts";

// Networks.
export type { BackendReport } from "./src/nn/kernels/backend.ts";
export { SettingInvalid } from "./src/nn/kernels/environment.ts";
export type { KernelChoice } from "./src/nn/kernels/environment.ts";
export type { MultiplyAdd } from "./src/nn/kernels/gemm.ts";
export type { ModelLossOptions, ModelTrainOptions } from "./src/nn/training/dynamics_fit.ts";
export type { TargetNormalization } from "./src/nn/training/target_units.ts";

// Collection.
export { makeEnvs } from "./src/rollout/envs.ts";
export { inlineSampler } from "./src/rollout/inline.ts";
export * from "./src/rollout/sampler.ts";
export { pooledSampler, workerSampler } from "./src/rollout/workers.ts";

// Threads.
export { defineJob, type Job, type Travel } from "./src/parallel/job.ts";
export type { Assistant } from "./src/parallel/steps.ts";
export { type Threads, threads } from "./src/parallel/threads.ts";
export type { WebThreads } from "./src/parallel/web_threads.ts";
export { ThreadPool, threadPool } from "./src/rollout/thread_pool.ts";

// Programs.
export { MisshapenSlot, NonFiniteSlot, StageDefect } from "./src/program/errors.ts";
export { checkFlow, FlowInvalid, type StageFlow } from "./src/program/flow_check.ts";
export { type Fault, iterate, type IterationResult, StageFailure } from "./src/program/iterate.ts";
export * from "./src/program/program.ts";

// Stages.
export type { ModelTraining } from "./src/stages/model_training.ts";
export * from "./src/stages/collect.ts";
export * from "./src/stages/errors.ts";
export * from "./src/stages/estimate_gradient.ts";
export * from "./src/stages/fit_critic.ts";
export type { ModelFitError } from "./src/stages/fit_members.ts";
export * from "./src/stages/fit_model.ts";
export type { FitTiming } from "./src/stages/fit_timing.ts";
export * from "./src/stages/fit_value.ts";
export * from "./src/stages/initial_state.ts";
export * from "./src/stages/pretrain_model.ts";
export * from "./src/stages/slot.ts";
export * from "./src/stages/stage.ts";
export * from "./src/stages/store.ts";
export * from "./src/stages/tensor_runtime.ts";
export * from "./src/stages/trpo_update.ts";

// Runs.
export type { Catalog } from "./src/config/catalog.ts";
export { builtIn } from "./src/config/built_in.ts";
export type { EvaluationPlan, Networks, Pipeline, PipelineStage } from "./src/config/pipeline.ts";
export { ConfigInvalid } from "./src/config/problems.ts";
export { UsageInvalid } from "./src/config/usage.ts";
export { RunFolderBusy, RunFolderUnwritable } from "./src/files/errors.ts";
export type { SampleSummary } from "./src/math/sample_summary.ts";
export type { PolicyFunction } from "./src/rollout/policy_function.ts";
export type { Checkpoint } from "./src/run/checkpoint.ts";
export type { Engine } from "./src/run/engine.ts";
export { CheckpointCorrupt, RunFolderExists, RunFolderInvalid, TrainingFailed } from "./src/run/errors.ts";
export { evaluate, type EvaluateOptions } from "./src/run/evaluate.ts";
export type { Actions, Episode, Evaluation } from "./src/run/evaluation.ts";
export { type ConfiguredRun, type OpenError, type OpenOptions, openRun, type Run } from "./src/run/open_run.ts";
export { policyOf } from "./src/run/policy_of.ts";
export type { BeginError, ReopenError } from "./src/run/prepared.ts";
export type { Changes } from "./src/run/reopen_run.ts";
export type { RunFolder } from "./src/run/run_folder.ts";
export type { IterationRecord } from "./src/run/run_log.ts";
export type { PipelineSource, ProgramSource, RunKeys } from "./src/run/run_source.ts";
export type { TrainingEnd } from "./src/run/train.ts";
export {
  type ResumeOptions,
  resumeRun,
  type TrainOptions,
  trainRun,
  type TrainRunError,
  type TrainRunRequest,
} from "./src/run/train_run.ts";

// The gradient laboratory.
export * from "./src/doors/laboratory.ts";
