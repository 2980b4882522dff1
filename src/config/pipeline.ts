/**
 * What a pipeline file says, besides the options of its stages.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { TaskOptions } from "../tasks/task_options.ts";
import { nameSchema } from "./names.ts";
import { robotSchema } from "./robot_schema.ts";

const withDefault = <S extends Schema.Constraint>(schema: S, value: S["Encoded"]) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema);

const positiveInt = Schema.Number.check(Schema.isInt(), Schema.isGreaterThan(0));
const hidden = Schema.Array(positiveInt).check(Schema.isMaxLength(8));

const policySchema = Schema.Struct({
  hidden: withDefault(hidden.annotate({ description: "Units of the hidden layers (tanh)" }), [64, 64]),
  logStd: withDefault(
    Schema.Finite.annotate({ description: "Initial log σ of every action, in halves of its control's range" }),
    0,
  ),
});

const valueSchema = Schema.Struct({
  hidden: withDefault(
    hidden.annotate({ description: "Units of the hidden layers (tanh), of V and of the critic Q" }),
    [64, 64],
  ),
});

const modelSchema = Schema.Struct({
  kind: Schema.optionalKey(
    Schema.Literals(["network", "simulator"]).annotate({ description: "What imagines: networks that are learned" }),
  ),
  hidden: withDefault(hidden.annotate({ description: "Units of the hidden layers" }), [200, 200]),
  activation: withDefault(Schema.Literals(["relu", "tanh"]).annotate({ description: "Of the hidden layers" }), "relu"),
  reward: withDefault(
    Schema.Literals(["known", "learned"]).annotate({
      description:
        "known: what the task says by imagined.knownReward is exact, the model learns the rest; learned: all of it",
    }),
    "known",
  ),
  members: withDefault(
    positiveInt.annotate({ description: "Models of the ensemble; imagination takes the mean of their Ã" }),
    1,
  ),
  latent: withDefault(
    Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).annotate({
      description: "Width of η ~ N(0, I) of stochastic dynamics s′ = f(s, a, η); 0: deterministic",
    }),
    0,
  ),
  outputBound: withDefault(
    Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)).annotate({
      description: "Predictions stay within ± this many deviations of the outputs' means; 0: no bound",
    }),
    0,
  ),
  linear: withDefault(
    Schema.Boolean.annotate({
      description: "A linear part, fitted by least squares before every fit, whose errors alone the network learns; " +
        "deterministic dynamics alone",
    }),
    true,
  ),
});

/** What imagines in place of networks. */
const simulatorSchema = Schema.Struct({
  kind: Schema.Literal("simulator").annotate({
    description: "What imagines: a simulator, which needs no learned model",
  }),
  task: Schema.optionalKey(
    Schema.String.annotate({
      description:
        "Name of the task whose simulator it is, of the same state and observation; default: the task itself",
    }),
  ),
  physics: withDefault(
    Schema.Record(Schema.String, Schema.Finite).annotate({
      description:
        "By what its figures are multiplied, relative to the nominal ones, whatever taskOptions.physics says",
    }),
    {},
  ),
});

const networksWith = <S extends Schema.Constraint>(model: S) =>
  Schema.Struct({ policy: withDefault(policySchema, {}), value: withDefault(valueSchema, {}), model });

/** Shapes and first values of the three networks. */
export const networksSchema = networksWith(withDefault(modelSchema, {}));

/** The same where a simulator stands in the place of the model. */
export const simulatedNetworksSchema = networksWith(simulatorSchema);

const checkpointSchema = Schema.Struct({
  every: withDefault(positiveInt.annotate({ description: "Iterations between two checkpoints" }), 10),
  keep: withDefault(positiveInt.annotate({ description: "How many checkpoints stay" }), 3),
});

/** How a run is evaluated while it trains. */
export const evaluationSchema = Schema.Struct({
  every: withDefault(
    positiveInt.annotate({ description: "Iterations between two evaluations; the last iteration has one, too" }),
    10,
  ),
  episodes: withDefault(positiveInt.annotate({ description: "Episodes of an evaluation, from a reset each" }), 10),
  actions: withDefault(
    Schema.Literals(["mean", "sampled"]).annotate({ description: "mean: no exploration; sampled: as training acts" }),
    "mean",
  ),
});

/** Modules that define tasks, stages and estimators of one's own. */
export const useSchema = Schema.Array(Schema.String).annotate({
  description: "Modules of your own: local files (./my_task.ts) or npm: packages that export definitions",
});

const pipelineWith = <S extends Schema.Constraint>(networks: S) =>
  Schema.Struct({
    name: Schema.optionalKey(nameSchema.annotate({ description: "Default: the file's name" })),
    use: withDefault(useSchema, []),
    sources: Schema.optionalKey(
      Schema.Record(Schema.String, Schema.String).annotate({
        description: "SHA-256 of every local file of the modules; written by the tool into the pipelines of runs",
      }),
    ),
    task: Schema.Union([Schema.String, robotSchema]),
    taskOptions: withDefault(
      Schema.Record(Schema.String, Schema.Unknown).annotate({ description: "Changes to the options of the task" }),
      {},
    ),
    seed: withDefault(
      Schema.Number.check(Schema.isInt(), Schema.isGreaterThanOrEqualTo(0)).annotate({
        description: "Root of all randomness",
      }),
      0,
    ),
    iterations: withDefault(positiveInt.annotate({ description: "Iterations of the program" }), 100),
    threshold: Schema.optionalKey(
      Schema.Finite.annotate({ description: "Return at which the task counts as solved; default: the task's own" }),
    ),
    networks,
    checkpoint: withDefault(checkpointSchema, {}),
    evaluation: Schema.optionalKey(
      evaluationSchema.annotate({
        description: "Episodes that the policy is measured by, beside training; default: none",
      }),
    ),
    program: Schema.Array(Schema.Unknown),
  });

/** Top-level keys of a resolved pipeline; the task's options and the stages are decoded by what they are of. */
export const pipelineSchema = pipelineWith(withDefault(networksSchema, {}));

/** The same where a simulator stands in the place of the model. */
export const simulatedPipelineSchema = pipelineWith(simulatedNetworksSchema);

/** One stage of a pipeline with every option written out. */
export interface PipelineStage {
  /** Name of its definition. */
  readonly stage: string;
  /** All of them, as a file writes them. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** The model: its layers, what it learns of the reward, its ensemble and its noise. */
export interface ModelOptions {
  /** Absent: as if it were said. */
  readonly kind?: "network";
  /** Units of the hidden layers. */
  readonly hidden: ReadonlyArray<number>;
  /** Of the hidden layers. */
  readonly activation: "relu" | "tanh";
  /** known: what the task says of the reward is exact, it learns the rest; learned: all of it. */
  readonly reward: "known" | "learned";
  /** Models of the ensemble. */
  readonly members: number;
  /** Width of η ~ N(0, I); 0: deterministic. */
  readonly latent: number;
  /** Predictions stay within ± this many deviations of the outputs' means; 0: no bound. */
  readonly outputBound: number;
  /** Whether a linear part, fitted by least squares, lies under the network of deterministic dynamics. */
  readonly linear: boolean;
}

/** A simulator in place of a learned model. */
export interface SimulatorOptions {
  /** Tells it from networks. */
  readonly kind: "simulator";
  /** Name of the task whose simulator it is; absent: the pipeline's own. */
  readonly task?: string;
  /** By what its figures are multiplied, relative to that task's nominal ones. */
  readonly physics: Readonly<Record<string, number>>;
}

/** Shapes and first values of the three networks. */
export interface Networks {
  /** π: units of its hidden layers (tanh), first log σ of every action. */
  readonly policy: { readonly hidden: ReadonlyArray<number>; readonly logStd: number };
  /** V, and Q where one is fitted: units of the hidden layers (tanh). */
  readonly value: { readonly hidden: ReadonlyArray<number> };
  /** f. */
  readonly model: ModelOptions | SimulatorOptions;
}

/** When checkpoints are written, and how many stay. */
export interface CheckpointOptions {
  /** Iterations between two checkpoints. */
  readonly every: number;
  /** How many checkpoints stay. */
  readonly keep: number;
}

/** How a run is evaluated while it trains. */
export interface EvaluationPlan {
  /** Iterations between two evaluations; the last iteration has one, too. */
  readonly every: number;
  /** Episodes of an evaluation, from a reset each. */
  readonly episodes: number;
  /** mean: no exploration; sampled: as training acts. */
  readonly actions: "mean" | "sampled";
}

/** A resolved pipeline, every value written out: what a run is made from. */
export interface Pipeline {
  /** For people; also the beginning of the names of its runs. */
  readonly name: string;
  /** Modules of one's own: absolute paths, `npm:name@version`, and `robot:` with the definition of a robot in JSON. */
  readonly use: ReadonlyArray<string>;
  /** SHA-256 of the modules' local files, by their paths below the folder that they share. */
  readonly sources: Readonly<Record<string, string>>;
  /** Name of the task. */
  readonly task: string;
  /** All options of the task. */
  readonly taskOptions: TaskOptions;
  /** Root of all randomness. */
  readonly seed: number;
  /** In total. */
  readonly iterations: number;
  /** Return at which the task counts as solved; absent where neither the file nor the task says one. */
  readonly threshold?: number;
  /** Shapes and first values of the networks. */
  readonly networks: Networks;
  /** Iterations between two checkpoints, and how many of them stay. */
  readonly checkpoint: CheckpointOptions;
  /** Absent: none while the run trains. */
  readonly evaluation?: EvaluationPlan;
  /** Stages in order. */
  readonly program: ReadonlyArray<PipelineStage>;
}
