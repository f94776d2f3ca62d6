"""/openapi.json: every route, nothing else, and schemas that come from the types which validate."""

from __future__ import annotations

import re

import pytest

from stories.crashes.frames import Frame, Link
from tests.support import basic, crash, event

# Pages and files of the dashboard are for its own modules, not for callers; so are those of the login
# and of share links. /mcp describes itself to its own clients, and what sentry-cli calls Sentry does.
NOT_THE_API = {"dashboard", "dashboard_data", "dashboard_rows", "login", "shared", "mcp"}
NOT_THE_API |= {"sentry_cli", "sentry_releases"}


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json


def routes(app):
    """(method, path as the document writes it) of every route that is for callers."""
    return {
        (method.lower(), re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] not in NOT_THE_API
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def operations(document):
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_route_is_described_and_every_description_has_its_route(app, document):
    assert set(operations(document)) == routes(app)


def test_the_list_at_the_front_door_is_the_same(client, document):
    listed = client.get("/").json["endpoints"]
    assert {(e["method"].lower(), e["path"]) for e in listed} == set(operations(document))
    assert all(e["summary"] for e in listed)


def test_what_it_says_of_access_is_so(client, document):
    for (method, path), operation in operations(document).items():
        address = re.sub(r"{(\w+)}", "something", path).replace("/stats/something", "/stats/growth")
        answer = client.open(address, method=method)
        schemes = {name for choice in operation["security"] for name in choice}
        is_open = operation["security"] == [] or {} in operation["security"]
        assert (answer.status_code == 401) is not is_open, (method, path)
        assert schemes <= set(document["components"]["securitySchemes"])
        if not is_open:
            assert "basic" in schemes
            assert "401" in operation["responses"]


def test_every_reference_leads_somewhere(document):
    text = re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(document))
    assert text
    assert set(text) <= set(document["components"]["schemas"])


def test_operation_ids_are_unique(document):
    ids = [operation["operationId"] for operation in operations(document).values()]
    assert len(ids) == len(set(ids))


def test_every_operation_stands_under_one_heading_that_is_described(document):
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    used = [operation["tags"] for operation in operations(document).values()]
    assert all(len(tags) == 1 for tags in used)
    assert {tag for [tag] in used} == described


def test_path_parameters_are_described(document):
    for (_, path), operation in operations(document).items():
        described = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert described == set(re.findall(r"{(\w+)}", path)), path


def test_every_change_that_takes_a_body_describes_it(document):
    without = {("post", "/cleanup"), ("post", "/apps/{slug}/key"), ("delete", "/users/{person}")}
    without |= {("post", "/accounts/{account_id}/invite"), ("delete", "/accounts/{account_id}")}
    without |= {("delete", "/account/sessions"), ("delete", "/tokens/{token_id}")}
    without |= {("post", "/destinations/{destination_id}/test"), ("post", "/unsubscribe/{key}")}
    without |= {("delete", "/artifacts/{artifact_id}")}
    without |= {("delete", "/links/{link_id}"), ("delete", "/apps/{slug}/events/{event}")}
    for place, operation in operations(document).items():
        is_ours = operation["tags"] != ["Send from SDKs of others"]  # whose bodies others describe
        wants_body = is_ours and place[0] not in ("get", "delete") and place not in without
        assert ("requestBody" in operation) is wants_body, place


def test_schemas_are_those_of_the_types(document):
    schemas = document["components"]["schemas"]
    event_schema = schemas["EventPayload"]
    assert set(event_schema["required"]) == {"user_id", "event", "timestamp"}
    assert set(event().keys()) <= set(event_schema["properties"])
    assert event_schema["properties"]["user_id"]["format"] == "uuid"
    assert {"maxLength": 50, "type": "string"} in event_schema["properties"]["platform"]["anyOf"]
    crash_fields = schemas["CrashPayload"]["properties"]
    assert set(crash().keys()) <= set(crash_fields)
    assert crash_fields["handled"]["anyOf"] == [{"type": "boolean"}, {"type": "null"}]
    assert crash_fields["fingerprint"]["maxItems"] == 20
    forms = crash_fields["frames"]["items"]["anyOf"]
    assert [form["type"] for form in forms] == ["object", "array", "object"]
    own = {"trust"}  # what the walk of a minidump says, and no app
    assert {*forms[0]["properties"]} == set(Frame.__struct_fields__) - own
    assert {*forms[2]["properties"]} == set(Link.__struct_fields__)


def test_every_error_has_the_one_shape(document):
    for operation in operations(document).values():
        for status, response in operation["responses"].items():
            if status != "200":
                [media] = response["content"].values()
                assert media["schema"] == {"$ref": "#/components/schemas/Error"}


def test_query_parameters_are_known_to_the_route_and_unknown_ones_are_refused(client, document):
    login = basic("admin", "admin")
    for (method, path), operation in operations(document).items():
        closed = operation["security"] not in ([],) and {} not in operation["security"]
        if method != "get" or not closed:
            continue
        address = (
            path.replace("{family}", "growth")
            .replace("{client_id}", "1")
            .replace("{person}", "550e8400-e29b-41d4-a716-446655440000")
        )
        refused = client.get(f"{address}?unheard_of=1", headers=login)
        assert refused.status_code in (400, 404), path
        for parameter in operation["parameters"]:
            if parameter["in"] == "query":
                answer = client.get(f"{address}?{parameter['name']}=", headers=login)
                error = answer.text if answer.status_code == 400 else ""
                assert "is not a parameter of" not in error, (path, parameter["name"])
