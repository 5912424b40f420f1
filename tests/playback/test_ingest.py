"""The command's own rules; what it makes of films is in tests/media."""

import errno

import pytest
from django.core.management import CommandError

from catalog.models import Episode, Season, Title
from tests.media import clips
from tests.media.ingest import ingest, ready

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]


def test_what_fails_to_be_stored_leaves_no_episode_season_or_series(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills up while the film is copied: what was made for it a moment before goes again."""
    series = ready(ingest(clips.silent(), series="Harbour", season=1, episode=1)).playable.owner_title

    def full(*_arguments: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("playback.actions.assets.copy_in", full)
    for name, season, episode in (("Harbour", 1, 2), ("Harbour", 2, 1), ("Desert", 1, 1)):
        with pytest.raises(CommandError, match="disk is full"):
            ingest(clips.silent(), series=name, season=season, episode=episode)
    with pytest.raises(CommandError, match="counted from 1"):
        ingest(clips.silent(), series="Desert", season=0, episode=1)
    assert list(Title.objects.all()) == [series]
    assert [(each.season.number, each.number) for each in Episode.objects.select_related("season")] == [(1, 1)]
    assert Season.objects.count() == 1
