"""Runs Prowler's command without the SDKs of other clouds, which it imports at its start and never calls for AWS.

They are many and large. Whatever is imported from them is a stand-in, so that the command starts faster and takes less
memory than with them.
"""

import importlib.abc
import importlib.machinery
import sys
import types

OTHER_CLOUDS = ("alibabacloud", "google", "kubernetes", "stackit")


class Anything(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn


class StandIn(Exception, metaclass=Anything):
    """Can be called, inherited from, caught, and used as a type."""


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if not name.startswith(OTHER_CLOUDS):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__getattr__ = lambda name: getattr(StandIn, name)
        return module

    def exec_module(self, module):
        pass


sys.meta_path.append(Finder())

from prowler.__main__ import prowler  # noqa: E402  (it imports the other clouds at once)

sys.exit(prowler())
