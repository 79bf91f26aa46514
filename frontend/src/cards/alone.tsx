/** The playback of a card that is unlinked from the others. */
import { formatPosition, formatStep } from "../format";
import { PauseIcon, PlayIcon } from "../icons";
import type { Player } from "../store";

interface Props {
  readonly player: Player;
  /** The card in words. */
  readonly name: string;
}

const NEXT_LOOP = { forever: "bounce", bounce: "once", once: "forever" } as const;

export function Alone({ player, name }: Props) {
  const { tick, count, playing, loop } = player.head.value;
  const position = player.position.value;
  const { value: measure } = player.measure;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would not lay them out in a row.
    <div class="alone" role="group" aria-label={`Playback of ${name} alone`}>
      <button
        type="button"
        class="icon"
        aria-label={playing ? "Pause this card" : "Play this card"}
        disabled={count < 2}
        onClick={player.toggle}
      >
        {playing ? <PauseIcon /> : <PlayIcon />}
      </button>
      <input
        type="range"
        aria-label="Timeline of this card"
        aria-valuetext={
          position === undefined
            ? "empty"
            : `${formatPosition(measure, position)}, frame ${formatStep(tick + 1)} of ${formatStep(count)}`
        }
        min={0}
        max={Math.max(1, count - 1)}
        step={1}
        value={tick}
        disabled={count < 2}
        onInput={(event) => {
          player.pause();
          player.seek(event.currentTarget.valueAsNumber);
        }}
      />
      <button
        type="button"
        class="pill small"
        title="Loop of this card"
        onClick={() => player.setLoop(NEXT_LOOP[loop])}
      >
        {loop}
      </button>
    </div>
  );
}
