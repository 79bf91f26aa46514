/** Series as `/series` lists them, for tests. */
import type { Series } from "../src/model";

/** One image of one frame, unless told otherwise. */
export const seriesOf = (changes: Partial<Series> = {}): Series => ({
  id: "x",
  run: "train",
  tag: "tag",
  kind: "image",
  samples: 1,
  frames: 1,
  logged: changes.frames ?? 1,
  first_step: 0,
  last_step: 0,
  complete: true,
  sampled: false,
  display_name: "",
  description: "",
  ...changes,
});
