/**
 * The operations of recorded programs on vectors of four rows: values, and derivatives by their arguments.
 *
 * @module
 */
import type { Operation } from "../passes/column_program.ts";
import { bits, type Code, get, type Lanes, set } from "./assembler.ts";

/** Locals of type V128 that an operation may overwrite. */
export const SPARE = 4;

/** What an operation works with. */
export interface OperationContext {
  readonly lanes: Lanes;
  /** first of `SPARE` locals */
  readonly spare: number;
  /** (number of a value) ⇒ the value */
  readonly value: (number: number) => Code;
}

/** x − n·π/2 ⇒ (n, r) in the first two spare locals; r within ±π/4. Source: Cody and Waite; π/2 in three parts. */
const reduceAngle = ({ lanes, spare }: OperationContext, x: Code): Code => {
  const [n, r] = [spare, spare + 1], { constant, mul, sub } = lanes;
  const minus = (part: number) => set(r, sub(get(r), mul(get(n), constant(part))));
  return [
    ...set(r, x),
    ...set(n, bits.nearest(mul(get(r), constant(2 / Math.PI)))),
    ...[1.5703125, 4.837512969970703125e-4, 7.54978995489188216e-8].flatMap(minus),
    ...set(r, lanes.max(lanes.min(get(r), constant(0.8)), constant(-0.8))), // angles beyond some thousands turns
  ];
};

/** Σ c xⁱ, highest power first. */
const polynomial = ({ constant, mul, add }: Lanes, x: Code, [first, ...rest]: ReadonlyArray<number>): Code =>
  rest.reduce((sum: Code, c) => add(mul(sum, x), constant(c)), constant(first));

/**
 * sin(x + turns·π/2), error ≤ 2e-7 within ±1000 rad; NaN stays NaN. Source: polynomials of Cephes' sinf and cosf.
 */
const sine = (context: OperationContext, x: Code, turns: 0 | 1): Code => {
  const { lanes, spare } = context,
    { constant, mul, add } = lanes,
    [n, r, square, other] = [0, 1, 2, 3].map((i) => spare + i);
  const quadrant = get(n);
  return [
    ...reduceAngle(context, x),
    ...set(square, mul(get(r), get(r))),
    ...set(n, bits.add(bits.truncate(get(n)), bits.splat(turns))),
    ...set(
      other, // the cosine
      add(
        mul(
          mul(
            polynomial(lanes, get(square), [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]),
            get(square),
          ),
          get(square),
        ),
        add(mul(get(square), constant(-0.5)), constant(1)),
      ),
    ),
    ...set(
      r, // the sine
      add(
        mul(
          mul(polynomial(lanes, get(square), [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]), get(square)),
          get(r),
        ),
        get(r),
      ),
    ),
    ...bits.xor(
      bits.select(get(other), get(r), bits.sub(bits.splat(0), bits.and(quadrant, bits.splat(1)))),
      bits.shift(bits.and(quadrant, bits.splat(2)), 30),
    ),
  ];
};

/** 1/(1 + e⁻ˣ), error ≤ 2e-7; NaN stays NaN. Source: polynomial of Cephes' expf. */
const sigmoid = ({ lanes, spare }: OperationContext, x: Code): Code => {
  const { constant, mul, add, sub } = lanes, [n, r] = [spare, spare + 1];
  const exponential = polynomial(lanes, get(r), [
    1.9875691500e-4,
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1,
  ]);
  return [
    ...set(r, lanes.max(lanes.min(sub(constant(0), x), constant(87)), constant(-87))),
    ...set(n, bits.nearest(mul(get(r), constant(Math.LOG2E)))),
    ...set(r, sub(sub(get(r), mul(get(n), constant(0.693359375))), mul(get(n), constant(-2.12194440e-4)))),
    ...set(r, add(mul(mul(exponential, get(r)), get(r)), add(get(r), constant(1)))),
    ...lanes.div(
      constant(1),
      add(constant(1), mul(get(r), bits.shift(bits.add(bits.truncate(get(n)), bits.splat(127)), 23))),
    ),
  ];
};

/** (a + √(a² + w²))/2 without cancellation: with t = |a| + √(a² + w²), t/2 for a > 0, else w²/(2t). */
const ramp = ({ lanes, spare }: OperationContext, a: Code, width: number): Code => {
  const { constant, mul, add } = lanes, sum = get(spare), square = constant(width * width);
  return [
    ...set(spare, add(bits.abs(a), lanes.sqrt(add(mul(a, a), square)))),
    ...bits.select(
      mul(sum, constant(0.5)),
      lanes.div(mul(square, constant(0.5)), sum),
      bits.greater(a, constant(0)),
    ),
  ];
};

/** (operation) ⇒ its value. */
export const valueOf = (context: OperationContext, { name, a, b, constant: c }: Operation): Code => {
  const { lanes, value } = context, x = value(a);
  switch (name) {
    case "constant":
      return lanes.constant(c);
    case "add":
      return lanes.add(x, value(b));
    case "subtract":
      return lanes.sub(x, value(b));
    case "multiply":
      return lanes.mul(x, value(b));
    case "scale":
      return lanes.mul(x, lanes.constant(c));
    case "shift":
      return lanes.add(x, lanes.constant(c));
    case "square":
      return lanes.mul(x, x);
    case "sqrt":
      return lanes.sqrt(x);
    case "sin":
      return sine(context, x, 0);
    case "cos":
      return sine(context, x, 1);
    case "ramp":
      return ramp(context, x, c);
    case "sigmoid":
      return sigmoid(context, x);
    case "indicator":
      return lanes.positive(x, lanes.constant(1));
  }
};

/** (operation, gradient d by its value, that value) ⇒ what it adds to the gradients by its arguments. */
export const slopesOf = (
  context: OperationContext,
  { name, a, b, constant: c }: Operation,
  d: Code,
  own: Code,
): ReadonlyArray<readonly [argument: number, gradient: Code]> => {
  const { lanes, value } = context, { mul, sub, div, constant } = lanes, x = value(a);
  switch (name) {
    case "constant":
    case "indicator":
      return [];
    case "add":
      return [[a, d], [b, d]];
    case "subtract":
      return [[a, d], [b, sub(constant(0), d)]];
    case "multiply":
      return [[a, mul(d, value(b))], [b, mul(d, x)]];
    case "scale":
      return [[a, mul(d, constant(c))]];
    case "shift":
      return [[a, d]];
    case "square":
      return [[a, mul(mul(d, x), constant(2))]];
    case "sqrt":
      return [[a, div(mul(d, constant(0.5)), own)]];
    case "sin":
      return [[a, mul(sine(context, x, 1), d)]];
    case "cos":
      return [[a, sub(constant(0), mul(sine(context, x, 0), d))]];
    case "ramp": // (1 + a/√(a² + w²))/2 is the ramp by the root
      return [[a, div(mul(d, own), lanes.sqrt(lanes.add(mul(x, x), constant(c * c))))]];
    case "sigmoid":
      return [[a, mul(mul(d, own), sub(constant(1), own))]];
  }
};
