"""Which services exist (their folders), loaded on first use and checked against their models as they load."""

from __future__ import annotations

import ast
import fnmatch
import importlib
import logging
import pkgutil
import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import ModuleType

from . import wire
from .declare import BACKGROUND, OPERATION, Background, Operation, Resource, Service, about, is_resource, stored_kinds
from .errors import not_implemented
from .promise import Promise

log = logging.getLogger("cumulet.catalog")
HOME = Path(__file__).parents[1] / "services"
PACKAGE = "cumulet.services"
# Resources that every call needs, and so the kernel owns: how its face calls the module, and where that is.
OWNED = {"principals": Path(__file__).parent / "access" / "tables.py",
         "organization": Path(__file__).parent / "access" / "organization.py"}


def _all(call: object, members: object) -> bool:
    """A service whose resources have no policies."""
    return True


def _nothing(call: object, members: object) -> bool:
    """Its guards are to be asked about each."""
    return False


class Loaded:
    """One service, imported: its declaration, what it does, what exists in it."""

    def __init__(self, folder: str, service: Service) -> None:
        self.folder = folder
        self.service = service
        self.principal = service.principal
        self.operations: dict[str, dict[str, Promise]] = {api: {} for api in (service.api, *service.also)}
        self.by_snake: dict[str, Promise] = {}
        self.background: dict[str, Background] = {}
        self.resources: dict[str, type[Resource]] = {}
        self.answered: Background | None = None    # what hears of the answered calls
        self.access: ModuleType | None = None      # the service's access.py: see kernel/access/contract.py
        self.unguarded: Callable[..., bool] = _nothing         # … what sees at once that no policy guards what a call is about


class Catalog:
    """The services of this installation. Found by being there; nothing is registered anywhere."""

    def __init__(self, register: Callable[[list[type]], None]) -> None:
        self._register = register                  # the store's: makes the tables of a service when it is loaded
        self._loaded: dict[str, Loaded] = {}
        self._promises: dict[tuple[str, str], Promise] = {}

    @property
    def loaded(self) -> frozenset[str]:
        """The models whose services have been used."""
        return frozenset(self._loaded)

    @cached_property
    def folders(self) -> list[str]:
        """The folders of all services, without reading them."""
        return sorted(p.name for p in HOME.iterdir() if (p / "__init__.py").exists())

    @cached_property
    def declared(self) -> dict[str, Service]:
        """Folder → declaration, read from the sources without importing them."""
        return {folder: _declared(HOME / folder / "__init__.py") for folder in self.folders}

    @cached_property
    def apis(self) -> dict[str, str]:
        """botocore's name of each served model → folder."""
        found: dict[str, str] = {}
        for folder, service in self.declared.items():
            for api in (service.api, *service.also):
                found[api] = folder
        return found

    def promise(self, api: str, operation: str) -> Promise:
        """What stands behind an operation; 501 by name when nothing does."""
        found = self._promises.get((api, operation))
        if found is None:
            if api not in self.apis:
                raise not_implemented(f"{api}:{operation}")
            found = self.load(api).operations[api].get(operation)
            if found is None:
                raise not_implemented(f"{api}:{operation}", self.declared[self.apis[api]].why_absent(operation))
            self._promises[(api, operation)] = found
        return found

    def load(self, api: str) -> Loaded:
        """Import one service (by a model's name), check it against its model, make its tables."""
        found = self._loaded.get(api)
        if found is not None:
            return found
        folder = self.apis.get(api)
        if folder is None:
            raise not_implemented(api)
        loaded = _load(folder)
        self._register(stored_kinds(f"{PACKAGE}.{folder}"))
        for name in (loaded.service.api, *loaded.service.also):
            self._loaded[name] = loaded
        return loaded

    def background(self, api: str, name: str) -> Background | None:
        return self.load(api).background.get(name)

    def types(self) -> dict[str, str]:
        """CloudFormation type → model name, read from the sources without importing them."""
        return self._types

    @cached_property
    def _types(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for folder, service in self.declared.items():
            for type_name in _declared_types(HOME / folder):
                found[type_name] = service.api
        return found

    def resource(self, type_name: str) -> type[Resource]:
        """The class of a CloudFormation type; KeyError when there is none."""
        return self.load(self._types[type_name]).resources[type_name]

    def listeners(self, source: str, kind: str) -> list[tuple[str, Background]]:
        """Who hears an event: (service, what). Who listens to "*" hears all."""
        return [(api, what) for heard in (source, "*") for api in self._listening.get(heard, ())
                for what in self.load(api).background.values()
                if what.source == heard and what.kind in ("", kind)]

    def forgetting(self) -> list[tuple[Loaded, Background]]:
        """What services do when an account is reset. Only those that do something are loaded."""
        return [(loaded, what) for api in self._forgetting
                for loaded in [self.load(api)] for what in loaded.background.values() if what.forgets]

    @cached_property
    def _forgetting(self) -> list[str]:
        """Services that do something then, read without importing them."""
        return [service.api for folder, service in self.declared.items() if _forgets(HOME / folder)]

    @cached_property
    def _listening(self) -> dict[str, set[str]]:
        """Event source → services that listen to it, read without importing them."""
        found: dict[str, set[str]] = {}
        for folder, service in self.declared.items():
            for decorator in _decorators(HOME / folder, "on"):
                found.setdefault(ast.literal_eval(decorator.args[0]), set()).add(service.api)
        return found


def _declared(init: Path) -> Service:
    """The literal `SERVICE = Service(…)` of a service's `__init__.py`."""
    for node in ast.parse(init.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) \
                and getattr(node.targets[0], "id", "") == "SERVICE":
            return Service(**{k.arg: ast.literal_eval(k.value) for k in node.value.keywords if k.arg})
    raise TypeError(f"{init} declares no SERVICE")


def _forgets(folder: Path) -> bool:
    file = folder / "background.py"
    return file.exists() and "\n@forget\n" in file.read_text()


def _decorators(folder: Path, name: str) -> list[ast.Call]:
    found = []
    for file in sorted(folder.rglob("*.py")):
        text = file.read_text()
        if f"@{name}(" not in text:
            continue
        for node in ast.parse(text).body:
            found += [d for d in getattr(node, "decorator_list", [])
                      if isinstance(d, ast.Call) and getattr(d.func, "id", "") == name]
    return found


def _declared_types(folder: Path) -> list[str]:
    """The types that a service declares, and those of the kernel's that its `resources.py` adopts by name."""
    found = [ast.literal_eval(d.args[0]) for d in _decorators(folder, "resource")]
    adopted = folder / "resources.py"
    text = adopted.read_text() if adopted.exists() else ""
    for module, owned in OWNED.items():
        names = set(re.findall(rf"\b{module}\.(\w+)", text))
        for node in ast.parse(owned.read_text()).body if names else ():
            if isinstance(node, ast.ClassDef) and node.name in names:
                found += [ast.literal_eval(d.args[0]) for d in node.decorator_list
                          if isinstance(d, ast.Call) and getattr(d.func, "id", "") == "resource"]
    return found


def _load(folder: str) -> Loaded:
    package = importlib.import_module(f"{PACKAGE}.{folder}")
    loaded = Loaded(folder, package.SERVICE)
    for module in _modules(package):
        for thing in list(vars(module).values()):
            if getattr(thing, "__module__", None) != module.__name__:
                continue
            if said := getattr(thing, OPERATION, None):
                _add_operation(loaded, said)
            elif what := getattr(thing, BACKGROUND, None):
                _add_background(loaded, what)
            elif isinstance(thing, type) and is_resource(thing):
                loaded.resources[about(thing).type] = thing
    for promise in (one for promises in loaded.operations.values() for one in promises.values()):
        promise.heard = loaded.answered
    loaded.access = access = getattr(package, "access", None)
    loaded.unguarded = getattr(access, "unguarded", _nothing if hasattr(access, "guard") else _all)
    _adopt(loaded, package)
    _check_absent(loaded)
    return loaded


def _check_absent(loaded: Loaded) -> None:
    """What is said to be absent is in a model, and is not there."""
    missing = {name for api, promises in loaded.operations.items() for name in wire.model(api).operations} \
        .difference(*loaded.operations.values())
    for pattern in loaded.service.absent:
        if not fnmatch.filter(missing, pattern):
            raise TypeError(f"{loaded.folder}: {pattern} is said to be absent, and is no operation that is missing")


def _adopt(loaded: Loaded, package: ModuleType) -> None:
    """Resources that the kernel owns (IAM's) and the service's `resources.py` re-exports."""
    resources = getattr(package, "resources", None)
    for thing in vars(resources).values() if resources else ():
        if isinstance(thing, type) and is_resource(thing) and thing.__module__.startswith("cumulet.kernel."):
            loaded.resources[about(thing).type] = thing


def _modules(package: ModuleType) -> list[ModuleType]:
    return [package, *(importlib.import_module(found.name)
                       for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."))]


def _add_background(loaded: Loaded, what: Background) -> None:
    """Timers and tasks are kept by their names, so that each name is one's own."""
    if what.name in loaded.background:
        raise TypeError(f"{loaded.folder}: {what.name} is the name of two things done in the background")
    loaded.background[what.name] = what
    if what.members:
        loaded.answered = what


def _add_operation(loaded: Loaded, said: Operation) -> None:
    for api in loaded.operations:
        model = wire.model(api).operations.get(said.name)
        if model is not None:
            promise = Promise(api, said, wire.model(api))
            loaded.operations[api][said.name] = promise
            loaded.by_snake[said.run.__name__] = promise
            return
    raise TypeError(f"{loaded.folder}: AWS has no operation {said.name} in {', '.join(loaded.operations)}")
