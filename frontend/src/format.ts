/** Numbers and times as text. */
import type { Measure } from "./model";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const significant = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 });
const time = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

export const formatStep = (step: number): string => whole.format(step);

export function formatTime(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "";
  const date = new Date(seconds * 1000);
  // A damaged wall time can lie beyond what a Date holds.
  return Number.isNaN(date.getTime()) ? "" : time.format(date);
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

export function plural(count: number, noun: string): string {
  return `${whole.format(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** "0.25×", "2×". */
export const formatSpeed = (speed: number): string => `${Number(speed.toFixed(2))}×`;

const twoDigits = (value: number): string => String(value).padStart(2, "0");

/** "12.4 s", "3 min 07 s", "2 h 03 min". */
export function formatDuration(seconds: number): string {
  if (seconds < 0) return `-${formatDuration(-seconds)}`;
  // Rounded first, or there would be 60 seconds in a minute.
  const tenths = Math.round(seconds * 10);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const all = Math.round(seconds);
  if (all < 3600) return `${Math.floor(all / 60)} min ${twoDigits(all % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${whole.format(Math.floor(minutes / 60))} h ${twoDigits(minutes % 60)} min`;
}

/** "61.9 %" */
export const formatShare = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** "×4": what a difference is multiplied with. */
export const formatGain = (gain: number): string => `×${Number(gain.toFixed(2))}`;

/** A place on the timeline: "step 1,480", "2 h 03 min", "61.9 %". */
export function formatPosition(measure: Measure, position: number): string {
  if (measure === "time") return formatDuration(position);
  return measure === "share" ? formatShare(position) : `step ${formatStep(position)}`;
}

/** "3.2e-5": with an exponent, and so many decimals at most. */
export const formatExponent = (value: number, decimals: number): string =>
  value
    .toExponential(decimals)
    .replace(/\.?0+e/, "e")
    .replace("e+", "e");

/** A scalar in four digits: "0.0312", "1,480", "3.2e-5"; "–" for none. */
export function formatValue(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return formatExponent(value, 3);
  return significant.format(value);
}
