import pytest
from moto import mock_aws

from shop import jobs


@mock_aws
class TestJobs:
    def setup_method(self, *_):
        jobs.setup()
        self.done = []

    def do(self, job, kind):
        if job == "broken":
            raise ValueError(job)
        self.done.append((job, kind))

    def test_work_is_done_once(self):
        jobs.submit({"order": 1}, kind="ship")
        assert jobs.work(self.do) == 1
        assert jobs.work(self.do) == 0
        assert self.done == [({"order": 1}, "ship")]

    def test_nothing_to_do(self):
        assert jobs.work(self.do) == 0
        assert jobs.waiting() == 0

    @pytest.mark.parametrize("count", [1, 10])
    def test_many_at_once(self, count):
        assert jobs.submit_all([{"n": n} for n in range(count)]) == count
        assert jobs.waiting() == count
        while jobs.waiting():
            jobs.work(self.do)
        assert sorted(job["n"] for job, _ in self.done) == list(range(count))

    def test_what_fails_twice_is_put_aside(self):
        jobs.submit("broken")
        for _ in range(3):
            jobs.work(self.do)
        assert self.done == []
        assert jobs.waiting() == 0
        assert jobs.waiting("jobs-failed") == 1
