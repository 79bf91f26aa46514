/** One playhead over the timeline of some series. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Loop, Measure } from "../model";
import * as heads from "../playhead";
import { latest, nearest, slackOf, ticksOf } from "../timeline";
import { endsOf, type Follow, type Range, WHOLE } from "./range";
import type { Track } from "./track";

/** As many ticks are come by between two looks at the logs; of more, the newest is shown. */
const MAX_BEHIND = 300;

/** What a playhead depends on. */
export interface Stage {
  /** Their frames are the timeline. */
  readonly tracks: ReadonlySignal<readonly Track[]>;
  /** Those in view: playing waits for them. */
  readonly visible: ReadonlySignal<ReadonlySet<Track>>;
  /** Whether a card has something to show at that position. */
  readonly ready: (track: Track, position: number) => boolean;
  readonly measure: ReadonlySignal<Measure>;
  /** Whether frames turn into each other. */
  readonly tween: ReadonlySignal<boolean>;
}

/** What a playhead is at first. */
export interface Beginning {
  readonly head: heads.Playhead;
  /** Its position; left out: the start of the timeline. */
  readonly place?: number | undefined;
  /** Told the playhead, and the one before, when somebody chose another pace. */
  readonly liked?: (head: heads.Playhead, before: heads.Playhead) => void;
}

export type Change = (head: heads.Playhead) => heads.Playhead;

export class Player {
  /** The playhead as it was left: the timeline may have become another one since. */
  readonly #left: Signal<heads.Playhead>;
  /** The position where it was left; undefined: at the start, wherever that will be. */
  readonly #place: Signal<number | undefined>;

  readonly #liked: (head: heads.Playhead, before: heads.Playhead) => void;

  readonly range: Signal<Range> = signal(WHOLE);
  readonly follow: Signal<Follow> = signal(null);
  /** Whether it waits for frames. */
  readonly buffering = signal(false);
  readonly measure: ReadonlySignal<Measure>;
  /** The positions that it stops at, strictly increasing. */
  readonly ticks: ReadonlySignal<readonly number[]>;
  readonly head: ReadonlySignal<heads.Playhead>;
  /** Where it is; undefined as long as there are no ticks. */
  readonly position: ReadonlySignal<number | undefined>;
  /** The position that the present one turns into; undefined: it stands, or jumps. */
  readonly following: ReadonlySignal<number | undefined>;
  /** The playhead as it goes on by itself: playing, or on the way to the newest. */
  readonly course: ReadonlySignal<heads.Playhead>;
  /** Whether time moves it. */
  readonly moving: ReadonlySignal<boolean>;
  /** The in and the out point that hold. */
  readonly bounds: ReadonlySignal<Range>;

  constructor(
    readonly stage: Stage,
    { head, place, liked = () => {} }: Beginning,
  ) {
    this.#left = signal(head);
    this.#place = signal(place);
    this.#liked = liked;
    const { tracks, measure, tween } = stage;
    this.measure = measure;
    this.ticks = computed(() =>
      ticksOf(
        measure.value,
        tracks.value.map((track) => track.positions.value),
      ),
    );
    this.bounds = computed(() => {
      const { value: follow } = this.follow;
      if (typeof follow !== "number") return this.range.value;
      return { in: this.ticks.value.at(-follow) ?? null, out: null };
    });
    this.head = computed(() => this.#fitted());
    this.position = computed(() => this.positionAt(this.head.value.tick));
    this.following = computed(() => {
      const { value: head } = this.head;
      const next = tween.value && head.playing ? heads.following(head) : undefined;
      return next === undefined ? undefined : this.ticks.value[next];
    });
    this.course = computed(() => {
      const { value: head } = this.head;
      return this.follow.value === "newest" ? heads.toNewest(head) : head;
    });
    this.moving = computed(() => {
      if (this.follow.value !== "newest") return this.head.value.playing;
      return this.#place.value !== this.ticks.value.at(-1);
    });
  }

  /** Where a tick is; the present one's is where the playhead was put, between ticks too. */
  positionAt(tick: number): number | undefined {
    const { value: ticks } = this.ticks;
    const place = this.#place.value;
    const at = ticks[tick];
    // Steps are never but ticks; an even grid becomes another one as logs grow.
    if (at === undefined || place === undefined || this.measure.value === "step") return at;
    if (tick !== this.head.value.tick) return at;
    return this.follow.value === "newest" ? at : Math.min(place, ticks.at(-1) as number);
  }

  /** Whether the frame at that position came with an earlier tick than the present one. */
  holds(position: number): boolean {
    const at = this.position.value;
    const { value: ticks } = this.ticks;
    if (at === undefined) return false;
    if (this.measure.value === "step") return position !== at;
    const gap = (ticks[1] ?? 0) - (ticks[0] ?? 0);
    return position < at - gap + slackOf(this.measure.value, ticks);
  }

  /** Whether every card in view has something to show at that tick. */
  #ready(tick: number): boolean {
    const at = this.positionAt(tick);
    if (at === undefined) return true;
    const inView = this.#inView();
    // A card that came into view joins the others when it has its first picture.
    const begun = inView.filter((track) => track.begun);
    return (begun.length > 0 ? begun : inView).every((track) => this.stage.ready(track, at));
  }

  #inView(): readonly Track[] {
    const { tracks, visible } = this.stage;
    return tracks.peek().filter((track) => visible.peek().has(track));
  }

  tickBy(seconds: number): void {
    const now = this.head.peek();
    if (this.follow.peek() === "newest") {
      const { next, waits } = heads.comeBy(now, seconds, (tick) => this.#ready(tick));
      this.buffering.value = waits;
      this.#leave(next);
      return;
    }
    const next = heads.update(now, heads.even(now, seconds));
    // No frame is skipped because it is late: all cards wait for it together.
    const waits = next.tick !== now.tick && !this.#ready(next.tick);
    this.buffering.value = waits;
    if (!waits) this.#leave(next);
  }

  command(change: Change): void {
    const now = this.head.peek();
    const next = change(now);
    // Who moves it no longer means to stay with the newest.
    const stays = next.tick === now.tick && !next.playing;
    batch(() => {
      if (this.follow.peek() === "newest" && !stays) this.setFollow(null);
      this.#leave(next);
    });
  }

  /** To the tick at that position, also if it comes only later; undefined: to the start. */
  seekTo(position: number | undefined): void {
    batch(() => {
      if (this.follow.peek() === "newest") this.follow.value = null;
      this.#left.value = { ...this.head.peek(), phase: 0 };
      this.#place.value = position;
    });
  }

  readonly play = (): void => this.command((now) => heads.play(now));
  readonly pause = (): void => this.command(heads.pause);
  readonly toggle = (): void => this.command(heads.toggle);
  readonly seek = (tick: number): void => this.command((now) => heads.seek(now, tick));
  readonly stepBy = (by: 1 | -1): void => this.command((now) => heads.step(now, by));
  readonly first = (): void => this.command((now) => heads.seek(heads.pause(now), now.first));
  readonly last = (): void => this.command((now) => heads.seek(heads.pause(now), now.last));
  readonly jump = (share: number): void => this.command((now) => heads.seekShare(now, share));
  readonly shuttle = (way: "back" | "stop" | "on"): void =>
    this.command((now) => heads.shuttle(now, way));

  readonly markIn = (tick?: number): void =>
    this.#mark((now) => heads.setIn(now, tick ?? now.tick));
  readonly markOut = (tick?: number): void =>
    this.#mark((now) => heads.setOut(now, tick ?? now.tick));
  readonly clearRange = (): void => this.#mark(heads.clearRange);

  readonly shiftSpeed = (by: 1 | -1): void => this.#pace((now) => heads.shiftSpeed(now, by));
  readonly setSpeed = (speed: number): void => this.#pace((now) => heads.setSpeed(now, speed));
  readonly setFps = (fps: number): void => this.#pace((now) => heads.setFps(now, fps));
  readonly setLoop = (loop: Loop): void => this.#pace((now) => heads.setLoop(now, loop));
  readonly setHold = (seconds: number): void => this.#pace((now) => heads.setHold(now, seconds));
  readonly setReverse = (reverse: boolean): void =>
    this.#pace((now) => heads.setReverse(now, reverse));

  readonly setFollow = (follow: Follow): void =>
    batch(() => {
      this.#leave(this.head.peek());
      this.follow.value = follow;
      if (follow === "newest") {
        this.#place.value = this.ticks.peek().at(-1);
        this.#leave(heads.pause(this.head.peek()));
      } else if (follow !== null) this.play();
    });

  /**
   * Remembers which frame is shown, and which are the in and the out point. The function
   * that comes back goes there again after the positions have become others.
   */
  anchor(): () => void {
    const inView = this.#inView();
    const candidates = inView.length > 0 ? inView : this.stage.tracks.peek();
    // The finest: of the others, the playhead is between frames more often.
    const frames = Math.max(...candidates.map((track) => track.frames.peek()));
    const track = candidates.find((one) => one.frames.peek() === frames);
    if (track === undefined || frames === 0) return () => {};
    const frameAt = (position: number | null | undefined): number | null =>
      position === null || position === undefined ? null : Math.max(0, track.indexAt(position));
    const range = this.range.peek();
    const [place, first, last] = [this.#place.peek(), range.in, range.out].map(frameAt);
    return () => {
      const positionOf = (index: number | null | undefined): number | null =>
        typeof index === "number" ? (track.positions.peek()[index] ?? null) : null;
      batch(() => {
        this.#place.value = positionOf(place) ?? undefined;
        this.range.value = { in: positionOf(first), out: positionOf(last) };
      });
    };
  }

  /** The playhead on the timeline as it is now. */
  #fitted(): heads.Playhead {
    const { value: ticks } = this.ticks;
    const slack = slackOf(this.measure.value, ticks);
    const [first, last] = endsOf(this.bounds.value, ticks, slack);
    const tick = this.#tickOf(ticks, this.#place.value);
    return heads.resize(this.#left.value, ticks.length, tick, first, last);
  }

  #tickOf(ticks: readonly number[], place: number | undefined): number {
    const newest = this.follow.value === "newest" ? ticks.length - 1 : null;
    if (place === undefined) return newest ?? 0;
    const near = this.measure.value === "step" ? latest(ticks, place) : nearest(ticks, place);
    if (newest !== null && newest - near > MAX_BEHIND) return newest;
    return Math.max(0, near);
  }

  #leave(next: heads.Playhead): void {
    batch(() => {
      const moved = next.tick !== this.head.peek().tick || this.follow.peek() === "newest";
      const at = this.ticks.peek()[next.tick];
      if (moved && at !== undefined) this.#place.value = at;
      this.#left.value = next;
    });
  }

  #mark(change: Change): void {
    const next = change(this.head.peek());
    const ticks = this.ticks.peek();
    const at = (tick: number, end: number): number | null =>
      tick === end ? null : (ticks[tick] ?? null);
    batch(() => {
      if (typeof this.follow.peek() === "number") this.follow.value = null;
      this.range.value = { in: at(next.first, 0), out: at(next.last, next.count - 1) };
    });
  }

  #pace(change: Change): void {
    const before = this.head.peek();
    this.command(change);
    this.#liked(this.head.peek(), before);
  }
}
