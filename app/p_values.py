"""How a p-value is written in a sentence or on a page. None is ever 0, so none is written as 0."""


def written(p: float, decimals: int = 4) -> str:
    """`= 0.0312`; `< .0001` when p is less than the decimals can show."""
    least = 10.0**-decimals
    return f"= {p:.{decimals}f}" if p >= least else "< " + f"{least:.{decimals}f}".removeprefix("0")
