"""The variables of an environment, as Lambda sets them.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
"""

from __future__ import annotations

import os

from ..sandbox.unit import SandboxUnit
from .contract import Deployment, Prepared
from .runtimes import OURS, Runtime


def of(deployment: Deployment, prepared: Prepared, runtime: Runtime, unit: SandboxUnit, stream: str, api: str,
       endpoint: str) -> dict[str, str]:
    """api: address of the Runtime API inside.  endpoint: where the program finds this cloud."""
    task, opt, system = unit.inside("/var/task"), unit.inside("/opt"), os.path.dirname(unit.inside(OURS))
    key, secret, token = prepared.credentials
    programs = os.path.dirname(runtime.argv[0])
    found = {
        "_HANDLER": deployment.handler, "AWS_REGION": deployment.region, "AWS_DEFAULT_REGION": deployment.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{deployment.runtime}", "AWS_LAMBDA_FUNCTION_NAME": deployment.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(deployment.memory_mb), "AWS_LAMBDA_FUNCTION_VERSION": deployment.version,
        "AWS_LAMBDA_LOG_GROUP_NAME": deployment.log_group,
        "AWS_LAMBDA_LOG_FORMAT": "JSON" if deployment.logging.json else "Text",
        "AWS_LAMBDA_LOG_STREAM_NAME": stream, "AWS_LAMBDA_RUNTIME_API": api, "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret, "LAMBDA_TASK_ROOT": task, "LAMBDA_RUNTIME_DIR": system, "TZ": ":UTC",
        "LANG": "C.UTF-8", "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin:{opt}/bin",
        "LD_LIBRARY_PATH": f"/lib64:/usr/lib64:{system}:{system}/lib:{task}:{task}/lib:{opt}/lib",
        "NODE_PATH": f"{opt}/nodejs/node20/node_modules:{opt}/nodejs/node_modules:{system}/node_modules:{system}:{task}",
        "PYTHONPATH": _sdk(unit, system), "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR", "PYTHONDONTWRITEBYTECODE": "1"}
    if deployment.logging.json:
        found["AWS_LAMBDA_LOG_LEVEL"] = deployment.logging.application
    if token:
        found["AWS_SESSION_TOKEN"] = token
    if endpoint:
        # An address has no names below it.
        found |= {"AWS_ENDPOINT_URL": endpoint, "AWS_DISABLE_HOST_PREFIX_INJECTION": "true"}
    if unit.spec.kind == "process":
        found |= {"TMPDIR": unit.inside("/tmp"), "CUMULET_OPT": opt}
    return {**found, **(deployment.variables if prepared.variables is None else prepared.variables)}


def _sdk(unit: SandboxUnit, system: str) -> str:
    """Where Python finds AWS's libraries: where they are installed, in a sandbox without a file system of its own."""
    inside = unit.inside("/var/runtime/botocore")
    return system if unit.spec.kind == "namespace" else os.path.dirname(inside)
