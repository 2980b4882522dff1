/**
 * Everything that reads what others wrote.
 *
 * @module
 */
import { configSubjects } from "./config_subjects.ts";
import { fileSubjects } from "./file_subjects.ts";
import { sweepSubjects } from "./sweep_subjects.ts";
import type { Subject } from "./subject.ts";

/** All subjects. */
export const subjects: ReadonlyArray<Subject> = [...configSubjects, ...fileSubjects, ...sweepSubjects];
