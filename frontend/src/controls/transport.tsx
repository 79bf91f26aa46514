/** One transport for all cards. */
import { type ReadonlySignal, useComputed } from "@preact/signals";
import {
  FirstIcon,
  LastIcon,
  MenuIcon,
  NextIcon,
  PauseIcon,
  PlayIcon,
  PreviousIcon,
} from "../icons";
import type { Store } from "../store";
import type { AddressBar } from "../store/addressbar";
import { FollowMenu } from "./follow";
import { releaseKeys } from "./keys";
import { Fps, LoopMenu, RangePill, SpeedMenu } from "./pace";
import { Scrubber } from "./scrubber";
import { Share } from "./share";
import { Best, Strip } from "./strip";
import { Where } from "./where";

interface ButtonProps {
  readonly label: string;
  readonly keys: string;
  readonly disabled?: boolean;
  readonly onPress: () => void;
  readonly class?: string;
  readonly children: preact.ComponentChildren;
}

function Button({ label, keys, disabled, onPress, class: extra, children }: ButtonProps) {
  return (
    <button
      type="button"
      class={`icon ${extra ?? ""}`}
      aria-label={label}
      title={`${label} (${keys})`}
      disabled={disabled}
      onClick={(event) => {
        onPress();
        releaseKeys(event);
      }}
    >
      {children}
    </button>
  );
}

interface Props {
  readonly store: Store;
  readonly address: AddressBar;
  /** Whether the sidebar is drawn over the cards. */
  readonly filters: ReadonlySignal<boolean>;
  readonly onExport: () => void;
  readonly onFilters: () => void;
  readonly onHelp: () => void;
}

export function Transport({ store, address, filters, onExport, onFilters, onHelp }: Props) {
  const { player } = store;
  // While it plays the playhead changes with every picture; this bar does not.
  const count = useComputed(() => player.head.value.count).value;
  const playing = useComputed(() => player.head.value.playing).value;
  const none = count === 0;
  return (
    <section class="transport" aria-label="Playback">
      <Strip store={store}>
        <Scrubber store={store} />
      </Strip>
      <div class="controls">
        <button
          type="button"
          class="icon filters"
          aria-label="Filters"
          aria-controls="sidebar"
          aria-expanded={filters.value}
          onClick={onFilters}
        >
          <MenuIcon />
        </button>
        <Button label="First frame" keys="Home" disabled={none} onPress={player.first}>
          <FirstIcon />
        </Button>
        <Button label="Previous frame" keys="←" disabled={none} onPress={() => player.stepBy(-1)}>
          <PreviousIcon />
        </Button>
        <Button
          label={playing ? "Pause" : "Play"}
          keys="Space"
          disabled={count < 2}
          onPress={player.toggle}
          class={player.buffering.value ? "play busy" : "play"}
        >
          {playing ? <PauseIcon /> : <PlayIcon />}
        </Button>
        <Button label="Next frame" keys="→" disabled={none} onPress={() => player.stepBy(1)}>
          <NextIcon />
        </Button>
        <Button label="Last frame" keys="End" disabled={none} onPress={player.last}>
          <LastIcon />
        </Button>
        <Where player={player} />
        <LoopMenu player={player} />
        <RangePill player={player} />
        <Best store={store} />
        <span class="spring" />
        <FollowMenu player={player} />
        <SpeedMenu player={player} />
        <Fps player={player} />
        <Share address={address} />
        <Button label="Keys" keys="?" class="help" onPress={onHelp}>
          ?
        </Button>
        <button type="button" class="cta" disabled={none} onClick={onExport}>
          Download<span class="long"> clip</span>
        </button>
      </div>
    </section>
  );
}
