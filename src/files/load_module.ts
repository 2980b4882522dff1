/**
 * Modules that are loaded when a command needs them.
 *
 * @module
 */

/**
 * (address of a module of this package) ⇒ (the module), loaded when this is called.
 *
 * ```ts ignore
 * const { runTrain } = await loadModule<typeof import("./run_train.ts")>(import.meta.resolve("./run_train.ts"));
 * ```
 *
 * An address that stands in `import()` itself would be followed before the program starts: Deno reads every module
 * behind it and looks for each package that one of them imports, one by one, needed or not. Both take a second.
 */
export const loadModule = <M>(address: string): Promise<M> => import(address);
