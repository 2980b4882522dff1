/**
 * What stands around the parameters of networks: folds for cross-fitting, and ensembles.
 *
 * @module
 */
import type { Half } from "./halves.ts";
import type { ModelParams, SimulatorParams } from "./parameters.ts";

/** A network that is fitted to the memory, and the samples behind it. */
export interface Fold<P> {
  /** Its parameters. */
  readonly network: P;
  /** `fingerprint` of the newest batch that it was fitted on; absent before any fit. */
  readonly seen?: number;
}

/** Networks by the half of the newest batch that they correct: where fits are cross-fitted, neither has seen its half. */
export interface Folds<P> {
  /** Corrects half 0; both halves where it is alone. */
  readonly first: Fold<P>;
  /** Corrects half 1; absent where one network corrects everything. */
  readonly second?: Fold<P>;
}

/** (network) ⇒ it alone, before any fit. */
export const oneFold = <P>(network: P): Folds<P> => ({ first: { network } });

/** (folds, half) ⇒ the fold that corrects this half. */
export const foldOf = <P>({ first, second = first }: Folds<P>, half: Half): Fold<P> => (half === 0 ? first : second);

/** Networks that stand for one: what is imagined with them is the mean of all members'. */
export interface Ensemble<P> {
  /** One at least. */
  readonly members: readonly [P, ...P[]];
}

/** (network) ⇒ an ensemble of it alone. */
export const ensembleOf = <P>(network: P): Ensemble<P> => ({ members: [network] });

/** What imagined rollouts are stepped by: networks that were learned, or a simulator. */
export type Model = Ensemble<ModelParams> | SimulatorParams;

/** (model) ⇒ whether it is a simulator. */
export const isSimulator = (model: Model): model is SimulatorParams => "factors" in model;

/** (model, who asks) ⇒ its networks. Throws a TypeError where it is a simulator, which stages refuse before they run. */
export const networksOf = (model: Model, reader: string): Ensemble<ModelParams> => {
  if (!isSimulator(model)) return model;
  throw new TypeError(`Cannot run ${reader} as the model must be learned: a simulator stands in its place`);
};
