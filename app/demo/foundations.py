"""What stands before the first case: the cause catalogue and the yearly agreements."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from app.demo.causes import CAUSES
from app.demo.chance import Chance
from app.demo.customers import CUSTOMERS, Customer, shares
from app.demo.diary import Diary, local, next_working_day
from app.demo.people import QA_MANAGER, TECHNICAL_DIRECTOR, in_role
from app.demo.schedule import Json, Step, Steps, Story
from app.domain.values import CauseClass, Role

OBJECTION_DAYS: Final = 7


def foundations(seed: int, begins_on: date, years: tuple[int, ...]) -> Iterator[Story]:
    """The stories that everything else stands on.

    Args:
        seed: of chance.
        begins_on: a working day; the catalogue is defined on it.
        years: of the agreements. Those of a year that has begun are drafted on the first day.
    """
    chance = Chance(seed, "catalogue")
    yield Story(
        "catalogue", local(begins_on, 8, 30), define_causes(Diary(chance, local(begins_on, 8)))
    )
    for year in years:
        drafted_on = max(begins_on, next_working_day(date(year, 1, 1)))
        for index, customer in enumerate(CUSTOMERS):
            name = f"agreement-{customer.code}-{year}"
            opens_at = local(drafted_on, 9) + timedelta(minutes=13 * index)
            diary = Diary(Chance(seed, name), opens_at)
            yield Story(name, opens_at, agree(customer, year, diary))


def define_causes(diary: Diary) -> Steps:
    """The quality manager defines every cause."""
    for each in CAUSES:
        body = {
            "code": each.code,
            "zh": each.zh,
            "en": each.en,
            "cause_class": each.cause_class,
        }
        yield Step(diary.minutes(1, 1), QA_MANAGER, "/v1/cause-catalogue/define", body)


def agree(customer: Customer, year: int, diary: Diary) -> Steps:
    """A sales representative drafts what was signed; the technical director approves it."""
    rep = in_role(Role.SALES_REP)[int(customer.code[1:]) % 2]
    path = f"/v1/warranty-agreements/{customer.code}"
    drafted_at = diary.minutes(2, 9)
    draft = _draft(customer, year, min(drafted_at.date(), next_working_day(date(year, 1, 1), 2)))
    answer = yield Step(drafted_at, rep, f"{path}/draft-version", draft, awaited=True)
    version = answer["state"]["versions"][-1]["version"]
    body: Json = {"agreement_year": year, "version": version}
    yield Step(diary.minutes(60, 300), TECHNICAL_DIRECTOR, f"{path}/approve-version", body)


def _draft(customer: Customer, year: int, signed_on: date) -> Json:
    return {
        "customer_name": customer.name,
        "agreement_year": year,
        "effective_from": f"{year}-01-01",
        "effective_to": f"{year}-12-31",
        "shares_by_cause_class": [
            {"cause_class": each, "shares": shares(each, customer, year)}
            for each in CauseClass
            if each is not CauseClass.NTF
        ],
        "ntf_shares": shares(CauseClass.NTF, customer, year),
        "objection_days": OBJECTION_DAYS,
        "basis_date": "FAILURE",
        "signed_on": signed_on.isoformat(),
        "document_ref": f"三包-{customer.code}-{year}",
    }
