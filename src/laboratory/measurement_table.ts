/**
 * A measurement as a table of text.
 *
 * @module
 */
import { formatCount, formatDuration, formatEstimate, formatPercent } from "../report/quantities.ts";
import type { IntervalEstimate } from "./bootstrap_intervals.ts";
import type { EstimatorResult, Measurement } from "./measurement.ts";
import { fewBatches } from "./budget.ts";
import type { Removed } from "./variance_sources.ts";
import { biasOf, verdict } from "./verdict.ts";

const number = (x: number | undefined): string => x === undefined || !Number.isFinite(x) ? "–" : formatEstimate(x);

/** (interval) ⇒ "1.2 [0.9, 1.5]"; a dash where there is no number, "1.2 [–, –]" where there is no interval. */
const show = ({ value, low, high }: IntervalEstimate): string =>
  Number.isFinite(value) ? `${number(value)} [${number(low)}, ${number(high)}]` : "–";

const percent = ({ value, low, high }: IntervalEstimate): string => {
  const whole = (x: number) => Number.isFinite(x) ? formatPercent(x) : "–";
  return Number.isFinite(value) ? `${whole(value)}% [${whole(low)}, ${whole(high)}]` : "–";
};

/** (rows) ⇒ lines with columns aligned: the first to the left, the others to the right. */
const alignColumns = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const length = (cell: string) => [...cell].length;
  const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => length(row[c]))));
  const pad = (cell: string, c: number) => " ".repeat(widths[c] - length(cell));
  return rows.map((row) =>
    row.map((cell, c) => c === 0 ? cell + pad(cell, c) : pad(cell, c) + cell).join("  ").trimEnd()
  );
};

/** Labels, the pipeline's own with an arrow. */
const nameOf = ({ label }: EstimatorResult, own: string): string => label === own ? `${label} ←` : label;

const afterRows = ({ estimators, own }: Measurement): ReadonlyArray<ReadonlyArray<string>> => [
  ["after F⁻¹", "bias²", "variance", "variance/match", "/floor", "/own centre", "gain/match", "cosine", "bias"],
  ...estimators.map((row) => {
    const { moments, relative, published } = row.natural, isMatch = row.label === row.match;
    return [
      nameOf(row, own),
      show(moments.biasSquared),
      show(moments.variance),
      isMatch ? "" : show(relative.variance),
      row.aboveFloor === null ? "" : show(row.aboveFloor),
      published === null ? "" : show(published.variance),
      isMatch ? "" : show(relative.improvement),
      show(moments.cosine),
      biasOf(row),
    ];
  }),
];

const causeRows = ({ estimators, own }: Measurement): ReadonlyArray<ReadonlyArray<string>> => [
  ["after F⁻¹", "direction", "coherence", "to own mean", "ρ", "residual", "w", "ms", "cost/match"],
  ...estimators.map((row) => {
    const { moments } = row.natural, isMatch = row.label === row.match;
    return [
      nameOf(row, own),
      show(moments.direction),
      show(moments.coherence),
      show(moments.selfCosine),
      ...(["correlation", "varianceRatio", "coefficient"] as const).map((name) =>
        isMatch || row.metrics[name] === undefined ? "" : show(row.metrics[name])
      ),
      number(1000 * row.seconds),
      isMatch ? "" : show(row.relativeCost),
    ];
  }),
];

const beforeRows = ({ estimators, own }: Measurement): ReadonlyArray<ReadonlyArray<string>> => [
  ["before F⁻¹ (Euclidean)", "bias²", "variance", "variance/match", "gain/match", "cosine"],
  ...estimators.map((row) => {
    const { moments, relative } = row.euclidean, isMatch = row.label === row.match;
    return [
      nameOf(row, own),
      show(moments.biasSquared),
      show(moments.variance),
      isMatch ? "" : show(relative.variance),
      isMatch ? "" : show(relative.improvement),
      show(moments.cosine),
    ];
  }),
];

/** The run's own model, learned or a simulator, beside the perfect one, in the columns behind it. */
const learnedCells = ({ correlation, share, beyondBaseline }: Removed): ReadonlyArray<string> => [
  number(correlation),
  percent(share),
  percent(beyondBaseline),
];

/** What a perfect model's whole gradient leaves, and of what it is made. */
const floorRows = ({ floors }: Measurement): ReadonlyArray<ReadonlyArray<string>> => [
  ["floor: a perfect model, G1 + G2", "variance/match", "residual of G1", "states", "+ first action", "+ later noise"],
  ...floors.map(({ horizon, natural: { variance, residual, states, firstAction, laterNoise } }) => [
    `k ${horizon}`,
    ...[variance, residual, states, firstAction, laterNoise].map(show),
  ]),
];

const boundRows = ({ horizons, sources: [own] }: Measurement): ReadonlyArray<ReadonlyArray<string>> => [
  [
    "one sample's variance, G1 alone",
    "ρ",
    "1 − ρ²",
    "removes",
    "beyond E[Â|s]",
    ...(own.natural.learned.length === 0 ? [] : ["model: ρ", "removes", "beyond E[Â|s]"]),
  ],
  ...horizons.map((horizon, i) => {
    const bound = own.natural.perfect[i];
    return [
      `perfect model, k ${horizon}`,
      number(bound.correlation),
      number(1 - bound.correlation ** 2),
      percent(bound.share),
      percent(bound.beyondBaseline),
      ...own.natural.learned.slice(i, i + 1).flatMap(learnedCells),
    ];
  }),
];

const sourceRows = ({ sources }: Measurement): ReadonlyArray<ReadonlyArray<string>> => [
  ["variance of one sample of", "metric", "total", "trajectory", "action", "state", "E[Â|s] removes"],
  ...sources.flatMap((row) =>
    (["natural", "euclidean"] as const).map((metric) => {
      const { sources: { total, shares }, stateBaseline } = row[metric];
      return [
        row.label,
        metric,
        show(total),
        ...[shares.trajectory, shares.action, shares.state, stateBaseline].map(percent),
      ];
    })
  ),
];

const sizeRows = ({ sizes }: Measurement): ReadonlyArray<ReadonlyArray<string>> => [
  ["variance against batch size", ...sizes[0].steps.map(String), "slope"],
  ...sizes.map(({ label, variance, slope }) => [label, ...variance.map(show), show(slope)]),
];

/** (measurement, heading) ⇒ text: the panel after the natural-gradient step, bounds, sources, sizes, and the verdict. */
export const printMeasurement = (measurement: Measurement, heading: string): string => {
  const { budget, truth, referenceSteps, valueWeight, meanReturn, batchSeconds, seconds } = measurement;
  const blocks = [
    [
      heading,
      `mean return ${number(meanReturn)}; ${budget.batches} batches of ${formatCount(budget.steps)} steps; reference ` +
      `${formatCount(referenceSteps)} steps, its ‖r‖² ${show(truth.natural.signal)}, variance ${
        number(truth.natural.noise)
      }`,
      `V enters the reference with weight ${number(valueWeight)} where a return is cut off` +
      (valueWeight > 0.0101 ? ": too much for a truth, γ is too close to 1 for 2000 steps of physics" : ""),
      `collecting a batch takes ${number(1000 * batchSeconds)} ms; 95% intervals; ← the pipeline's own estimator`,
      ...(budget.batches < fewBatches
        ? [
          `${budget.batches} batches are few: intervals and choices by halves can be trusted with ${fewBatches} and more`,
        ]
        : []),
    ],
    alignColumns(afterRows(measurement)),
    alignColumns(causeRows(measurement)),
    alignColumns(beforeRows(measurement)),
    ...(measurement.floors.length === 0 ? [] : [alignColumns(floorRows(measurement))]),
    ...(measurement.horizons.length === 0 ? [] : [alignColumns(boundRows(measurement))]),
    alignColumns(sourceRows(measurement)),
    alignColumns(sizeRows(measurement)),
    verdict(measurement),
    [`measured in ${formatDuration(Object.values(seconds).reduce((a, b) => a + b, 0))}`],
  ];
  return blocks.map((lines) => lines.join("\n")).join("\n\n");
};
