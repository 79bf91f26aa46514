import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Sprite } from "../src/kinds/embedding/table";
import { Textures } from "../src/kinds/embedding/textures";

const LARGEST = 8192;

/** A picture of thumbnails that is as wide and high as this many pixels. */
const sprite = (side: number): Sprite => ({
  png: new Uint8Array([side >> 8, side & 255]),
  width: 16,
  height: 16,
});

/** Textures, and how many are held at the graphics card. */
function made() {
  const held = new Set<object>();
  const gl = new Proxy({} as Record<string, unknown>, {
    get: (_, name) => {
      if (name === "getParameter") return () => LARGEST;
      if (name === "deleteTexture") return (texture: object) => held.delete(texture);
      if (name !== "createTexture") return () => {};
      return () => {
        const texture = {};
        held.add(texture);
        return texture;
      };
    },
  });
  return { textures: new Textures(gl as unknown as WebGL2RenderingContext), held };
}

let decoded = 0;

beforeEach(() => {
  vi.useFakeTimers();
  decoded = 0;
  vi.stubGlobal("createImageBitmap", async (blob: Blob) => {
    decoded += 1;
    const [high = 0, low = 0] = new Uint8Array(await blob.arrayBuffer());
    const side = 256 * high + low;
    return { width: side, height: side, close: () => {} };
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Draws all of them until nothing asks for it any more; how many have their thumbnails. */
async function drawn(textures: Textures, sprites: readonly Sprite[]): Promise<number> {
  let asked = true;
  let found = 0;
  for (let round = 0; asked && round < 20; round++) {
    asked = false;
    found = sprites.filter((one) => textures.of(one, () => (asked = true)) !== null).length;
    await vi.waitFor(() => expect(decoded).toBeGreaterThan(0));
    await vi.advanceTimersByTimeAsync(16);
  }
  expect(asked).toBe(false);
  return found;
}

describe("thumbnails", () => {
  it("of many cards are all there, each decoded once", async () => {
    const { textures, held } = made();
    const sprites = Array.from({ length: 12 }, () => sprite(1024));
    expect(await drawn(textures, sprites)).toBe(12);
    expect([decoded, held.size]).toEqual([12, 12]);
  });

  it("that do not all fit are drawn for some cards, without end for none", async () => {
    const { textures, held } = made();
    const sprites = Array.from({ length: 4 }, () => sprite(LARGEST));
    expect(await drawn(textures, sprites)).toBe(2);
    expect([decoded, held.size]).toEqual([4, 2]);
  });

  it("make room for others when their cards are gone", async () => {
    const { textures, held } = made();
    await drawn(textures, [sprite(LARGEST), sprite(LARGEST)]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await drawn(textures, [sprite(LARGEST), sprite(LARGEST)])).toBe(2);
    expect(held.size).toBe(2);
  });

  it("that found no room come when there is some", async () => {
    const { textures, held } = made();
    const [first, second, third] = [sprite(LARGEST), sprite(LARGEST), sprite(LARGEST)];
    expect(await drawn(textures, [first, second, third])).toBe(2);
    // The other cards are scrolled away, and this one plays on.
    for (let i = 0; i < 100; i++) {
      textures.of(third, () => {});
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(await drawn(textures, [third])).toBe(1);
    expect([decoded, held.size]).toEqual([4, 2]);
  });

  it("too large for the graphics card are no thumbnails", async () => {
    const { textures, held } = made();
    expect(await drawn(textures, [sprite(LARGEST + 1)])).toBe(0);
    expect([decoded, held.size]).toEqual([1, 0]);
  });
});
