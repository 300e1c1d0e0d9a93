"""Labels of claims and of what follows from them. Clauses 3.7 and 4.5."""

from typing import Final

from app.domain.labels.codes import CodeList, Label

LISTS: Final = (
    CodeList(
        "ClaimStatus",
        "索赔状态",
        "How far a claim is",
        {
            "NOT_REGISTERED": Label("未登记", "Not registered"),
            "REGISTERED": Label("已登记", "Registered"),
            "CHECKED": Label("已审查", "Checked"),
            "VERIFIED": Label("已飞行确认", "Verified"),
            "CONFIRMED": Label("金额已确认", "Amount confirmed"),
            "SPLIT": Label("已分割", "Split"),
            "NEGOTIATING": Label("协商中", "Negotiating"),
            "APPROVED": Label("已批准", "Approved"),
            "SETTLED": Label("已结算", "Settled"),
            "CLOSED": Label("已归档", "Closed"),
            "REJECTED": Label("已拒绝", "Rejected"),
            "CANCELLED": Label("已取消", "Cancelled"),
            "WITHDRAWN": Label("顾客已撤回", "Withdrawn"),
        },
    ),
    CodeList(
        "LineType",
        "费用明细",
        "What a line of a claim pays for",
        {
            "MATERIAL": Label("材料费", "Material"),
            "LABOUR": Label("工时费", "Labour"),
            "AUXILIARY": Label("辅料费", "Auxiliary material"),
            "FREIGHT": Label("运费", "Freight"),
            "TRAVEL": Label("差旅费", "Travel"),
            "LINE_STOP": Label("停线损失", "Line stop"),
            "MGMT_FEE": Label("管理费", "Management fee"),
            "OTHER": Label("其他", "Other"),
        },
    ),
    CodeList(
        "VerificationMode",
        "飞行确认方式",
        "How a failure was seen",
        {
            "UNANNOUNCED_VISIT": Label("不通知的现场确认", "Unannounced visit"),
            "ANNOUNCED_VISIT": Label("通知的现场确认", "Announced visit"),
            "REMOTE_EVIDENCE": Label("远程证据", "Remote evidence"),
        },
    ),
    CodeList(
        "SharesSource",
        "责任比例来源",
        "Who said how a claim is shared",
        {
            "JUDGEMENT": Label("技术部判定", "Engineering's judgement"),
            "AGREEMENT": Label("三包协议", "The yearly agreement"),
            "NEGOTIATION": Label("协商", "Negotiation"),
        },
    ),
    CodeList(
        "NegotiationReason",
        "协商原因",
        "Why there is a negotiation",
        {
            "DISPUTE": Label("有异议", "Somebody objects"),
            "THIRD_PARTY": Label("第三方为主责", "A third party bears most"),
            "TIE": Label("责任相等", "Shares are equal"),
        },
    ),
    CodeList(
        "ProposalKind",
        "变更类别",
        "What is proposed for a claim",
        {
            "ADJUSTMENT": Label("调整金额", "Adjustment"),
            "CANCELLATION": Label("取消", "Cancellation"),
        },
    ),
    CodeList(
        "SettlementMethod",
        "结算方式",
        "How a claim is paid",
        {
            "CREDIT_NOTE": Label("红字发票", "Credit note"),
            "DEDUCTION": Label("货款抵扣", "Deduction"),
            "REPLACEMENT": Label("补货", "Replacement"),
            "TRANSFER": Label("转账", "Transfer"),
        },
    ),
    CodeList(
        "RoundingMethod",
        "尾差分配",
        "Who gets the fen that are left over",
        {
            "LARGEST_REMAINDER": Label("最大余额法", "Largest remainder"),
        },
    ),
    CodeList(
        "AgreementVersionStatus",
        "协议版本状态",
        "How a version of an agreement stands",
        {
            "DRAFT": Label("草稿", "Draft"),
            "APPROVED": Label("已批准", "Approved"),
            "REJECTED": Label("已驳回", "Rejected"),
        },
    ),
    CodeList(
        "BasisDate",
        "基准日",
        "Day that says which agreement holds",
        {
            "FAILURE": Label("故障日", "The failure"),
            "NOTICE": Label("通知日", "The notice"),
            "DELIVERY": Label("交付日", "The delivery"),
        },
    ),
    CodeList(
        "EscalationReasonCode",
        "上报总经理的原因",
        "Why a claim goes to the general manager",
        {
            "AMOUNT": Label("金额超限", "Its amount"),
            "SPEC_COUNT": Label("同规格索赔累计", "Claims of one specification"),
        },
    ),
    CodeList(
        "EscalationStatus",
        "上报状态",
        "How far an escalation is",
        {
            "NOT_RAISED": Label("未上报", "Not raised"),
            "RAISED": Label("已上报总经理", "Raised"),
            "ACKNOWLEDGED": Label("总经理已签收", "Acknowledged"),
            "CLOSED": Label("已关闭", "Closed"),
        },
    ),
    CodeList(
        "Duty",
        "上报缺项",
        "What an escalation may lack",
        {
            "TRACE": Label("追溯", "Trace"),
            "CAPA": Label("纠正预防措施", "Corrective action"),
            "ACCOUNTABILITY": Label("责任追究", "Accountability"),
            "ACCOUNTABILITY_PERSON": Label("追究当事人", "Accountability of the person"),
            "ACCOUNTABILITY_LEADER": Label("追究部门领导", "Accountability of the leader"),
        },
    ),
    CodeList(
        "AccountabilityKind",
        "追责对象",
        "Who is held accountable",
        {
            "PERSON": Label("当事人", "The person responsible"),
            "LEADER": Label("部门领导", "The leader of the department"),
        },
    ),
    CodeList(
        "AppealStatus",
        "申诉状态",
        "How far an appeal is",
        {
            "NOT_DRAFTED": Label("未起草", "Not drafted"),
            "DRAFTED": Label("已起草", "Drafted"),
            "REVIEWED": Label("已审核", "Reviewed"),
            "APPROVED": Label("已批准", "Approved"),
            "SUBMITTED": Label("已提交顾客", "Submitted"),
            "ANSWERED": Label("顾客已答复", "Answered"),
            "WITHDRAWN": Label("已撤回", "Withdrawn"),
        },
    ),
    CodeList(
        "AppealVerdict",
        "判定",
        "Whose fault the investigation found",
        {
            "COMPANY": Label("本公司责任", "The company's"),
            "CUSTOMER": Label("顾客责任", "The customer's"),
            "THIRD_PARTY": Label("第三方责任", "A third party's"),
            "NTF": Label("未发现故障", "No trouble found"),
        },
    ),
    CodeList(
        "GroundCode",
        "申诉理由",
        "Why a claim should not stand",
        {
            "NOT_OUR_PART": Label("非本公司产品", "Not our part"),
            "OUT_OF_WARRANTY": Label("超出三包期", "Out of warranty"),
            "MISUSE": Label("使用不当", "Misuse"),
            "ASSEMBLY_DAMAGE": Label("装配损伤", "Damaged in assembly"),
            "NTF": Label("未发现故障", "No trouble found"),
            "CALCULATION_ERROR": Label("计算错误", "Calculated wrongly"),
            "DOUBLE_CLAIM": Label("重复索赔", "Claimed twice"),
        },
    ),
    CodeList(
        "RequestedOutcome",
        "申诉要求",
        "What we want of the customer",
        {
            "CANCEL": Label("取消索赔", "Nothing paid"),
            "REDUCE_TO": Label("减少金额", "Less paid"),
            "SHARE": Label("分担费用", "The cost shared"),
        },
    ),
    CodeList(
        "AppealReply",
        "顾客对申诉的答复",
        "What the customer says to an appeal",
        {
            "ACCEPTED": Label("接受", "Accepted"),
            "PARTLY": Label("部分接受", "Partly accepted"),
            "REJECTED": Label("不接受", "Rejected"),
        },
    ),
    CodeList(
        "CostKind",
        "费用类别",
        "What a cost was for",
        {
            "VISIT": Label("走访", "Visit"),
            "FREIGHT": Label("运费", "Freight"),
            "SORTING": Label("挑选", "Sorting"),
            "REPLACEMENT": Label("换货", "Replacement"),
            "ANALYSIS": Label("分析", "Analysis"),
            "OTHER": Label("其他", "Other"),
        },
    ),
)
