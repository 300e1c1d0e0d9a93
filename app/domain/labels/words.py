"""Labels of the words that several aggregates speak: people, rules, time, money."""

from typing import Final

from app.domain.labels.codes import CodeList, Label
from app.domain.limits import LIMITS

LISTS: Final = (
    CodeList(
        "Role",
        "角色",
        "Role",
        {
            "SALES_CLERK": Label("业务内勤", "Sales clerk"),
            "SALES_REP": Label("销售人员", "Sales representative"),
            "QA_ENGINEER": Label("品保工程师", "Quality engineer"),
            "QA_MANAGER": Label("品保经理", "Quality manager"),
            "PRODUCTION": Label("生产部", "Production"),
            "TECH_ENGINEER": Label("技术工程师", "Technical engineer"),
            "TECH_DIRECTOR": Label("技术总监", "Technical director"),
            "FIELD_SERVICE": Label("现场业务服务人员", "Field service"),
            "MARKET_SPECIALIST": Label("市场专员", "Market specialist"),
            "WAREHOUSE": Label("库管员", "Storekeeper"),
            "SHIPPER": Label("发货人员", "Shipper"),
            "GENERAL_MANAGER": Label("总经理", "General manager"),
            "FINANCE": Label("财务", "Finance"),
            "AUDITOR": Label("审核员", "Auditor"),
            "INTEGRATION": Label("系统接口", "Another system"),
            "ADMINISTRATOR": Label("系统管理员", "Administrator"),
            "SYSTEM": Label("本系统", "This service"),
        },
    ),
    CodeList(
        "Department",
        "部门",
        "Department",
        {
            "SALES": Label("销售部", "Sales"),
            "QA": Label("品保部", "Quality assurance"),
            "PRODUCTION": Label("生产部", "Production"),
            "TECH": Label("技术部", "Engineering"),
            "LOGISTICS": Label("物流部", "Logistics"),
        },
    ),
    CodeList(
        "Party",
        "责任方",
        "Party that bears a share",
        {
            "COMPANY": Label("本公司", "The company"),
            "CUSTOMER": Label("顾客", "The customer"),
            "THIRD_PARTY": Label("第三方", "A third party"),
        },
    ),
    CodeList("Currency", "币种", "Currency", {"CNY": Label("人民币", "Renminbi")}),
    CodeList(
        "Operator",
        "比较方式",
        "How a figure is compared",
        {
            ">": Label("大于", "Above"),
            ">=": Label("大于或等于", "At or above"),
            "<": Label("小于", "Below"),
            "<=": Label("小于或等于", "At or below"),
            "==": Label("等于", "Equal to"),
        },
    ),
    CodeList(
        "Unit",
        "计量单位",
        "Unit of what a rule counts",
        {
            "FEN": Label("分", "Fen"),
            "PIECES": Label("件", "Pieces"),
            "CLAIMS": Label("件次(索赔)", "Claims"),
            "PERMILLE": Label("千分比", "Per mille"),
            "BPS": Label("基点", "Basis points"),
            "DAYS": Label("天", "Days"),
            "OCCURRENCES": Label("频次", "Occurrences"),
        },
    ),
    CodeList(
        "CountingWindow",
        "统计期间",
        "Time in which claims are counted",
        {
            "AGREEMENT_YEAR": Label("协议年度", "Year of the agreement"),
            "QUARTER": Label("季度", "Quarter"),
            "ROLLING_365D": Label("滚动365天", "The last 365 days"),
        },
    ),
    CodeList(
        "SpanUnit",
        "时限单位",
        "Unit of a time limit",
        {
            "HOURS": Label("小时", "Hours"),
            "DAYS": Label("天", "Days"),
            "WORKING_DAYS": Label("工作日", "Working days"),
        },
    ),
    CodeList(
        "TimeLimit",
        "时限",
        "Time limit",
        {code: Label(each.zh, each.en) for code, each in LIMITS.items()},
    ),
    CodeList(
        "DeadlineStatus",
        "时限状态",
        "How a time limit stands",
        {
            "OPEN": Label("进行中", "Running"),
            "MISSED": Label("已超期", "Missed and still open"),
            "MET": Label("按期完成", "Met"),
            "LATE": Label("超期完成", "Done late"),
            "DROPPED": Label("已取消", "Dropped"),
        },
    ),
    CodeList(
        "DelegationStatus",
        "授权状态",
        "How a delegation stands",
        {
            "NOT_GRANTED": Label("未授权", "Not granted"),
            "GRANTED": Label("已授权", "Granted"),
            "REVOKED": Label("已撤销", "Revoked"),
        },
    ),
    CodeList(
        "AccessKeyStatus",
        "密钥状态",
        "What was done with an access key",
        {
            "NOT_ISSUED": Label("未签发", "Not issued"),
            "ISSUED": Label("已签发", "Issued"),
            "ROTATED": Label("已轮换", "Rotated"),
            "REVOKED": Label("已撤销", "Revoked"),
        },
    ),
    CodeList(
        "AccessKind",
        "访问方式",
        "What was done with the log",
        {
            "EXPORT": Label("导出", "Taken out as a file"),
            "BULK_READ": Label("大量读取", "Much was read at once"),
            "WHAT_IF": Label("假设推演", "Asked what would have been"),
            "REPLAY": Label("重放", "Replayed"),
            "VERIFY": Label("核验", "Checked, and it held"),
            "REBUILD": Label("重建", "Read tables built anew"),
        },
    ),
    CodeList(
        "CorrectionStatus",
        "更正状态",
        "How a correction stands",
        {
            "NOT_PROPOSED": Label("未提出", "Not proposed"),
            "PROPOSED": Label("已提出", "Proposed"),
            "APPROVED": Label("已批准", "Approved"),
            "REJECTED": Label("已驳回", "Rejected"),
        },
    ),
    CodeList(
        "ReportStatus",
        "季度报告状态",
        "How far a quarterly report is",
        {
            "NOT_ENDED": Label("季度未结束", "The quarter has not ended"),
            "OPEN": Label("待关账", "To be closed"),
            "CLOSED": Label("已关账", "Closed"),
            "ISSUED": Label("已发布", "Issued"),
            "ACKNOWLEDGED": Label("已签收", "Acknowledged"),
        },
    ),
    CodeList(
        "TargetStatus",
        "目标达成",
        "How a figure stands to its target",
        {
            "MET": Label("达标", "Met"),
            "EXCEEDED": Label("超标", "Exceeded"),
            "UNKNOWN": Label("无法判定", "Unknown"),
        },
    ),
    CodeList(
        "AlertLevel",
        "预警级别",
        "Highest alert raised",
        {
            "NONE": Label("无预警", "None"),
            "WARNED": Label("接近目标", "Close to the target"),
            "EXCEEDED": Label("超过目标", "Target exceeded"),
        },
    ),
    CodeList(
        "ParetoBy",
        "排列维度",
        "What a Pareto chart counts by",
        {
            "cause": Label("原因", "Cause"),
            "spec": Label("规格", "Specification"),
            "customer": Label("顾客", "Customer"),
        },
    ),
    CodeList(
        "PersonalKind",
        "个人信息类别",
        "What tells a data subject",
        {
            "VEHICLE": Label("车辆(车架号)", "Vehicle (VIN)"),
            "CUSTOMER_PERSON": Label("顾客方人员", "Person of a customer"),
            "CARRIER_PERSON": Label("承运方人员", "Person of a carrier"),
        },
    ),
    CodeList(
        "ErasureStatus",
        "个人信息删除状态",
        "How far an erasure is",
        {
            "NOT_REQUESTED": Label("未申请", "Not requested"),
            "REQUESTED": Label("已申请", "Requested"),
            "REJECTED": Label("已驳回", "Rejected"),
            "ERASED": Label("已删除", "Erased"),
        },
    ),
)
