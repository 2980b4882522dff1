/**
 * The panel: which estimators are measured, and what each is compared with.
 *
 * @module
 */
import type { EstimatorOptions } from "../estimators/estimator.ts";
import { type EstimatorName, estimators } from "../estimators/registry.ts";

/** One estimator with all of its options. */
export interface Spec {
  /** Name in the registry. */
  readonly estimator: EstimatorName;
  /** All of its options. */
  readonly options: EstimatorOptions;
}

/** One row of the panel. */
export interface PanelEntry extends Spec {
  /** Unique within the panel. */
  readonly label: string;
  /** Label of the likelihood ratio with the same V, advantage, λ, γ and halves; its own where it is one. */
  readonly match: string;
}

const decimals = (x: number): string => String(x).replace(/^0(?=\.)/, "");

const advantageName = ({ advantage, lambda, horizon, maxHorizon }: EstimatorOptions): string => {
  switch (advantage) {
    case "monteCarlo":
      return "MC";
    case "gae":
      return `GAE ${decimals(lambda)}`;
    case "kStep":
      return `${horizon === "dynamic" ? maxHorizon : horizon}-step`;
  }
};

/** (spec) ⇒ the same with the options that its estimator sets itself: svg1 looks one step ahead, its k-step A as well. */
export const asRead = (spec: Spec): Spec =>
  spec.estimator === "svg1" ? { ...spec, options: { ...spec.options, horizon: 1 } } : spec;

const matched = ({ options }: Spec): Spec => ({
  estimator: "likelihoodRatio",
  options: { ...options, horizon: options.advantage === "kStep" ? options.horizon : 0 },
});

/** Estimators that look one step ahead, whatever the horizon. */
const withoutHorizon: ReadonlySet<EstimatorName> = new Set(["qprop", "svg1"]);

/** (spec) ⇒ what of its imagination differs from what it mostly is, in words; nothing where it imagines nothing. */
const imaginationName = ({ estimator, options: o }: Spec): ReadonlyArray<string> =>
  estimator === "qprop" ? [] : [
    ...(o.imaginedReturn === "lambdaWeighted" && estimator !== "svg1" ? ["λ"] : []),
    ...(o.laterResiduals === "kept" || estimator === "modelGradient" ? [] : [`later by ${o.laterHorizon}`]),
    ...(o.imaginedGradient === "pathDerivative" ? [] : ["pairs"]),
    ...(o.rollouts === 1 ? [] : [`${o.rollouts} rollouts`]),
    ...(o.termination === "soft" ? [] : ["hard"]),
  ];

/** (spec) ⇒ what differs from the likelihood ratio, in words; what is as it mostly is goes without saying. */
const controlName = (spec: Spec): string => {
  const { estimator, options: o } = spec;
  return [
    ...(withoutHorizon.has(estimator) ? [] : [`k ${o.horizon === "dynamic" ? `≤ ${o.maxHorizon}` : o.horizon}`]),
    ...(estimator === "modelGradient" ? [] : [`w ${o.coefficient === "one" ? 1 : o.coefficient}`]),
    ...imaginationName(spec),
    ...(o.terms.length === 2 ? [] : [`${o.terms.join(" ")} only`]),
  ].join(", ");
};

const fitName: Readonly<Record<EstimatorOptions["fitOn"], string>> = {
  otherHalf: "",
  previousBatch: ", fit on the previous batch",
  sameBatch: ", fit on the same batch",
};

/** (spec) ⇒ a short name: what the estimator reads of its options. */
export const labelOf = (spec: Spec): string => {
  const { estimator, options } = spec, baseline = options.baseline === "constant" ? "" : ", horizon-aware";
  const fit = `${baseline}${fitName[options.fitOn]}`;
  return estimator === "likelihoodRatio"
    ? `${estimator} ${advantageName(options)}${fit}`
    : `${estimator} ${advantageName(options)}, ${controlName(spec)}${fit}`;
};

/** (spec) ⇒ equal for specs that are the same estimator: of a likelihood ratio only what it reads of its options counts. */
const identityOf = ({ estimator, options }: Spec): string => {
  const { advantage, lambda, horizon, maxHorizon, discount, fitOn, baseline } = options;
  const read = estimator === "likelihoodRatio"
    ? [
      discount,
      fitOn,
      baseline,
      advantage,
      advantage === "gae" && lambda,
      advantage === "kStep" && [horizon, maxHorizon],
    ]
    : Object.entries(options).sort();
  return JSON.stringify([estimator, read]);
};

/** (specs) ⇒ entries, each preceded by its match where that is not among them; what is asked for twice is there once. */
export const makePanel = (specs: ReadonlyArray<Spec>): ReadonlyArray<PanelEntry> => {
  const entries = new Map<string, PanelEntry>();
  const taken = new Map<string, string>(); // labels by identity
  const add = (given: Spec): string => {
    const spec = asRead(given), identity = identityOf(spec);
    const known = taken.get(identity);
    if (known !== undefined) return known;
    const plain = labelOf(spec);
    let label = plain;
    for (let i = 2; entries.has(label); i++) label = `${plain} (${i})`;
    taken.set(identity, label);
    if (spec.estimator === "likelihoodRatio") entries.set(label, { ...spec, label, match: label });
    else entries.set(label, { ...spec, label, match: add(matched(spec)) });
    return label;
  };
  for (const spec of specs) {
    if (spec.estimator !== "likelihoodRatio") add(matched(asRead(spec)));
    add(spec.estimator === "likelihoodRatio" ? matched(spec) : spec);
  }
  return [...entries.values()];
};

/** (panel, spec) ⇒ its row, where it has one. */
export const entryOf = (panel: ReadonlyArray<PanelEntry>, spec: Spec): PanelEntry | undefined =>
  panel.find((entry) => identityOf(entry) === identityOf(asRead(spec)));

/** (panel, entry) ⇒ the same likelihood ratio as its match, but centred on its own batch as published TRPO is, if measured. */
export const publishedOf = (panel: ReadonlyArray<PanelEntry>, entry: PanelEntry): PanelEntry | undefined => {
  const { options, estimator } = matched(entry);
  return entryOf(panel, { estimator, options: { ...options, fitOn: "sameBatch" } });
};

/** Horizons of a panel; quick ones measure only where a control variate of the family pays most. */
const horizons = { full: [1, 2, 5, 10, 20], quick: [2, 5, 10, 20] } as const;

/** How much of the family is measured. */
export type PanelSize = "full" | "quick";

const ratioOf = (own: Spec, options: Partial<EstimatorOptions>): Spec => ({
  estimator: "likelihoodRatio",
  options: { ...own.options, ...options },
});

/** (the pipeline's estimator) ⇒ specs: it, the likelihood ratio centred on its own batch, and that of Monte-Carlo returns. */
export const ratioSpecs = (own: Spec): ReadonlyArray<Spec> => [
  own,
  ratioOf(own, { fitOn: "sameBatch" }),
  ratioOf(own, { advantage: "monteCarlo" }),
];

/**
 * (the pipeline's estimator, size) ⇒ specs: that estimator; the likelihood ratio centred on its own batch, and with MC,
 * GAE .97 and .9; MSCV over horizons with w one and optimal (quick: optimal); every other estimator of the registry with the same options.
 *
 * @param without  estimators whose networks the run does not fit
 */
export const defaultSpecs = (
  own: Spec,
  size: PanelSize,
  without: ReadonlyArray<EstimatorName>,
): ReadonlyArray<Spec> => {
  const base = own.estimator === "likelihoodRatio"
    ? {
      ...own.options,
      imaginedReturn: own.options.advantage === "gae" ? "lambdaWeighted" as const : "kStep" as const,
    }
    : own.options;
  const coefficients = size === "full" ? ["one", "optimal"] as const : ["optimal"] as const;
  const family = horizons[size].flatMap((horizon) =>
    coefficients.map((coefficient): Spec => ({
      estimator: "mscv",
      options: { ...base, horizon, coefficient, terms: ["g1", "g2"] },
    }))
  );
  const others = (Object.keys(estimators) as EstimatorName[])
    .filter((name) => name !== "likelihoodRatio" && name !== "mscv" && !without.includes(name))
    .map((estimator): Spec => ({ estimator, options: { ...base, terms: ["g1", "g2"] } }));
  return [
    ...ratioSpecs(own),
    ratioOf(own, { advantage: "gae", lambda: 0.97 }),
    ratioOf(own, { advantage: "gae", lambda: 0.9 }),
    ...family,
    ...others,
  ];
};

/** (panel) ⇒ the horizons that its entries with a model use, ascending: those of the bound by a perfect model. */
export const horizonsOf = (panel: ReadonlyArray<PanelEntry>): ReadonlyArray<number> => {
  const used = panel.filter(({ estimator }) => estimator !== "likelihoodRatio" && estimator !== "qprop")
    .map(({ options: { horizon, maxHorizon } }) => horizon === "dynamic" ? maxHorizon : horizon);
  return [...new Set(used)].filter((k) => k > 0).sort((a, b) => a - b);
};
