/**
 * Where BLAS libraries are looked for.
 *
 * @module
 */

/** Paths, the first that opens is used. */
export const blasPaths: ReadonlyArray<string> = [
  ...["x86_64-linux-gnu", "aarch64-linux-gnu"].flatMap((machine) =>
    ["openblas-pthread", "openblas-openmp", "openblas-serial"].map((build) =>
      `/usr/lib/${machine}/${build}/libopenblas.so.0`
    )
  ),
  "/usr/lib64/libopenblas.so.0",
  "/usr/lib/libopenblas.so.0",
  "/usr/lib/libopenblas.so",
  "/System/Library/Frameworks/Accelerate.framework/Accelerate",
  "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
  "/usr/local/opt/openblas/lib/libopenblas.dylib",
];
