"""The description of the interface (OpenAPI 3.1): what FastAPI makes of it, the problem documents, and examples."""

from typing import Any

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
    ("/v1/sealing-key", "put"): {"sealing_key": "04f5f29162c31a8defa18e6e742224ee806fc1718a278be859ba5620402b8f3a"},
    ("/v1/vouchers", "post"): {
        "gateway": "north",
        "technician": "eb2cf13bf7ae3a5f614168a1fb09272d39771ec4b8523727815e466caf8ee163",
        "boards": 5,
    },
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
    ("/v1/persons/{reference}", "put"): {"name": "Han Sol", "contact": "12 Station Road, Onsong"},
    ("/v1/persons/{reference}/cases/{case}", "put"): {"opened_on": "2026-10-01"},
    ("/v1/applications/{application_id}", "put"): {
        "person": "P-311",
        "name": "Han Sol",
        "grounds": ["family_visit"],
        "submitted_on": "2026-10-01",
        "valid_from": "2026-11-10",
        "valid_until": "2026-12-31",
        "crossing_points": ["ONS"],
        "entries": 4,
        "max_stay_days": 30,
    },
    ("/v1/applications/{application_id}/decision", "post"): {"decision": "approved"},
    ("/v1/applications/{application_id}/withdrawal", "post"): {"reason": "The family moved."},
    ("/v1/applications/csv", "post"): "application_id,name,grounds,submitted_on\nA-7,Han Sol,family_visit,2026-10-01\n",
    ("/v1/programmes/{year}/{department}", "put"): {"trainees": 40, "workers": 10, "submitted_on": "2026-10-20"},
    ("/v1/contracts/{contract_id}", "put"): {
        "department": "textiles",
        "kind": "trainee",
        "person": "P-311",
        "institution": "Second Cotton Mill",
        "concluded_on": "2026-10-01",
        "starts_on": "2027-03-01",
        "ends_on": "2028-02-29",
    },
    ("/v1/contracts/{contract_id}/health-check", "post"): {"done_on": "2026-10-02", "done_by": "District clinic 2"},
    ("/v1/contracts/{contract_id}/cancellation", "post"): {"reason": "The mill closed."},
    ("/v1/diplomas/{diploma_id}", "put"): {
        "person": "P-311",
        "title": "Engineer",
        "institution": "Institute of Technology",
        "issued_on": "2024-06-30",
    },
    ("/v1/diplomas/{diploma_id}/verification", "post"): {
        "verified_on": "2026-10-05",
        "against": "the register of the institute",
    },
    ("/v1/costs/{cost_id}", "put"): {
        "travelled_on": "2026-10-03",
        "territory": "transit",
        "currency": "KPW",
        "minor_units": 12345,
        "paid_by": "host",
    },
    ("/v1/exchange/cases/{case_id}", "put"): {
        "subject": "Where a family of Onsong may be reached",
        "owner": "kim",
        "person": "P-311",
        "answer_days": 30,
    },
    ("/v1/exchange/cases/{case_id}/messages", "post"): {"kind": "note", "text": "Their clerk asks for a written form."},
    ("/v1/exchange/cases/{case_id}/messages/{message}/approval", "post"): {"approve": True},
    ("/v1/exchange/cases/{case_id}/closing", "post"): {"reason": "answered, and nothing is open"},
    ("/v1/exchange/cases/{case_id}/reminders", "post"): {"step": 1},
    ("/v1/exchange/batches", "post"): {"form": "csv"},
    ("/v1/exchange/answers/csv", "post"): "case_id,answer_id,answered_on,text\nEX-7,T-1,2026-10-20,They live there.\n",
    ("/v1/exchange/answers/json", "post"): {
        "rows": [{"case_id": "EX-7", "answer_id": "T-1", "answered_on": "2026-10-20", "text": "They live there."}]
    },
    ("/v1/files/{kind}", "post"): "cost_id,travelled_on,territory,currency,minor_units,paid_by\n"
    "T-9,2026-10-03,transit,KPW,12345,host\n",
    ("/v1/reports", "post"): {"first": "2026-10-26", "last": "2026-11-01"},
    ("/v1/stations/{code}", "put"): {"name": "Kilju", "time_zone": "Asia/Pyongyang", "beds": 600, "blankets": 1400},
    ("/v1/stays/{stay_id}", "put"): {
        "station": "ONS",
        "person": "R-311",
        "application_id": "A-1961-0007",
        "arrived_on": "2026-10-14",
    },
    ("/v1/arrivals", "post"): "stay_id,station,person,application_id,arrived_on\nS-2,ONS,R-312,,2026-10-14\n",
    ("/v1/stays/{stay_id}/checks", "put"): {"medical": {"done": True, "on": "2026-10-15"}},
    ("/v1/stays/{stay_id}/permit", "put"): {"application_id": "A-1961-0007"},
    ("/v1/stays/{stay_id}/release", "post"): {
        "released_on": "2026-10-20",
        "reason": "a hospital bed waits in Hamhung",
        "decided_by": "Dr Ri, head of the station",
    },
    ("/v1/travel-passes/{number}", "put"): {"stay_id": "S-1", "zone": "north-hamgyong"},
    ("/v1/stays/{stay_id}/retraction", "post"): {"reason": "the wrong number was typed"},
    ("/v1/stays/{stay_id}/departure", "post"): {"left_on": "2026-10-21", "note": "did not come to the evening count"},
    ("/v1/reviews/steps", "post"): {
        "steps": [
            {
                "store": 305419896,
                "event": 2,
                "review": 1,
                "kind": "refer",
                "board": 1,
                "epoch": 1,
                "seq": 1,
                "at_s": 1792962600,
                "person": "Kim",
                "step": "taken",
            }
        ]
    },
    ("/v1/reviews/{number}/take", "post"): {"instead_of": ""},
    ("/v1/reviews/{number}/statements", "post"): {"text": "My card was at home; I crossed to see my mother."},
    ("/v1/reviews/{number}/disposition", "post"): {
        "disposition": "returned",
        "reason": "No permit, and none can be given.",
        "appeal": "Within 30 days, in writing or by word at any crossing point.",
        "risk": "None that is known; family is on the other side.",
    },
    ("/v1/reviews/{number}/confirmation", "post"): {"agrees": True, "reason": "The file bears it out."},
    ("/v1/reviews/{number}/appeals", "post"): {"ground": "A permit was approved on the day before."},
    ("/v1/erasures", "post"): {"person": "R-311", "ground": "The traveller asked for it, and nothing is pending."},
    ("/v1/access", "post"): {"person": "R-311", "purpose": "The traveller asks what is held of them."},
    ("/v1/crossings/{board}/{epoch}/{seq}/corrections", "post"): {
        "fields": {"direction": "exit"},
        "reason": "The lane was switched to exits late that morning.",
    },
    ("/v1/applications/{application_id}/corrections", "post"): {
        "fields": {"max_stay_days": 40},
        "reason": "The paper form says forty days.",
    },
}


def completed(found: dict[str, Any]) -> dict[str, Any]:
    """Add what FastAPI cannot know to its description of the calls, and return it: problems, and examples."""
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = found["components"]["schemas"]
    schemas.update(problem.pop("$defs"))
    schemas["ProblemDocument"] = problem
    for (path, method), example in EXAMPLES.items():
        for content in found["paths"][path][method]["requestBody"]["content"].values():
            content["example"] = example
    return found
