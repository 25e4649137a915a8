"""The manifests of deploy/kubernetes: every component alone and all together pass deploy/kubernetes/check, and what is wrong does not.

Shows that the check can fail by spoiling a copy in one place each.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3] / "deploy" / "kubernetes"
KINDS = json.loads((pathlib.Path(__file__).parent / "kinds.schema.json").read_text())

FILES = """
configMapGenerator:
  - name: groupsync-settings
    behavior: merge
    envs: [settings.env]
  - name: groupsync-files
    options: {disableNameSuffixHash: true}
    files: [partner.yaml]
"""

# What is spoiled: the file, what stands there, what stands there then, and what the check says.
SPOILED = [
    ("example/settings.env", "3f1e2d3c-0000-4000-8000-000000000abc", "groupsync", "AZURE_CLIENT_ID: 'groupsync' does not match"),
    ("example/settings.env", "https://", "https://token@", "GITSYNC_REPO: 'https://token@github.com/fabrikam/access' does not match"),
    ("example/settings.env", "FOLDER=desired-state", "FOLDER=../other", "FOLDER: '../other' does not match"),
    ("example/settings.env", "GITSYNC_REF=main", "GITSYNC_BRANCH=main", "'GITSYNC_BRANCH' was unexpected"),
    ("example/kustomization.yaml", "newTag: 0.1.0", "newTag: latest", "container groupsync: image"),
    ("base/deployment.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "git-sync: readOnlyRootFilesystem"),
    ("base/deployment.yaml", "drop: [ALL]", "drop: [NET_RAW]", "container groupsync: capabilities"),
    ("base/deployment.yaml", "runAsUser: 65533", "runAsUser: 0", "container git-sync: runAsUser"),
    ("base/deployment.yaml", "type: RuntimeDefault", "type: Unconfined", "container groupsync: seccompProfile"),
    ("base/deployment.yaml", "emptyDir: {sizeLimit: 512Mi}", "hostPath: {path: /}", "the volume files is a hostPath"),
    ("base/deployment.yaml", "    type: Recreate", "    type: RollingUpdate", "one replica, replaced by Recreate"),
    ("base/deployment.yaml", "      enableServiceLinks: false", "      enableServiceLink: false", "'enableServiceLink' was unexpected"),
    ("base/role.yaml", "verbs: [create, patch]", "verbs: [create, patch, list]", "more than reporting Events"),
    ("base/role.yaml", "kind: Role\nmetadata", "kind: ClusterRole\nmetadata", "nothing needs rights beyond the namespace"),
    ("base/disruption.yaml", "policy/v1", "policy/v1beta1", "knows no policy/v1beta1"),
]


def check(overlay):
    done = subprocess.run([sys.executable, ROOT / "check", overlay], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def overlay(copy, components):
    """The example with these components, in a copy of everything."""
    file = copy / "example" / "kustomization.yaml"
    text = (ROOT / "example" / "kustomization.yaml").read_text()
    wanted = ", ".join(f"../components/{name}" for name in components)
    text = text.replace("components: []", f"components: [{wanted}]")
    if "files-from-configmap" in components:
        generator = text[text.index("configMapGenerator:") : text.index("images:")]
        text = text.replace(generator, FILES)
        (copy / "example" / "partner.yaml").write_text("kind: Partner\n")
        settings = (ROOT / "example" / "settings.env").read_text().splitlines()
        settings = [line for line in settings if not line.startswith("GITSYNC_REPO")]
        (copy / "example" / "settings.env").write_text("\n".join(settings))
    file.write_text(text)
    return copy / "example"


def documents(folder):
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(done.stdout))


def what_is_not_kubernetes_own(folder):
    """The kinds that the check leaves to the cluster, held to the fields that these manifests may use."""
    for document in documents(folder):
        schema = KINDS["$defs"].get(document["kind"])
        if schema:
            jsonschema.validate(document, {**KINDS, **schema})
            yield document["kind"]


def main():
    names = sorted(path.name for path in (ROOT / "components").iterdir())
    variants = [[], *([name] for name in names), names, [name for name in names if name != "files-from-configmap"]]
    foreign = set()
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "kubernetes"
        for components in variants:
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(ROOT, copy)
            code, said = check(overlay(copy, components))
            assert code == 0, f"{components}: {said}"
            foreign.update(what_is_not_kubernetes_own(copy / "example"))
        for file, good, bad, expected in SPOILED:
            shutil.rmtree(copy)
            shutil.copytree(ROOT, copy)
            text = (copy / file).read_text()
            assert good in text, f"{file} no longer says {good}: spoil it elsewhere"
            (copy / file).write_text(text.replace(good, bad))
            code, said = check(copy / "example")
            assert code == 1 and expected in said, f"{bad} in {file}: {said}"
    assert foreign == {"CiliumNetworkPolicy", "PrometheusRule", "ServiceMonitor"}, foreign
    print(f"{len(variants)} variants are good, {len(SPOILED)} spoiled ones are not")


if __name__ == "__main__":
    main()
