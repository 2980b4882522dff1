/**
 * The paper's Figures 2 and 3: real trajectories against open-loop predictions of the model.
 * (agreement of states and rewards) ⇒ (figure, table)
 *
 * @module
 */
import type { Curve, CurvesChart } from "./charts/chart.ts";
import { colorOf, inks } from "./charts/theme.ts";
import type { Figure } from "./figure.ts";
import type { Agreement, Spread } from "./prediction.ts";
import { formatEstimate } from "./quantities.ts";
import { columns, type Table } from "./table.ts";

/** What was measured of one run's model. */
export interface PredictionReport {
  /** Run folder. */
  readonly run: string;
  readonly task: string;
  /** Iteration of the checkpoint. */
  readonly iteration: number;
  readonly state: ReadonlyArray<Agreement>;
  readonly reward: ReadonlyArray<Agreement>;
}

type Measure = "realNorm" | "predictedNorm" | "differenceNorm" | "cosine";

const look: Readonly<Record<Measure, readonly [string, string, Curve["stroke"]]>> = {
  realNorm: ["real", inks.quiet, "solid"],
  predictedNorm: ["predicted", colorOf(0), "dashed"],
  differenceNorm: ["", colorOf(1), "solid"],
  cosine: ["", colorOf(0), "solid"],
};

const curve = (agreement: ReadonlyArray<Agreement>, measure: Measure): Curve => {
  const [name, color, stroke] = look[measure];
  const point = (step: number, { mean, low, high }: Spread) => {
    const bare = low === high || measure === "realNorm" || measure === "predictedNorm"; // two bands on top of each other
    return { x: step, y: mean, low: bare ? null : low, high: bare ? null : high };
  };
  return { name, color, stroke, points: agreement.map((each) => point(each.step, each[measure])), seeds: [] };
};

const chart = (
  agreement: ReadonlyArray<Agreement>,
  title: string,
  axis: string,
  measures: ReadonlyArray<Measure>,
): CurvesChart => ({
  kind: "curves",
  title,
  subtitle: "",
  x: { title: "Steps since the start", scale: "linear", include: [0] },
  y: { title: axis, scale: "linear", include: measures.includes("cosine") ? [0, 1] : [0] },
  interval: "band",
  references: [],
  curves: measures.map((measure) => curve(agreement, measure)),
});

const sizes: ReadonlyArray<Measure> = ["realNorm", "predictedNorm"];
const norms: ReadonlyArray<Measure> = [...sizes, "differenceNorm"];

/** (measured, its place among several) ⇒ for states and rewards their size, the error on an axis of its own, and the cosine. */
export const predictionFigure = (report: PredictionReport, index: number): Figure => ({
  name: index === 0 ? "prediction" : `prediction_${index + 1}`,
  title: `Prediction by the model, ${report.task}`,
  caption: `${report.run}, iteration ${report.iteration}: the model alone, from ${report.state[0]?.starts ?? 0} real ` +
    "states of fresh episodes, under the actions that were really taken. Lines: means over the starts; bands of " +
    "error and cosine: the middle 80% of the starts. States are raw observations. The cosine of rewards is that of all starts' rewards at a step.",
  charts: [
    chart(report.state, "State: norms", "Euclidean norm of the state", sizes),
    chart(report.state, "State: error", "Euclidean norm of the difference", ["differenceNorm"]),
    chart(report.state, "State: cosine", "Cosine of real and predicted state", ["cosine"]),
    chart(report.reward, "Reward: size", "Absolute reward", sizes),
    chart(report.reward, "Reward: error", "Absolute difference", ["differenceNorm"]),
    chart(report.reward, "Reward: cosine", "Cosine of real and predicted rewards", ["cosine"]),
  ],
});

const numbers = (each: Agreement): ReadonlyArray<string> =>
  [...norms, "cosine" as const].map((measure) => formatEstimate(each[measure].mean));

/** (measured) ⇒ its numbers by step. */
export const predictionTable = ({ run, state, reward }: PredictionReport): Table => ({
  title: `Prediction by the model of ${run}`,
  note: "Means over the starts whose episode lasted that long.",
  columns: columns(
    ">step",
    ">starts",
    ...["real", "predicted", "difference", "cosine"].map((name) => `>state: ${name}`),
    ...["real", "predicted", "difference", "cosine"].map((name) => `>reward: ${name}`),
  ),
  rows: state.map((each, i) => [String(each.step), String(each.starts), ...numbers(each), ...numbers(reward[i])]),
});
