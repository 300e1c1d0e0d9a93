"""Labels of goods on their way out and back, and of people on the road. Clauses 4.1, 4.3, 4.4."""

from typing import Final

from app.domain.labels.codes import CodeList, Label

LISTS: Final = (
    CodeList(
        "Check",
        "检查结论",
        "What a check says",
        {
            "PASS": Label("符合", "Pass"),
            "FAIL": Label("不符合", "Fail"),
        },
    ),
    CodeList(
        "DeliveryStatus",
        "发运状态",
        "How far a delivery is",
        {
            "NOT_PREPARED": Label("未备货", "Not prepared"),
            "PREPARED": Label("已备货", "Prepared"),
            "RELEASED": Label("已放行", "Released"),
            "IN_TRANSIT": Label("在途", "In transit"),
            "DELIVERED": Label("已送达", "Delivered"),
            "POD_RETURNED": Label("回单已返回", "Proof of delivery returned"),
            "CANCELLED": Label("已取消", "Cancelled"),
        },
    ),
    CodeList(
        "Signatory",
        "签字方",
        "Whose signature a release needs",
        {
            "SHIPPER": Label("发货人员", "Shipper"),
            "KEEPER": Label("库管员", "Storekeeper"),
            "CARRIER": Label("承运人", "Carrier"),
        },
    ),
    CodeList(
        "TrackingKind",
        "追踪方式",
        "How goods are followed",
        {
            "PHONE_CALL": Label("电话追踪", "Telephone call"),
            "TRACKING_NODE": Label("物流节点", "Node of the carrier's tracking"),
        },
    ),
    CodeList(
        "Discovery",
        "发现方式",
        "Where a transport damage was found",
        {
            "PHONE": Label("电话", "On the telephone"),
            "DELIVERY_POINT": Label("交付现场", "Where it was delivered"),
        },
    ),
    CodeList(
        "ReturnStatus",
        "退货状态",
        "How far a return list is",
        {
            "NOT_ANNOUNCED": Label("未通知", "Not announced"),
            "ANNOUNCED": Label("已通知", "Announced"),
            "AUTHORIZED": Label("已批准退货", "Authorized"),
            "PARTLY_RECEIVED": Label("部分收货", "Partly received"),
            "RECEIVED": Label("已收货", "Received"),
            "ANALYSED": Label("已分析", "Analysed"),
            "DISPOSED": Label("已处置", "Disposed of"),
            "CLOSED": Label("已关闭", "Closed"),
        },
    ),
    CodeList(
        "PartStage",
        "检验阶段",
        "How far a part is tested",
        {
            "STANDARD": Label("标准检验", "Standard test"),
            "LOAD": Label("负载试验", "Load test"),
            "NTF": Label("NTF流程", "Search for a fault (NTF)"),
        },
    ),
    CodeList(
        "PartResult",
        "检验结果",
        "What a test says",
        {
            "OK": Label("合格", "In order"),
            "NOK": Label("不合格", "Not in order"),
            "INCONCLUSIVE": Label("无法判定", "Inconclusive"),
        },
    ),
    CodeList(
        "PartStatus",
        "零件状态",
        "What is known of a part",
        {
            "STANDARD_TEST": Label("标准检验中", "In standard test"),
            "LOAD_TEST": Label("负载试验中", "In load test"),
            "NTF_PENDING": Label("NTF流程中", "Fault searched for"),
            "NTF": Label("未发现故障", "No trouble found"),
            "CONFIRMED_FAULT": Label("故障已确认", "Fault confirmed"),
        },
    ),
    CodeList(
        "NtfResult",
        "NTF结论",
        "How the search for a fault ends",
        {
            "NTF": Label("未发现故障", "No trouble found"),
            "CONFIRMED_FAULT": Label("故障已确认", "Fault confirmed"),
        },
    ),
    CodeList(
        "DispositionOutcome",
        "处置",
        "What becomes of pieces",
        {
            "REPAIR": Label("修理", "Repaired"),
            "REPLACE": Label("更换", "Replaced"),
            "REFUND": Label("退货退款", "Refunded"),
            "SCRAP": Label("报废", "Scrapped"),
            "RETURN_TO_CUSTOMER": Label("退回顾客", "Returned to the customer"),
            "KEEP_SAMPLE": Label("留样", "Kept as a sample"),
        },
    ),
    CodeList(
        "VisitStatus",
        "现场服务状态",
        "How far a service visit is",
        {
            "NOT_DISPATCHED": Label("未派出", "Not dispatched"),
            "DISPATCHED": Label("已派出", "Dispatched"),
            "STARTED": Label("已开始", "Started"),
            "COMPLETED": Label("已完成", "Completed"),
            "CANCELLED": Label("已取消", "Cancelled"),
        },
    ),
    CodeList(
        "VisitProvince",
        "省内或省外",
        "How far a visit goes",
        {
            "SAME": Label("省内", "In the company's province"),
            "OTHER": Label("省外", "Beyond it"),
        },
    ),
    CodeList(
        "ServiceWork",
        "服务内容",
        "What was done on the spot",
        {
            "INSTALL_GUIDE": Label("安装指导", "Guidance on fitting"),
            "ANALYSIS": Label("故障分析", "Analysis"),
            "REPLACE": Label("更换", "Replacement"),
            "SORT": Label("挑选", "Sorting"),
            "REPAIR": Label("修理", "Repair"),
            "OTHER": Label("其他", "Other"),
        },
    ),
    CodeList(
        "Satisfaction",
        "满意程度",
        "How content the customer is",
        {
            "SATISFIED": Label("满意", "Satisfied"),
            "NEUTRAL": Label("一般", "Neutral"),
            "DISSATISFIED": Label("不满意", "Dissatisfied"),
        },
    ),
)
