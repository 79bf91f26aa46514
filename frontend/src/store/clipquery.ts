/**
 * What decides a clip, as one query: the cards as the page shows them, and what the dialog
 * adds. The download, the preview, the link and the command are all made of it.
 */
import type { Loop, Measure, Query, Series, Theme } from "../model";

/** Smoother than this is not seen, and makes files larger. */
const SMOOTH_FPS = 30;
const MAX_TWEEN = 30;

/** One series as its card shows it. */
export interface Shot {
  readonly series: Series;
  /** null: all of them as a grid. */
  readonly sample: number | null;
  /** Ids of the series whose frames decide its axes; empty: its own. */
  readonly axes: readonly string[];
  /** Its kind's options, what it is compared with, and what was done to the picture. */
  readonly look: Query;
}

/** What is wanted besides what the cards show. */
export interface Wishes {
  readonly format: string;
  /** Pictures a second that the format keeps. */
  readonly maxFps: number;
  readonly fps: number;
  readonly loop: Loop;
  readonly reverse: boolean;
  /** Extra seconds on the last frame. */
  readonly hold: number;
  /** Whether frames turn into each other. */
  readonly tween: boolean;
  /** Steps, both included; null: no bound. */
  readonly from: number | null;
  readonly to: number | null;
  readonly every: number;
  /** Pixels; null: its own. */
  readonly width: number | null;
  readonly maxBytes: number | null;
  readonly theme: Theme;
  readonly measure: Measure;
  readonly caption: boolean;
  /** Tags whose values and curves are drawn with the caption. */
  readonly scalars: readonly string[];
}

/** Pictures between two frames that make so many frames a second run smoothly. */
export function tweenOf(fps: number, maxFps: number): number {
  const wanted = Math.ceil(SMOOTH_FPS / fps - 1e-9) - 1;
  const allowed = Math.floor(maxFps / fps + 1e-9) - 1;
  return Math.min(Math.max(0, Math.min(wanted, allowed)), MAX_TWEEN);
}

/** What goes into a clip. It is drawn in one way: where cards differ, one decides. */
export interface Shots {
  readonly all: readonly Shot[];
  readonly lead: Shot | undefined;
}

function lookOf({ all, lead }: Shots): Query {
  const look: Record<string, Query[string]> = { ...lead?.look };
  for (const { series, look: own } of all) {
    // What the lead leaves out is left out of all of its kind.
    if (series.kind === lead?.series.kind) continue;
    for (const [name, value] of Object.entries(own)) if (!(name in look)) look[name] = value;
  }
  return look;
}

/** A sample that one of the series lacks cannot be chosen for all. */
function sampleOf({ all, lead }: Shots): number | null {
  const sample = lead?.sample ?? null;
  return sample !== null && all.every((shot) => sample < shot.series.samples) ? sample : null;
}

/** Whether some card is drawn in another way than on the page. */
export function differ(shots: Shots): boolean {
  const look = lookOf(shots);
  const sample = sampleOf(shots);
  const { lead, all } = shots;
  return all.some((shot) => {
    // A name that the card lacks says something only about cards of the lead's kind.
    const leads = shot.series.kind === lead?.series.kind ? Object.keys(lead.look) : [];
    const names = [...Object.keys(shot.look), ...leads];
    return shot.sample !== sample || names.some((name) => shot.look[name] !== look[name]);
  });
}

/** What is left at its default is not named, as far as the server's default is the same. */
export function clipQuery(shots: Shots, wishes: Wishes): Query {
  const { fps, caption, scalars } = wishes;
  const axes = [...new Set(shots.all.flatMap((shot) => shot.axes))];
  return {
    series: shots.all.map((shot) => shot.series.id),
    ...(axes.length > 0 && { axes }),
    format: wishes.format,
    sample: sampleOf(shots),
    start_step: wishes.from,
    end_step: wishes.to,
    every: wishes.every > 1 ? wishes.every : null,
    fps,
    loop: wishes.loop,
    reverse: wishes.reverse ? 1 : null,
    hold: wishes.hold > 0 ? wishes.hold : null,
    tween: (wishes.tween && tweenOf(fps, wishes.maxFps)) || null,
    width: wishes.width,
    max_bytes: wishes.maxBytes,
    theme: wishes.theme,
    measure: wishes.measure === "step" ? null : wishes.measure,
    caption: caption ? 1 : null,
    scalar: caption && scalars.length > 0 ? scalars : null,
    ...lookOf(shots),
  };
}
