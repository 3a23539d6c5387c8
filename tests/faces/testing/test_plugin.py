"""What the pytest plugin says and does as a whole: its options, its marker, its end."""

from __future__ import annotations

import os

import pytest

from cumulet.faces.testing.plugin import server_of
from cumulet.testing import Server

pytest_plugins = ["pytester"]


def test_one_server_serves_all_tests_of_a_run(request: pytest.FixtureRequest, cumulet_server: Server) -> None:
    assert server_of(request.config) is cumulet_server
    assert cumulet_server.control.get("/_cumulet/status")["ephemeral"] is True


@pytest.mark.parametrize(("said", "answer"), [("colour='red'", "*knows no colour*"), ("'enforce'", "*arguments by name*")])
def test_a_marker_that_is_not_understood_is_refused(pytester: pytest.Pytester, cumulet_server: Server, said: str,
                                                    answer: str) -> None:
    pytester.makepyfile(f"""
        import pytest

        @pytest.mark.cumulet({said})
        def test_it(cumulet):
            pass
    """)
    pytester.runpytest_inprocess(f"--cumulet={cumulet_server.endpoint}").stdout.fnmatch_lines([answer])


def test_markers_of_the_test_win_over_those_of_its_class(pytester: pytest.Pytester, cumulet_server: Server) -> None:
    pytester.makepyfile("""
        import boto3, pytest

        @pytest.mark.cumulet(region="eu-west-1", time="2031-01-01")
        class TestIt:
            @pytest.mark.cumulet(region="eu-west-2")
            def test_it(self, cumulet):
                assert boto3.client("sqs").meta.region_name == "eu-west-2"
                assert cumulet.clock.now().year == 2031
    """)
    pytester.runpytest_inprocess(f"--cumulet={cumulet_server.endpoint}").assert_outcomes(passed=1)


def test_a_place_that_is_none_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(cumulet): pass")
    ran = pytester.runpytest_inprocess("--cumulet=somewhere")
    ran.stdout.fnmatch_lines(["*at an address as http://localhost:4566, not at 'somewhere'*"])


def test_a_process_of_its_own_ends_with_the_run(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\ncumulet = process")
    pytester.makepyfile("""
        import os

        def test_it(cumulet):
            cumulet.client("sqs").create_queue(QueueName="q")
            status = cumulet.server.control.get("/_cumulet/status")
            assert status["pid"] != os.getpid()
            with open("pid", "w") as f:
                f.write(str(status["pid"]))
    """)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)
    with pytest.raises(ProcessLookupError):
        os.kill(int((pytester.path / "pid").read_text()), 0)
