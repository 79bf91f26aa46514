/** Bytes of a picture file become pixels. */

export const isPng = (bytes: Uint8Array): boolean =>
  bytes.length >= 24 &&
  bytes[0] === 0x89 &&
  bytes[1] === 0x50 &&
  bytes[2] === 0x4e &&
  bytes[3] === 0x47;

/** Rejects where the bytes are no picture that the browser knows. */
export async function decodeBitmap(bytes: Uint8Array<ArrayBuffer>): Promise<ImageBitmap> {
  // WebCodecs are there on secure pages only, of which localhost is one. Without them, each
  // blob is handed to the browser's own process and read back from there, while the page
  // waits: more work than to decode it. Of other forms they give pixels in YUV, not turned
  // as the file says.
  if (!("ImageDecoder" in globalThis && isPng(bytes))) return createImageBitmap(new Blob([bytes]));
  const decoder = new ImageDecoder({ data: bytes, type: "image/png" });
  try {
    const { image } = await decoder.decode();
    try {
      return await createImageBitmap(image);
    } finally {
      image.close();
    }
  } finally {
    decoder.close();
  }
}
