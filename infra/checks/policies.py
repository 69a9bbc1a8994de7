"""The template against checkov's policies. Each that it does not meet is named here with the reason, and none that it does.

Checkov reads one file at a time and evaluates no parameter, so that whatever a size decides counts as not met.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHECKOV = ROOT / ".venv-infra" / "bin" / "checkov"

_SIZE = "a size decides it: prod does, dev does not"
_NOT_OURS = "it reads the sign-in settings of a site as if they were those of a web server"
_DEFENDER = "Defender for Cloud is switched on for a subscription, and paid for: not a template's to decide"

NOT_MET = {
    "CKV_AZURE_113": _SIZE,
    "CKV_AZURE_229": _SIZE,
    "CKV_AZURE_206": _SIZE,
    "CKV_AZURE_225": _SIZE,
    "CKV_AZURE_35": _SIZE,
    "CKV_AZURE_25": _DEFENDER,
    "CKV_AZURE_26": _DEFENDER,
    "CKV_AZURE_27": _DEFENDER,
    "CKV_AZURE_163": _DEFENDER,
    "CKV_AZURE_23": "the server audits, for all its databases; a second audit for each would write everything twice",
    "CKV_AZURE_24": "the audit goes to Log Analytics, whose retention holds; this policy knows storage accounts alone",
    "CKV_AZURE_43": "the name is computed: five letters and thirteen that uniqueString makes",
    "CKV_AZURE_139": "images are pushed from wherever azd runs; who pushes needs a role, and there is no other way to sign in",
    "CKV_AZURE_166": "quarantine is a preview that no pipeline of ours would lift",
    "CKV_AZURE_222": "callers are refused by default, and the gateway's subnet let in; the other way is that of deployments",
    "CKV_AZURE_17": "the gateway is told apart by its subnet; it has no certificate",
    "CKV_AZURE_212": "Flex Consumption has no number of workers; alwaysReady says how many stay",
    "CKV_AZURE_213": "Flex Consumption has no health check path; the platform replaces instances by itself",
    "CKV_AZURE_13": _NOT_OURS,
    "CKV_AZURE_63": _NOT_OURS,
    "CKV_AZURE_65": _NOT_OURS,
    "CKV_AZURE_66": _NOT_OURS,
    "CKV_AZURE_80": _NOT_OURS,
    "CKV_AZURE_88": _NOT_OURS,
}


def policy_problems() -> list[str]:
    """What checkov says, less what is known here; and what is known here and no longer said."""
    command = (str(CHECKOV), "-d", "infra", "--framework", "bicep", "--skip-download", "--output", "json")
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 # pinned, ours
    try:
        report = json.loads(ended.stdout)
    except ValueError:
        return [f"checkov gave no report: {ended.stderr[-500:]}"]
    return problems_in(report)


def problems_in(report: dict[str, Any]) -> list[str]:
    """See `policy_problems`. A file that can't be read counts for checkov as one without faults, and here as a problem."""
    summary, results = report["summary"], report["results"]
    failed = {check["check_id"]: check for check in results["failed_checks"]}
    problems = [f"checkov can't read {file}" for file in results["parsing_errors"]]
    if summary["parsing_errors"] and not problems:
        problems.append(f"checkov can't read {summary['parsing_errors']} files")
    if not summary["resource_count"]:
        problems.append("checkov found no resource")
    problems += [
        f"{name} {check['check_name']}: {check['resource']} in {check['file_path']}"
        for name, check in sorted(failed.items())
        if name not in NOT_MET
    ]
    problems += [f"{name} is met: drop its reason" for name in sorted(NOT_MET.keys() - failed.keys())]
    return problems
