"""What the unknowns could hide, against every way in which they could be distributed."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.impact.grid import Grid
from app.impact.placing import Supply, least_top
from app.impact.tally import Tally
from app.impact.unknowns import Bounds, bounds
from tests.examples import examples

Person = tuple[int | None, int | None, bool]
"""Sex, race or ethnicity (None: unknown), and whether selected."""


def counted(people: list[Person], S: int, R: int) -> Tally:
    n, selected = np.zeros((2, S + 1, R + 1), np.int64)
    for sex, race, chosen in people:
        cell = (S if sex is None else sex, R if race is None else race)
        n[cell] += 1
        selected[cell] += chosen
    return Tally(tuple("abc"[:S]), tuple("wxyz"[:R]), n, selected)


def ratios(cells: dict[object, list[int]]) -> dict[object, Fraction] | None:
    """Of cells with [n, selected]; None where nobody is selected."""
    rates = {cell: Fraction(chosen, n) for cell, (n, chosen) in cells.items() if n}
    top = max(rates.values())
    return {cell: rate / top for cell, rate in rates.items()} if top else None


def brute(people: list[Person], places: dict[int, list[object]], cells_of: dict[object, list[int]], c: object):
    """Least and greatest ratio over all ways, and the fewest who turn the verdict; `places`: who can be where."""
    found, fewest, unknown = [], None, list(places)
    base = ratios(cells_of)
    assert base is not None
    below = base[c] < Fraction(4, 5)
    for way in itertools.product(*([None, *places[i]] for i in unknown)):
        cells = {cell: list(of) for cell, of in cells_of.items()}
        for i, cell in zip(unknown, way, strict=True):
            if cell is not None:
                cells[cell][0] += 1
                cells[cell][1] += people[i][2]
        here = ratios(cells)
        if here is None:
            continue
        placed = sum(cell is not None for cell in way)
        if placed == len(unknown):
            found.append(here[c])
        if (here[c] < Fraction(4, 5)) != below and (fewest is None or placed < fewest):
            fewest = placed
    return min(found), max(found), fewest


def check(grid: Grid, people: list[Person], places: dict[int, list[object]], cells: dict[object, list[int]]) -> None:
    labels = list(cells)
    compared = [i for i, label in enumerate(labels) if cells[label][0]]
    if len(compared) < 2 or not any(chosen for _, chosen in cells.values()):
        return
    found = bounds(grid, [True] * len(labels), compared)
    for i in compared:
        low, high, fewest = brute(people, places, cells, labels[i])
        assert found[i].exact is True
        assert found[i].low == pytest.approx(float(low), rel=1e-12)
        assert found[i].high == pytest.approx(float(high), rel=1e-12)
        assert found[i].unknowns_to_flip == fewest


@examples(60)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=3),
    st.lists(st.booleans(), max_size=6),
)
def test_of_one_attribute(counts: list[tuple[int, int]], unknown: list[bool]) -> None:
    cells: dict[object, list[int]] = {i: [a + b, a] for i, (a, b) in enumerate(counts)}
    people: list[Person] = [(None, None, chosen) for chosen in unknown]
    n = np.array([*(a + b for a, b in counts), len(unknown)])
    selected = np.array([*(a for a, _ in counts), sum(unknown)])
    check(Grid.of_one(n, selected), people, {i: list(cells) for i in range(len(people))}, cells)


@pytest.mark.long
def test_of_one_attribute_with_eleven_unknowns() -> None:
    cells: dict[object, list[int]] = {0: [9, 4], 1: [5, 2]}
    people: list[Person] = [(None, None, i % 3 == 0) for i in range(11)]
    check(Grid.of_one(np.array([9, 5, 11]), np.array([4, 2, 4])), people, {i: [0, 1] for i in range(11)}, cells)


@examples(60)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=4, max_size=6),
    st.lists(st.tuples(st.sampled_from([0, 1, None]), st.sampled_from([0, 1, 2, None]), st.booleans()), max_size=4),
    st.booleans(),
)
def test_of_two_attributes_an_unknown_keeps_what_is_known(
    counts: list[tuple[int, int]], unknown: list[Person], one_sex: bool
) -> None:
    R = 3 if len(counts) == 6 else 2
    S = 1 if one_sex else 2
    people = [
        (sex if sex is None or sex < S else None, race if race is None or race < R else None, chosen)
        for sex, race, chosen in unknown
    ]
    people = [person for person in people if None in person[:2]]
    cells: dict[object, list[int]] = {
        (s, r): [sum(counts[s * R + r]), counts[s * R + r][0]] for s in range(S) for r in range(R)
    }
    tally = counted(people, S, R)
    for (s, r), (n, chosen) in cells.items():
        tally.n[s, r], tally.selected[s, r] = n, chosen
    places = {
        i: [cell for cell in cells if sex in (None, cell[0]) and race in (None, cell[1])]
        for i, (sex, race, _) in enumerate(people)
    }
    check(Grid.of_two(tally.n, tally.selected), people, places, cells)


def many(lowest: int) -> tuple[Grid, list[float]]:
    """Two sexes and five races, hundreds of whom one or both is unknown."""
    rng = np.random.default_rng(0)
    n = rng.integers(50, 900, (3, 6))
    selected = np.maximum(lowest, rng.integers(0, n + 1) // 3)
    return Grid.of_two(n, selected), (selected[:2, :5] / n[:2, :5]).ravel().tolist()


def test_no_random_way_of_hundreds_is_beyond_the_bounds() -> None:
    grid, rates = many(10)
    found = bounds(grid, [True] * 10, range(10))
    rng = np.random.default_rng(1)
    for c, of in found.items():
        assert 0 <= of.low <= rates[c] / max(rates) <= of.high <= 1
        s, r = divmod(c, 5)
        best = 0.0
        for _ in range(300):
            selected, n = grid.selected.copy(), grid.n.copy()
            for supply, chosen in ((grid.chosen, True), (grid.others, False)):
                for cells, people in [
                    *(([(i, k) for k in range(5)], supply.lines[i]) for i in range(2)),
                    *(([(i, k) for i in range(2)], supply.columns[k]) for k in range(5)),
                    ([(i, k) for i in range(2) for k in range(5)], supply.anywhere),
                ]:
                    wished = [(cell == (s, r)) == chosen for cell in cells]
                    weights = rng.random(len(cells)) ** 3 * np.where(wished, 1.0, 0.01)
                    for cell, part in zip(cells, rng.multinomial(people, weights / weights.sum()), strict=True):
                        n[cell] += part
                        selected[cell] += part * chosen
            every = selected / n
            best = max(best, float(every[s, r] / every.max()))
        assert best <= of.high + 1e-12
    assert all(of.exact for of in found.values())


def compositions(people: int, cells: int) -> Iterator[tuple[int, ...]]:
    """All ways to put so many people into so many cells."""
    for bars in itertools.combinations(range(people + cells - 1), cells - 1):
        edges = (-1, *bars, people + cells - 1)
        yield tuple(end - begin - 1 for begin, end in itertools.pairwise(edges))


@examples(100)
@given(st.randoms(use_true_random=True))
def test_the_highest_among_all_ways_to_place_those_selected(random: Random) -> None:
    """Up to 5,500 ways to place the selected whose sex or race is another; the others by flow in each."""
    n = np.array([[random.randint(0, 60) for _ in range(4)] for _ in range(3)])
    selected = np.array([[random.randint(of // 2, of) for of in line] for line in n.tolist()])
    selected[0, 0], selected[2, 3] = n[0, 0] // 4, 0
    few = [random.randint(0, 9), random.randint(0, 9), random.randint(0, 9)]
    selected[0, 3] = selected[2, 0] = n[2, 3] = 0
    selected[1, 3], selected[2, 1], selected[2, 2] = few
    n[1, 3], n[2, 1], n[2, 2] = (of + random.randint(0, 12) for of in few)
    if not n[0, 0] or not selected[:2, :3].any():
        return
    grid = Grid.of_two(n, selected)
    found = bounds(grid, [True] * 6, [0])[0]
    ways = []
    for line, one, other in itertools.product(
        compositions(few[0], 3), compositions(few[1], 2), compositions(few[2], 2)
    ):
        way = np.zeros((2, 3), np.int64)
        way[1] += line
        way[:, 1] += one
        way[:, 2] += other
        ways.append(way)
    rival = np.ones((len(ways), 2, 3), np.bool_)
    rival[:, 0, 0] = False
    supply = Supply.stacked([grid.others] * len(ways))
    top = least_top(grid.selected + ways, grid.n + np.array(ways), rival, supply).min()
    here = grid.chosen.reaching()[0, 0]
    rate = (selected[0, 0] + here) / (n[0, 0] + here)
    assert found.exact
    assert found.high == pytest.approx(min(1.0, rate / top) if top else 1.0, rel=1e-12)


def test_where_it_takes_too_long_the_highest_is_bounded_and_that_is_said() -> None:
    """Six of 600 are selected here, and 1,400 of those selected elsewhere are known by one attribute only."""
    rng = np.random.default_rng(0)
    n = rng.integers(50, 600, (3, 8))
    selected = n // 5
    selected[2, 1:7], selected[1, 7] = rng.integers(100, 300, 6), 200
    n[2], n[:, 7] = selected[2] + 300, selected[:, 7] + 300
    n[0, 0], selected[0, 0] = 600, 6
    for nobody in ((0, 7), (2, 0), (2, 7)):
        selected[nobody] = 0
    grid = Grid.of_two(n, selected)
    found = bounds(grid, [True] * 14, [0])[0]
    rates = (selected / n)[:2, :7]
    assert not found.exact
    assert rates[0, 0] / rates.max() < found.high < 1


def test_the_solver_writes_nothing_into_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    bounds(many(10)[0], [True] * 10, range(10))
    assert capfd.readouterr() == ("", "")


@examples(40)
@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), min_size=2, max_size=3),
    st.integers(0, 1500),
    st.integers(0, 1500),
)
def test_the_fewest_of_many_are_those_that_a_look_at_every_number_finds(
    counts: list[tuple[int, int]], chosen: int, others: int
) -> None:
    n, a = np.array([[x + y, x] for x, y in counts]).T
    if not a.any() or not n.all():
        return
    grid = Grid.of_one(np.append(n, chosen + others), np.append(a, chosen))
    for c, of in bounds(grid, [True] * len(n), range(len(n))).items():
        v = np.arange(chosen + 1)
        rivals = [k for k in range(len(n)) if k != c]
        if any(5 * a[c] * n[k] < 4 * a[k] * n[c] for k in rivals):
            v = v[a[c] + v > 0]
            wanted = [np.maximum(0, -(-4 * a[k] * (n[c] + v) // (5 * (a[c] + v))) - n[k]) for k in rivals]
            ways = [sum(wanted)]
        else:
            ways = []
            for k in rivals:
                with np.errstate(divide="ignore"):
                    rate = np.where(a[k] + v > 0, 5 * a[c] * (n[k] + v) // np.maximum(1, 4 * (a[k] + v)), 10**9)
                ways.append(np.maximum(0, rate + 1 - n[c]))
        fewest = min((int(t) for u in ways for t, u0 in zip(u + v, u, strict=True) if u0 <= others), default=None)
        assert of.unknowns_to_flip == fewest


def test_a_hundred_million_unknowns_are_looked_at_in_a_blink() -> None:
    n, a = np.array([40_000_000, 30_000_000, 30_000_000]), np.array([9_000_000, 5_000_000, 15_000_000])
    found = bounds(Grid.of_one(n, a), [True, True], [0, 1])
    assert found[0].unknowns_to_flip == 4_782_609  # selected in the other: .225·(3e7 + v) < .8·(5e6 + v)
    assert found[1].unknowns_to_flip == 487_805  # selected here: (5e6 + v)/(3e7 + v) ≥ .8·.225


def test_without_unknowns_there_is_nothing_to_hide() -> None:
    found = bounds(Grid.of_one(np.array([92, 76, 0]), np.array([50, 34, 0])), [True, True], [0, 1])
    assert found[0] == Bounds(1.0, 1.0, exact=True, unknowns_to_flip=None)
    assert found[1].low == found[1].high == pytest.approx(34 / 76 / (50 / 92))
    assert found[1].unknowns_to_flip is None


def test_five_unknowns_by_hand() -> None:
    """Female 34 of 76 (.823 of Male's 50 of 92), and five unknowns who were not selected: with two of them Female has
    34 of 78, .8021 of Male's rate; with three 34 of 79, .7919.
    """
    found = bounds(Grid.of_one(np.array([92, 76, 5]), np.array([50, 34, 0])), [True, True], [0, 1])[1]
    assert found.unknowns_to_flip == 3
    assert found.low == pytest.approx(34 / 81 / (50 / 92))
    assert found.high == pytest.approx(34 / 76 / (50 / 97))


def test_who_can_be_in_one_category_only_is_in_it() -> None:
    """One sex: two of race w who were not selected, of unknown sex, make 4 of 10 to 4 of 12, beside 5 of 10."""
    n, selected = np.array([[10, 10, 0], [2, 0, 0]]), np.array([[4, 5, 0], [0, 0, 0]])
    found = bounds(Grid.of_two(n, selected), [True, True], [0, 1])
    assert found[0].low == found[0].high == pytest.approx(4 / 12 / 0.5)
    assert found[1].low == found[1].high == 1


def test_a_hundred_million_selected_elsewhere_take_no_more_room_than_a_hundred() -> None:
    """They are all of the second sex, so that a rate beside the .1 of the first category is nearly 1."""
    n, selected = (
        np.array([[60, 40, 10], [50, 70, 10**8], [5, 8, 0]]),
        np.array([[6, 30, 0], [30, 40, 10**8], [0, 8, 0]]),
    )
    tracemalloc.start()
    try:
        found = bounds(Grid.of_two(n, selected), [True] * 4, [0])[0]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50_000_000
    assert found.high == pytest.approx(0.1, rel=1e-6) or (not found.exact and found.high > 0.1)
