"""Stretches of the procedure that many tests walk: one function a stretch, over HTTP."""

from itertools import count
from typing import Any

from tests.api.desk import Desk, Json

_notices = count(1)

S_A, S_B, S_C = "TC 85×105×10 FKM", "TC 45×62×8 ACM", "O 30×2.65 NBR"


def cny(amount: str) -> Json:
    """An amount of money as the API takes it."""
    return {"amount": amount, "currency": "CNY"}


async def define_cause(desk: Desk, code: str = "M01", cause_class: str = "MANUFACTURING") -> None:
    """A cause in the catalogue."""
    body = {"code": code, "zh": "唇口缺胶", "en": "missing rubber", "cause_class": cause_class}
    await desk.does("/v1/cause-catalogue/define", body, by="u.qa1")


async def agree(  # noqa: PLR0913 - what an agreement says
    desk: Desk,
    customer: str = "C01",
    *,
    year: int = 2025,
    company: int = 7000,
    start: str | None = None,
    signed: str | None = None,
) -> Json:
    """An approved version of a customer's agreement, company and customer sharing."""
    shares = [
        {"party": "COMPANY", "bps": company},
        {"party": "CUSTOMER", "bps": 10_000 - company},
    ]
    even = [{"party": "COMPANY", "bps": 5000}, {"party": "CUSTOMER", "bps": 5000}]
    drafted = await desk.does(
        f"/v1/warranty-agreements/{customer}/draft-version",
        {
            "customer_name": "鲁岳重型汽车",
            "agreement_year": year,
            "effective_from": start or f"{year}-01-01",
            "effective_to": f"{year}-12-31",
            "shares_by_cause_class": [{"cause_class": "MANUFACTURING", "shares": shares}],
            "ntf_shares": even,
            "objection_days": 7,
            "basis_date": "FAILURE",
            "signed_on": signed or start or f"{year}-01-01",
            "document_ref": f"AG-{customer}-{year}",
        },
        by="u.rep",
    )
    version = drafted["state"]["versions"][-1]
    body = {"agreement_year": version["agreement_year"], "version": version["version"]}
    return await desk.does(f"/v1/warranty-agreements/{customer}/approve-version", body, by="u.td")


async def feedback(desk: Desk, customer: str = "C01", **said: Any) -> str:  # noqa: ANN401
    """A registered, classified and forwarded product complaint; the case's id."""
    body = {
        "customer_id": customer,
        "channel": "PHONE",
        "life_phase": "FIELD",
        "spec_code": S_A,
        "failure_mode": "漏油",
        "qty_reported": 1,
        "description": "The crankshaft seal leaks.",
    }
    case = (await desk.does("/v1/feedback-cases", body | said, by="u.clerk"))["id"]
    at = f"/v1/feedback-cases/{case}"
    kind = {"category": "PRODUCT", "severity": "GENERAL"}
    await desk.does(f"{at}/classify", kind, by="u.clerk")
    await desk.does(f"{at}/forward", {"to_departments": ["QA", "TECH"]}, by="u.clerk")
    return str(case)


async def judged(desk: Desk, case: str, cause: str = "M01", shares: Any = None) -> None:  # noqa: ANN401
    """A cause that two people stand by, and engineering's judgement."""
    at = f"/v1/feedback-cases/{case}"
    found = {
        "cause_code": cause,
        "occurrence_cause": "The trimming knife was worn.",
        "method": "TEARDOWN",
        "evidence": ["P-1"],
    }
    await desk.does(f"{at}/determine-root-cause", found, by="u.qa1")
    await desk.does(f"{at}/approve-root-cause", {}, by="u.qam")
    judgement = {"grounds": "Seen on the teardown photos."} | ({"shares": shares} if shares else {})
    await desk.does(f"{at}/judge-responsibility", judgement, by="u.tech")


def notice(  # noqa: PLR0913 - what a notice says
    amount: str,
    *,
    customer: str = "C01",
    spec: str = S_A,
    failure_on: str = "2025-02-01",
    cases: tuple[str, ...] = (),
    pieces: int = 1,
    **said: Any,  # noqa: ANN401
) -> Json:
    """A customer's notice with one line that makes up the whole amount."""
    line = {
        "line": 1,
        "spec_code": spec,
        "pieces": pieces,
        "type": "MATERIAL",
        "quantity": "1",
        "unit_price": cny(amount),
        "amount": cny(amount),
    }
    body = {
        "customer_id": customer,
        "notice_no": f"N-{next(_notices)}",
        "case_ids": list(cases),
        "lines": [line],
        "claimed_total": cny(amount),
        "failure_on": failure_on,
    }
    return body | said


async def verified(desk: Desk, amount: str, **said: Any) -> str:  # noqa: ANN401
    """A claim that was registered, checked and looked at; its id."""
    claim = (await desk.does("/v1/claims", notice(amount, **said), by="u.clerk"))["id"]
    checked = {"logic": True, "accuracy": True, "conformity": True, "notes": "All in order."}
    await desk.does(f"/v1/claims/{claim}/check", checked, by="u.qa1")
    seen = {
        "mode": "REMOTE_EVIDENCE",
        "place": "Jinan",
        "from_at": "2025-01-15T01:00:00Z",
        "to_at": "2025-01-15T02:00:00Z",
        "findings": "Oil at the rear crankshaft seal.",
        "evidence": ["IMG-1"],
        "parts_seen": 1,
    }
    await desk.does(f"/v1/claims/{claim}/verify", seen, by="u.mkt")
    return str(claim)


async def confirmed(
    desk: Desk,
    amount: str,
    *,
    claimed: str | None = None,
    **said: Any,  # noqa: ANN401
) -> Json:
    """A claim whose amount stands; the answer to the confirmation."""
    claim = await verified(desk, claimed or amount, **said)
    body = {"confirmed_total": cny(amount)}
    return await desk.does(f"/v1/claims/{claim}/confirm-amount", body, by="u.mkt")


async def split_claim(desk: Desk, amount: str, *, failure_on: str = "2025-02-01") -> Json:
    """A claim of a judged case, split; the answer to the split."""
    case = await feedback(desk, occurred_on=failure_on)
    await judged(desk, case)
    done = await confirmed(desk, amount, cases=(case,), failure_on=failure_on)
    return await desk.does(f"/v1/claims/{done['id']}/split", {}, by="u.tech")


async def improved(desk: Desk, case: str, effective_from: str = "2025-04-01") -> Json:
    """A CAPA report of a case whose one action is in place; the answer to the last step."""
    issued = {
        "source": {"kind": "CASE", "id": case},
        "problem": "The lip is torn in trimming.",
        "owner": "Ma",
        "owner_department": "PRODUCTION",
        "due_on": "2025-12-31",
    }
    capa = (await desk.does("/v1/capas", issued, by="u.qa1"))["id"]
    at = f"/v1/capas/{capa}"
    team = {"members": [{"person": "Ma", "department": "PRODUCTION"}]}
    await desk.does(f"{at}/set-team", team, by="u.prod")
    checked = {"area": "WAREHOUSE", "checked": 300, "nok": 0}
    await desk.does(f"{at}/record-containment", checked, by="u.prod")
    cause = {"occurrence_cause": "The knife was worn.", "escape_cause": "Nobody looked."}
    await desk.does(f"{at}/record-cause", cause, by="u.prod")
    action = {"action": "Change knives by count.", "owner": "Qian", "due_on": "2025-12-31"}
    await desk.does(f"{at}/plan-actions", {"actions": [action]}, by="u.prod")
    done = {"action": 1, "effective_from": effective_from}
    return await desk.does(f"{at}/implement-action", done, by="u.prod")
