"""Risk-control project (风险管控项目): what QA, Engineering and Production do about it. 4.6.1 b-d.

opened (a policy, or QA) ──▶ members of all three departments ──▶ RUNNING: four documents reviewed,
PDCA progress every week (T17), milestones told to the customers concerned ──▶ verified ──▶ closed.
The steps may come in any order; `missing` names what is still to be done before the close.
"""
