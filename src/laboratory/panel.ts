/**
 * The panel: which estimators are measured, and what each is compared with. What an estimator is called, how it differs
 * from the likelihood ratio and how far it imagines, its definition says.
 *
 * @module
 */
import type { AnyEstimator, Estimators, NetworkName, PanelSize } from "../estimators/estimator.ts";
import { likelihoodRatio } from "../estimators/likelihood_ratio.ts";
import type { LikelihoodRatioOptions } from "../estimators/option_groups.ts";
import { defaultsOf, type OptionFields, takes } from "../options/options.ts";
import { physicsLabel, type PhysicsModel } from "./physics_model.ts";

/** One estimator with all of its options. */
export interface EstimatorSpec {
  /** Name among the estimators at hand. */
  readonly estimator: string;
  /** All of its options, by name. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Physics that imagines in place of the run's model; absent: that model does. */
  readonly model?: PhysicsModel;
}

/** One row of the panel. */
export interface PanelEntry extends EstimatorSpec {
  /** Unique within the panel. */
  readonly label: string;
  /** Label of the likelihood ratio with the same V, advantage, λ, γ and halves; its own where it is one. */
  readonly match: string;
}

/** What every estimator is compared with. */
const ratio = likelihoodRatio.name;

const fieldsOf = ({ options }: AnyEstimator): OptionFields<Record<string, unknown>> => options;

/**
 * (estimators, spec, another estimator) ⇒ what the spec says of the other's options: those that both have, and those that
 * decide its real advantage.
 */
export const inherited = (
  estimators: Estimators,
  { estimator, options }: EstimatorSpec,
  other: string,
): Readonly<Record<string, unknown>> => {
  const said: Readonly<Record<string, unknown>> = {
    ...estimators[estimator].laboratory.comparator(options),
    ...options,
  };
  return Object.fromEntries(
    Object.entries(fieldsOf(estimators[other])).flatMap(([name, schema]) =>
      Object.hasOwn(said, name) && takes(schema, said[name]) ? [[name, said[name]]] : []
    ),
  );
};

/** (estimators, spec, another estimator, changes) ⇒ the other one with the spec's options as far as it has them. */
const sharing = (estimators: Estimators, own: EstimatorSpec, other: string, changes: object = {}): EstimatorSpec => ({
  estimator: other,
  options: { ...defaultsOf(fieldsOf(estimators[other])), ...inherited(estimators, own, other), ...changes },
});

/** (estimators, spec) ⇒ the same, with the options that play no part at their defaults. */
const canonical = (estimators: Estimators, { estimator, options, ...model }: EstimatorSpec): EstimatorSpec => ({
  estimator,
  options: estimators[estimator].laboratory.canonical(options),
  ...model,
});

const matched = (estimators: Estimators, spec: EstimatorSpec): EstimatorSpec => sharing(estimators, spec, ratio);

/** (estimators, spec) ⇒ options of the likelihood ratio that it is compared with: the real advantage that it estimates with. */
export const comparatorOf = (estimators: Estimators, spec: EstimatorSpec): LikelihoodRatioOptions =>
  matched(estimators, spec).options as unknown as LikelihoodRatioOptions;

/** (estimators, spec) ⇒ a short name: what the estimator reads of its options. */
export const labelOf = (estimators: Estimators, { estimator, options, model }: EstimatorSpec): string =>
  `${estimator} ${estimators[estimator].laboratory.label(options)}`.trim() + physicsLabel(model);

/** (estimators, spec) ⇒ equal for specs that are the same estimator. */
const identityOf = (estimators: Estimators, spec: EstimatorSpec): string => {
  const { estimator, options, model } = canonical(estimators, spec);
  const physics = model === undefined ? [] : [Object.entries(model.physics).sort()];
  return JSON.stringify([estimator, Object.entries(options).sort(), ...physics]);
};

/** (estimators, specs) ⇒ entries, each preceded by its match where that is not among them; what is asked for twice is there once. */
export const makePanel = (estimators: Estimators, specs: ReadonlyArray<EstimatorSpec>): ReadonlyArray<PanelEntry> => {
  const entries = new Map<string, PanelEntry>();
  const taken = new Map<string, string>(); // labels by identity
  const add = (given: EstimatorSpec): string => {
    const spec = canonical(estimators, given), identity = identityOf(estimators, spec);
    const known = taken.get(identity);
    if (known !== undefined) return known;
    const plain = labelOf(estimators, spec);
    let label = plain;
    for (let i = 2; entries.has(label); i++) label = `${plain} (${i})`;
    taken.set(identity, label);
    const match = spec.estimator === ratio ? label : add(matched(estimators, given));
    entries.set(label, { ...spec, label, match });
    return label;
  };
  for (const spec of specs) {
    if (spec.estimator !== ratio) add(matched(estimators, spec));
    add(spec);
  }
  return [...entries.values()];
};

/** (estimators, panel, spec) ⇒ its row, where it has one. */
export const entryOf = (
  estimators: Estimators,
  panel: ReadonlyArray<PanelEntry>,
  spec: EstimatorSpec,
): PanelEntry | undefined => panel.find((entry) => identityOf(estimators, entry) === identityOf(estimators, spec));

/** (estimators, panel, entry) ⇒ the same likelihood ratio as its match, but centred on its own batch as published TRPO is, if measured. */
export const publishedOf = (
  estimators: Estimators,
  panel: ReadonlyArray<PanelEntry>,
  entry: PanelEntry,
): PanelEntry | undefined => entryOf(estimators, panel, sharing(estimators, entry, ratio, { fitOn: "sameBatch" }));

/** (panel, γ) ⇒ the likelihood ratio that everybody starts from, of Monte-Carlo returns, if measured. */
export const plainOf = (panel: ReadonlyArray<PanelEntry>, discount: number): PanelEntry | undefined =>
  panel.find(({ estimator, options }) =>
    estimator === ratio && options.advantage === "monteCarlo" && options.discount === discount
  );

/** (estimators, the pipeline's estimator) ⇒ the likelihood ratio of Monte-Carlo returns beside it. */
export const monteCarloOf = (estimators: Estimators, own: EstimatorSpec): EstimatorSpec =>
  canonical(estimators, sharing(estimators, own, ratio, { advantage: "monteCarlo" }));

/** (estimators, the pipeline's) ⇒ specs: it, the likelihood ratio centred on its own batch, and that of Monte-Carlo returns. */
export const ratioSpecs = (estimators: Estimators, own: EstimatorSpec): ReadonlyArray<EstimatorSpec> => [
  own,
  sharing(estimators, own, ratio, { fitOn: "sameBatch" }),
  sharing(estimators, own, ratio, { advantage: "monteCarlo" }),
];

/** (estimators, the pipeline's) ⇒ how imagined returns are weighted: as it says, or as its real advantage weighs. */
export const imaginedReturnOf = (estimators: Estimators, own: EstimatorSpec): "kStep" | "lambdaWeighted" =>
  own.options.imaginedReturn as "kStep" | "lambdaWeighted" | undefined ??
    (comparatorOf(estimators, own).advantage === "gae" ? "lambdaWeighted" : "kStep");

/**
 * (estimators, the pipeline's, size) ⇒ specs: that estimator; the likelihood ratio centred on its own batch, and with MC,
 * GAE .97 and .9; every other estimator at hand, with the options that it shares with the pipeline's and as its definition
 * varies it.
 *
 * @param unfitted  networks that no stage of the program fits: estimators that read one are left out
 */
export const defaultSpecs = (
  estimators: Estimators,
  own: EstimatorSpec,
  size: PanelSize,
  unfitted: ReadonlyArray<NetworkName>,
): ReadonlyArray<EstimatorSpec> => {
  const { terms: _, ...rest } = own.options; // a summand that the pipeline leaves out is no reason to leave it out here
  const base: EstimatorSpec = { ...own, options: { ...rest, imaginedReturn: imaginedReturnOf(estimators, own) } };
  const others = Object.values(estimators)
    .filter(({ name }) => name !== ratio && !leftOut(estimators, unfitted).includes(name))
    .flatMap(({ name, laboratory: { variants } }) =>
      variants[size].map((changes) => sharing(estimators, base, name, changes))
    )
    .filter(({ estimator, options }) => estimators[estimator].check(options) === null); // what the pipeline's suit
  return [
    ...ratioSpecs(estimators, own),
    sharing(estimators, own, ratio, { advantage: "gae", lambda: 0.97 }),
    sharing(estimators, own, ratio, { advantage: "gae", lambda: 0.9 }),
    ...others,
  ];
};

/** (estimators, networks that no stage fits) ⇒ names of those that read one of them, but for what all are compared with. */
export const leftOut = (estimators: Estimators, unfitted: ReadonlyArray<NetworkName>): ReadonlyArray<string> =>
  Object.values(estimators)
    .filter(({ name, reads }) => name !== ratio && reads.some((network) => unfitted.includes(network)))
    .map(({ name }) => name);

/** (estimators, the pipeline's, size, networks that no stage fits) ⇒ horizons of the default panel's rows that are left out. */
export const horizonsLeftOut = (
  estimators: Estimators,
  own: EstimatorSpec,
  size: PanelSize,
  unfitted: ReadonlyArray<NetworkName>,
): ReadonlyArray<number> => {
  const without = leftOut(estimators, unfitted);
  return defaultSpecs(estimators, own, size, []).filter(({ estimator }) => without.includes(estimator))
    .map(({ estimator, options }) => estimators[estimator].laboratory.horizon(options));
};

/** (estimators, panel) ⇒ the horizons that its entries use, ascending: those of the bound by a perfect model. */
export const horizonsOf = (estimators: Estimators, panel: ReadonlyArray<PanelEntry>): ReadonlyArray<number> => {
  const used = panel.map(({ estimator, options }) => estimators[estimator].laboratory.horizon(options));
  return [...new Set(used)].filter((k) => k > 0).sort((a, b) => a - b);
};
