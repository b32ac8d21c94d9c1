"""Kills of the API and of PostgreSQL under load: nothing lost, nothing doubled, nobody told to give up.

Short here; `YEFANG_TORTURE_KILLS=40 pytest tests/flows/test_torture.py` is the long form.
"""

import os
from dataclasses import asdict

import pytest

from app.kernel.cluster import Cluster
from tests.support.torture import own_cluster, torture

KILLS = int(os.environ.get("YEFANG_TORTURE_KILLS", "4"))


@pytest.fixture
def cluster():
    with own_cluster() as cluster:
        yield cluster


async def test_every_acknowledged_visit_is_there_once_and_no_good_one_is_told_to_give_up(cluster: Cluster):
    report = await torture(cluster, KILLS)
    said = asdict(report)
    assert report.given_up == [], said
    assert (report.lost, report.doubled, report.recount_differs) == (0, 0, 0), said
    assert report.acknowledged == report.made, said
    assert sum(report.kills.values()) == KILLS
    assert report.unanswered + report.told_to_come_back > 0, said  # they were there to notice
