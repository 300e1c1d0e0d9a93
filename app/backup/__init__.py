"""Backups: taken while the service runs, put back beside what stands, believed once checked.

```
taking       a backup: one snapshot, written under another name until it is whole
restoring    a backup put back: loaded, checked, and only then given its name
settling     names, given in one transaction when all is checked
judging      whether what was loaded is what was backed up
naming       what stands in a database under which name
manifest     what a backup says of itself
files        hashes, and names that are only given to what is whole
attachments  files that events name, copied by their hash
apart        what a data directory keeps that no backup holds
guards       what keeps the log append-only
programs     pg_dump, pg_restore and psql, out of the wheel
errors       what cannot be done
```

A backup of a plant is one schema. The keys of persons are a backup of their own, which is kept
elsewhere and for a shorter time (docs/decisions/0015); secrets are in neither.
"""
