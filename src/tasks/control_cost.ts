/**
 * The price of effort that every task charges.
 *
 * @module
 */
import type { Algebra } from "../math/algebra.ts";

/**
 * (action) ⇒ (control cost): weight · Σᵢ aᵢ², on the action as given, not as clamped by the actuators.
 *
 * @param action  [act] unitless
 * @param weight  reward per squared action
 */
export const controlCost = <T>(algebra: Algebra<T>, action: ArrayLike<T>, weight: number): T => {
  let sum = algebra.square(action[0]!);
  for (let i = 1; i < action.length; i++) sum = algebra.add(sum, algebra.square(action[i]!));
  return algebra.scale(sum, weight);
};
