"""Why a question about evidence is refused: the tree of hashes, files, long work."""

from app.domain.errors import Forbidden, Refused


class NotSignedYet(Refused):
    """No signed checkpoint covers that much of the log yet.

    Proofs are about signed trees: ask up to the `signed` size, or again in a few seconds.

    「该位置尚未包含在已签名的检查点中。」
    """


class TreeIncomplete(Refused):
    """The tree of hashes lacks hashes that it must have.

    Somebody took away what is never taken away: have the log verified.

    「哈希树缺少应有的节点,须核验日志。」
    """


class EntryTooLong(Refused):
    """An event of this bundle has more than 65,535 bytes, which the bundle's format cannot hold.

    Read the events themselves from `/v1/events`.

    「该批次含有超过 65535 字节的事件,无法按此格式提供。」
    """


class ContentWithdrawn(Forbidden):
    """The attachment was withdrawn; its file is for auditors and the quality manager.

    The record says who withdrew it, when and why.

    「附件已撤回,仅审核员和品保经理可查看其内容。」
    """

    clause = "5.2"


class OperationNotYours(Forbidden):
    """Only whoever asked for long work, the quality manager or an administrator stops it.

    Ask whoever is named in `asked_by`.

    「只有操作的发起人、品保经理或系统管理员可以取消该操作。」
    """
