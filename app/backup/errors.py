"""What cannot be done with a backup, told in a line that says what to do."""


class BackupFailed(Exception):
    """No backup was written; nothing is left of it."""


class NotABackup(Exception):
    """What is to be restored is not whole, or is none of ours; nothing was touched."""


class CannotRestore(Exception):
    """The place is taken, or does not fit; nothing of it was changed."""


class ProgramFailed(Exception):
    """A program of PostgreSQL gave up; the text is its last complaint."""
