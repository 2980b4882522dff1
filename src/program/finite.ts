/**
 * The last line of defence against NaN: what a stage wrote, checked before it becomes the state.
 *
 * @module
 */

const firstNonFinite = (array: ArrayLike<number>): number => {
  for (let i = 0; i < array.length; i++) if (!Number.isFinite(array[i])) return i;
  return -1;
};

/**
 * The memory's batches were checked when they were collected; a bound is infinite where there is none, also of the
 * normaliser of a world that a gradient's rollouts ran in.
 */
const isLeftOut = (path: string): boolean => path === "memory" || /(^|\.)normalizer\.bound$/.test(path);

/** (record of slots) ⇒ path of the first array or number in it that is not finite, or null. */
export const nonFiniteQuantity = (value: unknown, path = ""): string | null => {
  if (typeof value === "number") return Number.isFinite(value) ? null : path;
  if (value instanceof Float32Array || value instanceof Float64Array) {
    return firstNonFinite(value) === -1 ? null : path;
  }
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return null;
  for (const [name, inner] of Object.entries(value)) {
    const own = path === "" ? name : `${path}.${name}`;
    if (isLeftOut(own)) continue;
    const found = nonFiniteQuantity(inner, own);
    if (found !== null) return found;
  }
  return null;
};
