/** What is said about the place under the pointer. */

/** From the pointer to the words, in CSS pixels. */
const OFFSET = 12;

export interface Tip {
  readonly text: string;
  /** Distances in CSS pixels from the sides of the picture that are named. */
  readonly place: Readonly<Record<string, number>>;
}

/** Towards the middle of the picture, where there is more room. */
export function tipAt(text: string, x: number, y: number, picture: HTMLElement): Tip {
  const { clientWidth: width, clientHeight: height } = picture;
  return {
    text,
    place: {
      ...(x < width / 2 ? { left: x + OFFSET } : { right: width - x + OFFSET }),
      ...(y < height / 2 ? { top: y + OFFSET } : { bottom: height - y + OFFSET }),
    },
  };
}

export function TipView({ tip }: { tip: Tip }) {
  const sides = Object.entries(tip.place).map(([side, away]) => [side, `${away}px`]);
  return (
    <div class="tip" role="tooltip" style={Object.fromEntries(sides)}>
      {tip.text}
    </div>
  );
}
