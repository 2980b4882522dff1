/**
 * Splittable random keys: key = fold(fold(root, iteration), stageName). A key is split, never shared, so that removing
 * one consumer leaves every other consumer's stream unchanged.
 *
 * @module
 */
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** A 64-bit random key as two unsigned 32-bit words. */
export interface Key {
  /** uint32 */
  readonly high: number;
  /** uint32 */
  readonly low: number;
}

/** Finalizer of MurmurHash3: a bijection of uint32 in which every input bit reaches every output bit. */
const mix = (word: number): number => {
  let h = word >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** FNV-1a of a label's UTF-16 code units, so that names can be folded like numbers. */
const hashLabel = (label: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < label.length; i++) h = Math.imul(h ^ label.charCodeAt(i), 0x01000193);
  return h >>> 0;
};

/** (seed) ⇒ (key): the root key of a run. */
export const makeKey = (seed: number): Key => {
  const words = { high: mix(Math.floor(seed / 4294967296) ^ 0x9e3779b9), low: mix(seed >>> 0) };
  return fold(words, "root");
};

/** (key, label) ⇒ (key): a child key, statistically independent of its parent and of its siblings. */
export const fold = (key: Key, label: number | string): Key => {
  const word = typeof label === "string" ? hashLabel(label) : label >>> 0;
  const high = mix(key.high ^ mix((word + 0x9e3779b9) >>> 0));
  const low = mix((key.low + Math.imul(high, 0x7feb352d) + mix(word ^ 0x68bc21eb)) >>> 0);
  return { high: mix((high ^ (low << 7) ^ (low >>> 25)) >>> 0), low };
};

/** A mutable stream of random numbers drawn from one key. */
export interface Stream {
  /** Next number, uniform on [0, 1) with 53 random bits. */
  readonly uniform: () => number;
  /** Next standard normal number. */
  readonly normal: () => number;
  /** Next integer, uniform on {0, …, bound − 1}. */
  readonly integer: (bound: number) => number;
}

/** (key) ⇒ (stream): the same key gives the same numbers, bit for bit. Source: xoroshiro128+ of `pure-rand`. */
export const makeStream = (key: Key): Stream => {
  const generator = xoroshiro128plusFromState([
    key.high | 0,
    key.low | 0,
    mix(key.high ^ 0x3c6ef372) | 0,
    mix(key.low ^ 0xdaa66d2b) | 1,
  ]);
  for (let i = 0; i < 4; i++) generator.next();
  const uniform = () => ((generator.next() >>> 6) * 134217728 + (generator.next() >>> 5)) / 9007199254740992;
  let spare = NaN;
  const normal = () => {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = NaN;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform())); // Box–Muller; 1 − u is never 0
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform, normal, integer: (bound) => Math.floor(uniform() * bound) };
};
