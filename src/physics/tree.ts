/**
 * The tree of links: bodies flattened depth-first, welded bodies merged, all offsets taken from the links' anchors.
 *
 * @module
 */
import type {
  BodyDescription,
  GeomDescription,
  JointDescription,
  ModelDescription,
  SiteDescription,
  Vec3,
} from "./description.ts";
import { bodyInertia, type Inertia, isInertialFrame } from "./inertia.ts";

/** A body placed in the tree. */
export interface BodyNode {
  /** Name. */
  readonly name: string;
  /** Index into the links. */
  readonly link: number;
  /** m, from the link's anchor */
  readonly origin: Vec3;
  /** m, origin in the world at qpos0 */
  readonly world: Vec3;
  /** Solids. */
  readonly geoms: ReadonlyArray<GeomDescription>;
  /** Points of interest. */
  readonly sites: ReadonlyArray<SiteDescription>;
  /** In the body's frame */
  readonly inertia: Inertia;
  /** Whether the body only slides, carries no other, and its inertia has its frame: MuJoCo's `body_simple` = 2 */
  readonly slidesAlone: boolean;
}

/** A link: a body with joints (its head) and the bodies welded to it. */
export interface LinkNode {
  /** −1: the world */
  readonly parent: number;
  /** Link that hangs from the world */
  readonly root: number;
  /** m, parent's anchor → anchor */
  readonly stem: Vec3;
  /** Dofs */
  readonly slides: ReadonlyArray<number>;
  /** Dof, −1: none */
  readonly hinge: number;
}

/** A degree of freedom. */
export interface DofNode {
  /** Name of the joint, or the joint. */
  readonly joint: JointDescription;
  /** Index into the links. */
  readonly link: number;
}

/** The flattened model. */
export interface Tree {
  /** Plane of motion (u, v). */
  readonly plane: "xz" | "xy";
  /** Index of the plane's first axis */
  readonly u: 0;
  /** Index of the plane's second axis */
  readonly v: 1 | 2;
  /** Index of the axis about which hinges turn */
  readonly normal: 1 | 2;
  /** Children. */
  readonly bodies: ReadonlyArray<BodyNode>;
  /** Parents before children. */
  readonly links: ReadonlyArray<LinkNode>;
  /** In the order of the joints. */
  readonly dofs: ReadonlyArray<DofNode>;
}

/** (subject, rule, value) ⇒ the error that `compile` throws. */
export const unsupported = (subject: string, rule: string, value: unknown): Error =>
  new Error(
    `Cannot compile the model as ${subject} must be ${rule}: current value is ` +
      (typeof value === "number" ? value : JSON.stringify(value)),
  );

const add = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const subtract = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

const allJoints = (bodies: ReadonlyArray<BodyDescription>): ReadonlyArray<JointDescription> =>
  bodies.flatMap((body) => [...body.joints, ...allJoints(body.bodies)]);

/** Axis about which all hinges turn: 1 for y, 2 for z. */
const planeNormal = (d: ModelDescription): 1 | 2 => {
  const hinges = allJoints(d.bodies).filter((joint) => joint.type === "hinge");
  for (const axis of [1, 2] as const) {
    if (hinges.length > 0 && hinges.every((joint) => Math.abs(joint.axis[axis]) === 1)) return axis;
  }
  throw unsupported("the axis of every hinge", "±y, or ±z in all", hinges.map((joint) => joint.axis));
};

const slidesAlone = (body: BodyDescription, inertia: Inertia): boolean =>
  body.joints.length > 0 && body.bodies.length === 0 && isInertialFrame(body, inertia) &&
  body.joints.every(({ type, pos }) => type === "slide" && pos.every((x) => x === 0));

const checkJoints = (body: BodyDescription, isRoot: boolean, normal: 1 | 2): void => {
  const types = body.joints.map((joint) => joint.type);
  const hinges = types.filter((type) => type === "hinge").length;
  if (hinges > 1) throw unsupported(`the number of hinges of body "${body.name}"`, "at most one", hinges);
  if (hinges === 1 && types[types.length - 1] !== "hinge") {
    throw unsupported(`the order of joints of body "${body.name}"`, "slides before the hinge", types);
  }
  if (types.includes("slide") && !isRoot) {
    throw unsupported(`the parent of a body with slides ("${body.name}")`, "the world", "a body");
  }
  if (isRoot && types.length === 0) throw unsupported(`body "${body.name}" of the world`, "jointed", "no joint");
  const slides = body.joints.filter((joint) => joint.type === "slide");
  const axes = slides.map((joint) => joint.axis.findIndex((x) => x === 1));
  if (axes.includes(-1) || axes.includes(normal) || new Set(axes).size < axes.length) {
    throw unsupported(
      `the slide axes of body "${body.name}"`,
      "distinct positive axes of the plane",
      slides.map((s) => s.axis),
    );
  }
};

/** (ModelDescription) ⇒ (Tree). Throws where the model is not a planar tree of the supported joints. */
export const flatten = (d: ModelDescription): Tree => {
  const normal = planeNormal(d), bodies: BodyNode[] = [], links: LinkNode[] = [], dofs: DofNode[] = [];
  const visit = (body: BodyDescription, parentLink: number, parentOrigin: Vec3, parentWorld: Vec3): void => {
    checkJoints(body, parentLink < 0, normal);
    const { geoms } = body, inertia = bodyInertia(body);
    const fromParent = add(parentOrigin, body.pos), world = add(parentWorld, body.pos);
    let link = parentLink, origin = fromParent;
    if (body.joints.length > 0) {
      link = links.length;
      const hinge = body.joints.findIndex((joint) => joint.type === "hinge");
      const anchor: Vec3 = hinge < 0 ? [0, 0, 0] : body.joints[hinge].pos;
      links.push({
        parent: parentLink,
        root: parentLink < 0 ? link : links[parentLink].root,
        stem: add(fromParent, anchor),
        slides: body.joints.flatMap((joint, i) => (joint.type === "slide" ? [dofs.length + i] : [])),
        hinge: hinge < 0 ? -1 : dofs.length + hinge,
      });
      for (const joint of body.joints) dofs.push({ joint, link });
      origin = subtract([0, 0, 0], anchor);
    }
    const { name, sites = [] } = body;
    bodies.push({ name, link, origin, world, geoms, sites, inertia, slidesAlone: slidesAlone(body, inertia) });
    for (const child of body.bodies) visit(child, link, origin, world);
  };
  for (const root of d.bodies) visit(root, -1, [0, 0, 0], [0, 0, 0]);
  return { plane: normal === 1 ? "xz" : "xy", u: 0, v: normal === 1 ? 2 : 1, normal, bodies, links, dofs };
};
