"""Labels of recurrences, risk projects, warnings and meetings. Clause 4.6."""

from typing import Final

from app.domain.labels.codes import CodeList, Label

LISTS: Final = (
    CodeList(
        "RecurrenceStatus",
        "重复发生判定",
        "What is said of a recurrence",
        {
            "NOT_TESTED": Label("未判定", "Not tested"),
            "TO_DECIDE": Label("待品保部判定", "For QA to decide"),
            "RECURRENCE": Label("重复发生", "Recurrence"),
            "KNOWN_CAUSE_BEFORE_MEASURE": Label(
                "措施实施前生产的已知原因", "Known cause, made before the measure"
            ),
            "DROPPED": Label("不再判定", "Dropped"),
        },
    ),
    CodeList(
        "RecurrenceBasis",
        "判定依据",
        "On what grounds a recurrence is judged",
        {
            "PRODUCTION_DATE": Label("生产日期", "The production day"),
            "DECIDED": Label("品保部判定", "QA's decision"),
            "LAPSED": Label("逾期未判定", "Nobody decided in time"),
        },
    ),
    CodeList(
        "DroppedBecause",
        "终止判定原因",
        "Why there is nothing to decide",
        {
            "CASE_ENDED": Label("反馈已作废或合并", "The case was voided or merged"),
            "NO_MEASURE": Label("没有对应的措施", "No measure is against it"),
        },
    ),
    CodeList(
        "OccurrenceKind",
        "立项原因",
        "What a risk project is about",
        {
            "RECURRENCE": Label("重复发生", "Recurrence"),
            "BATCH_DETECTED": Label("批量问题(按数据)", "Batch problem, by its figures"),
            "BATCH_DECLARED": Label("批量问题(品保部认定)", "Batch problem, declared by QA"),
        },
    ),
    CodeList(
        "ProjectStatus",
        "风险管控项目状态",
        "How far a risk project is",
        {
            "NOT_OPENED": Label("未立项", "Not opened"),
            "OPENED": Label("已立项", "Opened"),
            "RUNNING": Label("实施中", "Running"),
            "VERIFIED": Label("已验证", "Verified"),
            "CLOSED": Label("已关闭", "Closed"),
        },
    ),
    CodeList(
        "ReviewResult",
        "评审结果",
        "What a review of a document says",
        {
            "NO_CHANGE": Label("无需修改", "No change"),
            "CHANGED": Label("已修改", "Changed"),
            "NOT_APPLICABLE": Label("不适用", "Not applicable"),
        },
    ),
    CodeList(
        "PdcaPhase",
        "PDCA阶段",
        "Phase of PDCA",
        {
            "P": Label("策划", "Plan"),
            "D": Label("实施", "Do"),
            "C": Label("检查", "Check"),
            "A": Label("处置", "Act"),
        },
    ),
    CodeList(
        "ProgressChannel",
        "进展发布方式",
        "Where progress is published",
        {
            "BOARD": Label("看板", "Board"),
            "MORNING_MEETING": Label("早会", "Morning meeting"),
        },
    ),
    CodeList(
        "WarningMedium",
        "风险提示方式",
        "How a risk warning is shown",
        {
            "BOARD": Label("看板", "Board"),
            "MANUAL": Label("手册", "Manual"),
            "PROCESS_CONTROL": Label("过程控制", "Process control"),
        },
    ),
    CodeList(
        "WarningStatus",
        "风险提示状态",
        "How a risk warning stands",
        {
            "NOT_ISSUED": Label("未发布", "Not issued"),
            "ISSUED": Label("已发布", "Issued"),
            "WITHDRAWN": Label("已撤回", "Withdrawn"),
        },
    ),
    CodeList(
        "MeetingStatus",
        "分析会状态",
        "How far an analysis meeting is",
        {
            "NOT_SCHEDULED": Label("未安排", "Not scheduled"),
            "SCHEDULED": Label("已安排", "Scheduled"),
            "RECORDED": Label("已记录", "Recorded"),
        },
    ),
)
