"""Searching, checking, and what comes out."""

import dataclasses
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import nmperm


def random_scores(rows=16, columns=16, seed=0):
    return np.random.RandomState(seed).rand(rows, columns).astype(np.float32)


def kept_by_sorting(scores, permutation, keep, group):
    groups = scores[:, permutation].astype(np.float64).reshape(len(scores), -1, group)
    return np.sort(groups, axis=2)[:, :, -keep:].sum()


@pytest.mark.parametrize("pattern", [(2, 4), (1, 4), "1:2", (3, 8)])
def test_figures_are_those_of_the_permutation(pattern):
    scores = random_scores(12, 16)
    solution = nmperm.solve(scores, pattern, "stripe-groups")
    keep, group = solution.pattern
    assert sorted(solution.permutation) == list(range(16))
    assert solution.kept == pytest.approx(kept_by_sorting(scores, solution.permutation, keep, group), rel=1e-12)
    assert solution.magnitude.default == pytest.approx(kept_by_sorting(scores, np.arange(16), keep, group), rel=1e-12)
    assert solution.magnitude.total == pytest.approx(scores.astype(np.float64).sum(), rel=1e-12)
    assert solution.kept >= solution.magnitude.default
    assert nmperm.check(scores, solution) == ()


def test_auto_proves_a_small_optimum():
    scores = random_scores(8, 12)
    solution = nmperm.solve(scores, time_limit=20)
    assert solution.status == "optimal"
    assert solution.gap == pytest.approx(0, abs=1e-6)
    assert solution.kept == pytest.approx(nmperm.solve(scores, solver="exhaustive").kept)


def test_a_solution_is_frozen():
    solution = nmperm.solve(random_scores(), solver="identity")
    with pytest.raises(dataclasses.FrozenInstanceError):
        solution.seed = 1
    with pytest.raises(ValueError):
        solution.permutation[0] = 3


def layouts():
    matrix = random_scores(24, 16)
    yield "C order", matrix
    yield "Fortran order", np.asfortranarray(matrix)
    yield "every other column", np.repeat(matrix, 2, axis=1)[:, ::2]
    yield "every third row", np.repeat(matrix, 3, axis=0)[::3]
    yield "reversed twice", matrix[::-1, ::-1].copy()[::-1, ::-1]
    yield "float64", matrix.astype(np.float64)
    yield "big-endian", matrix.astype(">f4")
    yield "read-only", np.frombuffer(matrix.tobytes(), np.float32).reshape(matrix.shape)
    unaligned = np.zeros(matrix.nbytes + 1, np.uint8)[1:].view(np.float32).reshape(matrix.shape)
    unaligned[:] = matrix
    yield "unaligned", unaligned


@pytest.mark.parametrize("array", [pytest.param(array, id=name) for name, array in layouts()])
def test_every_layout_is_the_same_instance(array):
    expected = nmperm.solve(random_scores(24, 16), solver="channel-swap", iteration_limit=3)
    found = nmperm.solve(array, solver="channel-swap", iteration_limit=3)
    assert found.magnitude == expected.magnitude
    assert list(found.permutation) == list(expected.permutation)


def test_half_precision_is_converted_exactly():
    half = random_scores(20, 8).astype(np.float16)
    half[0, 0] = 6e-8  # the smallest subnormal
    expected = nmperm.solve(half.astype(np.float32), solver="identity")
    assert nmperm.solve(half, solver="identity").magnitude == expected.magnitude


@pytest.mark.parametrize("shape", [(6, 8, 3), (6, 8, 3, 2), (2, 8, 3, 2, 2)])
def test_a_convolution_weight_is_the_matrix_of_its_input_channels(shape):
    weight = np.random.RandomState(1).rand(*shape)
    matrix = np.moveaxis(weight, 1, -1).reshape(-1, 8)
    found = nmperm.solve(weight, solver="exhaustive")
    assert found.magnitude == nmperm.solve(np.ascontiguousarray(matrix), solver="exhaustive").magnitude


def test_segments_are_not_left():
    solution = nmperm.solve(random_scores(16, 24), segments=[8, 16], time_limit=0.2)
    assert solution.segments == (8, 16)
    assert sorted(solution.permutation[:8]) == list(range(8))


def test_a_start_is_never_made_worse():
    scores = random_scores(32, 64)
    first = nmperm.solve(scores, solver="assignment", iteration_limit=100)
    assert nmperm.solve(scores, solver="random", start=first).kept >= first.kept
    assert nmperm.solve(scores, solver="identity", start=list(first.permutation)).kept == first.kept


def test_options_may_be_numbers_and_names_may_have_underscores():
    solution = nmperm.solve(random_scores(), solver="random", options={"samples": 3})
    assert solution.options == {"samples": "3"}
    options = {"stripe_group_size": 12, "bounded-regressions": 0}
    assert nmperm.solve(random_scores(), solver="stripe-groups", options=options).options["stripe-group-size"] == "12"


def test_incumbents_are_reported_in_order_by_the_calling_thread():
    points, threads = [], set()

    def observe(point):
        points.append(point)
        threads.add(threading.get_ident())

    solution = nmperm.solve(random_scores(32, 32), time_limit=0.3, on_incumbent=observe)
    assert threads == {threading.get_ident()}
    assert tuple(points) == solution.trace
    assert [point.kept for point in points] == sorted(point.kept for point in points)


def test_false_from_on_incumbent_ends_the_search():
    solution = nmperm.solve(random_scores(64, 128), solver="annealing", time_limit=100, on_incumbent=lambda _: False)
    assert solution.status == "interrupted"


def test_an_exception_of_on_incumbent_is_raised():
    def fail(_):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        nmperm.solve(random_scores(64, 128), solver="annealing", time_limit=100, on_incumbent=fail)


def test_one_transposition_is_all_that_is_copied():
    script = """
import resource
import numpy as np, nmperm
generator, scores = np.random.default_rng(0), np.empty((4096, 2048), np.float32)
for row in scores:
    generator.random(dtype=np.float32, out=row)
nmperm.solve(scores[:64, :64], solver="identity")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
nmperm.solve(scores[:, ::-1], solver="identity")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / scores.nbytes)
"""
    added = float(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout)
    assert added < 1.2


@pytest.mark.parametrize("threads", [1, 2])
def test_two_threads_at_once_find_what_they_find_alone(threads):
    matrices = [random_scores(64, 64, seed) for seed in (1, 2)]

    def search(scores):
        return nmperm.solve(scores, solver="annealing", iteration_limit=200_000, seed=3, threads=threads)

    alone = [search(scores) for scores in matrices]
    together = [None, None]

    def work(k):
        together[k] = search(matrices[k])

    workers = [threading.Thread(target=work, args=(k,)) for k in (0, 1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for one, other in zip(alone, together):
        assert list(one.permutation) == list(other.permutation)
        assert one.magnitude == other.magnitude


def test_check_names_a_wrong_figure():
    scores = random_scores()
    solution = nmperm.solve(scores, solver="stripe-groups")
    magnitude = dataclasses.replace(solution.magnitude, kept=solution.kept + 1)
    wrong = nmperm.check(scores, dataclasses.replace(solution, magnitude=magnitude))
    assert "magnitude.kept" in [figure.place for figure in wrong]


def test_check_reads_what_the_command_wrote(tmp_path):
    program = os.environ.get("NMPERM_PROGRAM")
    if not program:
        pytest.skip("NMPERM_PROGRAM is not set")
    np.save(tmp_path / "w.npy", random_scores())
    output = tmp_path / "s.json"
    subprocess.run([program, "solve", tmp_path / "w.npy", "--quiet", "--output", output], check=True)
    assert nmperm.check(random_scores(), output) == ()
    with pytest.raises(ValueError, match="sha256"):
        nmperm.check(random_scores(seed=5), output)


def test_solution_files_are_those_of_the_command(tmp_path):
    scores = random_scores(8, 12)
    solution = nmperm.solve(scores, time_limit=20)
    nmperm.write_solution(tmp_path / "s.json", scores, solution, name="w.npy")
    again = nmperm.read_solution(tmp_path / "s.json")
    for field in dataclasses.fields(solution):
        one, other = getattr(solution, field.name), getattr(again, field.name)
        assert list(one) == list(other) if field.name == "permutation" else field.name == "trace" or one == other
    assert nmperm.check(scores, tmp_path / "s.json") == ()
    assert nmperm.solve(scores, solver="identity", start=again).kept == solution.kept
    with pytest.raises(ValueError, match="exactly once"):
        broken = dataclasses.replace(solution, permutation=np.zeros(12, int))
        nmperm.write_solution(tmp_path / "broken.json", scores, broken)
    assert not (tmp_path / "broken.json").exists()


def test_solvers_describe_themselves():
    by_name = {solver.name: solver for solver in nmperm.solvers()}
    assert by_name["branch-and-price"].exact and not by_name["annealing"].exact
    assert [option.name for option in by_name["random"].options] == ["samples"]
    assert "set-covering" in by_name["setpart"].aliases


@pytest.mark.parametrize("backend", ["cbc", "glpk"])
def test_backends_are_found(backend):
    scores = random_scores(6, 8)
    try:
        solution = nmperm.solve(scores, solver="setpart", options={"backend": backend})
    except nmperm.UnsupportedError as error:
        pytest.skip(str(error))
    assert solution.status == "optimal"
    assert solution.kept == pytest.approx(nmperm.solve(scores, solver="exhaustive").kept)
