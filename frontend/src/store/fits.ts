/** The scenes: each is asked for once, when something that it holds for is in view. */
import { effect, type ReadonlySignal } from "@preact/signals";
import type { Api } from "../api";
import type { Kind } from "../kinds";
import type { Looks } from "./looks";
import { fitting } from "./panels";
import { FittedScene } from "./scenes";
import type { Track } from "./track";

interface Context {
  readonly api: Api;
  readonly looks: Looks;
  readonly asleep: ReadonlySignal<boolean>;
  readonly chosen: ReadonlySignal<readonly Track[]>;
  readonly visible: ReadonlySignal<ReadonlySet<Track>>;
}

export class Fits {
  readonly #scenes = new Map<string, FittedScene>();

  constructor(private readonly context: Context) {
    const { asleep, chosen, visible } = context;
    effect(() => {
      const cards = visible.value;
      const wanted = new Set<FittedScene>();
      for (const [key, members] of asleep.value ? [] : fitting(chosen.value)) {
        const scene = this.#want(key, members, cards);
        if (scene !== null) wanted.add(scene);
      }
      for (const scene of this.#scenes.values()) if (!wanted.has(scene)) scene.rest();
    });
  }

  /** Gives up what takes long, for all cards of the kind: they share its options. */
  cancel(kind: Kind, tracks: Iterable<Track>): void {
    const { looks } = this.context;
    const waiting = [...tracks].filter((track) => track.kind === kind && track.pending.peek());
    const asked = looks.query(kind, true);
    const before = waiting.find((track) => track.scene.peek() !== null)?.fit.peek();
    for (const track of waiting) void track.fit.peek()?.cancel(asked);
    looks.restore(kind, before?.options ?? {});
  }

  /** Only these tracks are there yet. */
  keep(tracks: Iterable<Track>): void {
    const used = new Set([...tracks].map((track) => track.fit.peek()));
    for (const [key, scene] of this.#scenes) {
      if (used.has(scene)) continue;
      scene.close();
      this.#scenes.delete(key);
    }
  }

  /** Null: nothing of it is in view, or it is not known yet what to ask for. */
  #want(key: string, members: readonly Track[], cards: ReadonlySet<Track>): FittedScene | null {
    const [first] = members;
    if (!first?.kind) return null;
    const { kind } = first;
    const scene = this.#sceneOf(key, kind, members);
    for (const track of members) track.fit.value = scene;
    const known = members.filter((track) => track.steps.value !== null);
    const all = members.every((track) => known.includes(track) || track.error.value !== null);
    if (known.length === 0 || !members.some((track) => cards.has(track))) return null;
    // With the first run's steps alone, the first picture would be of other axes.
    if (!all && scene.scene.peek() === null) return null;
    const revision = known.map(({ steps: { value } }) => [
      value?.generation,
      value?.steps.length,
      value?.steps.at(-1),
    ]);
    const ids = known.map((track) => track.id);
    // Where samples can be chosen, each series has a scene of its own.
    const options = { ...this.context.looks.query(kind, true), ...first.sampled };
    scene.want(ids, options, JSON.stringify(revision));
    return scene;
  }

  #sceneOf(key: string, kind: Kind, members: readonly Track[]): FittedScene {
    let scene = this.#scenes.get(key);
    if (scene === undefined) {
      scene = new FittedScene(this.context.api, kind, () => {
        for (const track of members) if (kind.placed) track.drop();
      });
      this.#scenes.set(key, scene);
    }
    return scene;
  }
}
