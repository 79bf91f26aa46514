/** Images: a grid of the samples that a step logged. */
import type { Kind, Option } from "./base";
import { draw, roomFor } from "./image/paint";
import { afterGesture, areaOf, aspectOf, asScene, seenOf } from "./image/place";
import { bytesOf, closeSamples, type DecodedImage, decodeSamples, partsOf } from "./image/samples";
import { clip, read } from "./image/words";

const OPTIONS: readonly Option[] = [
  {
    name: "brightness",
    label: "Brightness",
    fitted: false,
    min: 0,
    max: 200,
    initial: 100,
    unit: "%",
  },
  { name: "contrast", label: "Contrast", fitted: false, min: 0, max: 500, initial: 100, unit: "%" },
  {
    name: "smooth",
    label: "Enlarged pixels",
    fitted: false,
    values: [
      { value: "off", label: "Crisp" },
      { value: "on", label: "Smooth" },
    ],
    initial: "off",
  },
  {
    name: "actual",
    label: "Size",
    fitted: false,
    page: true,
    values: [
      { value: "off", label: "Fit the card" },
      { value: "on", label: "Actual" },
    ],
    initial: "off",
  },
];

export const image: Kind<DecodedImage> = {
  name: "image",
  options: OPTIONS,
  shares: false,
  compares: true,
  sharesState: true,
  decode: decodeSamples,
  bytes: bytesOf,
  parts: partsOf,
  close: closeSamples,
  aspect: (scene) => aspectOf(asScene(scene)),
  trail: () => 0,
  draw,
  seen: (given, data, view) => {
    const scene = asScene(given);
    return seenOf(areaOf(scene, roomFor(scene, data), view), view);
  },
  read,
  gesture: (given, data, view, gesture) => {
    const scene = asScene(given);
    return afterGesture(scene, roomFor(scene, data), view, gesture);
  },
  clip,
};
