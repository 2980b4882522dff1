/** Compiled constants against those of MuJoCo's own compiler. */
import { assert, assertEquals } from "@std/assert";
import { compile } from "../../src/physics/physics.ts";
import { descriptions, makeReference, relativeError } from "./reference.ts";

const INVERSE = 1e-13; // entries of M⁻¹: rounding times a condition number up to 1e4, spread over a few terms

const column = (values: Float64Array, width: number, index: number): Float64Array =>
  Float64Array.from({ length: values.length / width }, (_, i) => values[width * i + index]);

const close = (name: string, ours: ArrayLike<number>, theirs: ArrayLike<number>, bar = 1e-14): void => {
  const error = relativeError(ours, theirs);
  assert(error <= bar, `${name}: ${error}`);
};

for (const description of descriptions) {
  Deno.test(`constants agree with MuJoCo's compiler: ${description.name}`, () => {
    const m = compile(description), { model } = makeReference(m.name);
    assertEquals([m.nq, m.nv, m.nu, m.nbody], [model.nq, model.nv, model.nu, model.nbody]);
    assertEquals(m.timestep, model.opt.timestep);
    close("qpos0", m.qpos0, model.qpos0);
    close("bodyMass", m.bodyMass, model.body_mass);
    close("bodyInvweight0", m.bodyInvweight0, column(model.body_invweight0, 2, 0), INVERSE);
    close("dofInvweight0", m.dofInvweight0, model.dof_invweight0, INVERSE);
    close("dofDamping", m.dofDamping, model.dof_damping);
    close("dofArmature", m.dofArmature, model.dof_armature);
    close("dofStiffness", m.dofStiffness, model.jnt_stiffness);
    close("qposSpring", m.qposSpring, model.qpos_spring);
    close("limit.margin", m.limit.margin, Array.from(m.limit.dof, (dof) => model.jnt_margin[dof]));
    close("actuatorCtrlrange", m.actuatorCtrlrange, model.actuator_ctrlrange);
    close("actuatorGear", m.actuatorGear, column(model.actuator_gear, 6, 0));
    const ranges = Array.from(m.limit.dof).flatMap((dof) => Array.from(model.jnt_range.slice(2 * dof, 2 * dof + 2)));
    close("limit.range", m.limit.range, ranges as number[]);
    // A long body's largest moment is the one about the normal; a capsule has two of it.
    const largest = Float64Array.from(
      { length: m.nbody },
      (_, b) => Math.max(...model.body_inertia.slice(3 * b, 3 * b + 3)),
    );
    close("bodyInertia", m.bodyInertia, largest);
  });
}
