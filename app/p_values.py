"""How a p-value is written in a sentence or on a page. One that is too small for a double is 0, and not written so."""


def written(p: float, decimals: int = 4) -> str:
    """`= 0.0312`; `< .0001` when p is less than the decimals can show."""
    least = 10.0**-decimals
    return f"= {p:.{decimals}f}" if p >= least else "< " + f"{least:.{decimals}f}".removeprefix("0")
