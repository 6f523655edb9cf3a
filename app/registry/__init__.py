"""Model versions: which there are, and which one is in service.

`registry` asks the database before every use and is never stale. `model_version` is one immutable version.
`weights_file` and `evidence_file` are how a version's numbers are stored.
"""
