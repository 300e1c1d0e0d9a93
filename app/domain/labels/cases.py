"""Labels of feedback, causes and corrective action. Clauses 4.2 and 4.6."""

from typing import Final

from app.domain.labels.codes import CodeList, Label

LISTS: Final = (
    CodeList(
        "Category",
        "反馈类别",
        "Kind of feedback",
        {
            "DELIVERY": Label("交付", "Delivery"),
            "PRODUCT": Label("产品", "Product"),
            "PACKAGING": Label("包装", "Packaging"),
            "TRANSPORT": Label("运输", "Transport"),
            "SERVICE": Label("服务", "Service"),
        },
    ),
    CodeList(
        "Severity",
        "等级",
        "Severity",
        {
            "SERIOUS": Label("严重", "Serious"),
            "GENERAL": Label("一般", "General"),
            "OCCASIONAL": Label("偶发", "Occasional"),
        },
    ),
    CodeList(
        "Channel",
        "反馈渠道",
        "Channel",
        {
            "PHONE": Label("电话", "Telephone"),
            "EMAIL": Label("电子邮件", "E-mail"),
            "PORTAL": Label("顾客门户网站", "Customer portal"),
            "VISIT": Label("走访", "Visit"),
            "CRM": Label("客户关系管理系统", "CRM system"),
        },
    ),
    CodeList(
        "LifePhase",
        "失效阶段",
        "Phase of life",
        {
            "ZERO_KM": Label("零公里", "Zero kilometres"),
            "FIELD": Label("售后", "In the field"),
        },
    ),
    CodeList(
        "CaseStatus",
        "反馈状态",
        "How far a feedback case is",
        {
            "NOT_REGISTERED": Label("未登记", "Not registered"),
            "REGISTERED": Label("已登记", "Registered"),
            "CLASSIFIED": Label("已分类", "Classified"),
            "FORWARDED": Label("已移交品保部", "Handed to QA"),
            "CONTAINED": Label("已遏制", "Contained"),
            "CAUSE_DETERMINED": Label("原因已查明", "Cause determined"),
            "CAUSE_APPROVED": Label("原因已批准", "Cause approved"),
            "RESPONSIBILITY_JUDGED": Label("责任已判定", "Responsibility judged"),
            "ANSWERED": Label("已答复", "Answered"),
            "CLOSED": Label("已关闭", "Closed"),
            "VOIDED": Label("已作废", "Voided"),
            "MERGED": Label("已合并", "Merged"),
        },
    ),
    CodeList(
        "Area",
        "遏制区域",
        "Where stock is checked",
        {
            "CUSTOMER": Label("顾客处", "At the customer"),
            "IN_TRANSIT": Label("在途", "In transit"),
            "WAREHOUSE": Label("仓库", "Warehouse"),
            "WIP": Label("在制品", "Work in progress"),
            "RAW_MATERIAL": Label("原材料", "Raw material"),
        },
    ),
    CodeList(
        "ContainmentAction",
        "遏制措施",
        "What is done with suspect stock",
        {
            "SORT": Label("挑选", "Sorted"),
            "BLOCK": Label("隔离", "Blocked"),
            "SWAP": Label("换货", "Swapped"),
            "RECALL_STOCK": Label("召回库存", "Stock recalled"),
        },
    ),
    CodeList(
        "CauseMethod",
        "分析方法",
        "How a cause was found",
        {
            "FIVE_WHY": Label("五问法", "Five whys"),
            "FISHBONE": Label("鱼骨图", "Fishbone diagram"),
            "TEST": Label("试验", "Test"),
            "TEARDOWN": Label("拆解", "Teardown"),
        },
    ),
    CodeList(
        "CauseClass",
        "原因类别",
        "Family of causes",
        {
            "MANUFACTURING": Label("制造", "Manufacturing"),
            "DESIGN": Label("设计", "Design"),
            "SUPPLIER": Label("供应商", "Supplier"),
            "CUSTOMER_ASSEMBLY": Label("顾客装配", "Assembly at the customer"),
            "USE_ENVIRONMENT": Label("使用环境", "Use and environment"),
            "LOGISTICS": Label("物流", "Logistics"),
            "PACKAGING": Label("包装", "Packaging"),
            "NTF": Label("未发现故障", "No trouble found"),
        },
    ),
    CodeList(
        "CauseStatus",
        "原因状态",
        "How a cause stands in the catalogue",
        {
            "ACTIVE": Label("有效", "Active"),
            "MERGED": Label("已合并", "Merged"),
            "RETIRED": Label("已停用", "Retired"),
        },
    ),
    CodeList(
        "ReplyStage",
        "回复阶段",
        "What a reply tells the customer",
        {
            "ACK": Label("收悉回执", "Receipt"),
            "D3": Label("遏制措施(D3)", "Containment (D3)"),
            "D5": Label("原因与措施(D5)", "Cause and measures (D5)"),
            "FINAL": Label("最终答复", "Final answer"),
        },
    ),
    CodeList(
        "Outcome",
        "顾客答复",
        "What the customer says",
        {
            "ACCEPTED": Label("接受", "Accepted"),
            "REJECTED": Label("不接受", "Rejected"),
            "NO_ANSWER": Label("未答复", "No answer"),
        },
    ),
    CodeList(
        "ClosedBecause",
        "关闭依据",
        "Why a case was closed",
        {
            "ANSWER_ACCEPTED": Label("顾客接受答复", "The answer was accepted"),
            "SILENCE": Label("顾客逾期未答复", "The customer did not answer in time"),
        },
    ),
    CodeList(
        "CapaStatus",
        "纠正预防措施状态",
        "How far a corrective action is",
        {
            "NOT_ISSUED": Label("未下达", "Not issued"),
            "ISSUED": Label("已下达", "Issued"),
            "TEAM_SET": Label("已成立小组", "Team set"),
            "CONTAINED": Label("已遏制", "Contained"),
            "CAUSE_FOUND": Label("原因已查明", "Cause found"),
            "ACTIONS_PLANNED": Label("措施已制定", "Actions planned"),
            "IMPLEMENTED": Label("措施已实施", "Implemented"),
            "EFFECTIVENESS_CHECKED": Label("效果已验证", "Effectiveness checked"),
            "CLOSED": Label("已关闭", "Closed"),
            "CLOSED_UNVERIFIED": Label("未经验证关闭", "Closed without verification"),
        },
    ),
    CodeList(
        "CapaOrigin",
        "纠正预防措施来源",
        "What a corrective action answers",
        {
            "ESCALATION": Label("上报", "An escalation"),
            "CASE": Label("反馈", "A feedback case"),
            "RISK_PROJECT": Label("风险管控项目", "A risk-control project"),
            "QUARTER": Label("季度分析", "What a quarter showed"),
        },
    ),
    CodeList(
        "CheckResult",
        "效果验证",
        "What the effectiveness check says",
        {
            "EFFECTIVE": Label("有效", "Effective"),
            "INEFFECTIVE": Label("无效", "Ineffective"),
            "NOT_VERIFIABLE": Label("无法验证", "Not verifiable"),
        },
    ),
    CodeList(
        "DocumentKind",
        "文件类别",
        "Kind of document",
        {
            "DFMEA": Label("设计FMEA", "Design FMEA"),
            "PROCESS_FLOW": Label("工艺流程图", "Process flow"),
            "PFMEA": Label("过程FMEA", "Process FMEA"),
            "CONTROL_PLAN": Label("控制计划", "Control plan"),
            "WORK_INSTRUCTION": Label("作业指导书", "Work instruction"),
        },
    ),
)
