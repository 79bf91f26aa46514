/** Discs and lines with smooth edges, laid over each other in plain memory. */

export class Pixels {
  readonly image: ImageData;
  readonly #data: Uint8ClampedArray;
  readonly #words: Uint32Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.image = new ImageData(width, height);
    this.#data = this.image.data;
    this.#words = new Uint32Array(this.#data.buffer);
  }

  fill(red: number, green: number, blue: number): void {
    this.#data.set([red, green, blue, 255]);
    this.#words.fill(this.#words[0] as number);
  }

  /** `colors` from `at` on: red, green, blue. */
  disc(x: number, y: number, radius: number, alpha: number, colors: Uint8Array, at: number): void {
    const { width, height } = this;
    const data = this.#data;
    const reach = radius + 0.5;
    const left = Math.max(0, Math.ceil(x - reach - 0.5));
    const right = Math.min(width - 1, Math.floor(x + reach - 0.5));
    const top = Math.max(0, Math.ceil(y - reach - 0.5));
    const bottom = Math.min(height - 1, Math.floor(y + reach - 0.5));
    const red = colors[at] as number;
    const green = colors[at + 1] as number;
    const blue = colors[at + 2] as number;
    // In line: called for each pixel of each point, a function costs half of the time.
    for (let row = top; row <= bottom; row++) {
      const down = row + 0.5 - y;
      for (let column = left; column <= right; column++) {
        const across = column + 0.5 - x;
        const cover = reach - Math.sqrt(across * across + down * down);
        if (cover <= 0) continue;
        const part = cover < 1 ? alpha * cover : alpha;
        const to = 4 * (row * width + column);
        data[to] = (data[to] as number) * (1 - part) + red * part;
        data[to + 1] = (data[to + 1] as number) * (1 - part) + green * part;
        data[to + 2] = (data[to + 2] as number) * (1 - part) + blue * part;
      }
    }
  }

  /** From one place to another, with ends that are cut straight. */
  line(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    width: number,
    alpha: number,
    colors: Uint8Array,
    at: number,
  ): void {
    const long = Math.hypot(x1 - x0, y1 - y0);
    if (!(long > 0 && Number.isFinite(long))) return;
    const wayX = (x1 - x0) / long;
    const wayY = (y1 - y0) / long;
    // Pixel by pixel along its longer side; across it only those that it touches.
    const steep = Math.abs(wayY) > Math.abs(wayX);
    const [from, to, most] = steep ? [y0, y1, this.height] : [x0, x1, this.width];
    const reach = width / 2 + 0.5;
    const room = reach / Math.max(Math.abs(wayX), Math.abs(wayY));
    const first = Math.max(0, Math.floor(Math.min(from, to) - reach));
    const last = Math.min(most - 1, Math.ceil(Math.max(from, to) + reach));
    for (let major = first; major <= last; major++) {
      const away = major + 0.5 - from;
      const middle = steep ? x0 + (away * wayX) / wayY : y0 + (away * wayY) / wayX;
      const end = Math.floor(middle + room - 0.5);
      for (let minor = Math.ceil(middle - room - 0.5); minor <= end; minor++) {
        const column = steep ? minor : major;
        const row = steep ? major : minor;
        const right = column + 0.5 - x0;
        const down = row + 0.5 - y0;
        const far = right * wayX + down * wayY;
        const side = Math.abs(down * wayX - right * wayY);
        const along = Math.min(far + 0.5, long) - Math.max(far - 0.5, 0);
        const part = alpha * Math.min(along, 1) * Math.min(reach - side, 1, width);
        if (along > 0 && side < reach) this.#lay(column, row, part, colors, at);
      }
    }
  }

  #lay(column: number, row: number, part: number, colors: Uint8Array, at: number): void {
    if (column < 0 || row < 0 || column >= this.width || row >= this.height) return;
    const data = this.#data;
    const to = 4 * (row * this.width + column);
    for (let i = 0; i < 3; i++) {
      data[to + i] = (data[to + i] as number) * (1 - part) + (colors[at + i] as number) * part;
    }
  }
}
