"""Builds the Python package: CMake compiles the extension module and the loadable backends.

    pip install --no-build-isolation .

All of it happens below build-pip. CMake's own options may be given in the environment variable CMAKE_ARGS.
"""

import os
import re
import shlex
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SOURCE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join("build-pip", f"{sys.implementation.cache_tag}")


class CMakeBuild(build_ext):
    def build_extension(self, ext):
        target = os.path.abspath(self.build_lib)
        if self.inplace:
            target = os.path.join(SOURCE, "python")
        configure = [
            *["cmake", "-S", SOURCE, "-B", BUILD, "-DCMAKE_BUILD_TYPE=Release", "-DNMPERM_PYTHON=ON"],
            *["-DNMPERM_TESTS=OFF", "-DNMPERM_BENCH=OFF", f"-DPython_EXECUTABLE={sys.executable}"],
            *shlex.split(os.environ.get("CMAKE_ARGS", "")),
        ]
        if not os.path.exists(os.path.join(BUILD, "CMakeCache.txt")) and "-G" not in configure:
            configure += ["-G", "Ninja"]
        jobs = str(self.parallel or len(os.sched_getaffinity(0)))
        for command in (
            configure,
            ["cmake", "--build", BUILD, "--parallel", jobs, "--target", "_nmperm"],
            ["cmake", "--install", BUILD, "--component", "python", "--strip", "--prefix", target],
        ):
            subprocess.run(command, cwd=SOURCE, check=True)


def version():
    with open(os.path.join(SOURCE, "CMakeLists.txt"), encoding="utf-8") as file:
        return re.search(r"project\(nmperm VERSION ([0-9.]+)", file.read())[1]


# setuptools would put its files beside the sources, and into the folder that is CMake's by habit.
os.makedirs(os.path.join(SOURCE, "build-pip"), exist_ok=True)
setup(
    version=version(),
    ext_modules=[Extension("nmperm._nmperm", sources=[])],
    cmdclass={"build_ext": CMakeBuild},
    options={"build": {"build_base": "build-pip"}, "egg_info": {"egg_base": "build-pip"}},
)
