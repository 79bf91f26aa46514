/** Everything the page knows, as signals, and the commands that change it. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Api } from "../api";
import { type Kind, loadedKinds } from "../kinds";
import {
  compareNames,
  groupOf,
  type Listing,
  type Measure,
  type Query,
  type Series,
  type Theme,
} from "../model";
import { fetchAhead } from "./ahead";
import { aspectsOf } from "./aspects";
import { Catalog } from "./catalog";
import { Clips } from "./clips";
import { Comparison } from "./compare";
import { Curves } from "./curves";
import { extentsOf } from "./extents";
import { type Filter, pattern, runShown, shown } from "./filter";
import { Fits } from "./fits";
import { createBudgets } from "./frames";
import { watch } from "./live";
import { Looks } from "./looks";
import { rememberedPace } from "./pace";
import { grouped, type Panel, panelsOf, steady } from "./panels";
import { Players } from "./players";
import { Preview } from "./preview";
import { Samples } from "./samples";
import { loadSteps } from "./steps";
import { isBoolean, isNumber, remembered } from "./taste";
import { Track } from "./track";
import { Views } from "./views";

export interface Group {
  readonly name: string;
  /** The cards that were pinned, which stand in their own group, too. */
  readonly pinned: boolean;
  readonly panels: readonly Panel[];
}

export type Store = ReturnType<typeof createStore>;

export function createStore(api: Api) {
  const budgets = createBudgets();
  const looks = new Looks();
  const cardStates = new Views();
  const clips = new Clips(api);

  const theme = signal<Theme>("light");
  const measure = signal<Measure>("step");
  const runFilter = signal("");
  const tagFilter = signal("");
  const hiddenRuns: Signal<ReadonlySet<string>> = signal(new Set());
  const hiddenKinds: Signal<ReadonlySet<string>> = signal(new Set());
  /** Keys of panels. */
  const pinned: Signal<ReadonlySet<string>> = signal(new Set());
  const large: Signal<ReadonlySet<string>> = signal(new Set());
  /** Names of groups. */
  const closed: Signal<ReadonlySet<string>> = signal(new Set());
  /** What is in view, card by card. */
  const views: Signal<readonly ReadonlySet<Track>[]> = signal([]);
  const visible = computed<ReadonlySet<Track>>(
    () => new Set(views.value.flatMap((view) => [...view])),
  );
  const asleep = signal(false);
  const tween = remembered("tween", false, isBoolean);
  const cardWidth = remembered("card_width", 300, isNumber);

  // --- what is shown ----------------------------------------------------------------

  const filter = computed<Filter>(() => ({
    runs: pattern(runFilter.value),
    tags: pattern(tagFilter.value),
    hiddenRuns: hiddenRuns.value,
    hiddenKinds: hiddenKinds.value,
  }));
  const extentOf = (run: string) => extents.value.get(run);
  const open = (series: Series) => new Track(series, api, budgets, looks, { measure, extentOf });
  const samples = new Samples(() => catalog.tracks);
  const catalog = new Catalog({
    api,
    create: (series) => samples.applied(open(series)),
    inView: () => visible.peek(),
    exchange,
  });
  const { listing } = catalog;
  const trackOf = (series: Series) => catalog.trackOf(series);
  const comparison = new Comparison(() => listing.value?.series ?? [], trackOf, open);

  const chosen = computed<readonly Track[]>(() =>
    (listing.value?.series ?? [])
      .filter((series) => shown(series, filter.value))
      .sort((a, b) => compareNames(a.tag, b.tag) || compareNames(a.run, b.run))
      .map(trackOf),
  );
  const extents = extentsOf(chosen, comparison);

  let before: ReadonlyMap<string, Panel> = new Map();
  const panels = computed<readonly Panel[]>(() => {
    const overlaid = (track: Track) => !!track.kind && !!looks.overlaid(track.kind)?.value;
    const found = steady(panelsOf(chosen.value, overlaid), before);
    before = new Map(found.map((panel) => [panel.key, panel]));
    return found;
  });
  const groups = computed<readonly Group[]>(() => {
    const byName = grouped(panels.value, (panel) => groupOf(panel.tag));
    const first = panels.value.filter((panel) => pinned.value.has(panel.key));
    return [
      // As TensorBoard pins: a copy at the top, the card stays where it is.
      ...(first.length > 0 ? [{ name: "Pinned", pinned: true, panels: first }] : []),
      ...[...byName].map(([name, panels]) => ({ name, pinned: false, panels })),
    ];
  });

  // --- playing ----------------------------------------------------------------------

  const ready = (track: Track, position: number): boolean => {
    const other = comparison.wanted(track, position);
    if (other?.track.buffer?.settled(other.index) === false) return false;
    return track.ready(position);
  };
  const pace = rememberedPace();
  const players = new Players({ panels, visible, ready, measure, tween, asleep, pace });
  const player = players.common;

  /** Logs grow; the shares that runs have come to become smaller, but the frames stay. */
  function exchange(next: Listing, change: () => void): void {
    looks.add(loadedKinds());
    const take = () => {
      change();
      comparison.update(next.series);
      fits.keep(catalog.tracks);
    };
    if (measure.peek() === "share") players.keeping(take);
    else batch(take);
  }

  const fits = new Fits({ api, looks, asleep, chosen, visible });
  fetchAhead({
    asleep,
    visible,
    budgets,
    comparison,
    playerOf: (track) => players.of(track),
  });
  const following = computed(() => player.follow.value !== null);

  // Pictures come first: two readings of the logs at once hold each other up.
  const whole = computed(() => {
    const { progress } = listing.value ?? {};
    return progress && progress.done >= progress.total ? listing.value : null;
  });
  loadSteps({ api, comparison, chosen, visible, measure, whole });
  const curves = new Curves(api, {
    listing: whole,
    asleep,
    measure,
    extentOf,
    runShown: (run) => runShown(run, filter.value),
    position: player.position,
    goTo: (position) =>
      batch(() => {
        player.pause();
        player.seekTo(position);
      }),
  });

  return {
    listing,
    trouble: catalog.trouble,
    theme,
    runFilter,
    tagFilter,
    hiddenRuns,
    hiddenKinds,
    filter,
    visible,
    asleep,
    tween,
    looks,
    cardStates,
    cardWidth,
    comparison,
    /** What images are compared with. */
    compare: comparison.chosen,
    curves,
    clips,
    /** What the clip of that query will be. */
    preview: (query: ReadonlySignal<Query | null>) => new Preview(api, query),
    chosen,
    groups,
    pinned,
    large,
    closed,
    samples,
    /** Width over height of the track's picture. */
    aspectOf: aspectsOf(chosen),
    colorOf: catalog.colorOf,
    refresh: () => catalog.refresh(),

    /** The playhead of all cards that are linked. */
    player,
    /** The playhead of a card: its own if it is unlinked. */
    playerOf: (track: Track) => players.of(track),
    /** The keys of the panels that are played alone. */
    unlinked: players.unlinked,
    players,
    toggleLink: (key: string) => players.toggleLink(key),
    measure,
    range: player.range,
    follow: player.follow,
    /** Changes the measure; the frames that are shown stay. */
    align: (next: Measure) => players.align(next),
    animate: () => players.animate(),
    /** Looks for new frames every now and then. */
    watch: () => watch({ catalog, asleep, following }),

    /** A card with these is in view; the function that comes back says that it no longer is. */
    show(shown: readonly Track[]): () => void {
      const view = new Set(shown);
      views.value = [...views.peek(), view];
      return () => {
        views.value = views.peek().filter((one) => one !== view);
        // Another card may show the same series.
        for (const track of view) if (!visible.peek().has(track)) track.buffer?.rest();
      };
    },

    /** Gives up what takes long, for all cards of the kind. */
    cancelFit: (kind: Kind) => fits.cancel(kind, catalog.tracks),
  };
}

export type { Panel } from "./panels";
export type { Player } from "./player";
export type { Track } from "./track";
