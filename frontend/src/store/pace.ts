/** How fast and how often one likes to see it, remembered by the browser. */
import { batch } from "@preact/signals";
import { LOOPS, type Loop } from "../model";
import * as heads from "../playhead";
import { isNumber, oneOf, remembered } from "./taste";

export interface Pace {
  /** For a playhead at first. */
  of(head: heads.Playhead): heads.Playhead;
  /** What somebody chose: that in which the playhead differs from the one before. */
  remember(head: heads.Playhead, before: heads.Playhead): void;
}

export function rememberedPace(): Pace {
  const { initial } = heads;
  const speed = remembered("speed", initial.speed, isNumber);
  const fps = remembered("fps", initial.fps, isNumber);
  const loop = remembered<Loop>("loop", initial.loop, oneOf(LOOPS));
  const hold = remembered("hold", initial.hold, isNumber);
  return {
    of(head) {
      const paced = heads.setSpeed(heads.setFps(head, fps.peek()), speed.peek());
      return heads.setHold(heads.setLoop(paced, loop.peek()), hold.peek());
    },
    remember(head, before) {
      // The rest may be a link's, which somebody else chose.
      batch(() => {
        if (head.speed !== before.speed) speed.value = head.speed;
        if (head.fps !== before.fps) fps.value = head.fps;
        if (head.loop !== before.loop) loop.value = head.loop;
        if (head.hold !== before.hold) hold.value = head.hold;
      });
    },
  };
}
