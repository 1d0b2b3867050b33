"""The manifests of conf/kubernetes, as kustomize puts them together."""

import functools
import pathlib
import re
import shutil
import subprocess
import unittest

try:
    import yaml
except ModuleNotFoundError:
    yaml = None

ROOT = pathlib.Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "conf" / "kubernetes"

SYSTEM = ROOT / "tests" / "system"
BUILD, KUSTOMIZE = SYSTEM / "apiserver" / "build.sh", SYSTEM / "kustomize"
SKIP = 77
BUILD_S = 110
KUSTOMIZE_S = 60.0
# of what a generator made: a hash of its content
HASH = re.compile(r"-[0-9a-z]{10}$")


def need_yaml():
    if yaml is None:
        raise unittest.SkipTest("python3-yaml is not installed")


@functools.cache
def kustomize_command():
    """kubectl's own, or where kubectl is that of Debian 12 (components came with 1.21), or not there, one built by Go.
    Under ctest a fixture has built it before."""
    if kubectl_knows_components():
        return ("kubectl", "kustomize")
    done = subprocess.run([BUILD, KUSTOMIZE], capture_output=True, text=True, timeout=BUILD_S, check=False)
    if done.returncode == SKIP:
        said = done.stderr.strip().splitlines()[-1]
        raise unittest.SkipTest(f"no kubectl of 1.21 or later, which knows components; and {said}")
    if done.returncode != 0:
        raise AssertionError(f"{BUILD} failed:\n{done.stderr[-4000:]}")
    return (done.stdout.strip(),)


@functools.cache
def kubectl_knows_components():
    if shutil.which("kubectl") is None:
        return False
    done = subprocess.run(
        ["kubectl", "version", "--client", "-o", "yaml"], capture_output=True, text=True, timeout=30, check=True
    )
    version = yaml.safe_load(done.stdout)["clientVersion"]
    return (int(version["major"]), int(re.match(r"\d+", version["minor"])[0])) >= (1, 21)


def need_kustomize():
    need_yaml()
    kustomize_command()


def kustomize(folder):
    """What kustomize puts the folder together to."""
    command = [*kustomize_command(), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=KUSTOMIZE_S, check=False)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"{command}: {done.returncode}\n{done.stderr}")
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
