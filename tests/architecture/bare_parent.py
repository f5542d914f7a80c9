"""Client and engine without the rest of the integration.

Importing `custom_components.xprotect_events.api` runs the parent package first, and
that imports Home Assistant. A bare parent in its place shows what the two need by
themselves. As a program it imports all their modules and prints which packages of
others that loaded.
"""

import importlib
from pathlib import Path
import pkgutil
import sys
from types import ModuleType

PACKAGE = "custom_components.xprotect_events"
LAYERS = ("api", "engine")


def put_bare_parent(root: Path) -> None:
    """Make the package's modules importable without running the package itself."""
    sys.path.insert(0, str(root))
    parent = ModuleType(PACKAGE)
    parent.__path__ = [str(root.joinpath(*PACKAGE.split(".")))]
    sys.modules[PACKAGE] = parent


def import_layers() -> None:
    """Import every module of both layers."""
    for layer in LAYERS:
        package = importlib.import_module(f"{PACKAGE}.{layer}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{PACKAGE}.{layer}.{module.name}")


def main() -> None:
    """Import both layers and print the roots of everything that is loaded."""
    put_bare_parent(Path(__file__).parents[2])
    import_layers()
    loaded = {name.partition(".")[0] for name in sys.modules}
    sys.stdout.write("\n".join(sorted(loaded - set(sys.stdlib_module_names))))


if __name__ == "__main__":
    main()
