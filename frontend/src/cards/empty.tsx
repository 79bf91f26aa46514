/** Shown where there are no cards: why, and what to do. */
import type { Store } from "../store";

const TENSORFLOW = `import tensorflow as tf
with tf.summary.create_file_writer("logs").as_default():
    for step in range(100):
        tf.summary.image("noise", tf.random.uniform([4, 32, 32, 3]), step, max_outputs=4)`;

const PYTORCH = `import torch; from torch.utils.tensorboard import SummaryWriter
with SummaryWriter("logs") as writer:
    for step in range(100):
        writer.add_images("noise", torch.rand(4, 3, 32, 32), step)`;

export function Empty({ store }: { store: Store }) {
  const listing = store.listing.value;
  if (!listing) {
    return store.trouble.value ? null : (
      <p class="empty" role="status">
        Looking at the logs …
      </p>
    );
  }
  if (listing.series.length > 0) {
    return (
      <div class="empty">
        <h2>Nothing is chosen</h2>
        <p>All runs, tags or kinds are filtered away.</p>
        <button
          type="button"
          class="cta"
          onClick={() => {
            store.runFilter.value = "";
            store.tagFilter.value = "";
            store.hiddenRuns.value = new Set();
            store.hiddenKinds.value = new Set();
          }}
        >
          Show everything
        </button>
      </div>
    );
  }
  return (
    <div class="empty">
      <h2>Nothing to play yet</h2>
      <p>
        Images and histograms that a training logs step by step play here. Four lines log something
        playable; then press TensorBoard's reload button.
      </p>
      <h3>TensorFlow</h3>
      <pre>
        <code>{TENSORFLOW}</code>
      </pre>
      <h3>PyTorch</h3>
      <pre>
        <code>{PYTORCH}</code>
      </pre>
    </div>
  );
}
