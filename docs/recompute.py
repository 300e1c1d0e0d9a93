"""KPI-1 to KPI-3 of clause 3.7 from exported events: `python docs/recompute.py < events.jsonl`."""

import json
import sys
from collections import Counter, defaultdict

of, causes = defaultdict(lambda: {"cause": None, "cleared": False}), {None: {"cause_class": "NTF"}}
sums, kpi = {}, defaultdict(Counter)
for event in map(json.loads, sys.stdin):  # one a line, as `GET /v1/events` gives them, in order
    kind, stream, data, row = event["type"], event["stream"], event["data"], of[event["stream"]]
    shares = {each["party"]: each for each in data.get("shares") or ()}
    ours = shares.get("COMPANY", {"bps": 0, "amount_fen": 0})
    if kind in {"CaseVoided", "CaseMerged", "ClaimCancelled", "ClaimRejected", "ClaimWithdrawn"}:
        sums.pop(stream, row.clear())
    elif kind.startswith("Feedback") or kind == "QuantityConfirmed":
        fixed = {each["field"]: each["new"] for each in data.get("changes", ())}
        row |= fixed if kind == "FeedbackCorrected" else data
    elif kind in {"RootCauseDetermined", "RootCauseApproved", "RootCauseRejected"}:
        row["cause"] = data["stands_again" if kind == "RootCauseRejected" else "cause_code"]
        row["waits"] = kind == "RootCauseDetermined"
        row["cleared"] = row["cleared"] and kind != "RootCauseApproved"
    elif kind == "ResponsibilityJudged":
        row["cleared"] = shares and not ours["bps"]
    elif kind in {"CauseDefined", "CauseMerged"}:
        causes[data["code"]] = data
    elif kind in {"ClaimAmountConfirmed", "ClaimSplitCalculated", "ClaimAdjusted"}:
        row["on"] = data.get("confirmed_on", row.get("on"))
        whole = data.get("confirmed_fen", data.get("new_total_fen"))
        sums[stream] = "cost_fen", row["on"][:4], ours["amount_fen"] if shares else whole
    elif kind in {"CostRecorded", "CostCorrected"}:
        sums[stream] = "cost_fen", data["on"][:4], data["amount_fen"]
    elif kind in {"SalesFigureRecorded", "SalesFigureCorrected"}:
        sums[stream, data["month"]] = "net_sales_fen", stream[-4:], data["net_sales_fen"]
for row in (each for each in of.values() if "qty_reported" in each):
    day, cause = row["occurred_on"], row["cause"]
    quarter = f"{day[:4]}Q{(int(day[5:7]) + 2) // 3}"
    kpi["kpi_2"][quarter] += row.get("qty_confirmed", row["qty_reported"]) > 3
    while "into" in causes[cause]:
        cause = causes[cause]["into"]
    if row.get("category") in {"PRODUCT", "PACKAGING"} and causes[cause]["cause_class"] != "NTF":
        kpi["kpi_1"][f"{quarter} {cause}"] += row["waits"] or not row["cleared"]
for name, year, fen in sums.values():
    kpi[name][year] += fen
print(json.dumps(kpi))
