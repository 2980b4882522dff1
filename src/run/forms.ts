/**
 * Whether what was read has the form that is expected: the same names, types and shapes, and numbers in their ranges.
 * (expected, found) ⇒ nothing, or an error that names the first difference
 *
 * @module
 */
import type { Packed, Structure } from "./checkpoint_tensors.ts";
import { dtypeOf, type TensorRecord } from "../files/safetensors.ts";
import type { Dtype } from "../files/safetensors_header.ts";
import { quote } from "../files/strict_json.ts";

/** Type and shape of a tensor. */
export interface TensorForm {
  readonly dtype: Dtype;
  readonly shape: ReadonlyArray<number>;
}

/** Form of a record that was taken apart. */
export interface Form {
  readonly structure: Structure;
  readonly tensors: ReadonlyMap<string, TensorForm>;
}

/** (packed record) ⇒ its form. */
export const formOf = ({ structure, tensors }: Packed): Form => ({
  structure,
  tensors: new Map([...tensors].map(([name, { shape, data }]) => [name, { dtype: dtypeOf(data), shape }])),
});

/** A condition on numbers, and its name: the first rule whose path matches counts. */
export interface Range {
  readonly path: RegExp;
  readonly holds: (value: number) => boolean;
  /** As in "must be …". */
  readonly words: string;
}

/** Numbers that do not stay what they are expected as; all others must equal the expected ones. */
export type Free = ReadonlyArray<Range>;

type Record_ = { readonly [name: string]: Structure };

/** (structure) ⇒ whether it is a record; of tensors, too. */
export const isRecord = (value: Structure | undefined): value is Record_ =>
  value !== undefined && value !== null && typeof value === "object" && !Array.isArray(value);

const show = (value: Structure): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return typeof value === "string" ? quote(value) : text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

/** A name as errors show it: short, and on one line. */
const label = (path: string): string => path === "" ? "the state" : /^[\w.#$-]{1,200}$/.test(path) ? path : quote(path);

const refuse = (path: string, wanted: string, found: string): never => {
  throw new Error(`${label(path)} must ${wanted}: ${found}`);
};

const sizes = (shape: ReadonlyArray<number>): string => `[${shape.join(", ")}]`;

const refuseTensor = (name: string, form: TensorForm, found: TensorRecord | undefined): void => {
  if (found === undefined) throw new Error(`tensor ${quote(name)} must be there: it is not`);
  const dtype = dtypeOf(found.data);
  if (dtype !== form.dtype) refuse(name, `be ${form.dtype}`, `it is ${dtype}`);
  if (sizes(found.shape) !== sizes(form.shape)) {
    refuse(name, `have shape ${sizes(form.shape)}`, `it has ${sizes(found.shape)}`);
  }
};

const isFlat = (value: Structure): boolean =>
  Array.isArray(value) && value.every((item) => item === null || typeof item !== "object");

const refuseNames = (path: string, expected: Record_, found: Record_): void => {
  const own = (name: string) => path === "" ? name : `${path}.${name}`;
  for (const name of Object.keys(expected)) {
    if (!Object.hasOwn(found, name)) refuse(own(name), "be given", "it is missing");
  }
  for (const name of Object.keys(found)) {
    if (!Object.hasOwn(expected, name)) refuse(own(name), "not be there", "it is");
  }
};

/** Compares two structures, tensors left out. */
const refuseStructure = (path: string, expected: Structure, found: Structure, free: Free): void => {
  const inside = (name: string | number) => path === "" ? `${name}` : `${path}.${name}`;
  if (isRecord(expected)) {
    if (!isRecord(found)) return refuse(path, "be a record", `it is ${show(found)}`);
    refuseNames(path, expected, found);
    for (const [name, inner] of Object.entries(expected)) refuseStructure(inside(name), inner, found[name], free);
  } else if (Array.isArray(expected) && !isFlat(expected)) {
    if (!Array.isArray(found) || found.length !== expected.length) {
      return refuse(path, `be a list of ${expected.length}`, `it is ${show(found)}`);
    }
    expected.forEach((inner, i) => refuseStructure(inside(i), inner, found[i], free));
  } else {
    const range = typeof expected === "number" ? free.find((each) => each.path.test(path)) : undefined;
    if (range === undefined && JSON.stringify(expected) !== JSON.stringify(found)) {
      refuse(path, `be ${show(expected)}`, `it is ${show(found)}`);
    }
    if (range !== undefined && !(typeof found === "number" && range.holds(found))) {
      refuse(path, `be ${range.words}`, `it is ${show(found)}`);
    }
  }
};

/** Throws where a structure or a tensor differs from what is expected, or where there is one more. */
export const refuseOtherForm = (expected: Form, found: Packed, free: Free): void => {
  refuseStructure("", expected.structure, found.structure, free);
  for (const [name, form] of expected.tensors) refuseTensor(name, form, found.tensors.get(name));
  for (const name of found.tensors.keys()) {
    if (!expected.tensors.has(name)) throw new Error(`tensor ${quote(name)} must not be there: it is`);
  }
};

/** Throws where an element of a tensor is out of its range; a tensor that no rule matches may hold anything. */
export const refuseOutOfRange = (tensors: ReadonlyMap<string, TensorRecord>, ranges: ReadonlyArray<Range>): void => {
  for (const [name, { data }] of tensors) {
    const range = ranges.find(({ path }) => path.test(name));
    for (let i = 0; range !== undefined && i < data.length; i++) {
      if (!range.holds(data[i])) refuse(name, `hold numbers that are ${range.words}`, `element ${i} is ${data[i]}`);
    }
  }
};
