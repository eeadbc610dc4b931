"""A centre with one person on two crossings, another beside, and the people who may do something about it."""

from checkpost.dates import parse_date

UID, OTHER_UID = "04C0FFEE123456", "04BEEF00654321"
PERSON = {
    "application_id": "A-PERSON-77",
    "applicant_ref": "REF-SUNHEE-77",
    "purpose": "family",
    "submitted_on": "2026-10-01",
    "decision": "approved",
    "decided_on": "2026-10-02",
    "valid_from": "2026-10-03",
    "valid_until": "2026-12-31",
    "entries": 3,
}
OTHER = {"application_id": "A-OTHER-78", "applicant_ref": "REF-OTHER-78", "decision": "approved"}
IDENTIFIERS = ("A-PERSON-77", "REF-SUNHEE-77", UID)
MONDAY_S = parse_date("2026-10-26") * 86_400 + 3600
PASSWORD = "a long sentence of one's own"
GROUND = "The traveller asked for it, and no question is open."
PURPOSE = "The traveller asks what is held."
PEOPLE = {"kim": "clerk", "pak": "reviewer", "rim": "auditor"}


def people(centre):
    """Let the people in; their names are roles of `centre.tokens` from then on."""
    for name, role in PEOPLE.items():
        centre.good("admin", "PUT", f"/v1/people/{name}", json={"role": role, "password": PASSWORD})
        session = centre.good("", "POST", "/v1/sessions", json={"name": name, "password": PASSWORD})
        centre.tokens[name] = session["token"]


def permits(centre):
    cards = [
        {"card_uid": UID, "application_id": "A-PERSON-77", "status": "active"},
        {"card_uid": OTHER_UID, "application_id": "A-OTHER-78", "status": "active"},
    ]
    centre.good("gateway", "POST", "/v1/imports", json={"applications": [PERSON, OTHER], "cards": cards})


def crossings(board):
    """Write an entry and an exit of the person, with the other one around them: eight records."""
    for at, (uid, way) in enumerate(((OTHER_UID, "entry"), (UID, "entry"), (UID, "exit"), (OTHER_UID, "exit"))):
        seq = board.crossing(MONDAY_S + 1000 * at, uid, way)
        board.outcome(MONDAY_S + 1000 * at + 5, seq, "admitted", 1 + at % 2)


def ask(centre, name, key=UID, ground=GROUND):
    return centre.call(name, "POST", "/v1/erasures", json={"person": key, "ground": ground})


def erase(centre, key=UID):
    """Erase somebody on the order of two persons."""
    number = ask(centre, "kim", key).json()["number"]
    return centre.good("pak", "POST", f"/v1/erasures/{number}/approval")


def traces(folder, *words):
    """Return (file, word) of everything below a folder that still holds one of the words, as text or as bytes."""
    found = []
    for path in sorted(folder.rglob("*")):
        raw = path.read_bytes() if path.is_file() else b""
        for word in words or IDENTIFIERS:
            if word.encode() in raw or (_is_hex(word) and bytes.fromhex(word) in raw) or word.lower().encode() in raw:
                found.append((path.name, word))
    return found


def _is_hex(word):
    return len(word) % 2 == 0 and not set(word) - set("0123456789ABCDEF")
