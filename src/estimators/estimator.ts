/**
 * The contract of a gradient estimator: what it is called, which options it owns, which networks it reads, and what it
 * makes of a batch. `defineEstimator` is the one way to define one, here and elsewhere.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { Control, Metrics } from "../data/gradient.ts";
import type { Folds, Model } from "../data/folds.ts";
import type { CriticParams, Normalizer, PolicyParams, ValueParams } from "../data/parameters.ts";
import type { Key } from "../math/random.ts";
import { type KeysOf, unknownKeyIn } from "../options/known_keys.ts";
import { defaultsOf, type OptionFault, type OptionFields } from "../options/options.ts";
import type { GradientEstimate } from "./estimate.ts";
import type { LikelihoodRatioOptions } from "./option_groups.ts";
import type { ImaginedTask } from "../tasks/task.ts";

/** The networks of one fold that estimators may read beside the policy. */
export interface FoldNetworks {
  /** V */
  readonly value: ValueParams;
  /** f */
  readonly model: Model;
  /** Q */
  readonly critic: CriticParams;
}

/** Name of such a network, and of its slot. */
export type NetworkName = keyof FoldNetworks;

/** Their names. */
export const networkNames: ReadonlyArray<NetworkName> = ["value", "model", "critic"];

/** The same, by fold. */
export type EstimatorNetworks = { readonly [N in NetworkName]: Folds<FoldNetworks[N]> };

/** What every estimator sees: plain records, frozen for the iteration. */
export interface EstimatorFrame {
  /** The task as imagination sees it. */
  readonly task: ImaginedTask;
  /** π, the policy that took the batch. */
  readonly policy: PolicyParams;
  /** k and w as the previous batch decided them */
  readonly control: Control;
  /** Normalisation of observations in use. */
  readonly normalizer: Normalizer;
  /** B */
  readonly batch: Batch;
  /** Earlier batches, newest first, of whoever asks for them by `remembers`. */
  readonly earlier?: ReadonlyArray<Batch>;
}

/** What an estimator sees that reads these networks. */
export type EstimatorInput<N extends NetworkName = NetworkName> = EstimatorFrame & Pick<EstimatorNetworks, N>;

/** What one fold sees of it: the networks that correct one half of the batch, and the whole batch. */
export type FoldInput<N extends NetworkName = NetworkName> = EstimatorFrame & Pick<FoldNetworks, N>;

/** An estimate and what there is to say about it. */
export interface Estimated {
  /** The gradient, and what the line search needs. */
  readonly estimate: GradientEstimate;
  /** k and w as this whole batch decides them, for the next one. */
  readonly control: Control;
  /** Numbers to report. */
  readonly metrics: Metrics;
}

/** How much of the family the laboratory measures unless it is told. */
export type PanelSize = "full" | "quick";

/** How the laboratory measures an estimator; what is not said has the default that stands with it. */
export interface Laboratory<Options> {
  /** (options) ⇒ words behind its name in tables. Default: the options that are not at their defaults. */
  readonly label: (options: Options) => string;
  /**
   * (options) ⇒ options of the likelihood ratio that it is compared with, beside those that both have by name. Default:
   * none, so that the likelihood ratio's own defaults fill the gaps.
   */
  readonly comparator: (options: Options) => Partial<LikelihoodRatioOptions>;
  /** (options) ⇒ the same, with those that play no part at their defaults: equal estimators, equal options. Default: as given. */
  readonly canonical: (options: Options) => Options;
  /** (options) ⇒ k, imagined steps at most: where the bound by a perfect model is taken. Default: 0, it imagines nothing. */
  readonly horizon: (options: Options) => number;
  /** What the default panel varies of it, by its size. Default: nothing, one row. */
  readonly variants: Readonly<Record<PanelSize, ReadonlyArray<Partial<Options>>>>;
}

const brand: unique symbol = Symbol.for("mscv.estimator"); // the same in every copy of this module

/** An estimator as `defineEstimator` makes it. */
export interface Estimator<Options, N extends NetworkName = NetworkName> {
  /** Name, as pipeline files write it. */
  readonly name: string;
  /** One line for `mscv estimators`. */
  readonly summary: string;
  /** The options that it owns, each with its schema, default and description. */
  readonly options: OptionFields<Options>;
  /** The networks that it reads: a program that holds it has to fit them. */
  readonly reads: ReadonlyArray<N>;
  /** (options) ⇒ how many earlier batches it looks at: a program that holds it has to store them. */
  readonly remembers: (options: Options) => number;
  /** Numbers that it reports: name ⇒ meaning and unit. */
  readonly metrics: Readonly<Record<string, string>>;
  /** (options) ⇒ what does not go together, or null. */
  readonly check: (options: Options) => OptionFault<Options> | null;
  /** Names that people look for among its options in vain ⇒ the option that does it. */
  readonly instead: Readonly<Record<string, keyof Options & string>>;
  /** How the laboratory measures it. */
  readonly laboratory: Laboratory<Options>;
  /**
   * (input, options, key) ⇒ (estimate, control, metrics). Same key, same bits; inputs stay as they are; leaves no tensor
   * behind.
   */
  readonly estimate: (input: EstimatorInput<N>, options: Options, key: Key) => Estimated;
}

/** An estimator whose options are known only at run time, as a catalog lists it. */
// deno-lint-ignore no-explicit-any
export type AnyEstimator = Estimator<any, NetworkName>;

/** Estimators by name. */
export type Estimators = Readonly<Record<string, AnyEstimator>>;

/** The options of an estimator, decoded. */
export type EstimatorOptions<E extends AnyEstimator> = E extends Estimator<infer Options, infer _> ? Options : never;

/** The networks that an estimator reads. */
export type ReadsOf<E extends AnyEstimator> = E["reads"][number];

/** What is said of an estimator to define it. */
export interface EstimatorDefinition<Options, N extends NetworkName> {
  /** Name, as pipeline files write it: a letter, then letters and digits. */
  readonly name: string;
  /** One line for `mscv estimators`. */
  readonly summary: string;
  /** Options by name, made by `option`. None may be called `estimator`, which chooses among estimators. */
  readonly options: OptionFields<Options>;
  /** The networks that it reads; `estimate` sees these alone. */
  readonly reads: ReadonlyArray<N>;
  /** (input, options, key) ⇒ (estimate, control, metrics). */
  readonly estimate: (input: EstimatorInput<N>, options: Options, key: Key) => Estimated;
  /** (options) ⇒ how many earlier batches it looks at, of those that a stage has stored. Default: none. */
  readonly remembers?: (options: Options) => number;
  /** Numbers that it reports beside those of the stage: name ⇒ meaning and unit. */
  readonly metrics?: Readonly<Record<string, string>>;
  /** (options) ⇒ what does not go together, or null. */
  readonly check?: (options: Options) => OptionFault<Options> | null;
  /** Names that people look for among its options in vain ⇒ the option that does it. */
  readonly instead?: Readonly<Record<string, keyof Options & string>>;
  /** How the laboratory measures it. */
  readonly laboratory?: Partial<Laboratory<Options>>;
}

const keys: KeysOf<EstimatorDefinition<unknown, NetworkName>> = {
  name: true,
  summary: true,
  options: true,
  reads: true,
  estimate: true,
  remembers: true,
  metrics: true,
  check: true,
  instead: true,
  laboratory: true,
};

const laboratoryKeys: KeysOf<Laboratory<unknown>> = {
  label: true,
  comparator: true,
  canonical: true,
  horizon: true,
  variants: true,
};

/** (default of each option) ⇒ (options) ⇒ those that differ from it, in words. */
const differences = <Options>(fields: OptionFields<Options>): (options: Options) => string => {
  const defaults = defaultsOf(fields) as Readonly<Record<string, unknown>>;
  return (options) =>
    Object.entries(options as Readonly<Record<string, unknown>>)
      .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults[name]))
      .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ");
};

/**
 * (definition) ⇒ (estimator): the one way to define an estimator.
 * Throws a RangeError on a name that no pipeline file could write, an unknown key, or an option called `estimator`.
 */
export const defineEstimator = <Options, N extends NetworkName>(
  definition: EstimatorDefinition<Options, N>,
): Estimator<Options, N> => {
  const { name, options, laboratory, remembers = () => 0, metrics = {}, check = () => null, instead = {}, ...rest } =
    definition;
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name)) {
    throw new RangeError(
      `Cannot define an estimator as its name must be a letter, then letters and digits: current value is "${name}"`,
    );
  }
  const unknown = unknownKeyIn(definition, keys) ?? unknownKeyIn(laboratory ?? {}, laboratoryKeys);
  if (unknown !== null) throw new RangeError(`Cannot define estimator "${name}" as ${unknown}`);
  if (Object.hasOwn(options, "estimator")) {
    throw new RangeError(
      `Cannot define ${name} as no option may be called "estimator", which chooses among estimators: it has one`,
    );
  }
  const measured: Laboratory<Options> = {
    label: differences(options),
    comparator: () => ({}),
    canonical: (given) => given,
    horizon: () => 0,
    variants: { full: [{}], quick: [{}] },
    ...laboratory,
  };
  return {
    ...rest,
    name,
    options,
    remembers,
    metrics,
    check,
    instead,
    laboratory: measured,
    [brand]: true,
  } as Estimator<
    Options,
    N
  >;
};

/** (value) ⇒ whether `defineEstimator` made it, in this copy of the package or in another. */
export const isEstimator = (value: unknown): value is AnyEstimator =>
  value !== null && typeof value === "object" && brand in value;
