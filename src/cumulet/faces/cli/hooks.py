"""Init hooks: scripts run at the stages of a server's life, from a folder with boot.d, start.d, ready.d and shutdown.d.

They run one after the other in the order of their names, with the variables of `cumulet env` set and `awslocal` on the
PATH. What they did is told at /_localstack/init.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Any

from ...kernel.settings import Settings
from .credentials import FOR_BASH, variables

log = logging.getLogger("cumulet.init")
PLACES = (".cumulet/init", "/etc/localstack/init")
TIME_LIMIT = 900.0


class Hooks:
    """The scripts of one folder. `state` is what /_localstack/init answers."""

    def __init__(self, folder: str, settings: Settings) -> None:
        self.folder = Path(folder).absolute() if folder else _usual()
        self.settings = settings
        self.state: dict[str, Any] = {}

    async def run(self, stage: str, endpoint: str) -> None:
        """All scripts of a stage ("boot", "start", "ready", "shutdown"); a failing one does not stop the others."""
        if self.folder is not None:
            for script in sorted(p for p in (self.folder / f"{stage}.d").glob("*") if p.suffix in (".sh", ".py")):
                await self._script(stage, script, endpoint)
        self.state.setdefault("completed", {})[stage.upper()] = True

    async def _script(self, stage: str, script: Path, endpoint: str) -> None:
        entry = {"stage": stage.upper(), "name": script.name, "state": "RUNNING"}
        self.state.setdefault("scripts", []).append(entry)
        command = [sys.executable, str(script)] if script.suffix == ".py" else ["bash", str(script)]
        try:
            process = await asyncio.create_subprocess_exec(*command, env=self._environment(endpoint),
                                                           stdin=asyncio.subprocess.DEVNULL)
            try:
                code = await asyncio.wait_for(process.wait(), TIME_LIMIT)
            except BaseException:
                process.kill()
                await process.wait()
                raise
        except (OSError, TimeoutError) as problem:
            entry["state"] = "ERROR"
            log.error("init: %s/%s could not be run: %r", f"{stage}.d", script.name, problem)
            return
        entry["state"] = "SUCCESSFUL" if code == 0 else "ERROR"
        if code:
            log.error("init: %s/%s ended with code %d", f"{stage}.d", script.name, code)
        else:
            log.info("init: %s/%s done", f"{stage}.d", script.name)

    def _environment(self, endpoint: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        ours = variables(endpoint, "", self.settings.region) | FOR_BASH if endpoint else {}
        scripts = str(Path(sys.executable).parent)
        return {**kept, **ours, "CUMULET_ENDPOINT": endpoint, "PATH": scripts + os.pathsep + kept.get("PATH", os.defpath)}


def _usual() -> Path | None:
    return next((Path(place).absolute() for place in PLACES if Path(place).is_dir()), None)
