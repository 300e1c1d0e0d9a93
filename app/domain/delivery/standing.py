"""What several decisions of a delivery ask first, and what all its events repeat."""

from datetime import datetime
from typing import Any

from app.domain.delivery.refusals import BeforeRelease, DeliveryNotReleased
from app.domain.delivery.state import Delivery, Release
from app.domain.errors import InTheFuture


def heading(delivery: Delivery) -> dict[str, Any]:
    """The fields of `DeliveryFact`."""
    return {"delivery_no": delivery.delivery_no, "customer_id": delivery.customer_id}


def release_of(delivery: Delivery) -> Release:
    """The release that everything on the way comes after.

    Raises:
        DeliveryNotReleased: there is none.
    """
    if delivery.release is None:
        raise DeliveryNotReleased(delivery_no=delivery.delivery_no, next="ReleaseDelivery")
    return delivery.release


def not_later(said: datetime | None, now: datetime, *, field: str) -> datetime:
    """When something happened: as it was said, or now.

    Raises:
        InTheFuture: later than now.
    """
    if said is not None and said > now:
        raise InTheFuture(field=field, now=now.isoformat())
    return said or now


def on_the_way(said: datetime | None, now: datetime, release: Release, *, field: str) -> datetime:
    """When something happened to released goods.

    Raises:
        InTheFuture: later than now.
        BeforeRelease: earlier than the release.
    """
    at = not_later(said, now, field=field)
    if at < release.released_at:
        raise BeforeRelease(field=field, released_at=release.released_at.isoformat())
    return at
