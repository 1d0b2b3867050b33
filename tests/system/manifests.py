"""The manifests of conf/kubernetes, as kubectl's kustomize puts them together."""

import pathlib
import re
import subprocess
import unittest

try:
    import yaml
except ModuleNotFoundError:
    yaml = None

from netns import need

ROOT = pathlib.Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "conf" / "kubernetes"

KUSTOMIZE_S = 60.0
# of what a generator made: a hash of its content
HASH = re.compile(r"-[0-9a-z]{10}$")


def need_yaml():
    if yaml is None:
        raise unittest.SkipTest("python3-yaml is not installed")


def need_kustomize():
    """kubectl, not that of Debian 12: components came to its kustomize with 1.21."""
    need("kubectl")
    need_yaml()
    done = subprocess.run(
        ["kubectl", "version", "--client", "-o", "yaml"], capture_output=True, text=True, timeout=30, check=True
    )
    version = yaml.safe_load(done.stdout)["clientVersion"]
    if (int(version["major"]), int(re.match(r"\d+", version["minor"])[0])) < (1, 21):
        raise unittest.SkipTest(f"kubectl {version['gitVersion']} is older than 1.21: it knows no components")


def kustomize(folder):
    """What `kubectl kustomize` prints."""
    done = subprocess.run(
        ["kubectl", "kustomize", str(folder)], capture_output=True, text=True, timeout=KUSTOMIZE_S, check=False
    )
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"kubectl kustomize {folder}: {done.returncode}\n{done.stderr}")
    return done.stdout


def objects(text):
    return [thing for thing in yaml.safe_load_all(text) if thing]


def overlay(name):
    return objects(kustomize(KUBERNETES / "overlays" / name))


def monitored(folder, name="push"):
    """The overlay with the component `monitoring`; `folder` is to hold what puts both together."""
    # kustomize takes no absolute path
    up = pathlib.Path(*[".."] * (len(folder.resolve().parts) - 1)) / KUBERNETES.relative_to("/")
    (folder / "kustomization.yaml").write_text(
        f"resources: [{up}/overlays/{name}]\ncomponents: [{up}/components/monitoring]\n"
    )
    return folder


def one(things, kind, name=None):
    """The only object of its kind, or the one whose name is `name` but for a hash."""
    found = [
        thing for thing in things
        if thing["kind"] == kind and name in (None, thing["metadata"]["name"], HASH.sub("", thing["metadata"]["name"]))
    ]  # fmt: skip
    if len(found) != 1:
        raise AssertionError(f"{len(found)} of {kind} {name}")
    return found[0]


def rules(things):
    return [rule for group in one(things, "PrometheusRule")["spec"]["groups"] for rule in group["rules"]]


def expressions(dashboard):
    """Those of all panels, with the dashboard's own variables filled in."""
    found = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return [expr.replace("$job", "fedns").replace("$__rate_interval", "5m") for expr in found]
