/** One tag: what it is and of which runs, and what one sees of it. */
import { DownloadIcon, ExpandIcon, LinkIcon, PinIcon, UnlinkIcon } from "../icons";
import type { Panel, Store, Track } from "../store";
import { toggled } from "../store/sets";
import { Alone } from "./alone";
import { Body } from "./body";
import { useInView } from "./inview";

interface Props {
  readonly store: Store;
  readonly panel: Panel;
  readonly onExport: (track: Track) => void;
}

export function Card({ store, panel, onExport }: Props) {
  const { key, tracks } = panel;
  const first = tracks[0] as Track;
  const { element, inView, below } = useInView(store, tracks);
  const series = first.series.value;
  const runs = tracks.map((track) => track.series.value.run);
  const name = series.display_name || series.tag;
  const whose = runs.join(", ");
  const large = store.large.value.has(key);
  const pinned = store.pinned.value.has(key);
  const alone = store.unlinked.value.has(key);

  return (
    <article
      ref={element}
      class={large ? "card large" : "card"}
      aria-label={`${name}, ${whose}`}
      data-series={tracks.map((track) => track.id).join(" ")}
    >
      <header>
        <h3 title={series.description ? `${series.tag}\n${series.description}` : series.tag}>
          {name}
        </h3>
        <span class="runs">
          {runs.map((run) => (
            <span key={run} class="run" title={run}>
              <i class="dot" style={{ background: store.colorOf(run) }} />
              {run}
            </span>
          ))}
        </span>
        <button
          type="button"
          class="icon"
          aria-pressed={pinned}
          title={pinned ? "Unpin" : "Pin to the top"}
          aria-label={`Pin ${name}, ${whose}`}
          onClick={() => {
            store.pinned.value = toggled(store.pinned.peek(), key);
          }}
        >
          <PinIcon />
        </button>
        <button
          type="button"
          class="icon"
          aria-pressed={alone}
          title={alone ? "Play with the other cards" : "Play alone"}
          aria-label={`Play ${name}, ${whose} alone`}
          onClick={() => store.toggleLink(key)}
        >
          {alone ? <UnlinkIcon /> : <LinkIcon />}
        </button>
        <button
          type="button"
          class="icon"
          title="Download this card's clip"
          aria-label={`Download the clip of ${name}, ${whose}`}
          onClick={() => onExport(first)}
        >
          <DownloadIcon />
        </button>
        <button
          type="button"
          class="icon"
          aria-pressed={large}
          title={large ? "Make smaller" : "Make larger"}
          aria-label={`Enlarge ${name}, ${whose}`}
          onClick={() => {
            store.large.value = toggled(store.large.peek(), key);
          }}
        >
          <ExpandIcon />
        </button>
      </header>
      {alone && <Alone player={store.playerOf(first)} name={`${name}, ${whose}`} />}
      {inView.value ? (
        <Body store={store} tracks={tracks} label={`${name} of ${whose}`} />
      ) : (
        <>
          <div class="stage" style={{ aspectRatio: String(store.aspectOf(first)) }} />
          <div class="below" style={{ height: below.value === null ? null : `${below.value}px` }} />
        </>
      )}
    </article>
  );
}
