"""PyTorch's SummaryWriter: an autoencoder squeezes digits into few numbers and back.

    pip install tb-animate torch scikit-learn
    python demo/recipes/pytorch.py --logdir logs --epochs 40
    tensorboard --logdir logs

Animate plays what is left of digits that it does not learn from (images), its weights
(histograms) and where each digit lies in between (embeddings).
"""

import argparse
from collections import OrderedDict

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.tensorboard import SummaryWriter

import tb_animate

parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
parser.add_argument("--logdir", default="logs")
parser.add_argument("--epochs", type=int, default=40)
arguments = parser.parse_args()

torch.manual_seed(1)
digits = load_digits()
images = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None]
training, validation = images[:1497], images[1497:]
labels = digits.target[1497:]

encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 8))
decoder = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.Sigmoid())
parts = {"encoder": encoder, "decoder": decoder, "shape": nn.Unflatten(1, (1, 8, 8))}
model = nn.Sequential(OrderedDict(parts))
optimizer = torch.optim.Adam(model.parameters(), lr=0.002)

with SummaryWriter(f"{arguments.logdir}/pytorch") as writer:
    for epoch in range(arguments.epochs + 1):
        with torch.no_grad():
            codes, copies = encoder(validation), model(validation)
        writer.add_scalar("loss", nn.functional.mse_loss(copies, validation), epoch)
        # An edge of a pixel keeps them apart.
        writer.add_images("copies", nn.functional.pad(copies[:16], 4 * [1]), epoch)
        for name, weight in model.named_parameters():
            # What stands before a slash is the name of a group in the tab.
            writer.add_histogram(f"weights/{name}", weight, epoch)
        # One record in the event file; labels and thumbnails are stored once.
        tb_animate.summary.embedding(
            "codes/tb_animate",
            codes,
            epoch,
            metadata=labels,
            sprite=validation[:, 0],
            writer=writer,
        )
        # PyTorch's own needs a global_step, and stores all anew in a folder for each of them.
        if epoch % 10 == 0:
            writer.add_embedding(codes, labels, validation, epoch, tag="codes/add_embedding")

        for batch in training[torch.randperm(len(training))].split(32):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(batch), batch).backward()
            optimizer.step()
