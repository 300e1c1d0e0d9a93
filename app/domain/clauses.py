"""The clauses of YTCXQP034 in two sentences each, and what its rules do.

Commands, events, refusals and time limits name their clause themselves. Here stands what each
clause asks for, and what carries it beside them: the roles that it speaks of, and where to read
what it is about. `python -m app.catalogues` writes all of it together (openapi/clauses.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.values import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause: what it asks for, and what carries it beside commands, events and limits."""

    clause: str
    en: str
    zh: str
    roles: tuple[Role, ...] = ()
    also: tuple[str, ...] = ()
    """Commands that serve it too, though they name another clause as theirs."""
    reads: tuple[str, ...] = ()
    """Addresses to read what the clause is about, beside its ledgers."""
    shown_by: tuple[str, ...] = ()
    """Clauses below it whose events show that it was lived: it asks for nothing beside them."""
    records: str = ""
    """Where else it stands in the records, in words."""
    reconstructed: bool = False
    """Whether its page is lost and the sentence is our proposal."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its clause, and what it does."""

    rule: str
    clause: str
    en: str
    zh: str


_CLAUSES: Final = (
    Clause(
        clause="1",
        en="Meet in full what customers require, stated and implied, in quality assurance and in "
        "the three-guarantees agreement, and give good managed after-sales service.",
        zh="充分满足顾客在质量保证和三包售后协议方面明示与隐含的要求,做好售后服务管理。",
        roles=(Role.MARKET_SPECIALIST, Role.SALES_REP, Role.TECH_DIRECTOR),
        also=("DraftAgreementVersion", "ApproveAgreementVersion", "SplitClaim"),
        reads=("/v1/warranty-agreements/{customer_id}", "/v1/clause-coverage"),
        records="Every split of a claim names the agreement version that it stands on (R-18).",
    ),
    Clause(
        clause="2",
        en="Covers dispatch and delivery, on-site follow-up and maintenance, feedback of quality "
        "information, handling of after-sales anomalies and management of warranty performance.",
        zh="适用于产品发运交付、顾客现场跟踪维护、质量信息反馈、售后异常处置和保修绩效管理。",
        also=(
            "ReleaseDelivery",
            "DispatchServiceVisit",
            "RegisterFeedback",
            "DecideDisposition",
            "RegisterClaim",
        ),
        reads=("/v1/events", "/v1/clause-coverage"),
        records="The aggregates are its scope; ordering, invoicing and stock stay in the ERP.",
    ),
    Clause(
        clause="3",
        en="Gives each duty to a role; a person may act in the name of another for a time, and "
        "duties that must stay apart stay apart for both.",
        zh="规定各部门与岗位的职责与权限;可限期授权他人代办,不相容职责仍须由不同人员承担。",
        reads=("/v1/delegations/{delegation_id}",),
        records="Every event names the person, the role and on whose behalf.",
    ),
    Clause(
        clause="3.1",
        en="Sales delivers, dispatches and receives customers, collects what they say of quality "
        "and service, passes it to the departments responsible and coordinates QA's work.",
        zh="销售部门负责交付发运和顾客接待,收集产品质量与服务信息并反馈责任部门,协调品保部售后工作。",
        roles=(Role.SALES_CLERK, Role.SALES_REP, Role.SHIPPER),
        also=("PrepareDelivery", "TrackDelivery", "RegisterFeedback", "ForwardFeedback"),
    ),
    Clause(
        clause="3.2",
        en="Production and QA organise on-site service and take back and analyse parts; they are "
        "directly responsible for exchange and for timely, effective cause analysis.",
        zh="生产和品保部门组织现场服务、回收分析售后件,对故障件退换及原因分析的及时有效性负直接绩效责任。",
        roles=(Role.PRODUCTION, Role.QA_ENGINEER, Role.WAREHOUSE),
        reads=("/v1/kpis/analysis", "/v1/kpis/on-time"),
    ),
    Clause(
        clause="3.3",
        en="Quality management handles complaints promptly, archives feedback and results, and "
        "periodically convenes Sales and Engineering for analysis, improvement and early warning.",
        zh="质管部门及时组织处理质量投诉抱怨和三包故障分析,归档记录,定期召集销售、技术部门分析、"
        "纠正预防和风险预警。",
        roles=(Role.QA_ENGINEER, Role.QA_MANAGER),
    ),
    Clause(
        clause="3.4",
        en="Engineering analyses causes not yet confirmed, judges the split of responsibility, "
        "confirms that claims are carried out, leads technical improvement and visits customers.",
        zh="技术部门负责未确认原因故障件的分析、责任分属判定、索赔实施确认和技术持续改进,参与用户回访。",
        roles=(Role.TECH_ENGINEER, Role.TECH_DIRECTOR),
    ),
    Clause(
        clause="3.5",
        en="The technical director leads the warranty management service group and is "
        "responsible for after-sales management.",
        zh="技术总监为保修管理服务组长,负责售后管理工作。",
        roles=(Role.TECH_DIRECTOR,),
        also=(
            "AcknowledgeTransportDamage",
            "ApproveClaimExecution",
            "ApproveProposal",
            "ApproveAgreementVersion",
        ),
        reads=("/v1/work-list",),
        records="Approves executions, adjustments and agreements; takes note of transport damage.",
    ),
    Clause(
        clause="3.6",
        en="On-site service staff guide installation, analyse failures and do whatever else the "
        "customer asks for.",
        zh="现场业务服务人员负责安装指导、故障分析及顾客要求的其他服务。",
        roles=(Role.FIELD_SERVICE,),
    ),
    Clause(
        clause="3.7",
        en="The same failure cause occurs at most 10 times a quarter and with at most 3 pieces at "
        "once; after-sales cost of the year stays within 2 % of sales.",
        zh="程序目标:同一售后故障原因每季度累计≦10次、单次≦3件;全年售后维护费用不超过销售额的2%。",
        roles=(Role.QA_MANAGER, Role.FINANCE),
        reads=(
            "/v1/kpis/cause-frequency",
            "/v1/kpis/occurrence-quantity",
            "/v1/kpis/cost-ratio",
            "/v1/kpis/near-miss",
            "/v1/kpis/pareto",
        ),
    ),
    Clause(
        clause="4.1.1",
        en="The workshop moves finished goods into store.",
        zh="产成品由生产车间转序入库。",
        roles=(Role.PRODUCTION, Role.WAREHOUSE),
    ),
    Clause(
        clause="4.1.2",
        en="Stored goods show customer and product, are kept from water, sun and rust, and stand "
        "in a dry, ventilated store.",
        zh="库存产品应有明显的顾客名称和产品标识,防水、防晒、防锈,库房通风干燥。",
        roles=(Role.WAREHOUSE,),
    ),
    Clause(
        clause="4.1.3",
        en="Shipper and keeper load by contract, look at inspection report and certificate, "
        "compare packing and shipping list, and sign the record together with the carrier.",
        zh="发货人员和库管员按合同装运,查验出厂检验报告和合格证,核对装箱清单与发货清单,"
        "会同运输公司记录并签字。",
        roles=(Role.SHIPPER, Role.WAREHOUSE),
    ),
    Clause(
        clause="4.1.4",
        en="The carrier delivers, has the user sign in time and sends the signed list back.",
        zh="运输公司送货,及时取得用户签字并将签收的发货清单回传。",
        roles=(Role.SHIPPER, Role.SALES_REP),
    ),
    Clause(
        clause="4.1.5",
        en="Sales tracks deliveries, promptly reports quality problems caused by transport to the "
        "after-sales leader, and does the follow-up with the customer.",
        zh="销售部门追踪交付,因运输导致的质量问题及时汇报售后管理组长,并与顾客沟通善后。",
        roles=(Role.SALES_REP, Role.TECH_DIRECTOR),
    ),
    Clause(
        clause="4.2",
        en="After-sales quality information is received, passed on, analysed and improved upon in "
        "time.",
        zh="售后质量信息的接收、传递、分析与改进。",
        reads=("/v1/kpis/on-time", "/v1/work-list"),
        shown_by=("4.2.1", "4.2.2", "4.2.3"),
        records="A missed time limit is an event: evidence of the clause that the limit belongs "
        "to.",
    ),
    Clause(
        clause="4.2.1",
        en="The clerk receives information and passes it on by class; delivery complaints are "
        "answered to satisfaction within the customer's period, or emergency handling starts.",
        zh="业务内勤接收售后质量信息并分类传递,交付类抱怨在顾客准许期限内满意答复;"
        "内部原因不能满足时立即启动应急处置。",
        roles=(Role.SALES_CLERK,),
    ),
    Clause(
        clause="4.2.2",
        en="QA judges first, contains stock, transit and customer stock, answers in time, and "
        "decides whether somebody travels or parts come back.",
        zh="品保部初步判断,遏制库存、在途和顾客处产品,在期限内回复,决定现场服务或退件。",
        roles=(Role.QA_ENGINEER, Role.PRODUCTION),
        reconstructed=True,
    ),
    Clause(
        clause="4.2.3",
        en="Causes are analysed, corrective actions taken and verified, the customer is answered "
        "and the case archived.",
        zh="分析原因,采取并验证纠正预防措施,回复顾客并归档。",
        roles=(Role.QA_ENGINEER, Role.QA_MANAGER),
        reconstructed=True,
    ),
    Clause(
        clause="4.3",
        en="On-site service: somebody is sent in time, works on the spot, and the customer signs "
        "the service record.",
        zh="现场服务:及时派出人员,现场处置,服务记录由顾客签字。",
        roles=(Role.FIELD_SERVICE, Role.QA_ENGINEER),
        reconstructed=True,
    ),
    Clause(
        clause="4.4",
        en="Failed parts come back by a return list into quarantine and are analysed; where it "
        "is not our fault, an investigation and appeal statement goes to the customer.",
        zh="故障件凭《退货清单》退回、隔离并分析;非我方责任的,向顾客提出《售后调查申诉书》。",
        roles=(Role.QA_ENGINEER, Role.PRODUCTION, Role.WAREHOUSE),
        reconstructed=True,
    ),
    Clause(
        clause="4.5",
        en="Costs are shared by the yearly agreement and confirmed on the spot; a claim above "
        "500 yuan or the third of a specification goes to the general manager; every claim is "
        "filed.",
        zh="按年初签订的协议分担责任,市场专员飞行确认费用;单次超过500元或同一规格达3件次上报总经理,"
        "追溯排查、纠正预防、追究责任;争议由技术部协商;每次索赔由品保部入档。",
        roles=(
            Role.MARKET_SPECIALIST,
            Role.GENERAL_MANAGER,
            Role.TECH_ENGINEER,
            Role.TECH_DIRECTOR,
            Role.QA_ENGINEER,
            Role.FINANCE,
        ),
    ),
    Clause(
        clause="4.6.1",
        en="QA reports every quarter; failures that recur after improvement and batch problems "
        "get a risk-control project that reviews documents, publishes PDCA weekly and warns.",
        zh="品保部按季度发布《售后问题分析报告》;改善后重复发生或批量质量问题成立风险管控项目小组,"
        "评审验证文件,每周公布PDCA进度,实施过程风险警示。",
        roles=(Role.QA_MANAGER, Role.QA_ENGINEER, Role.TECH_ENGINEER, Role.PRODUCTION),
        reads=("/v1/quarterly-reports/{quarter}/figures",),
    ),
    Clause(
        clause="4.6.2",
        en="Warranty management and risk-control projects are inputs of the yearly management "
        "review.",
        zh="保修管理和风险管控项目作为年度管理评审的输入项。",
        roles=(Role.QA_MANAGER,),
        reads=("/v1/management-reviews/{year}/figures",),
    ),
    Clause(
        clause="5.1",
        en="Related documents: control of nonconforming product, corrective and preventive "
        "action, emergency plan, three-guarantees agreement.",
        zh="相关文件:不合格品控制程序、纠正预防措施控制程序、应急计划、三包售后协议。",
        also=(
            "StartEmergencyAction",
            "ReceiveReturn",
            "RecordCapaPrevention",
            "DraftAgreementVersion",
        ),
        reads=("/v1/warranty-agreements/{customer_id}",),
        records="Events name the documents: `plan_ref` of an emergency action, `document_ref` of "
        "an agreement, the quarantine of a return, the documents that a CAPA or project changed.",
    ),
    Clause(
        clause="5.2",
        en="Six records are kept: feedback and disposition ledger, appeal statement, claims "
        "ledger, quarterly report, CAPA report and return list.",
        zh="相关记录:故障信息反馈处置台账、售后调查申诉书、售后管理台账、售后问题季度分析报告、"
        "纠正预防措施、退货清单。",
        also=(
            "RegisterFeedback",
            "DraftAppeal",
            "FileClaim",
            "IssueReport",
            "IssueCapa",
            "AnnounceReturn",
        ),
        reads=("/v1/quarterly-reports/{quarter}/versions/{version}",),
    ),
    Clause(
        clause="5.5",
        en="Changes of the procedure are recorded.",
        zh="更改记录。",
        roles=(Role.QA_MANAGER, Role.GENERAL_MANAGER),
        reads=("/v1/rule-packs",),
        records="Rule packs carry the procedure's revision; every event names its pack.",
    ),
)

CLAUSES: Final[Mapping[str, Clause]] = {each.clause: each for each in _CLAUSES}
"""Every clause by its number, in the order of the procedure."""

_RULES: Final = (
    Rule("R-01", "3.7", "Counts a cause in a quarter; warns from 8 on, exceeded above 10",
         "统计同一原因每季度次数,达8次预警,超过10次为超标"),
    Rule("R-02", "3.7", "Compares the pieces of one case with 3",
         "单次件数超过3件为超标"),
    Rule("R-03", "3.7", "Compares the year's after-sales cost with 2 % of sales; warns from 1.5 %",
         "全年售后费用与销售额2%比较,1.5%起预警"),
    Rule("R-04", "4.5", "Takes a claim above 500.00 yuan to the general manager",
         "单次索赔超过500元上报总经理"),
    Rule("R-05", "4.5", "Takes a specification's third claim to the general manager, with a CAPA",
         "同一规格达3件次上报总经理并出具纠正预防措施"),
    Rule("R-06", "4.5", "Opens a negotiation for a dispute or where a third party is main party",
         "存在争议或主责为第三方时由技术部协商"),
    Rule("R-07", "4.5", "Has every confirmed claim filed; an unfiled one cannot be closed",
         "每次索赔须归档,未归档不得关闭"),
    Rule("R-08", "4.6.1", "Tests whether a failure recurred after improvement: then a project",
         "判定改善后重复发生并立项"),
    Rule("R-09", "4.6.1", "Finds batch problems by the share of faulty pieces of a lot",
         "按批次不合格率判定批量质量问题并立项"),
    Rule("R-10", "4.1.5", "Reports transport damage to the leader, who takes note in time",
         "运输损坏上报组长并限时确认"),
    Rule("R-11", "4.2.1", "Asks for emergency handling where the customer's period cannot be kept",
         "顾客期限内不能答复的启动应急处置"),
    Rule("R-12", "4.1.3", "Lets goods go only with papers, equal lists and three signatures",
         "单据齐全、清单一致、三方签字方可发运"),
    Rule("R-13", "4.1.4", "Waits for the signed shipping list",
         "签收单限时回传"),
    Rule("R-14", "4.6.1", "Waits for the quarterly report",
         "季度报告限时发布"),
    Rule("R-15", "4.6.1", "Waits for the PDCA progress of every week",
         "每周公布PDCA进度"),
    Rule("R-16", "4.6.1", "Keeps a project open until customers know of its milestones",
         "重要节点未通知相关方顾客不得关闭项目"),
    Rule("R-17", "4.6.2", "Waits for the management-review pack of the year",
         "年度管理评审资料限时编制"),
    Rule("R-18", "4.5", "Splits a claim only by an agreement version in force",
         "仅按有效协议版本分担责任"),
)  # fmt: skip

RULES: Final[Mapping[str, Rule]] = {each.rule: each for each in _RULES}
"""Every rule by its id."""


def in_order(clause: str) -> list[int]:
    """What clauses are sorted by: 4.2 before 4.10."""
    return [int(part) for part in clause.split(".")]
