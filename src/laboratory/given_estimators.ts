/**
 * Estimators as the command line of `mscv lab` writes them.
 *
 *   mscv:horizon=10,coefficient=optimal      a name with options, separated by commas
 *   panel.yaml                               a file with a list of `- mscv: { horizon: 10 }` or of the above
 *
 * An option that is not given is the pipeline's own. Beside the options, `model` says what imagines:
 *
 *   mscv:horizon=20,model=physics                     the true task's physics in place of the run's model
 *   mscv:model={mass: 0.8, friction: 1.2}             the same with other factors, relative to the nominal figures;
 *                                                     those that are not said are the true task's
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Result from "effect/Result";
import type * as Schema from "effect/Schema";
import { readFileSync } from "node:fs";
import { decodeAt } from "../config/issues.ts";
import { isTree, locatedAt } from "../config/located.ts";
import { parseLocated } from "../config/parse_yaml.ts";
import { formatProblem, type Problem } from "../config/problems.ts";
import type { Estimators } from "../estimators/estimator.ts";
import { ModelUndifferentiable } from "../imagination/world.ts";
import { type EstimatorSpec, inherited } from "./panel.ts";
import type { PhysicsModel } from "./physics_model.ts";
import { recordOf } from "../options/options.ts";
import { estimateGradientOf } from "../stages/estimate_gradient.ts";
import { didYouMean } from "../options/did_you_mean.ts";
import { unknownOption } from "../config/tagged_options.ts";
import { UsageInvalid } from "../config/usage.ts";

/** An estimator and the options given to it, not yet checked. */
export interface GivenEstimator {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** What stood there, for errors. */
  readonly source: string;
}

const invalid = (what: string, reason: string): UsageInvalid =>
  new UsageInvalid({ message: `Cannot measure ${what} as ${reason}` });

/** (text, separator) ⇒ its parts between the separators that are in no brackets or braces. */
const splitAt = (text: string, separator: RegExp): ReadonlyArray<string> => {
  const parts: string[] = [""];
  let depth = 0;
  for (const character of text) {
    depth += Number("[{".includes(character)) - Number("]}".includes(character));
    if (separator.test(character) && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part !== "");
};

/** (value) ⇒ the same with a space behind each colon of `{mass:0.8}`, without which YAML takes it for a name. */
const spaced = (value: string): string => value.replace(/([{,]\s*[A-Za-z_]\w*):(?=\S)/g, "$1: ");

/** (text) ⇒ (name, options). Fails: UsageInvalid. */
export const parseEstimator = (text: string): Result.Result<GivenEstimator, UsageInvalid> => {
  const colon = text.indexOf(":"), name = colon < 0 ? text : text.slice(0, colon);
  const options: Array<readonly [string, unknown]> = [];
  for (const part of colon < 0 ? [] : splitAt(text.slice(colon + 1), /,/)) {
    const equals = part.indexOf("=");
    if (equals < 1) return Result.fail(invalid(`"${text}"`, `"${part}" must look like option=value`));
    const { tree, problems } = parseLocated(spaced(part.slice(equals + 1)), text);
    if (problems.length > 0) {
      return Result.fail(invalid(`"${text}"`, `"${part}" must hold a value: ${problems[0].message}`));
    }
    options.push([part.slice(0, equals), tree.root]);
  }
  return Result.succeed({ name, options: Object.fromEntries(options), source: text });
};

/** (file) ⇒ estimators. Fails: UsageInvalid. */
const readEstimators = (file: string): Result.Result<ReadonlyArray<GivenEstimator>, UsageInvalid> => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return Result.fail(
      invalid(`the estimators of ${file}`, `it must be a readable YAML file: ${(error as Error).message}`),
    );
  }
  const { tree: { root: list }, problems } = parseLocated(text, file);
  if (problems.length > 0) {
    return Result.fail(invalid(`the estimators of ${file}`, problems.map(formatProblem).join("\n  ")));
  }
  if (!Array.isArray(list) || list.length === 0) {
    return Result.fail(invalid(`the estimators of ${file}`, 'it must be a list such as "- mscv: { horizon: 10 }"'));
  }
  return Result.all(list.map((item): Result.Result<GivenEstimator, UsageInvalid> => {
    if (typeof item === "string") return parseEstimator(item);
    const [entry, ...more] = isTree(item) ? Object.entries(item) : [];
    if (entry === undefined || more.length > 0 || !(entry[1] === null || isTree(entry[1]))) {
      return Result.fail(
        invalid(`the estimators of ${file}`, `${JSON.stringify(item)} must be one name with its options`),
      );
    }
    return Result.succeed({ name: entry[0], options: entry[1] ?? {}, source: `${file}: ${entry[0]}` });
  }));
};

/** (value of `model`) ⇒ the physics that it stands for; null: none. */
const physicsSaid = (said: unknown): PhysicsModel | null => {
  if (said === "physics") return { physics: {} };
  if (!isTree(said) || !Object.values(said).every((x) => typeof x === "number")) return null;
  return { physics: said as Readonly<Record<string, number>> };
};

/** (given, the pipeline's own, estimators) ⇒ (spec): what is not given is the pipeline's where both have it, or the default. */
const resolveEstimator = (
  given: GivenEstimator,
  own: EstimatorSpec,
  estimators: Estimators,
): Result.Result<EstimatorSpec, UsageInvalid> => {
  const { name, source } = given, names = Object.keys(estimators);
  if (!names.includes(name)) {
    return Result.fail(invalid(`"${source}"`, `it must name an estimator: ${didYouMean(name, names)}`));
  }
  const { options, check, reads } = estimators[name];
  const { model: said, ...rest } = given.options, byPhysics = said !== undefined && !Object.hasOwn(options, "model");
  if (byPhysics && !reads.includes("model")) {
    return Result.fail(invalid(`"${source}"`, `model must be left out of an estimator that imagines nothing`));
  }
  const model = byPhysics ? physicsSaid(said) : undefined;
  if (model === null) {
    return Result.fail(
      invalid(
        `"${source}"`,
        `model must be physics, or factors as in {mass: 0.8}: current value is ${JSON.stringify(said)}`,
      ),
    );
  }
  const pairs = byPhysics && Object.hasOwn(options, "imaginedGradient") ? { imaginedGradient: "mirroredPairs" } : {};
  const tree = locatedAt(
    { ...inherited(estimators, own, name), ...pairs, ...(byPhysics ? rest : given.options) },
    { source, line: 0, column: 0 },
  );
  const { tagged } = estimateGradientOf(estimators);
  const decoded = decodeAt(
    recordOf<EstimatorSpec["options"]>(options, check) as unknown as Schema.Codec<EstimatorSpec["options"], unknown>,
    tree,
    [],
    unknownOption(tagged, { estimator: name }),
  );
  return Result.match(decoded, {
    onSuccess: (options) => {
      const { imaginedGradient: way } = options;
      if (byPhysics && typeof way === "string" && way !== "mirroredPairs") {
        return Result.fail(invalid(`"${source}"`, new ModelUndifferentiable(name, way).message));
      }
      return Result.succeed<EstimatorSpec>({ estimator: name, options, ...(model === undefined ? {} : { model }) });
    },
    onFailure: (problems: ReadonlyArray<Problem>) =>
      Result.fail(invalid(`"${given.source}"`, problems.map(formatProblem).join("\n  "))),
  });
};

/** (values of --estimators, the pipeline's own, estimators at hand) ⇒ (specs). Fails: UsageInvalid. */
export const parseEstimators = (
  values: ReadonlyArray<string>,
  own: EstimatorSpec,
  estimators: Estimators,
): Effect.Effect<ReadonlyArray<EstimatorSpec>, UsageInvalid> => {
  const words = values.flatMap((value) => splitAt(value, /\s/));
  const given = Result.all(
    words.map((word) =>
      /\.ya?ml$/.test(word) ? readEstimators(word) : Result.map(parseEstimator(word), (one) => [one])
    ),
  );
  const specs = Result.flatMap(
    given,
    (lists) => Result.all(lists.flat().map((one) => resolveEstimator(one, own, estimators))),
  );
  return Effect.fromResult(specs);
};
