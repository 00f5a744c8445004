"""docker/compose.yaml agrees with the service, with its proxy and with the script that starts it."""

import re
from ipaddress import ip_network
from pathlib import Path

import pytest
import yaml

from cds.settings import Settings
from tests.deployment.nginx import ADDRESSES

FOLDER = Path(__file__).parents[2] / "docker"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
INSTANCES = ["cds-a", "cds-b"]
NGINX = (FOLDER / "nginx.conf").read_text(encoding="utf-8")
SECRETS = {
    "database-url": "postgresql://cds:secret@database/cds",
    "pseudonym-key": "p" * 64,
    "record-keys": "r" * 64,
}


def settings(name, folder):
    """As the service reads them: defaults where Compose would fill in, secrets in files."""
    for secret, text in SECRETS.items():
        (folder / secret).write_text(text, encoding="utf-8")
    told = {
        key: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value).replace("/run/secrets", str(folder))
        for key, value in SERVICES[name]["environment"].items()
    }
    return Settings.from_environment(told)


@pytest.mark.parametrize("name", [*INSTANCES, "schema"])
def test_the_service_takes_its_settings(name, tmp_path):
    assert SECRETS["database-url"] == settings(name, tmp_path).database_url
    assert set(SECRETS) == set(SERVICES[name]["secrets"])


def test_the_proxy_takes_bodies_as_large_as_the_service_does(tmp_path):
    told = settings("cds-a", tmp_path)

    assert f"client_max_body_size {told.max_body_bytes};" in NGINX
    assert f"larger than {told.max_body_bytes} bytes" in NGINX
    assert f"client_body_timeout {told.body_seconds}s;" in NGINX


def test_only_the_network_of_the_proxy_is_believed(tmp_path):
    (subnet,) = COMPOSE["networks"]["front"]["ipam"]["config"]

    assert (ip_network(subnet["subnet"]),) == settings("cds-a", tmp_path).proxies
    assert {"proxy", *INSTANCES} == {name for name, service in SERVICES.items() if "front" in service["networks"]}


def test_the_database_is_reached_by_the_service_alone():
    assert ["back"] == SERVICES["database"]["networks"]
    assert COMPOSE["networks"]["back"]["internal"]
    assert {*INSTANCES, "schema", "database"} == {name for name, each in SERVICES.items() if "back" in each["networks"]}


def test_the_proxy_asks_the_two_where_they_are():
    """By addresses: it has to start also while one of them is away."""
    told = [SERVICES[name]["networks"]["front"]["ipv4_address"] for name in INSTANCES]
    port = re.search(r"CDS_PORT=(\d+)", (FOLDER / "Dockerfile").read_text(encoding="utf-8"))

    assert port
    assert ADDRESSES == tuple(f"{address}:{port[1]}" for address in told)
    assert set(ADDRESSES) == set(re.findall(r"^\s+server ([\d.:]+) ", NGINX, re.MULTILINE))
    assert {SERVICES["proxy"]["networks"]["front"]["ipv4_address"], *told} <= {
        str(each) for each in ip_network(COMPOSE["networks"]["front"]["ipam"]["config"][0]["subnet"]).hosts()
    }


def test_each_instance_has_a_place_of_its_own_for_what_waits():
    assert [["state-a:/var/lib/cds"], ["state-b:/var/lib/cds"]] == [SERVICES[name]["volumes"] for name in INSTANCES]


def test_only_the_proxy_is_open_to_others():
    assert ["proxy"] == [name for name, service in SERVICES.items() if "ports" in service]


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_held_tight(name):
    service = SERVICES[name]

    assert (True, ["ALL"], ["no-new-privileges:true"]) == (
        service["read_only"],
        service["cap_drop"],
        service["security_opt"],
    )
    assert not service["user"].startswith(("0", "root"))
    assert {"cpus", "memory", "pids"} == set(service["deploy"]["resources"]["limits"])


@pytest.mark.parametrize("name", SERVICES)
def test_the_lines_of_a_container_are_not_kept_without_end(name):
    assert {"max-size", "max-file"} == set(SERVICES[name]["logging"]["options"])


@pytest.mark.parametrize("name", ["proxy", *INSTANCES, "database"])
def test_what_goes_on_running_says_whether_it_is_well(name):
    assert "CMD" == SERVICES[name]["healthcheck"]["test"][0]


@pytest.mark.parametrize("name", INSTANCES)
def test_a_new_release_starts_when_its_tables_are_there(name):
    assert {"schema": {"condition": "service_completed_successfully"}} == SERVICES[name]["depends_on"]
    assert ["database", "upgrade"] == SERVICES["schema"]["command"]


def test_every_secret_is_a_file_that_the_script_makes():
    script = (FOLDER / "keys").read_text(encoding="utf-8")
    files = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", ())}

    assert set() == {name for name in files if f"secrets/{name}" not in script and f"secret {name}" not in script}
    assert set(COMPOSE["secrets"]) == used
