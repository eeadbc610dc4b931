"""The description of the interface (OpenAPI 3.1): what FastAPI makes of it, the problem documents, and examples."""

from typing import Any

from fastapi import FastAPI

from gateway.central.problems import ProblemDocument

# A body for each call that takes one, by path and method; a test sends each of them.
EXAMPLES: dict[tuple[str, str], Any] = {
    ("/v1/crossing-points/{code}", "put"): {
        "code": "ONS",
        "name": "Onsong",
        "kind": "border",
        "zone": "north",
        "time_zone": "Asia/Pyongyang",
    },
    ("/v1/policy", "put"): {"assurance": "live", "frequent_count": 7, "frequent_days": 30},
    ("/v1/gateways", "post"): {"name": "north"},
    ("/v1/boards", "post"): {
        "crossing_point": "ONS",
        "lane": "1",
        "gateway": "north",
        "link_key": "000102030405060708090a0b0c0d0e0f",
        "seal_key": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    },
    ("/v1/boards/{number}/epochs", "post"): {"seal_key": "ff" * 32},
    ("/v1/imports", "post"): {
        "applications": [
            {
                "application_id": "A-1961-0007",
                "applicant_ref": "R-311",
                "purpose": "family",
                "submitted_on": "2026-10-01",
                "decision": "approved",
                "decided_on": "2026-10-05",
                "valid_from": "2026-10-10",
                "valid_until": "2026-12-31",
                "crossing_points": ["ONS"],
                "entries": 4,
                "max_stay_days": 30,
            }
        ],
        "cards": [{"card_uid": "04A1B2C3D4E5F6", "application_id": "A-1961-0007", "status": "active"}],
    },
    ("/v1/people/{name}", "put"): {"role": "clerk", "password": "a long sentence of one's own"},
    ("/v1/sessions", "post"): {"name": "kim", "password": "a long sentence of one's own"},
    ("/v1/tokens", "post"): {"scopes": ["read", "count"], "days": 30},
    ("/v1/enrolments", "post"): {"code": "K7QF-2M3X-9TBD"},
    ("/v1/desks", "post"): {"name": "desk-1"},
    ("/v1/cards/{uid}", "put"): {"application_id": "A-1961-0007", "zone": "north-hamgyong"},
    ("/v1/cards/{uid}/keys", "post"): {"reason": "a first card"},
    ("/v1/cards/{uid}/issued", "post"): {"version": 1},
    ("/v1/cards/{uid}/block", "post"): {"status": "lost"},
    ("/v1/cards/{uid}/replacement", "post"): {"card_uid": "04A1B2C3D4E5F7"},
}


def describe(app: FastAPI) -> None:
    """Make an application's description whole."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(plain())
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]


def _completed(found: dict[str, Any]) -> dict[str, Any]:
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = found["components"]["schemas"]
    schemas.update(problem.pop("$defs"))
    schemas["ProblemDocument"] = problem
    for (path, method), example in EXAMPLES.items():
        for content in found["paths"][path][method]["requestBody"]["content"].values():
            content["example"] = example
    return found
