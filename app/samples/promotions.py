"""Makes promotions.csv: 2,000 synthetic past decisions. `python -m app.samples.promotions` writes it again.

Nobody in it exists. The rule, so that what a model finds can be held against the truth:

    years_of_experience   Gamma(shape 2, scale 4), to half years, at most 40
    performance_score     Normal(68 + 0.4·years, 12), to whole points, 0 to 100
    promoted              Bernoulli(ŷ): two things must both be there, enough years and a high score,
                          a₁ = σ(0.9·(years − 5)),  a₂ = σ(0.25·(score − 76)),  ŷ = σ(−5.5 + 7.5·a₁·a₂)

Seed 20261124.
"""

import csv
from pathlib import Path

import numpy as np

ROWS = 2000
SEED = 20261124
FILE = Path(__file__).with_name("promotions.csv")


def make() -> list[tuple[str, float, int, str]]:
    """The rows: employee_id, years_of_experience, performance_score, promoted."""
    rng = np.random.default_rng(SEED)
    years = np.minimum(np.round(rng.gamma(2.0, 4.0, ROWS) * 2) / 2, 40.0)
    score = np.clip(np.round(rng.normal(68 + 0.4 * years, 12)), 0, 100)
    enough_years, high_score = 1 / (1 + np.exp(-0.9 * (years - 5))), 1 / (1 + np.exp(-0.25 * (score - 76)))
    probability = 1 / (1 + np.exp(5.5 - 7.5 * enough_years * high_score))
    promoted = rng.random(ROWS) < probability
    return [(f"E-{1001 + i}", float(years[i]), int(score[i]), "true" if promoted[i] else "false") for i in range(ROWS)]


def main() -> None:
    """Write the file beside this script."""
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["employee_id", "years_of_experience", "performance_score", "promoted"])
        writer.writerows(make())


if __name__ == "__main__":
    main()
