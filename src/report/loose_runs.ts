/**
 * Runs that no sweep describes, grouped: the same options are one variant, named by what tells it from the others.
 * (runs with their options) ⇒ (runs of a study, warnings)
 *
 * @module
 */
import { differingOptions, nameByOptions, type OptionTexts } from "./option_names.ts";
import type { StudyRun } from "./study.ts";

/** A run, its variant not yet named. */
export interface LooseRun extends Omit<StudyRun, "variant"> {
  /** Name of its folder without task, seed and time: a name that a user may have chosen. */
  readonly folderName: string;
  /** Name of its pipeline, without the task. */
  readonly pipelineName: string;
  /** Of all options that decide numbers, the seed aside. */
  readonly hash: string;
  /** The same options: a tree of records. */
  readonly options: unknown;
}

const shown = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value) ?? "none";

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const leavesOf = (value: unknown, path: ReadonlyArray<string> = []): ReadonlyArray<readonly [string, string]> =>
  isRecord(value)
    ? Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
    : [[path.join("."), shown(value)]];

/** Runs of one task with the same options. */
interface Group {
  readonly hash: string;
  readonly runs: ReadonlyArray<LooseRun>;
  readonly leaves: OptionTexts;
  /** The folders' name where all of its runs have it in common, else the pipeline's. */
  readonly name: string;
}

const groupsOf = (runs: ReadonlyArray<LooseRun>): ReadonlyArray<Group> =>
  [...Map.groupBy(runs, ({ hash }) => hash)].map(([hash, same]) => {
    const names = new Set(same.map(({ folderName }) => folderName));
    const [{ options, folderName, pipelineName }] = same;
    return { hash, runs: same, leaves: new Map(leavesOf(options)), name: names.size === 1 ? folderName : pipelineName };
  });

/** (groups of one task) ⇒ the variant of each, by hash. */
const nameGroups = (groups: ReadonlyArray<Group>): ReadonlyArray<readonly [string, string]> =>
  [...Map.groupBy(groups, ({ name }) => name)].flatMap(([name, namesakes]) => {
    if (namesakes.length === 1) return [[namesakes[0].hash, name] as const];
    const paths = differingOptions(namesakes.map(({ leaves }) => leaves));
    const told = namesakes.map(({ leaves, hash }) => [hash, `${name} ${nameByOptions(leaves, paths)}`] as const);
    return told.map(([hash, label]) => {
      const alone = told.filter(([, other]) => other === label).length === 1;
      return [hash, alone ? label : `${label} ${hash.slice(0, 4)}`] as const;
    });
  });

const iterationsOf = ({ history }: LooseRun): number => history.at(-1)?.iteration ?? 0;

/** (runs of equal options) ⇒ the longest of each seed, and what became of the others. */
const oneASeed = (runs: ReadonlyArray<LooseRun>) => {
  const kept: LooseRun[] = [], warnings: string[] = [];
  for (const same of Map.groupBy(runs, ({ seed }) => seed).values()) {
    const [longest, ...others] = same.toSorted((a, b) => iterationsOf(b) - iterationsOf(a));
    kept.push(longest);
    for (const { folder } of others) {
      warnings.push(
        `${folder} is left out, as ${longest.folder} has the same options and seed and is as long or longer`,
      );
    }
  }
  return { kept, warnings };
};

/** Runs of a study, and what a reader should know of those left out. */
export interface NamedRuns {
  readonly runs: ReadonlyArray<StudyRun>;
  readonly warnings: ReadonlyArray<string>;
}

/** (runs) ⇒ one run a task, variant and seed. */
export const nameRuns = (loose: ReadonlyArray<LooseRun>): NamedRuns => {
  const variants = new Map<string, string>(), kept = new Set<LooseRun>(), warnings: string[] = [];
  for (const runs of Map.groupBy(loose, ({ task }) => task).values()) {
    const groups = groupsOf(runs);
    for (const [hash, variant] of nameGroups(groups)) variants.set(hash, variant);
    for (const group of groups) {
      const single = oneASeed(group.runs);
      single.kept.forEach((run) => kept.add(run));
      warnings.push(...single.warnings);
    }
  }
  const runs = loose.filter((run) => kept.has(run)).map(
    ({ folderName: _folder, pipelineName: _pipeline, options: _options, hash, ...run }): StudyRun => ({
      ...run,
      variant: variants.get(hash)!,
    }),
  );
  return { runs, warnings };
};
