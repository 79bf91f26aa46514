/** Which field a sentence of the server is about. */

export type FieldName = "format" | "size" | "limit" | "range" | "every" | "pace" | "scalars";

/** What is wrong with which field. */
export type Problems = Partial<Record<FieldName, string | null>>;

/** Whoever comes first has it: a sentence may name another field as the mend. */
const ABOUT: readonly (readonly [FieldName, RegExp])[] = [
  ["format", /\bneeds the package\b|^format\b/],
  ["scalars", /\bscalars?\b/],
  ["limit", /\bmax_bytes\b|\bfit\b/],
  ["range", /\bin the range\b|\b(start|end)_step\b/],
  ["pace", /\bfps\b|\bhold\b/],
  ["every", /\bpictures\b.*\bthe most\b/],
  ["size", /\bpixels\b|\b(width|height)\b/],
];

/** null: about none of them in particular. */
export const fieldOf = (sentence: string): FieldName | null =>
  ABOUT.find(([, words]) => words.test(sentence))?.[0] ?? null;
