"""Ctrl-C, and searches that other threads end."""

import signal
import subprocess
import sys
import textwrap
import threading

import numpy as np

import nmperm
from nmperm import _nmperm
from nmperm._solve import solve_with


def run_and_interrupt(script):
    """Runs a script, sends SIGINT when it has printed its first line, returns what it prints then."""
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "begun\n", process.communicate()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return output.split()


def test_ctrl_c_raises_keyboard_interrupt_with_the_incumbent():
    output = run_and_interrupt(
        """
        import numpy as np, nmperm, sys
        scores = np.random.RandomState(0).rand(64, 128)
        started = []
        def begin(point):
            if not started:
                started.append(point)
                print("begun", flush=True)
        try:
            nmperm.solve(scores, solver="annealing", time_limit=1000, on_incumbent=begin)
        except KeyboardInterrupt as interrupt:
            solution = interrupt.solution
            print(solution.status, nmperm.check(scores, solution) == (), solution.kept >= solution.magnitude.default)
        """
    )
    assert output == ["interrupted", "True", "True"]


def test_ctrl_c_ends_a_search_that_nobody_watches():
    output = run_and_interrupt(
        """
        import numpy as np, nmperm
        try:
            print("begun", flush=True)
            nmperm.solve(np.random.rand(64, 256), solver="annealing", time_limit=1000)
        except nmperm.Interrupted:
            print("ended")
        except KeyboardInterrupt:
            print("ended")  # before the search began
        """
    )
    assert output == ["ended"]


def test_ctrl_c_ends_all_layers():
    output = run_and_interrupt(
        """
        import numpy as np, nmperm
        layers = [np.random.rand(8, 8)] + [np.random.rand(64, 256)] * 3
        try:
            for name, solution in nmperm.solve_layers(layers, time_limit=1000, threads=2):
                print("begun", flush=True)
        except KeyboardInterrupt:
            print("ended")
        """
    )
    assert output == ["ended"]


def test_an_exception_of_a_signal_handler_ends_the_search():
    class Alarm(Exception):
        pass

    def ring(*_):
        raise Alarm()

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        nmperm.solve(np.random.rand(64, 256), solver="annealing", time_limit=1000)
        raise AssertionError("the search ended by itself")
    except Alarm:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_other_threads_run_while_a_search_runs():
    cancel = _nmperm.CancelToken()
    begun = threading.Event()

    def end_it():
        begun.wait()
        cancel.cancel()

    other = threading.Thread(target=end_it)
    other.start()
    solution = solve_with(
        cancel,
        np.random.rand(64, 256),
        solver="annealing",
        time_limit=1000,
        on_incumbent=lambda _: begun.set(),
    )
    other.join()
    assert solution.status == "interrupted"


def test_signals_of_the_process_are_left_alone():
    before = signal.getsignal(signal.SIGINT)
    try:
        nmperm.solve(np.random.rand(8, 8), solver="setpart")  # CBC would like to handle them
    except nmperm.UnsupportedError:
        pass
    nmperm.solve(np.random.rand(32, 64), time_limit=0.2)
    assert signal.getsignal(signal.SIGINT) is before
