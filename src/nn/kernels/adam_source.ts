/**
 * One step of Adam, and of a running mean, as kernels.
 *
 * @module
 */
import {
  advance,
  and,
  type Code,
  F32,
  type FunctionSource,
  get,
  I32,
  int,
  type Lanes,
  loop,
  plus,
  scalar,
  set,
  times,
  V128,
} from "./assembler.ts";

/** Numbers that the kernel reads, in this order. */
export const ADAM_NUMBERS = ["beta1", "1 − beta1", "beta2", "1 − beta2", "rate", "correction", "epsilon"] as const;

/**
 * (θ, gradient, first, second, n, numbers [7]): as `applyAdam`, in float32.
 *
 *   m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²,  θ ← θ − rate·m/(√(v·correction) + ε)
 */
export const adamSource = (vector: Lanes): FunctionSource => {
  const [theta, gradient, first, second, n, numbers, end, vectorEnd] = [0, 1, 2, 3, 4, 5, 6, 7];
  const count = ADAM_NUMBERS.length;
  const pass = (lanes: Lanes, until: number, locals: number): Code => {
    const number = (i: number) => get(locals + i), [g, m, v] = [0, 1, 2].map((i) => locals + count + i);
    const { load, store, mul, fma } = lanes;
    const body = [
      ...set(g, load(get(gradient))),
      ...set(m, fma(number(0), load(get(first)), mul(number(1), get(g)))),
      ...set(v, fma(number(2), load(get(second)), mul(mul(number(3), get(g)), get(g)))),
      ...store(get(first), get(m)),
      ...store(get(second), get(v)),
      ...store(
        get(theta),
        lanes.sub(
          load(get(theta)),
          lanes.div(mul(number(4), get(m)), lanes.add(lanes.sqrt(mul(get(v), number(5))), number(6))),
        ),
      ),
      ...[gradient, first, second].flatMap((pointer) => advance(pointer, int(lanes.bytes))),
    ];
    return [
      ...ADAM_NUMBERS.flatMap((_, i) => set(locals + i, lanes.splat(get(numbers), i * 4))),
      ...loop(theta, get(until), int(lanes.bytes), body),
    ];
  };
  const body = [
    ...set(end, plus(get(theta), times(get(n), int(4)))),
    ...set(vectorEnd, plus(get(theta), times(and(get(n), -4), int(4)))),
    ...pass(vector, vectorEnd, 8),
    ...pass(scalar, end, 8 + count + 3),
  ];
  return {
    name: "adam",
    parameters: 6,
    locals: [I32, I32, ...Array(count + 3).fill(V128), ...Array(count + 3).fill(F32)],
    body,
  };
};

/** (mean, θ, n, rate [1]): mean ← mean + rate·(θ − mean). */
export const averageSource = (vector: Lanes): FunctionSource => {
  const [mean, theta, n, rate, end, vectorEnd] = [0, 1, 2, 3, 4, 5];
  const pass = (lanes: Lanes, until: number, factor: number): Code => {
    const { load, store, fma, sub } = lanes;
    const body = [
      ...store(get(mean), fma(get(factor), sub(load(get(theta)), load(get(mean))), load(get(mean)))),
      ...advance(theta, int(lanes.bytes)),
    ];
    return [...set(factor, lanes.splat(get(rate))), ...loop(mean, get(until), int(lanes.bytes), body)];
  };
  return {
    name: "average",
    parameters: 4,
    locals: [I32, I32, V128, F32],
    body: [
      ...set(end, plus(get(mean), times(get(n), int(4)))),
      ...set(vectorEnd, plus(get(mean), times(and(get(n), -4), int(4)))),
      ...pass(vector, vectorEnd, 6),
      ...pass(scalar, end, 7),
    ],
  };
};
