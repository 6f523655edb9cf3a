"""What a model says of itself: `report` is the whole, and the sections are files or rooms with the names of their keys.

`signal`, `learned` and `data` stand for themselves. `performance`, `selection` and `calibration` come from scores that
`cross_validation` makes of people whom a model has not seen. The other files are the statistics that they need.
"""
