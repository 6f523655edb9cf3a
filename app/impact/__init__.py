"""Adverse impact: whom a selection selects, category by category, and how sure that is. NumPy and HiGHS alone."""
