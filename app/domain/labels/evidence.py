"""Labels of what proves, replays and tries out: read tables, long operations, reactions."""

from typing import Final

from app.domain.labels.codes import CodeList, Label

LISTS: Final = (
    CodeList(
        "OperationStatus",
        "长任务状态",
        "How far a long operation is",
        {
            "RUNNING": Label("进行中", "Running"),
            "DONE": Label("已完成", "Done"),
            "FAILED": Label("失败", "Failed"),
            "CANCELLED": Label("已取消", "Cancelled"),
        },
    ),
    CodeList(
        "ProjectionKind",
        "读表类别",
        "What a read table is",
        {
            "LEDGER": Label("台账", "Ledger"),
            "REGISTER": Label("登记索引", "Register"),
        },
    ),
    CodeList(
        "ReactionKind",
        "规则反应类别",
        "What a rule sets off",
        {
            "ESCALATION": Label("上报总经理", "An escalation"),
            "LINK": Label("并入上报事项", "A claim linked to an escalation"),
            "ALERT": Label("超标警示", "A target that is exceeded"),
            "EARLY_WARNING": Label("预警", "An early warning"),
            "BATCH_PROBLEM": Label("批量质量问题", "A batch problem"),
            "MISSED_LIMIT": Label("逾期", "A missed time limit"),
        },
    ),
    CodeList(
        "Difference",
        "差异",
        "How a row differs between two moments",
        {
            "APPEARED": Label("新增", "Appeared"),
            "CHANGED": Label("变更", "Changed"),
            "VANISHED": Label("消失", "Vanished"),
        },
    ),
    CodeList(
        "ProgressUnit",
        "进度单位",
        "What progress is counted in",
        {
            "EVENTS": Label("事件", "Events"),
        },
    ),
    CodeList(
        "AttachmentKind",
        "附件类别",
        "What an attached file is",
        {
            "PHOTO": Label("照片", "Photo"),
            "INSPECTION_REPORT": Label("检验报告", "Inspection report"),
            "SIGNED_DOCUMENT": Label("签收单", "Signed document"),
            "CORRESPONDENCE": Label("往来函件", "Correspondence"),
            "OTHER": Label("其他", "Other"),
        },
    ),
    CodeList(
        "AttachmentStatus",
        "附件状态",
        "How an attachment stands",
        {
            "NOT_ADDED": Label("未添加", "Not added"),
            "ADDED": Label("已添加", "Added"),
            "WITHDRAWN": Label("已撤回", "Withdrawn"),
        },
    ),
)
