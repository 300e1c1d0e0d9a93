"""What a claim is worth, and who bears it: confirmation, split, execution. Clauses 3.4, 4.5."""

from datetime import date, timedelta

from app.domain.claim.commands import ConfirmClaimAmount
from app.domain.claim.events import Claim, ClaimAmountConfirmed, ClaimEvent, ClaimSplitCalculated
from app.domain.claim.facts import ClaimCostRecounted, ClaimExecutionApproved, NegotiationOpened
from app.domain.claim.objections import NegotiationUnderWay
from app.domain.claim.refusals import (
    AgreementNotInForce,
    AgreementSilent,
    AlreadySplit,
    CaseNotJudged,
    ClaimAlreadyConfirmed,
    ClaimCheckFailed,
    ClaimLineTwice,
    ClaimNotSplit,
    ClaimNotVerified,
    ClaimWithoutCase,
    DeliveryDayMissing,
    ExecutionAlreadyApproved,
    JudgementsDiffer,
    MoreThanClaimed,
    NoSuchClaimLine,
    SodClaim,
    SodExecution,
    SumMismatch,
)
from app.domain.claim.standing import (
    case_as_it_counts,
    confirmation_of,
    heading,
    must_be_unsettled,
    must_go_on,
    must_not_wait,
)
from app.domain.claim.words import (
    LineResult,
    NegotiationReason,
    Rounding,
    SharePart,
    ShareRatio,
    SpecStanding,
)
from app.domain.decider import World
from app.domain.feedback_case.events import FeedbackCase
from app.domain.feedback_case.state import Judgement, RootCause
from app.domain.limits import Due
from app.domain.money import split, written
from app.domain.registers.spec_claims import Window, spec_count
from app.domain.rule_pack.events import pack_in_force
from app.domain.values import Actor, CauseClass, Party, end_of_day, shanghai_day
from app.domain.warranty_agreement.events import AgreementVersion, BasisDate, agreement_of

# --- the amount -----------------------------------------------------------------------------


def confirm_amount(
    command: ConfirmClaimAmount, by: Actor, claim: Claim, world: World
) -> list[ClaimEvent]:
    """Confirm the gross amount, before it is split.

    Source:
        Clause 4.5: the cost claimed is confirmed by the market specialist, on the spot.

    Raises:
        ClaimAlreadyConfirmed: an amount stands; from now on it is negotiated.
        ClaimNotVerified: nobody looked at the failure yet.
        ClaimCheckFailed: QA's last check found it wanting.
        SodClaim: whoever registered a claim does not confirm it.
        NoSuchClaimLine, ClaimLineTwice, SumMismatch: lines that do not make up the amount.
        MoreThanClaimed: above the claim, and nothing says why.
    """
    must_go_on(claim)
    if claim.confirmation is not None:
        raise ClaimAlreadyConfirmed(confirmed_by=claim.confirmation.confirmed_by)
    if not claim.verifications:
        raise ClaimNotVerified(claim_no=claim.claim_no, next="VerifyClaim")
    if claim.check is not None and not claim.check.passed:
        raise ClaimCheckFailed(
            logic=claim.check.logic,
            accuracy=claim.check.accuracy,
            conformity=claim.check.conformity,
        )
    if by.person == claim.registered_by:
        raise SodClaim(person=by.person)
    results = _line_results(command, claim)
    if command.confirmed_total.fen > claim.claimed and command.reason is None:
        raise MoreThanClaimed(field="reason", claimed=written(claim.claimed))
    today = shanghai_day(world.at)
    days = pack_in_force(world).figures.claim_filing_days_max
    file_by = end_of_day(today + timedelta(days=days))
    confirmed = ClaimAmountConfirmed(
        **heading(claim),
        confirmed_fen=command.confirmed_total.fen,
        claimed_fen=claim.claimed,
        line_results=results,
        reason=command.reason,
        confirmed_on=today,
        counts=claim.counts,
        specs=claim.specs,
        spec_standings=_standings(claim, world, today) if claim.counts else (),
        file_by=file_by,
        due=(Due(limit="T21", due_at=file_by),),
    )
    return [confirmed]


def _line_results(command: ConfirmClaimAmount, claim: Claim) -> tuple[LineResult, ...]:
    """What is confirmed of every line, once anybody went through them; else nothing."""
    if not command.lines:
        return ()
    known = {each.line: each.amount for each in claim.lines}
    said: dict[int, LineResult] = {}
    for index, each in enumerate(command.lines):
        if each.line not in known:
            raise NoSuchClaimLine(field=f"lines.{index}.line", lines=sorted(known))
        if each.line in said:
            raise ClaimLineTwice(field=f"lines.{index}.line", line=each.line)
        said[each.line] = LineResult(
            line=each.line, confirmed_fen=each.confirmed.fen, reason=each.reason
        )
    results = tuple(
        said.get(number) or LineResult(line=number, confirmed_fen=amount, reason=None)
        for number, amount in known.items()
    )
    total = sum(each.confirmed_fen for each in results)
    if total != command.confirmed_total.fen:
        raise SumMismatch(
            field="confirmed_total",
            lines_total=written(total),
            confirmed_total=command.confirmed_total.amount,
            difference=written(command.confirmed_total.fen - total),
        )
    return results


def _standings(claim: Claim, world: World, today: date) -> tuple[SpecStanding, ...]:
    """How often each specification was claimed, this claim included."""
    window = Window.around(today, claim.customer_id, pack_in_force(world).figures)
    found = []
    for each in claim.specs:
        before = spec_count(world, each.spec_code, window, today)
        found.append(
            SpecStanding(
                spec_code=each.spec_code,
                window=window.label,
                claims=before.claims + 1,
                pieces=before.pieces + each.pieces,
            )
        )
    return tuple(found)


def recount_cost(claim: Claim) -> list[ClaimEvent]:
    """Say what the company bears now, if that is another amount; also of a claim that is over."""
    on, cost = confirmation_of(claim).confirmed_on, claim.company_cost
    if cost == claim.counted_cost:
        return []
    recounted = ClaimCostRecounted(
        **heading(claim), confirmed_on=on, old_cost_fen=claim.counted_cost, cost_fen=cost
    )
    return [recounted]


# --- the split ------------------------------------------------------------------------------


def split_claim(claim: Claim, world: World) -> list[ClaimEvent]:
    """Split the amount; a third party as main party, or a judged tie, opens a negotiation (R-06).

    Raises:
        ClaimNotConfirmed: no amount stands.
        AlreadySplit: and nothing was judged anew, or the shares were negotiated.
        ClaimWithoutCase, CaseNotJudged, JudgementsDiffer: nobody said who is responsible.
        AgreementNotInForce, AgreementSilent, DeliveryDayMissing: no agreement says it (R-18).
    """
    must_be_unsettled(claim)
    confirmation_of(claim)
    if claim.shares_source == "NEGOTIATION":
        raise AlreadySplit(claim_no=claim.claim_no, shares_source=claim.shares_source)
    judgement, cause = _judged(claim, world)
    version, basis_on = _version_that_counts(claim, world)
    if claim.split is not None and judgement.judged_at <= claim.split.split_at:
        raise AlreadySplit(claim_no=claim.claim_no, split_by=claim.split.split_by)
    if judgement.shares is not None:
        ratios = tuple(
            ShareRatio(party=each.party, party_id=each.party_id, bps=each.bps)
            for each in judgement.shares
        )
    else:
        ratios = _agreed(version, cause.cause_class)
    total = claim.amount or 0
    parts, rounding = parted(total, ratios)
    main = main_party(ratios)
    calculated = ClaimSplitCalculated(
        **heading(claim),
        source="AGREEMENT" if judgement.shares is None else "JUDGEMENT",
        agreement_no=version.agreement_no,
        agreement_year=version.agreement_year,
        agreement_version=version.version,
        basis_on=basis_on,
        case_ids=claim.case_ids,
        cause_code=cause.cause_code,
        cause_class=cause.cause_class,
        total_fen=total,
        shares=parts,
        main_party=main,
        rounding=rounding,
    )
    why = _negotiate_because(main, judged=judgement.shares is not None)
    if why is None or claim.negotiation is not None:
        return [calculated]
    opened = NegotiationOpened(**heading(claim), rule_id="R-06", because=why, main_party=main)
    return [calculated, opened]


def _negotiate_because(main: Party | None, *, judged: bool) -> NegotiationReason | None:
    """A tie that engineering judged is treated as a dispute; one that was agreed is agreed."""
    if main is Party.THIRD_PARTY:
        return "THIRD_PARTY"
    return "TIE" if main is None and judged else None


def _judged(claim: Claim, world: World) -> tuple[Judgement, RootCause]:
    """The judgement that splits the claim, and its cause; of several, all must say the same."""
    if not claim.case_ids:
        raise ClaimWithoutCase(claim_no=claim.claim_no, next="LinkCase")
    cases = [case_as_it_counts(world, each) for each in claim.case_ids]
    judged = [_judgement_of(each) for each in cases]
    said = {
        (judgement.shares, cause.cause_class if judgement.shares is None else None)
        for judgement, cause in judged
    }
    if len(said) > 1:
        raise JudgementsDiffer(case_nos=[each.case_no for each in cases])
    return judged[0]


def _judgement_of(case: FeedbackCase) -> tuple[Judgement, RootCause]:
    if case.judgement is None or case.cause is None or case.voided_because is not None:
        raise CaseNotJudged(case_no=case.case_no, status=case.status, next="JudgeResponsibility")
    return case.judgement, case.cause


def _version_that_counts(claim: Claim, world: World) -> tuple[AgreementVersion, date]:
    """The agreement version in force on the day that it counts from, and that day (R-18).

    The version of the failure day says which day counts; where it names another one, the version
    in force on that day splits.
    """
    agreement = agreement_of(world, claim.customer_id)
    basis_on = claim.failure_on
    version = agreement.in_force(basis_on)
    if version is not None and version.basis_date is BasisDate.NOTICE:
        basis_on = shanghai_day(claim.notice_received_at)
        version = agreement.in_force(basis_on)
    elif version is not None and version.basis_date is BasisDate.DELIVERY:
        if claim.delivered_on is None:
            raise DeliveryDayMissing(agreement_no=version.agreement_no, version=version.version)
        basis_on = claim.delivered_on
        version = agreement.in_force(basis_on)
    if version is None:
        raise AgreementNotInForce(customer_id=claim.customer_id, basis_on=basis_on.isoformat())
    return version, basis_on


def _agreed(version: AgreementVersion, cause_class: CauseClass) -> tuple[ShareRatio, ...]:
    shares = version.shares_for(cause_class)
    if shares is None:
        raise AgreementSilent(
            agreement_no=version.agreement_no, version=version.version, cause_class=cause_class
        )
    return tuple(ShareRatio(party=each.party, bps=each.bps) for each in shares)


def parted(
    total_fen: int, ratios: tuple[ShareRatio, ...]
) -> tuple[tuple[SharePart, ...], Rounding]:
    """An amount in parts that add up, and who got the fen that were left over."""
    amounts = split(total_fen, [(each.party, each.bps) for each in ratios])
    parts = tuple(
        SharePart(party=each.party, party_id=each.party_id, bps=each.bps, amount_fen=amount)
        for each, amount in zip(ratios, amounts, strict=True)
    )
    leftover = tuple(
        each.party for each in parts if each.amount_fen > total_fen * each.bps // 10_000
    )
    return parts, Rounding(leftover_to=leftover)


def main_party(ratios: tuple[ShareRatio, ...]) -> Party | None:
    """The party with the largest share; none on a tie."""
    largest = max(each.bps for each in ratios)
    leaders = [each.party for each in ratios if each.bps == largest]
    return leaders[0] if len(leaders) == 1 else None


# --- execution ------------------------------------------------------------------------------


def approve_execution(by: Actor, claim: Claim) -> list[ClaimEvent]:
    """Approve what was split, when nothing about it is open.

    Raises:
        ClaimNotSplit: nobody knows what the company bears.
        NegotiationUnderWay, ProposalWaits: it may still change.
        SodExecution: whoever confirmed the amount does not approve it.
        ExecutionAlreadyApproved: once is enough.
    """
    must_be_unsettled(claim)
    confirmation = confirmation_of(claim)
    if not claim.shares:
        raise ClaimNotSplit(claim_no=claim.claim_no, next="SplitClaim")
    if claim.negotiation is not None:
        raise NegotiationUnderWay(because=claim.negotiation.reason, next="ConcludeNegotiation")
    must_not_wait(claim)
    if by.person == confirmation.confirmed_by:
        raise SodExecution(person=by.person)
    if claim.approved_by is not None:
        raise ExecutionAlreadyApproved(approved_by=claim.approved_by)
    approved = ClaimExecutionApproved(
        **heading(claim),
        total_fen=claim.amount or 0,
        company_fen=claim.share_of(Party.COMPANY),
    )
    return [approved]
