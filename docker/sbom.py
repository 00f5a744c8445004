"""Writes the bill of materials of the image (CycloneDX 1.6): python sbom.py FOLDER LOCK. The folder is what
docker/assemble.py made. The build stops when what is installed is not what is locked.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

PLACE = "usr/share/doc/cds/sbom.cdx.json"
APPLICATION = "cds"
_PIN = re.compile(r"^([\w.-]+)==(\S+)(?: ; (\S.*?))? \\$", re.MULTILINE)
_FIELD = re.compile(r"^(Package|Version|Architecture): (.+)$", re.MULTILINE)


def main(image: Path, lock: Path) -> None:
    (folder,) = (image / "opt/cds/lib").glob("python3.*/site-packages")
    installed = {_name(found.metadata["Name"]): found for found in distributions(path=[str(folder)])}
    application = installed.pop(APPLICATION)
    _hold_against(lock, installed)
    written = _json(_bill(application, installed, [*_debian(image), _python(folder)]))
    target = image / PLACE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(written, encoding="utf-8")


def _hold_against(lock: Path, installed: dict[str, Distribution]) -> None:
    """Whether a pin with a condition applies is pip's to say; it has to have the locked version if it is there."""
    pins = {_name(name): (version, condition) for name, version, condition in _PIN.findall(lock.read_text("utf-8"))}
    problems = [
        f"{name} {found.version}" for name, found in installed.items() if pins.get(name, ("",))[0] != found.version
    ]
    problems += [f"no {name}" for name, (_, condition) in pins.items() if not condition and name not in installed]
    if problems:
        sys.exit(f"{lock} and what is installed differ: {', '.join(sorted(problems))}")


def _bill(application: Distribution, installed: dict[str, Distribution], beside: list[Component]) -> Bom:
    components = {name: _component(found) for name, found in installed.items()}
    whole = _component(application, ComponentType.APPLICATION)
    bill = Bom(components=[*components.values(), *beside])
    bill.metadata.component = whole
    bill.register_dependency(whole, [components[name] for name in _needs(application, components)] + beside)
    for name, found in installed.items():
        bill.register_dependency(components[name], [components[other] for other in _needs(found, components)])
    return bill


def _needs(found: Distribution, components: dict[str, Component]) -> list[str]:
    """What it asks for by name and has got; extras that nobody asked for are not installed."""
    asked = {_name(re.split(r"[^\w.-]", requirement)[0]) for requirement in found.requires or ()}
    return sorted(asked & components.keys())


def _component(found: Distribution, kind: ComponentType = ComponentType.LIBRARY) -> Component:
    name = _name(found.metadata["Name"])
    return Component(
        type=kind,
        name=name,
        version=found.version,
        bom_ref=f"{name}=={found.version}",
        purl=None if kind is ComponentType.APPLICATION else PackageURL("pypi", None, name, found.version),
        licenses=[LicenseFactory().make_from_string(text) for text in _licences(found)],
    )


def _licences(found: Distribution) -> list[str]:
    """As the distribution tells it, of the three ways there are the most exact; licence texts are not names."""
    told = found.metadata.get("License-Expression") or found.metadata.get("License") or ""
    if told and "\n" not in told:
        return [told]
    classified = [each for each in found.metadata.get_all("Classifier") or () if each.startswith("License :: ")]
    return [each.rpartition(" :: ")[2] for each in classified]


def _python(folder: Path) -> Component:
    version = ".".join(map(str, sys.version_info[:3]))
    assert folder.parent.name == f"python{sys.version_info[0]}.{sys.version_info[1]}"
    purl = PackageURL("generic", None, "python", version)
    return Component(type=ComponentType.PLATFORM, name="python", version=version, bom_ref="python", purl=purl)


def _debian(image: Path) -> Iterator[Component]:
    release = dict(line.split("=", 1) for line in (image / "etc/os-release").read_text().splitlines() if "=" in line)
    distro = f"{release['ID']}-{release.get('VERSION_ID', 'rolling')}".replace('"', "")
    for entry in sorted((image / "var/lib/dpkg/status.d").iterdir()):
        fields = dict(_FIELD.findall(entry.read_text(encoding="utf-8")))
        name, version = fields["Package"], fields["Version"]
        about = {"arch": fields["Architecture"], "distro": distro}
        purl = PackageURL("deb", release["ID"], name, version, about)
        yield Component(type=ComponentType.LIBRARY, name=name, version=version, bom_ref=f"deb/{name}", purl=purl)


def _json(bill: Bom) -> str:
    written = JsonV1Dot6(bill).output_as_string(indent=1)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(written)
    if wrong:
        sys.exit(f"the bill of materials is not valid: {wrong}")
    return written


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
