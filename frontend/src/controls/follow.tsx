/** What happens while a run is being written: nothing, or the newest frames are played. */
import { useSignal } from "@preact/signals";
import { FOLLOW_LIMITS } from "../playhead";
import type { Player } from "../store";
import { type Choice, Pills } from "./fields";
import { Menu } from "./menu";
import { NumberField } from "./number";

const MODES = ["off", "newest", "last"] as const;
type Mode = (typeof MODES)[number];

const CHOICES: readonly Choice<Mode>[] = [
  { value: "off", label: "Off" },
  { value: "newest", label: "Stay with the newest" },
  { value: "last", label: "Loop the last frames" },
];

/** How many of the last frames are followed at first. */
const USUAL_FRAMES = 20;

export function FollowMenu({ player }: { player: Player }) {
  const { value: follow } = player.follow;
  const wish = useSignal(USUAL_FRAMES);
  const frames = typeof follow === "number" ? follow : wish.value;
  const mode: Mode = follow === null ? "off" : follow === "newest" ? "newest" : "last";
  const set = { off: "off", newest: "newest", last: `last ${frames}` }[mode];
  return (
    <Menu
      label="Follow"
      set={set}
      title="Follow a run that is being written"
      on={follow !== null}
      text={
        <>
          <i aria-hidden="true" class="dot" />
          {mode === "off" ? "Follow" : `Follow: ${set}`}
        </>
      }
    >
      <Pills
        name="follow"
        label="While a run is written"
        choices={CHOICES}
        value={mode}
        choose={(next) => {
          player.setFollow(next === "off" ? null : next === "newest" ? "newest" : frames);
        }}
      />
      <NumberField
        {...FOLLOW_LIMITS}
        step={1}
        label="How many of the last"
        unit=""
        value={frames}
        choose={(typed) => {
          wish.value = Math.round(typed);
          if (mode === "last") player.setFollow(wish.value);
        }}
      />
    </Menu>
  );
}
