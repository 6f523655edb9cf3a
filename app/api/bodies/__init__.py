"""From bytes to records.

`reading` chooses the reader. `json_fast` and `csv_fast` read good bodies quickly; `json_careful` and `csv_careful` read
every body and name every fault. `csv_block`, `csv_cells` and `csv_decimals` are the parts of the fast CSV reader.
`kinds` says what an endpoint can take, `fields` what a field may hold, `records` are employees and past decisions.
"""
