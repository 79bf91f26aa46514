"""A matplotlib figure at every step: two optimizers on their way down a valley.

    pip install tb-animate matplotlib tensorboardX
    python demo/recipes/matplotlib_figures.py --logdir logs --steps 80
    tensorboard --logdir logs

PyTorch's SummaryWriter has the same add_figure.
"""

import argparse

import numpy as np
from matplotlib.figure import Figure
from tensorboardX import SummaryWriter

parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
parser.add_argument("--logdir", default="logs")
parser.add_argument("--steps", type=int, default=80)
arguments = parser.parse_args()


# How much of its speed each keeps.
MOMENTA = {"plain": 0.0, "momentum": 0.8}


def height(x, y):
    return x**2 / 20 + y**2


def slope(place):
    return place * [0.1, 2.0]


x, y = np.meshgrid(np.linspace(-10, 2, 100), np.linspace(-3, 3, 100))
paths = {name: [np.array([-9.0, 2.5])] for name in MOMENTA}
speeds = dict.fromkeys(MOMENTA, np.zeros(2))

with SummaryWriter(f"{arguments.logdir}/matplotlib_figures") as writer:
    for step in range(arguments.steps):
        # A Figure of its own, not pyplot's: nothing to close, and no screen is needed.
        figure = Figure(figsize=(6, 3.5), layout="constrained")
        axes = figure.subplots()
        # Limits and levels are the same at every step, so that only the paths move.
        axes.set(xlim=(-10, 2), ylim=(-3, 3), title=f"step {step}")
        axes.contourf(x, y, height(x, y), levels=np.linspace(0, 14, 15), cmap="Greys")
        for name, path in paths.items():
            axes.plot(*np.transpose(path), ".-", label=name)
            writer.add_scalar(f"height/{name}", height(*path[-1]), step)
        axes.legend(loc="lower right")
        writer.add_figure("valley", figure, step)

        for name, path in paths.items():
            speeds[name] = MOMENTA[name] * speeds[name] - 0.3 * slope(path[-1])
            path.append(path[-1] + speeds[name])
