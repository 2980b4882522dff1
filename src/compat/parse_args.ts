/**
 * `@std/cli/parse-args`: arguments of a command line ⇒ flags by name, in the manner of minimist.
 *
 * Departure: the types of names with dots (`--a.b`) are `unknown`; the original nests them.
 *
 * @module
 */
import type { Aliases, Args, ParseOptions } from "./parse_args_types.ts";

export type { Args, ParseOptions } from "./parse_args_types.ts";

type Value = string | number | boolean;

/** What the options say of the names. */
interface Rules {
  readonly others: ReadonlyMap<string, ReadonlyArray<string>>; // names that mean the same
  readonly booleans: ReadonlySet<string>;
  readonly strings: ReadonlySet<string>;
  readonly collected: ReadonlySet<string>;
  readonly negatable: ReadonlySet<string>;
  readonly everyFlagIsBoolean: boolean;
  readonly unknown: (arg: string, key?: string, value?: unknown) => unknown;
}

type Names = string | ReadonlyArray<string> | boolean | undefined;

const listOf = (names: Names): ReadonlyArray<string> =>
  (typeof names === "string" ? [names] : Array.isArray(names) ? names : []).filter((name) => name !== "");

/** (aliases) ⇒ to each name the others that mean the same. */
const groups = (alias: Readonly<Record<string, Names>>): Rules["others"] => {
  const others = new Map<string, ReadonlyArray<string>>();
  for (const [key, names] of Object.entries(alias)) {
    const all = [key, ...listOf(names)];
    for (const name of all) others.set(name, all.filter((each) => each !== name));
  }
  return others;
};

const rulesOf = (options: ParseOptions): Rules => {
  const others = groups((options.alias ?? {}) as Readonly<Record<string, Names>>);
  const withOthers = (names: Names): ReadonlySet<string> =>
    new Set(listOf(names).flatMap((name) => [name, ...(others.get(name) ?? [])]));
  return {
    others,
    booleans: withOthers(options.boolean),
    strings: withOthers(options.string),
    collected: withOthers(options.collect),
    negatable: withOthers(options.negatable),
    everyFlagIsBoolean: options.boolean === true,
    unknown: options.unknown ?? (() => true),
  };
};

const looksNumeric = (text: string): boolean =>
  /^0x[0-9a-f]+$/i.test(text) || /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/.test(text);

type Tree = Record<string, unknown>;

/** The record that holds the last part of a dotted name; `make` makes those on the way. */
const holderOf = (tree: Tree, path: ReadonlyArray<string>, make: boolean): Tree | null =>
  path.slice(0, -1).reduce<Tree | null>((at, name) => {
    if (at === null) return null;
    if (make) at[name] ??= {};
    return (at[name] as Tree | undefined) ?? null;
  }, tree);

const has = (tree: Tree, key: string): boolean => {
  const path = key.split("."), holder = holderOf(tree, path, false);
  return holder !== null && Object.hasOwn(holder, path[path.length - 1]);
};

const put = (tree: Tree, key: string, value: unknown, collect: boolean): void => {
  const path = key.split("."), holder = holderOf(tree, path, true)!, name = path[path.length - 1];
  const before = holder[name];
  if (!collect) holder[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else holder[name] = before ? [before, value] : [value];
};

/** Sets a flag and the names that mean the same; the last one wins where it is not collected. */
type SetFlag = (key: string, value: Value, arg: string, mayCollect?: boolean) => void;

const setterOf = (tree: Tree, rules: Rules): SetFlag => (key, value, arg, mayCollect = true) => {
  const known = rules.booleans.has(key) || rules.strings.has(key) || rules.others.has(key) ||
    (rules.everyFlagIsBoolean && /^--[^=]+$/.test(arg));
  if (!known && rules.unknown(arg, key, value) === false) return;
  const isNumber = typeof value === "string" && !rules.strings.has(key) && looksNumeric(value);
  const read = isNumber ? Number(value) : value, collect = mayCollect && rules.collected.has(key);
  for (const name of [key, ...(rules.others.get(key) ?? [])]) put(tree, name, read, collect);
};

const isBooleanText = (text: string | undefined): text is string => text === "true" || text === "false";

/** A flag without a value: (rules, its name) ⇒ its value. */
const bare = ({ strings }: Rules, key: string): Value => (strings.has(key) ? "" : true);

/** `--name`, `--name value`, `--name=value`, `--no-name`. ⇒ whether it took the next argument. */
const readLong = (arg: string, next: string | undefined, rules: Rules, set: SetFlag): boolean => {
  const { negated, key: given, value } = /^--(?<negated>no-)?(?<key>.+?)(=(?<value>.+))?$/s.exec(arg)!.groups!;
  if (value) {
    set(given, rules.booleans.has(given) ? value !== "false" : value, arg);
    return false;
  }
  if (negated && rules.negatable.has(given)) {
    set(given, false, arg, false);
    return false;
  }
  const key = negated ? `no-${given}` : given;
  if (next && !next.startsWith("-") && !rules.booleans.has(key) && !rules.everyFlagIsBoolean) {
    set(key, next, arg);
    return true;
  }
  const told = isBooleanText(next);
  set(key, told ? next !== "false" : bare(rules, key), arg);
  return told;
};

/** What a letter within `-abc` is given by the rest of its argument: `-n5`, `-a=b`, `-f./x`; null for nothing. */
const attached = (letter: string, rest: string, isLast: boolean): string | null => {
  if (/[A-Za-z]/.test(letter) && rest.includes("=")) return rest.split(/=(.+)/)[1];
  if (/[A-Za-z]/.test(letter) && /-?\d+(\.\d*)?(e-?\d+)?$/.test(rest)) return rest;
  return !isLast && /^\W/.test(rest) ? rest : null;
};

/** `-a`, `-abc`, `-n5`, `-n 5`. ⇒ whether it took the next argument. */
const readShort = (arg: string, next: string | undefined, rules: Rules, set: SetFlag): boolean => {
  const letters = arg.slice(1, -1);
  for (const [j, letter] of [...letters].entries()) {
    const rest = arg.slice(j + 2);
    if (rest === "-") {
      set(letter, rest, arg);
      continue;
    }
    const value = attached(letter, rest, j + 1 === letters.length);
    if (value !== null) {
      set(letter, value, arg);
      return false;
    }
    set(letter, bare(rules, letter), arg);
  }
  const key = arg.slice(-1);
  if (key === "-") return false;
  if (next && !/^--?[^-]/.test(next) && !rules.booleans.has(key)) {
    set(key, next, arg);
    return true;
  }
  const told = isBooleanText(next);
  set(key, told ? next !== "false" : bare(rules, key), arg);
  return told;
};

/** Gives what was not on the command line: defaults, then `false` to booleans and `[]` to what is collected. */
const fillIn = (tree: Tree, rules: Rules, defaults: Readonly<Record<string, unknown>>): void => {
  for (const [key, value] of Object.entries(defaults)) {
    if (has(tree, key)) continue;
    for (const name of [key, ...(rules.others.get(key) ?? [])]) put(tree, name, value, false);
  }
  const empty = (key: string): unknown => (rules.collected.has(key) ? [] : false);
  for (const key of rules.booleans) if (!has(tree, key)) put(tree, key, empty(key), false);
  for (const key of rules.strings) if (!has(tree, key) && rules.collected.has(key)) put(tree, key, [], false);
};

/** (arguments before "--", rules, whether the first that is no flag ends the flags) ⇒ those that are no flags. */
const readAll = (args: ReadonlyArray<string>, rules: Rules, set: SetFlag, stopEarly: boolean): (string | number)[] => {
  const rest: (string | number)[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i], next = args.at(i + 1);
    if (/^--./s.test(arg)) i += Number(readLong(arg, next, rules, set));
    else if (/^-./s.test(arg)) i += Number(readShort(arg, next, rules, set));
    else {
      if (rules.unknown(arg) !== false) rest.push(rules.strings.has("_") || !looksNumeric(arg) ? arg : Number(arg));
      if (stopEarly) return [...rest, ...args.slice(i + 1)];
    }
  }
  return rest;
};

/**
 * (arguments, options) ⇒ (flags by name, and in `_` what is no flag). Numbers are read as numbers where the name is not
 * among `string`; a name that is given twice has its last value, unless it is among `collect`; nothing after "--" is read.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseArgs } from "@std/cli";
 *
 * assertEquals(parseArgs(["--foo", "--bar=baz", "./quux.txt"]), { foo: true, bar: "baz", _: ["./quux.txt"] });
 * ```
 */
export const parseArgs = <
  B extends boolean | string | undefined = undefined,
  S extends string | undefined = undefined,
  C extends string | undefined = undefined,
  N extends string | undefined = undefined,
  D extends Record<string, unknown> | undefined = undefined,
  A extends Aliases<AN> | undefined = undefined,
  DD extends boolean | undefined = undefined,
  AN extends string = string,
>(args: string[], options: ParseOptions<B, S, C, N, D, A, DD> = {}): Args<B, S, C, N, D, A, DD> => {
  const rules = rulesOf(options as ParseOptions), tree: Tree = { _: [] };
  const end = args.indexOf("--"), before = end === -1 ? args : args.slice(0, end);
  const after = end === -1 ? [] : args.slice(end + 1);
  const rest = readAll(before, rules, setterOf(tree, rules), options.stopEarly ?? false);
  fillIn(tree, rules, options.default ?? {});
  const separate = options["--"] === true;
  const all = { ...tree, _: separate ? rest : [...rest, ...after], ...(separate ? { "--": after } : {}) };
  return all as unknown as Args<B, S, C, N, D, A, DD>;
};
