/**
 * Estimators by name wherever the laboratory works: those of this package, and those of modules by their addresses.
 *
 * @module
 */
import { type Estimators, isEstimator } from "../estimators/estimator.ts";
import { estimators as builtIn } from "../estimators/registry.ts";

/** (addresses of modules that export estimators) ⇒ (name ⇒ estimator), the built-in ones among them. Imports the modules. */
export const estimatorsAt = async (modules: ReadonlyArray<string>): Promise<Estimators> => {
  const imported: ReadonlyArray<object> = await Promise.all(modules.map((address) => import(address)));
  const own = imported.flatMap((module) => Object.values(module)).filter(isEstimator);
  return { ...builtIn, ...Object.fromEntries(own.map((estimator) => [estimator.name, estimator])) };
};
