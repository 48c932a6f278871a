"""Builds the library out of kv.c, or takes one that is built.

KVEXT_LIBRARY names a library built for another platform, whose tag KVEXT_PLATFORM is: so one machine makes all wheels.
"""

import os
import re
import shutil
import sys

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

LIBRARY = os.environ.get("KVEXT_LIBRARY")
PLATFORM = os.environ.get("KVEXT_PLATFORM")
SUFFIXES = {"darwin": ".dylib", "win32": ".dll"}


class BuildLibrary(build_ext):
    """A library that SQLite loads, and no module of Python: nothing of Python is in its name, nor in its exports."""

    def get_ext_filename(self, name):
        suffix = os.path.splitext(LIBRARY)[1] if LIBRARY else SUFFIXES.get(sys.platform, ".so")
        return os.path.join(*name.split(".")) + suffix

    def get_export_symbols(self, extension):
        return ["sqlite3_kv_init"]

    def build_extension(self, extension):
        if LIBRARY:
            path = self.get_ext_fullpath(extension.name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            shutil.copyfile(LIBRARY, path)
        else:
            super().build_extension(extension)


class Wheel(bdist_wheel):
    """For every Python 3 on one platform."""

    def get_tag(self):
        return "py3", "none", PLATFORM or super().get_tag()[2]


with open("kv.h", encoding="utf-8") as header:
    version = re.search(r'KV_VERSION "(.*)"', header.read()).group(1)

on_windows = sys.platform == "win32"
setup(
    version=version,
    ext_modules=[
        Extension(
            "kvext.kv",
            ["kv.c"],
            include_dirs=["sqlite"],
            depends=["kv.h"],
            libraries=[] if on_windows else ["m"],
            extra_compile_args=[] if on_windows else ["-std=c11", "-fvisibility=hidden"],
        )
    ],
    cmdclass={"build_ext": BuildLibrary, "bdist_wheel": Wheel},
)
