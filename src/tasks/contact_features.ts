/**
 * Network inputs that say where the motion has corners: joints at their limits, feet on the floor.
 *
 * Within one environment step a limit or a contact turns velocities round. A network that is given angles alone has to
 * find these surfaces from data; the depth to which a free motion would pass them makes them one input each.
 *
 * @module
 */
import type { Algebra } from "../math/algebra.ts";

/** One end of a joint's range. */
export interface JointLimit {
  /** 1: an upper end, −1: a lower end */
  readonly side: 1 | -1;
  /** rad */
  readonly angle: number;
}

/** How sharp the corners are: the rounding of depths now and of depths one environment step ahead. */
export interface Corners {
  /** s, length of an environment step */
  readonly seconds: number;
  /** rad or m */
  readonly now: number;
  /** rad or m */
  readonly ahead: number;
}

/** (excess e, its rate) ⇒ [max(0, e + rate·seconds), max(0, e)], with rounded corners. */
export const depths = <T>(
  { add, scale, ramp }: Algebra<T>,
  excess: T,
  rate: T,
  { seconds, now, ahead }: Corners,
): T[] => [
  ramp(add(excess, scale(rate, seconds)), ahead),
  ramp(excess, now),
];

/** (angle in rad, rate in rad/s, ends of the range) ⇒ depths beyond each of them, ahead and now, in rad. */
export const limitFeatures = <T>(
  algebra: Algebra<T>,
  angle: T,
  rate: T,
  limits: ReadonlyArray<JointLimit>,
  corners: Corners,
): T[] =>
  limits.flatMap(({ side, angle: limit }) => {
    const excess = algebra.shift(algebra.scale(angle, side), -side * limit);
    return depths(algebra, excess, algebra.scale(rate, side), corners);
  });

/** A leg of three links that hangs from the torso: figures of a model's description. */
export interface Leg {
  /** m: torso's centre to hip, hip to knee, knee to ankle */
  readonly lengths: readonly [number, number, number];
  /** m: ends of the foot's capsule, forward of the ankle along the foot */
  readonly ends: ReadonlyArray<number>;
  /** m, of the capsule */
  readonly radius: number;
  /** of hip, knee and ankle, as far as the motion meets them */
  readonly limits: readonly [ReadonlyArray<JointLimit>, ReadonlyArray<JointLimit>, ReadonlyArray<JointLimit>];
  /** of the floor, in m */
  readonly floor: Corners;
  /** of the joints, in rad */
  readonly joint: Corners;
}

/** A torso over a leg, in the plane. */
export interface LegState<T> {
  /** m, of the torso's centre */
  readonly height: T;
  /** m/s, forward and up */
  readonly velocity: readonly [T, T];
  /** rad: the torso's angle about +y, then hip, knee and ankle, which turn about −y */
  readonly angles: ReadonlyArray<T>;
  /** rad/s */
  readonly rates: ReadonlyArray<T>;
}

/** Where one end of a foot is. */
export interface FootEnd<T> {
  /** m, of the capsule's underside above the floor */
  readonly height: T;
  /** m/s forward */
  readonly forward: T;
  /** m/s up */
  readonly upward: T;
}

/** What a leg's kinematics give. */
export interface LegPose<T> {
  /** [3] sines, then [3] cosines of the angles of thigh, leg and foot in the world */
  readonly turns: ReadonlyArray<T>;
  /** the ends of the foot */
  readonly ends: ReadonlyArray<FootEnd<T>>;
}

/**
 * (state, leg) ⇒ (pose).
 *
 *   φ₀ = torso, φᵢ = φᵢ₋₁ − qᵢ,  ankle z = height − Σ lᵢ cos φᵢ,  end z = ankle z − e sin φ₃ − radius; velocities are the
 *   derivatives of these and of x = −Σ lᵢ sin φᵢ + e cos φ₃.
 */
export const legPose = <T>(
  { sin, cos, add, subtract, multiply, scale, shift }: Algebra<T>,
  state: LegState<T>,
  { lengths, ends, radius }: Leg,
): LegPose<T> => {
  const phi: T[] = [state.angles[0]!], omega: T[] = [state.rates[0]!];
  for (let i = 1; i < 4; i++) {
    phi.push(subtract(phi[i - 1]!, state.angles[i]!));
    omega.push(subtract(omega[i - 1]!, state.rates[i]!));
  }
  const sines = phi.map(sin), cosines = phi.map(cos);
  let [forward, upward] = state.velocity, height = state.height; // of the ankle, in the end
  lengths.forEach((length, i) => {
    height = subtract(height, scale(cosines[i]!, length));
    forward = subtract(forward, scale(multiply(cosines[i]!, omega[i]!), length));
    upward = add(upward, scale(multiply(sines[i]!, omega[i]!), length));
  });
  const [s, c, turn] = [sines[3]!, cosines[3]!, omega[3]!];
  return {
    turns: [...sines.slice(1), ...cosines.slice(1)],
    ends: ends.map((e) => ({
      height: shift(subtract(height, scale(s, e)), -radius),
      forward: subtract(forward, scale(multiply(s, turn), e)),
      upward: subtract(upward, scale(multiply(c, turn), e)),
    })),
  };
};

/** (state, leg) ⇒ [24 for two ends and four limits]: the pose, depths of the foot in the floor, of joints beyond limits. */
export const legFeatures = <T>(algebra: Algebra<T>, state: LegState<T>, leg: Leg): T[] => {
  const { turns, ends } = legPose(algebra, state, leg);
  const below = (x: T): T => algebra.scale(x, -1);
  return [
    ...turns,
    ...ends.flatMap(({ height, forward, upward }) => [
      height,
      forward,
      upward,
      ...depths(algebra, below(height), below(upward), leg.floor),
    ]),
    ...leg.limits.flatMap((limits, i) =>
      limitFeatures(algebra, state.angles[i + 1]!, state.rates[i + 1]!, limits, leg.joint)
    ),
  ];
};

const STRAIGHT: ReadonlyArray<JointLimit> = [{ side: 1, angle: 0 }]; // −150° is out of reach
const ANKLE: ReadonlyArray<JointLimit> = [{ side: 1, angle: Math.PI / 4 }, { side: -1, angle: -Math.PI / 4 }];

/** (ends of the foot in m, length of an environment step in s) ⇒ a leg as Hopper and Walker2d have it. */
export const walkersLeg = (ends: ReadonlyArray<number>, seconds: number): Leg => ({
  lengths: [0.2, 0.45, 0.5],
  ends,
  radius: 0.06,
  limits: [STRAIGHT, STRAIGHT, ANKLE],
  floor: { seconds, ahead: 1e-3, now: 5e-4 },
  joint: { seconds, ahead: 1e-2, now: 5e-3 },
});
