"""What belongs to a record: a claim to a case, an escalation to the claim, its CAPA, its files."""

from app.events.reading import Reader
from app.events.workings import Workings
from app.projections.attachments_ledger import ATTACHED_TO
from app.projections.links import LINKS, above


async def belonging(reader: Reader, workings: Workings, stream: str, id_: str) -> list[str]:
    """The streams of a record and of what belongs to it, its own first; of a claim, its cases too.

    Last the attachments of all of them, however many: they do not count among what is linked.

    Args:
        reader: of the log.
        workings: the tables there are.
        stream: of the record.
        id_: of the record.
    """
    links = workings.tables[LINKS.name]
    found, new = [stream], [stream]
    async with reader.log() as log:
        while new:
            linked = await log.rows(links, new)
            below = [each for own in linked.values() for each in own or []]
            new = [each for each in dict.fromkeys(below) if each not in found]
            found += new
        if stream.startswith("claim-"):
            cases = await log.rows(links, [above(id_)])
            found += cases[above(id_)] or []
    return found + [row["stream"] for row in await reader.fetch(ATTACHED_TO, found)]
