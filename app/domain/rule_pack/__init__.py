"""Rule packs (规则包): the procedure's figures as approved data. Clause 5.5.

One stream. adopt the first ──▶ propose (QA manager) ──▶ approve (general manager), effective from
an instant that is not past. The figures of the first pack are in `v1.json`.
"""
