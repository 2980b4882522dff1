/**
 * Types of `@std/cli/parse-args`: what is known of the flags from the options.
 *
 * @module
 */

/** Other names, by name. */
export type Aliases<N extends string = string> = Readonly<Record<string, N | ReadonlyArray<N>>>;

/** Options of `parseArgs`. */
export interface ParseOptions<
  B extends boolean | string | undefined = boolean | string | undefined,
  S extends string | undefined = string | undefined,
  C extends string | undefined = string | undefined,
  N extends string | undefined = string | undefined,
  D extends Record<string, unknown> | undefined = Record<string, unknown> | undefined,
  A extends Aliases | undefined = Aliases | undefined,
  DD extends boolean | undefined = boolean | undefined,
> {
  /** Whether what follows "--" is kept apart, under that name, instead of in `_`. */
  "--"?: DD;
  /** Other names of a name. */
  alias?: A;
  /** Names that are true or false; `true` makes every `--name` without "=" one of them. */
  boolean?: B | ReadonlyArray<Extract<B, string>>;
  /** Values of names that are not given. */
  default?: D;
  /** Whether all that follows the first argument that is no flag goes into `_` as it is. */
  stopEarly?: boolean;
  /** Names whose values are texts, whatever they look like. */
  string?: S | ReadonlyArray<Extract<S, string>>;
  /** Names whose values are all kept, in a list. */
  collect?: C | ReadonlyArray<Extract<C, string>>;
  /** Names that `--no-name` sets to false. */
  negatable?: N | ReadonlyArray<Extract<N, string>>;
  /** Is asked about what no option names; what it answers with `false` is left out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

type Text<T> = Extract<T, string>;

/** The type of one name before defaults: present for booleans and lists, perhaps absent for texts. */
type Named<B, S, C, N> =
  & { [K in Exclude<Text<B>, Text<C>>]: boolean }
  & { [K in Extract<Text<B>, Text<C>>]: boolean[] }
  & { [K in Exclude<Text<S>, Text<C>>]?: K extends N ? string | false : string }
  & { [K in Extract<Text<S>, Text<C>>]: K extends N ? string[] | false : string[] }
  & { [K in Exclude<Text<C>, Text<S> | Text<B>>]: K extends N ? unknown[] | false : unknown[] };

/** Names with a default are there for sure. */
type WithDefaults<V, D> = D extends Record<string, unknown>
  ? Omit<V, keyof D> & { [K in keyof D]: K extends keyof V ? D[K] | NonNullable<V[K]> : unknown }
  : V;

type AliasesOf<K, A> = A extends Record<string, string | ReadonlyArray<string>>
  ? K extends keyof A ? A[K] extends ReadonlyArray<string> ? A[K][number] : Extract<A[K], string> : never
  : never;

/** Every alias has the type of its name. */
type WithAliases<V, A> = V & { [K in keyof V as Extract<AliasesOf<K, A>, string>]: V[K] };

/** Typed where some name was said to be a text, true or false, or a list; otherwise anything. */
type Flags<B, S, C, N, D, A> = [Text<B>, Text<S>, Text<C>] extends [never, never, never]
  // deno-lint-ignore no-explicit-any
  ? Record<string, any>
  : WithAliases<WithDefaults<Named<B, S, C, N>, D>, A>;

/** What `parseArgs` gives. */
export type Args<
  B = undefined,
  S = undefined,
  C = undefined,
  N = undefined,
  D = undefined,
  A = undefined,
  DD = undefined,
> =
  & Flags<B, S, C, N, D, A>
  & { _: (string | number)[] }
  & (true extends DD ? { "--": string[] } : unknown);
