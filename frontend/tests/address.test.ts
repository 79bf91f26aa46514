import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Api } from "../src/api";
import { histogram } from "../src/kinds/histogram";
import { readLink } from "../src/link";
import type { Listing, Series } from "../src/model";
import { createStore } from "../src/store";
import { AddressBar, type Bar } from "../src/store/addressbar";
import { seriesOf } from "./series";

const FRAMES = 50;

const series = (run: string, samples: number): Series =>
  seriesOf({
    id: run,
    run,
    tag: "x/kernel",
    kind: histogram.name,
    samples,
    frames: FRAMES,
    last_step: 10 * (FRAMES - 1),
  });

const steps = Array.from({ length: FRAMES }, (_, i) => 10 * i);

function createApi(): Api {
  const listing: Listing = {
    series: [series("a", 1), series("b", 3)],
    runs: ["a", "b"],
    kinds: [{ name: histogram.name, title: "Histograms", plugin_name: "histograms" }],
    formats: [],
    warnings: [],
    progress: { done: 1, total: 1 },
  };
  return {
    listing: async () => listing,
    runs: async () => ["a", "b"],
    steps: async (ids: readonly string[]) =>
      Object.fromEntries(
        ids.map((id) => [id, { steps, wall_times: steps.map(Number), generation: "1" }]),
      ),
    scalars: async () => ({ scalars: [], progress: { done: 1, total: 1 } }),
  } as unknown as Api;
}

/** A browser's address bar, and what a page left in its tab. */
class FakeBar implements Bar {
  writes = 0;
  listener = () => {};
  leave: () => unknown = () => null;

  constructor(
    public shown = "#animate",
    readonly left: unknown = null,
  ) {}

  get hash(): string {
    return this.shown;
  }

  set hash(hash: string) {
    this.shown = hash;
    this.writes += 1;
  }

  get href(): string {
    return `http://here/${this.shown}`;
  }

  watch(listener: () => void): void {
    this.listener = listener;
  }

  onLeave(leave: () => unknown): void {
    this.leave = leave;
  }

  /** Somebody types or pastes an address, or another part of the page changes it. */
  go(hash: string): void {
    this.shown = hash;
    this.listener();
  }
}

async function opened(hash?: string, left?: unknown) {
  const bar = new FakeBar(hash, left);
  const store = createStore(createApi());
  const address = new AddressBar(store, bar);
  await store.refresh();
  await vi.advanceTimersByTimeAsync(1000);
  bar.writes = 0;
  return { bar, store, address, player: store.player };
}

const kept = new Map<string, string>();

beforeEach(() => {
  vi.useFakeTimers();
  kept.clear();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the address", () => {
  it("is written once for many changes, and not for every frame that is played", async () => {
    const { bar, player } = await opened();
    for (let i = 0; i < 7; i++) player.stepBy(1);
    player.setSpeed(2);
    expect(bar.writes).toBe(0);
    await vi.advanceTimersByTimeAsync(500);
    expect(bar.shown).toBe("#animate&p.animate.at=70&p.animate.speed=2");
    expect(bar.writes).toBe(1);
    player.play();
    for (let i = 0; i < 90; i++) {
      player.tickBy(0.05);
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(bar.writes).toBe(1);
    player.pause();
    await vi.advanceTimersByTimeAsync(500);
    expect(readLink(bar.shown).at).toBe(player.position.value);
    expect(bar.writes).toBe(2);
  });

  it("has the position of this moment when it is shared while playing", async () => {
    const { address, player } = await opened();
    player.play();
    player.tickBy(0.45);
    player.tickBy(0.25);
    const { href, cut } = address.share();
    expect(href).toBe(`http://here/#animate&p.animate.at=${player.position.value}`);
    expect(player.position.value).toBeGreaterThan(0);
    expect(cut).toBe(false);
  });

  it("says that states of cards were left out as it would be too long", async () => {
    const { address, store } = await opened();
    store.cardStates.of("a").value = { hidden: Array.from({ length: 2000 }, (_, i) => `no ${i}`) };
    expect(address.share().cut).toBe(true);
    expect(address.share().href.length).toBeLessThan(8100);
  });

  it("stays that of the other tab while that is shown", async () => {
    const { bar, store, player } = await opened();
    store.asleep.value = true;
    player.stepBy(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(bar.writes).toBe(0);
    store.asleep.value = false;
    await vi.advanceTimersByTimeAsync(1000);
    expect(readLink(bar.shown)).toEqual({ at: 10 });
  });
});

describe("a link", () => {
  const LINK =
    "#animate&p.animate.at=200&p.animate.in=100&p.animate.out=300&p.animate.measure=time" +
    "&p.animate.loop=bounce&p.animate.reverse=1&p.animate.hold=2&p.animate.tagFilter=kern" +
    "&p.animate.kinds=%5B%22image%22%5D&p.animate.closed=%5B%22y%22%5D" +
    "&p.animate.unlinked=%7B%22b%22%3A70%7D&p.animate.samples=%7B%22b%22%3A2%7D" +
    "&p.animate.views=%7B%22a%22%3A%7B%22zoom%22%3A2%7D%7D&p.animate.scalars=%5B%5D" +
    `&p.animate.options=%7B%22${histogram.name}.trail%22%3A7%2C%22tween%22%3A1%7D`;

  it("is what one sees, and what one sees is the same link again", async () => {
    const { store, player, address, bar } = await opened(LINK);
    expect(address.stands).toBe(true);
    expect(player.position.value).toBe(200);
    expect(player.head.value).toMatchObject({ first: 10, last: 30, loop: "bounce", hold: 2 });
    expect(player.head.value).toMatchObject({ reverse: true, playing: false });
    const alone = store.chosen.value.find((track) => track.id === "b");
    if (!alone) throw new Error("It is listed.");
    expect(store.playerOf(alone).position.value).toBe(70);
    expect(alone.sample.value).toBe(2);
    expect(store.cardStates.of("a").value).toEqual({ zoom: 2 });
    address.share();
    expect(readLink(bar.shown)).toEqual(readLink(LINK));
  });

  it("has defaults for what it leaves out, and no taste is forgotten for it", async () => {
    kept.set("tb_animate.speed", "4");
    kept.set("tb_animate.tween", "true");
    kept.set(`tb_animate.${histogram.name}.trail`, "3");
    const before = new Map(kept);
    const liked = await opened();
    expect(liked.player.head.value.speed).toBe(4);
    const { store, player } = await opened("#p.animate.at=30");
    expect(player.head.value.speed).toBe(1);
    expect(store.tween.value).toBe(false);
    expect(store.looks.changed).toEqual(new Map());
    expect(kept).toEqual(before);
    // What somebody then chooses is a taste again.
    store.tween.value = true;
    expect(kept.get("tb_animate.tween")).toBe("true");
  });

  it("is followed while the page is open, but not what was written by itself", async () => {
    const { bar, player } = await opened();
    player.stepBy(1);
    await vi.advanceTimersByTimeAsync(500);
    player.play();
    player.tickBy(0.25);
    const at = player.position.value;
    // TensorBoard writes it anew when tabs change.
    bar.go(bar.shown.replace("#animate", "#images"));
    bar.go("#animate");
    expect(player.position.value).toBe(at);
    expect(player.head.value.playing).toBe(true);
    bar.go("#animate&p.animate.at=440");
    expect(player.position.value).toBe(440);
    expect(player.head.value.playing).toBe(false);
  });
});

describe("a reload", () => {
  it("goes on where the playhead was, as long as the address is the same", async () => {
    const { bar, player } = await opened();
    player.play();
    for (let i = 0; i < 5; i++) player.tickBy(0.1);
    const left = bar.leave();
    const again = await opened(bar.shown, left);
    expect(again.player.position.value).toBe(player.position.value);
    expect(again.address.stands).toBe(false);
    const other = await opened("#animate&p.animate.at=30", left);
    expect(other.player.position.value).toBe(30);
    expect(other.address.stands).toBe(true);
  });

  it("stands where it stood", async () => {
    const { bar, player } = await opened("#animate&p.animate.at=30");
    player.stepBy(1);
    const again = await opened(bar.shown, bar.leave());
    expect(again.player.position.value).toBe(40);
    expect(again.address.stands).toBe(true);
  });

  it.each([null, 3, "x", [], { found: 1 }, { found: "#animate", hash: 3, playing: true }])(
    "ignores that %j was left",
    async (left) => {
      const { address, player } = await opened("#animate", left);
      expect(address.stands).toBe(false);
      expect(player.position.value).toBe(0);
    },
  );
});
