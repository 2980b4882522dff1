/**
 * (ModelDescription) ⇒ (Model): all constants of the dynamics, computed once.
 *
 * @module
 */
import { fluidBoxes } from "./boxes.ts";
import type { ModelDescription } from "./description.ts";
import { combineInertia, type Inertia } from "./inertia.ts";
import { inverseWeights } from "./invweight.ts";
import type { JointLimits, Model } from "./model.ts";
import { clipImpedance, collisionPairs, stiffnessAndDamping } from "./pairs.ts";
import { flatten, type Tree, unsupported } from "./tree.ts";

/** Mass properties of a link: its bodies, from its anchor. */
const linkInertia = (tree: Tree, link: number): Inertia => {
  const bodies = tree.bodies.filter((body) => body.link === link);
  return combineInertia(bodies.map((body) => body.inertia), bodies.map((body) => body.origin));
};

/** Constants of the mass matrix; for the meaning of each see `Model` and `massMatrix`. */
const dynamicsConstants = (d: ModelDescription, tree: Tree) => {
  const { links, dofs, u, v, normal } = tree;
  const inertia = links.map((_, l) => linkInertia(tree, l));
  const subtree = inertia.map((x) => x.mass);
  for (let l = links.length - 1; l >= 0; l--) if (links[l].parent >= 0) subtree[links[l].parent] += subtree[l];
  const moment = new Float64Array(2 * links.length);
  const diagonal = Float64Array.from(dofs, ({ joint }) => joint.armature);
  const weight = new Float64Array(dofs.length);
  const gravity = [d.gravity[u], d.gravity[v]];
  links.forEach((link, l) => {
    const { mass, com, moment: tensor } = inertia[l];
    moment[2 * l] += mass * com[u];
    moment[2 * l + 1] += mass * com[v];
    if (link.hinge >= 0) diagonal[link.hinge] += tensor[4 * normal] + mass * (com[u] * com[u] + com[v] * com[v]);
    for (const dof of link.slides) {
      diagonal[dof] += subtree[l];
      weight[dof] = subtree[l] * gravity[dofs[dof].joint.axis[u] === 1 ? 0 : 1];
    }
    if (link.parent < 0) return;
    moment[2 * link.parent] += subtree[l] * link.stem[u];
    moment[2 * link.parent + 1] += subtree[l] * link.stem[v];
    const hinge = links[link.parent].hinge;
    if (hinge < 0) return;
    diagonal[hinge] += subtree[l] * (link.stem[u] ** 2 + link.stem[v] ** 2) + dofs[link.hinge].joint.armature;
  });
  return { gravity: Float64Array.from(gravity), linkMoment0: moment, dofDiagonal: diagonal, dofWeight: weight };
};

/** Pairs (ancestor's hinge, descendant's hinge) and the stem between them. */
const couplings = (tree: Tree) => {
  const { links, dofs } = tree;
  const found = links.flatMap((link, descendant) => {
    const rows: Array<readonly [number, number, number, number, number]> = [];
    for (let child = descendant, l = link.parent; l >= 0; child = l, l = links[l].parent) {
      if (links[l].hinge < 0 || link.hinge < 0) continue;
      const armature = child === descendant ? dofs[link.hinge].joint.armature : 0;
      rows.push([links[l].hinge, link.hinge, child, descendant, armature]);
    }
    return rows;
  });
  return {
    couplingA: Int32Array.from(found, (row) => row[0]),
    couplingB: Int32Array.from(found, (row) => row[1]),
    couplingStem: Int32Array.from(found, (row) => row[2]),
    couplingLink: Int32Array.from(found, (row) => row[3]),
    couplingArmature: Float64Array.from(found, (row) => row[4]),
  };
};

/** Joints and the tree as arrays. */
const treeArrays = (tree: Tree) => {
  const { links, dofs, u, v, normal, plane } = tree;
  const turn = plane === "xz" ? -1 : 1; // a turn about +y takes z to x, against (u, v)
  const parentHinge = (link: number) => (links[link].parent < 0 ? -1 : links[links[link].parent].hinge);
  const slideAlong = (axis: number) =>
    Int32Array.from(links, (link) => links[link.root].slides.find((dof) => dofs[dof].joint.axis[axis] === 1) ?? -1);
  return {
    qpos0: Float64Array.from(dofs, ({ joint }) => joint.ref),
    qposSpring: Float64Array.from(dofs, ({ joint }) => joint.springref),
    jointName: dofs.map(({ joint }) => joint.name),
    dofSign: Float64Array.from(dofs, ({ joint }) => (joint.type === "hinge" ? turn * joint.axis[normal] : 1)),
    dofParent: Int32Array.from(dofs, ({ joint, link }) => (joint.type === "hinge" ? parentHinge(link) : -1)),
    dofDamping: Float64Array.from(dofs, ({ joint }) => joint.damping),
    dofStiffness: Float64Array.from(dofs, ({ joint }) => joint.stiffness),
    dofArmature: Float64Array.from(dofs, ({ joint }) => joint.armature),
    linkParent: Int32Array.from(links, (link) => link.parent),
    linkDof: Int32Array.from(links, (link) => link.hinge),
    linkSlideU: slideAlong(u),
    linkSlideV: slideAlong(v),
    linkStem0: Float64Array.from(links.flatMap((link) => [link.stem[u], link.stem[v]])),
  };
};

/** Bodies as arrays; body 0 is the world. */
const bodyArrays = (tree: Tree) => {
  const { bodies, u, v, normal } = tree;
  return {
    bodyName: ["world", ...bodies.map((body) => body.name)],
    bodyLink: Int32Array.from([-1, ...bodies.map((body) => body.link)]),
    bodyOrigin: Float64Array.from([0, 0, ...bodies.flatMap(({ origin }) => [origin[u], origin[v]])]),
    bodyCom: Float64Array.from([
      0,
      0,
      ...bodies.flatMap(({ origin, inertia }) => [origin[u] + inertia.com[u], origin[v] + inertia.com[v]]),
    ]),
    bodyDepth: Float64Array.from([0, ...bodies.map((body) => body.world[normal])]),
    bodyMass: Float64Array.from([0, ...bodies.map((body) => body.inertia.mass)]),
    bodyInertia: Float64Array.from([0, ...bodies.map((body) => body.inertia.moment[4 * normal])]),
  };
};

/** Sites as arrays, in the order of the bodies. */
const siteArrays = ({ bodies, u, v, normal }: Tree) => {
  const sites = bodies.flatMap((body) => body.sites.map((site) => ({ ...site, body })));
  return {
    nsite: sites.length,
    siteName: sites.map(({ name }) => name),
    siteLink: Int32Array.from(sites, ({ body }) => body.link),
    sitePos: Float64Array.from(sites.flatMap(({ pos, body: { origin } }) => [origin[u] + pos[u], origin[v] + pos[v]])),
    siteDepth: Float64Array.from(sites, ({ pos, body }) => body.world[normal] + pos[normal]),
  };
};

const actuatorArrays = (d: ModelDescription, tree: Tree) => {
  const dof = d.actuators.map(({ joint }) => tree.dofs.findIndex((x) => x.joint.name === joint));
  const missing = dof.indexOf(-1);
  if (missing >= 0) throw unsupported("the joint of an actuator", "a joint of the model", d.actuators[missing].joint);
  return {
    actuatorDof: Int32Array.from(dof),
    actuatorGear: Float64Array.from(d.actuators, (actuator) => actuator.gear),
    actuatorCtrlrange: Float64Array.from(d.actuators.flatMap((actuator) => actuator.ctrlrange)),
  };
};

const jointLimits = (d: ModelDescription, tree: Tree, dofInvweight0: Float64Array): JointLimits => {
  const limited = tree.dofs.flatMap(({ joint }, dof) => (joint.range === null ? [] : [{ ...joint, dof }]));
  const soft = limited.map(({ solref, solimp }) => stiffnessAndDamping(solref, solimp[1], d.timestep));
  return {
    count: limited.length,
    dof: Int32Array.from(limited, (x) => x.dof),
    range: Float64Array.from(limited.flatMap((x) => x.range!)),
    margin: Float64Array.from(limited, (x) => x.margin),
    stiffness: Float64Array.from(soft, ([stiffness]) => stiffness),
    damping: Float64Array.from(soft, ([, damping]) => damping),
    impedance: Float64Array.from(limited.flatMap((x) => clipImpedance(x.solimp))),
    diagonal: Float64Array.from(limited, (x) => dofInvweight0[x.dof]),
  };
};

/** The model without what depends on inverse weights. */
const smoothModel = (d: ModelDescription, tree: Tree): Model => {
  const none = new Float64Array(tree.dofs.length), noBody = new Float64Array(tree.bodies.length + 1);
  const { geom, pair } = collisionPairs(d, tree, noBody);
  return {
    name: d.name,
    plane: tree.plane,
    integrator: d.integrator,
    timestep: d.timestep,
    nq: tree.dofs.length,
    nv: tree.dofs.length,
    nu: d.actuators.length,
    nbody: tree.bodies.length + 1,
    nlink: tree.links.length,
    ngeom: geom.name.length,
    npair: pair.count,
    nconMax: 0,
    nefcMax: 0,
    outputs: d.outputs ?? [],
    ...treeArrays(tree),
    ...dynamicsConstants(d, tree),
    ...couplings(tree),
    ...bodyArrays(tree),
    ...siteArrays(tree),
    ...actuatorArrays(d, tree),
    dofInvweight0: none,
    bodyInvweight0: noBody,
    fluid: fluidBoxes(d, tree),
    limit: jointLimits(d, tree, none),
    geom,
    pair,
  };
};

/**
 * (geoms, pairs, limits) ⇒ most contacts and constraint rows at once.
 *
 * A plane meets both ends, parallel capsules touch twice, a sphere touches once; axes that cross have one row more than
 * others: see `addContactRows`.
 */
export const constraintSizes = (
  { geom, pair, limit }: Pick<Model, "geom" | "pair" | "limit">,
): Pick<Model, "nconMax" | "nefcMax"> => {
  const isPlane = (i: number) => geom.isPlane[pair.geom1[i]] === 1;
  const contacts = Array.from(
    pair.geom1,
    (g, i) => geom.isSphere[g] === 1 || geom.isSphere[pair.geom2[i]] === 1 ? 1 : 2,
  );
  const rows = contacts.map((count, i) => count * (pair.friction[i] === 0 ? 1 : isPlane(i) ? 3 : 4));
  const total = (values: ReadonlyArray<number>) => values.reduce((sum, x) => sum + x, 0);
  return { nconMax: total(contacts), nefcMax: 2 * limit.count + total(rows) };
};

const endless: ReadonlyArray<string> = ["range", "actuatorCtrlrange"]; // what may reach as far as it likes

/** (constants by name) ⇒ nothing. Throws where one is not finite: figures may be finite whose products are not. */
const refuseInfinite = (constants: object): void => {
  for (const [name, value] of Object.entries(constants)) {
    if (value instanceof Float64Array) {
      const wrong = value.find((x) => !Number.isFinite(x));
      if (wrong !== undefined && !endless.includes(name)) throw unsupported(`each "${name}"`, "finite", wrong);
    } else if (typeof value === "object" && !Array.isArray(value)) refuseInfinite(value);
  }
};

/**
 * (ModelDescription) ⇒ (Model).
 *
 * Throws "Cannot compile the model as X must be Y: current value is V" for what the planar engine does not support.
 */
export const compile = (d: ModelDescription): Model => {
  if (!(d.timestep > 0)) throw unsupported("the timestep", "positive", d.timestep);
  const tree = flatten(d);
  const smooth = smoothModel(d, tree);
  const weights = inverseWeights(smooth, tree);
  const { geom, pair } = collisionPairs(d, tree, weights.bodyInvweight0);
  const limit = jointLimits(d, tree, weights.dofInvweight0);
  const model = { ...smooth, ...weights, geom, pair, limit, ...constraintSizes({ geom, pair, limit }) };
  refuseInfinite(model);
  return model;
};
