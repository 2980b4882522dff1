import { assertEquals } from "@std/assert";
import { fold, makeKey } from "../../../src/math/random.ts";
import { startBackend, tensorCount } from "../../../src/nn/kernels/backend.ts";
import { makePolicy } from "../../../src/nn/networks/policy.ts";
import { meanTangent } from "../../../src/nn/networks/policy_tangent.ts";
import { mlpEngine, plainEngine, useMlpEngine } from "../../../src/nn/passes/mlp_engine.ts";
import { assertClose, normals, reference, rows } from "../reference.ts";

await startBackend();

Deno.test("the mean's derivative along a direction equals float64 differences, over more rows than a chunk, on every engine", () => {
  const key = makeKey(41),
    [obs, n] = [3, 1100],
    made = makePolicy({ observationSize: obs, actionSize: 2, hidden: [6], logStd: 0 }, key);
  const policy = { ...made, theta: normals(fold(key, 1), made.theta.length, .5) };
  const observation = normals(fold(key, 2), n * obs), direction = normals(fold(key, 3), policy.theta.length);
  const means = (h: number) => {
    const theta = Float64Array.from(policy.theta, (t, i) => t + h * direction[i]);
    return rows(observation, obs).flatMap((row) => reference(policy.shape, theta, row));
  };
  const [above, below, tensors] = [means(1e-5), means(-1e-5), tensorCount()];
  for (const engine of [mlpEngine(), plainEngine]) {
    const before = useMlpEngine(engine), found = meanTangent(policy, observation, direction);
    useMlpEngine(before);
    assertClose(found, above.map((y, i) => (y - below[i]) / 2e-5), 1e-5);
  }
  assertEquals(tensorCount(), tensors);
});
