"""Under which id the values of a person are sealed: asked by the value, which is not kept."""

from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.authority import Seeker
from app.api.bodies import PlainBodyRoute
from app.api.edge import AtEdge
from app.api.queries import BODY_PROBLEMS, NOT_FOUND, PROBLEMS, NoParameters
from app.domain.errors import NotFound
from app.domain.personal import OWNER, PersonalKind
from app.domain.values import Code
from app.events.person_keys import Value

router: Final = APIRouter(
    prefix="/v1/personal-data",
    tags=["personal-data"],
    responses=PROBLEMS | BODY_PROBLEMS,
    route_class=PlainBodyRoute,
)


class FindPerson(BaseModel):
    """Whom to look for (查找信息主体)."""

    model_config = ConfigDict(extra="forbid")

    kind: PersonalKind
    owner: Code | None = Field(
        default=None, description="The customer's or the carrier's id, of their people (所属单位)."
    )
    value: Code = Field(description="The VIN or the name, however it is spelt (车架号或姓名).")


class PersonFound(BaseModel):
    """Under which id the person's values are sealed (信息主体编号)."""

    model_config = ConfigDict(extra="forbid")

    data_subject_id: str = Field(
        description="Of `/v1/personal-data/{personal_data_id}`; it stands in each sealed text."
    )


@router.post("/find", responses=NOT_FOUND)
async def find_person(asked: FindPerson, edge: AtEdge, _: Seeker, __: NoParameters) -> PersonFound:
    """Find the id under which a person's or a vehicle's data are sealed (查找信息主体).

    For an erasure. It is `POST` so that the value stands in no address and in no access log.
    QA managers, the general manager and auditors may ask; nobody is found who was erased.
    """
    owner = asked.owner if asked.kind in OWNER else None
    found = await edge.persons.find(Value(asked.kind, owner or "", asked.value))
    if found is None:
        raise NotFound(kind="personal-data")
    return PersonFound(data_subject_id=found)
