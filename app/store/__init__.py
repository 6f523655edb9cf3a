"""The database: SQL, and nothing but SQL.

`open` chooses between `sqlite` and `postgresql`; `database` is what both are to the rest of the house. `schema` has the
tables and `migrations` builds them. `trainings`, `versions` and `idempotency` are the statements. `data_version` and
`activation_poll` are how a process hears that another version was put into service.
"""
