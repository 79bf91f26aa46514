/** What the strip consists of: loaded when there are scalars. */
export { Picker } from "./picker";
export { Plot } from "./plot";
export { Readout } from "./readout";
