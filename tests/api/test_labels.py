"""Labels of codes over HTTP: in the language that is asked for, and only when they changed."""

import httpx
import pytest

from app.domain.labels import CODE_LISTS
from tests.api.desk import Desk
from tests.api.test_conventions import problem_of


async def read(
    desk: Desk, path: str, headers: dict[str, str] | None = None, **params: str
) -> httpx.Response:
    """A question that may be refused."""
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    return await desk.http.get(path, headers=bearer | (headers or {}), params=params)


async def test_every_code_list_is_read_at_once_and_alone(desk: Desk) -> None:
    every = await desk.get("/v1/labels")
    roles = await desk.get("/v1/labels/Role")

    assert [each["name"] for each in every["data"]] == list(CODE_LISTS)
    assert roles in every["data"]
    assert roles["codes"][2] == {
        "code": "QA_ENGINEER",
        "label": "Quality engineer",
        "zh": "品保工程师",
        "en": "Quality engineer",
    }


@pytest.mark.parametrize(
    ("accepted", "params", "label", "language"),
    [
        pytest.param(None, {}, "Role", "en", id="nobody says"),
        pytest.param("zh-CN,zh;q=0.9,en;q=0.8", {}, "角色", "zh", id="a Chinese browser"),
        pytest.param("en-GB, zh;q=0.5", {}, "Role", "en", id="rather English"),
        pytest.param("zh;q=0, *", {}, "Role", "en", id="anything but Chinese"),
        pytest.param("fr, zh;q=0.1", {}, "角色", "zh", id="what we do not speak is passed over"),
        pytest.param("fr;q=x,,", {}, "Role", "en", id="nonsense"),
        pytest.param("en", {"lang": "zh"}, "角色", "zh", id="the address before the header"),
    ],
)
async def test_the_language_is_that_of_the_address_or_of_the_header(
    desk: Desk, accepted: str | None, params: dict[str, str], label: str, language: str
) -> None:
    headers = {} if accepted is None else {"Accept-Language": accepted}

    answer = await read(desk, "/v1/labels/Role", headers, **params)

    assert answer.json()["label"] == label
    assert answer.json()["codes"][0]["label"] == answer.json()["codes"][0][language]
    assert answer.headers["content-language"] == language
    assert "Accept-Language" in answer.headers["vary"]


async def test_labels_that_have_not_changed_are_not_sent_again(desk: Desk) -> None:
    first = await read(desk, "/v1/labels")
    tag = first.headers["etag"]

    again = await read(desk, "/v1/labels", {"If-None-Match": f'"other", W/{tag}'})
    other = await read(desk, "/v1/labels", {"If-None-Match": tag}, lang="zh")

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert other.status_code == 200


async def test_what_is_no_code_list_or_language_is_refused(desk: Desk) -> None:
    problem_of(await read(desk, "/v1/labels/Colour"), 404, "NOT_FOUND")
    problem_of(await read(desk, "/v1/labels", lang="fr"), 422, "MALFORMED")
    problem_of(await read(desk, "/v1/labels", colour="red"), 422, "MALFORMED")
    problem_of(await desk.http.get("/v1/labels"), 401, "UNAUTHENTICATED")
