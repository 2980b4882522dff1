import { assertEquals, assertThrows } from "@std/assert";
import { compileMjcf, MjcfInvalid } from "../../src/mujoco/compile.ts";
import { loadMujoco } from "../../src/mujoco/engine.ts";

const mujoco = await loadMujoco();
const bytes = (text: string) => new TextEncoder().encode(text);

const flawOf = (xml: string, files = {}): MjcfInvalid =>
  assertThrows(() => compileMjcf(mujoco, { name: "my/robot.xml", xml, files }), MjcfInvalid) as MjcfInvalid;

Deno.test("a model that MuJoCo refuses is told in its words, with file and line", () => {
  const schema = flawOf("<mujoco>\n <worldbody>\n  <body nme='x'/>\n </worldbody>\n</mujoco>");
  assertEquals([schema.model, schema.line], ["my/robot.xml", 3]);
  assertEquals(
    schema.message,
    "Cannot load my/robot.xml:3 as MuJoCo must compile it: XML Error: Schema violation: unrecognized attribute: 'nme' " +
      "Element 'body', line 3",
  );
  assertEquals(flawOf("<mujoco>\n<worldbody>\n<body></worldbody></mujoco>").line, 3);
  assertEquals(flawOf("<mujoco><worldbody><body><joint/></body></worldbody></mujoco>").line, 1);
  assertEquals(flawOf("").line, null);
  const nan = flawOf("<mujoco><worldbody>\n<body><joint/><geom size='nan'/></body></worldbody></mujoco>");
  assertEquals(nan.flaw.includes("nan size in geom"), true);
});

Deno.test("a mesh that is not there is named; includes and meshes are found where they are given", () => {
  const mesh = `<mujoco><asset><mesh name="a" file="part/a.obj"/></asset><worldbody><body><joint/>
    <geom type="mesh" mesh="a"/></body></worldbody></mujoco>`;
  assertEquals(flawOf(mesh).flaw, "MuJoCo must compile it: Error: Error opening file 'part/a.obj'");
  const corners = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]].map((x) => `v ${x.join(" ")}`).join("\n");
  const tetrahedron = bytes(`${corners}\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n`);
  const model = compileMjcf(mujoco, { name: "m", xml: mesh, files: { "part/a.obj": tetrahedron } });
  assertEquals([model.nv, Math.abs(model.body_mass[1] - 1000 / 6) < 1e-6], [1, true]); // kg, of 1/6 m³ of water
  model.delete();
  const files = {
    "legs.xml": bytes("<mujoco><worldbody><body><freejoint/><geom size='.1'/></body></worldbody></mujoco>"),
  };
  const whole = compileMjcf(mujoco, { name: "m", xml: "<mujoco><include file='legs.xml'/></mujoco>", files });
  assertEquals(whole.nq, 7);
  whole.delete();
});
