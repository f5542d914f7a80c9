"""The source files of the project as syntax trees, and what they import."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One imported name: `module` is absolute, `name` is empty for `import module`."""

    module: str
    name: str
    line: int
    is_at_top: bool


@dataclass(frozen=True, kw_only=True)
class Source:
    """A module of the project, by its name inside its package."""

    package: str
    name: str
    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        """The file as it is."""
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        """The file as Python understands it."""
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """All imports of the module, also those in functions.

        An import in a `try` at the top counts as one at the top.
        """
        tried = (node.body for node in self.tree.body if isinstance(node, ast.Try))
        top = set(map(id, chain(self.tree.body, *tried)))
        return tuple(
            imported
            for node in ast.walk(self.tree)
            for imported in self._imports(node, is_at_top=id(node) in top)
        )

    @property
    def layer(self) -> str:
        """The name of its subpackage, or an empty text."""
        return self.name.rpartition(".")[0]

    def _imports(self, node: ast.AST, *, is_at_top: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(
                    module=alias.name, name="", line=node.lineno, is_at_top=is_at_top
                )
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Import(
                    module=self._absolute(node),
                    name=alias.name,
                    line=node.lineno,
                    is_at_top=is_at_top,
                )

    def _absolute(self, node: ast.ImportFrom) -> str:
        if node.level == 0:
            return node.module or ""
        # One dot is the package of the module, each further dot the one above.
        parts = f"{self.package}.{self.name}".split(".")[: -node.level]
        return ".".join([*parts, *([node.module] if node.module else [])])


def sources(package: str) -> tuple[Source, ...]:
    """Return every module of a package, by its path."""
    folder = ROOT / package.replace(".", "/")
    return tuple(
        Source(
            package=package,
            name=".".join(path.relative_to(folder).with_suffix("").parts),
            path=path,
        )
        for path in sorted(folder.rglob("*.py"))
    )


def edges(source: Source, known: frozenset[str]) -> Iterator[tuple[str, Import]]:
    """Yield the modules of the same package that a module imports."""
    for imported in source.imports:
        if not f"{imported.module}.".startswith(f"{source.package}."):
            continue
        inside = imported.module.removeprefix(source.package).removeprefix(".")
        prefix = f"{inside}." if inside else ""
        as_module = f"{prefix}{imported.name}"
        if imported.name and as_module in known:
            yield as_module, imported
        elif f"{as_module}.__init__" in known:
            yield f"{as_module}.__init__", imported
        elif inside in known:
            yield inside, imported
        else:
            yield f"{prefix}__init__", imported
