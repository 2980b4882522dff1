/**
 * Every definition of a family is in its registry, under its own name.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { isEstimator } from "../../src/estimators/estimator.ts";
import { estimators } from "../../src/estimators/registry.ts";
import { stages } from "../../src/stages/registry.ts";
import { tasks } from "../../src/tasks/registry.ts";

const families = [
  { folder: "estimators", registry: estimators, isDefinition: isEstimator },
  { folder: "stages", registry: stages, isDefinition: (x: object) => typeof x === "function" && "stageName" in x },
  { folder: "tasks", registry: tasks, isDefinition: (x: object) => "timeLimit" in x && "imagined" in x },
];

/** (folder below src, what a definition is) ⇒ names of the definitions that its files export. */
const defined = async (folder: string, isDefinition: (x: object) => boolean): Promise<string[]> => {
  const room = new URL(`../../src/${folder}/`, import.meta.url), names = new Set<string>();
  for (const { name: file } of Deno.readDirSync(room)) {
    if (!file.endsWith(".ts") || file === "worker.ts") continue;
    for (const [name, value] of Object.entries(await import(new URL(file, room).href))) {
      if (value !== null && ["object", "function"].includes(typeof value) && isDefinition(value as object)) {
        names.add(name);
      }
    }
  }
  return [...names].sort();
};

for (const { folder, registry, isDefinition } of families) {
  Deno.test(`every definition in src/${folder} is registered`, async () => {
    assertEquals(Object.keys(registry).sort(), await defined(folder, isDefinition));
  });
}
